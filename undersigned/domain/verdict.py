"""What was read in a reply: the value that passes from `reading` to `flows.decide`."""

from dataclasses import dataclass
from enum import StrEnum

from undersigned.domain.listing import Listing


class Intent(StrEnum):
    """What the sender of a reply wants, in the words of the reply corpus."""

    #: Unconditional consent, now, to be listed.
    SIGN = "sign"
    #: On the list already; asks only to change the listing.
    AMEND = "amend"
    #: No.
    DECLINE = "decline"
    #: On the list; asks to be taken off.
    WITHDRAW = "withdraw"
    #: Asks not to be written to again, with or without a no.
    UNSUBSCRIBE = "unsubscribe"
    #: A question, a condition, a change to the text, or a mixture that needs a person.
    QUESTION = "question"
    #: Interested, not decided.
    LATER = "later"
    #: A machine wrote it: vacation, ticket, challenge, read receipt, moderation.
    AUTO_REPLY = "auto_reply"
    #: A delivery report of a failure or a delay.
    BOUNCE = "bounce"
    #: Unrelated, spam, empty of meaning, or too unclear.
    OTHER = "other"


class Sender(StrEnum):
    """Who wrote, seen from the invited party."""

    #: The invited address itself.
    INVITED = "invited"
    #: The same organizational domain, the invited party an organization, the domain no public mail
    #: provider.
    COLLEAGUE = "colleague"
    #: A public provider's address whose text names the party and says why it writes from there.
    EXPLAINED = "explained"
    #: Anybody else.
    STRANGER = "stranger"


class Proof(StrEnum):
    """What shows that the message came from the address in its From."""

    #: A DKIM signature of the From domain that we verified ourselves.
    VERIFIED = "verified"
    #: The topmost Authentication-Results of an authserv-id we were told to trust says so.
    VOUCHED = "vouched"
    #: A trusted verdict, or our own check, says it did not.
    FAILED = "failed"
    #: Nothing either way.
    NONE = "none"


@dataclass(frozen=True, kw_only=True)
class Fired:
    """A rule that fired, and the words it fired on."""

    rule: str
    words: str


@dataclass(frozen=True, kw_only=True)
class Verdict:
    """What one reply says, who says it, and whether a machine may act on it.

    `automatic` speaks of words and sender only (invited, colleague and explained are good senders,
    a failed proof counts against it, a missing one does not). Whether the campaign's table accepts
    the pair of sender and proof is the flow's question.
    """

    intent: Intent
    #: The reason word of the rule that decided, e.g. "plain-consent", "conditional-consent".
    reason: str
    #: May a careful assistant act on this without asking the coordinator?
    automatic: bool
    #: For sign and amend: what is to be printed. Empty otherwise.
    listings: tuple[Listing, ...] = ()
    #: The sender's own words: no quote, no signature block, no disclaimer.
    own_words: str = ""
    #: The language of the own words (BCP 47), or None where it cannot be told.
    language: str | None = None
    sender: Sender = Sender.STRANGER
    proof: Proof = Proof.NONE
    #: Bounces only: True for a final failure, False for a delay.
    permanent: bool | None = None
    #: Bounces only: the enhanced status code (RFC 3463), where the report has one.
    status: str | None = None
    #: Every rule that fired, in the order of the table.
    fired: tuple[Fired, ...] = ()
