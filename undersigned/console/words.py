"""Reason words, senders and proofs, as a coordinator reads them."""

from collections.abc import Mapping

SENDERS: Mapping[str, str] = {
    "invited": "It came from the address that was invited.",
    "colleague": "It came from a colleague of the invited address, at the same organization.",
    "explained": "It came from a private address whose owner says why.",
    "stranger": "It came from an address that has nothing to do with the invited one.",
}
PROOFS: Mapping[str, str] = {
    "verified": "Its signature (DKIM) proves the address.",
    "vouched": "Your own mail server vouches for the address.",
    "failed": "What should prove the address fails: it may be forged.",
    "none": "Nothing proves the address.",
}
#: Why no machine decided. Where a word is missing here it is shown as it is.
REASONS: Mapping[str, str] = {
    "stranger": "The sender is not the party, nor plainly speaks for it.",
    "unconfirmed": "They say yes, but nothing proves who wrote it.",
    "not-authentic": "What should prove the sender fails: it may be forged.",
    "nobody-invited": "Nobody was invited at this address.",
    "unmatched": "It answers no message of ours that we know.",
    "automatic-yet-personal": "A machine seems to have sent it, and a person to have written it.",
    "parts-disagree": "Its plain text and its HTML answer differently.",
    "conditional-consent": "They say yes only under a condition.",
    "condition-alone": "They name a condition.",
    "asks": "They ask something.",
    "hedged-consent": "They say yes, but not for certain.",
    "yes-not-yet": "They say yes, and that somebody else decides first.",
    "contradiction": "They say both yes and no.",
    "decline-with-a-question": "They say no, and ask something.",
    "decline-after-signing": "They are on the list, and say no now.",
    "withdrawal-with-a-question": "They want to be taken off the list, and ask something.",
    "withdrawal-without-signature": "They want to be taken off a list on which they are not.",
    "withdrawal-and-consent": "They say both yes and that they want to be taken off.",
    "unsubscribe-and-consent": "They say yes, and that they want no more mail.",
    "wants-no-name": "They want no name in print.",
    "wants-changes": "They want the text changed.",
    "listing-unclear": "How they wish to be listed was only half understood.",
    "listing-without-yes": "They say how to be listed, and not that they sign.",
    "another-party": "They name another party than the invited one.",
    "listings-contradict": "They name listings that do not go together.",
    "country-unknown": "They name a country that is not recognised.",
    "half-readable": "A name came with letters lost on the way.",
    "mixed-script": "A name mixes alphabets that look alike.",
    "listing-with-link": "A name holds a link or an address.",
    "unexplained-words": "They say yes in a sentence that was not wholly understood.",
    "unexplained-but": "They say yes, but.",
    "unexplained-not": "A word in their yes denies something.",
    "yes-to-something": "They say yes, perhaps to something else.",
    "implied-consent": "They like the letter, and do not say that they sign.",
    "leans-to-yes": "It seems to be a yes.",
    "leans-to-no": "It seems to be a no.",
    "weak-yes": "They agree, in a word that may mean anything.",
    "sarcasm": "They may not mean it.",
    "ambiguous-politeness": "A polite word that means yes to some and no to others.",
    "received-is-not-yes": "They only say that they got it.",
    "unknown-language": "It is in a language that is not read here.",
    "foreign-sentence": "A sentence is in a language that is not read here.",
    "nothing-new": "They wrote nothing above what they quote.",
    "after-cut-off": "It came after the list was closed.",
    "another-sender": "It contradicts what somebody else wrote for the same party.",
    "encrypted": "It is encrypted.",
    "too-large": "It is larger than what is read here.",
    "sent-again": "A mail that was decided on came once more, after a later word of this party.",
    "not-handed-out": "The mailbox's server does not hand it out: open it in the mailbox.",
    "reaction": "It is a reaction, a thumb or a heart.",
    "unclear": "It was not understood.",
}


def reason(word: str) -> str:
    """Give a reason word as a sentence."""
    return REASONS.get(word, word.replace("-", " ").capitalize() + ".")
