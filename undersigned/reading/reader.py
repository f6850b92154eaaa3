"""From a message that came in to a verdict: the parts of reading, in their order."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from functools import lru_cache

from undersigned.domain.house_style import Countries
from undersigned.domain.listing import Kind
from undersigned.domain.party import Prospect
from undersigned.domain.verdict import Fired, Intent, Proof, Sender, Verdict
from undersigned.reading import authenticity, automatic, rules
from undersigned.reading.accounted import breaks_off, leaves_lines
from undersigned.reading.bodies import rich_text
from undersigned.reading.bounce import bounce_report
from undersigned.reading.choices import chosen
from undersigned.reading.entries import entries, unwrapped
from undersigned.reading.entry import Entry
from undersigned.reading.facts import Facts
from undersigned.reading.incoming import Incoming, text
from undersigned.reading.listings import Reading, listings
from undersigned.reading.mentions import (
    acts_for_another,
    names_another,
    names_otherwise,
    tells_of_change,
)
from undersigned.reading.own_words import own_words
from undersigned.reading.signs import Signs, signs
from undersigned.reading.subject import spoken_subject
from undersigned.reading.unread import leaves_unread, names_a_stranger

_NO_LETTERS = re.compile(r"[\W\d_]+")
#: Decisions that only the party, or one who plainly speaks for it, may make.
_NEEDS_SENDER = frozenset(
    {Intent.SIGN, Intent.AMEND, Intent.WITHDRAW, Intent.DECLINE, Intent.UNSUBSCRIBE}
)


@dataclass(frozen=True, kw_only=True)
class Question:
    """What is known about the party when its reply is read."""

    #: None: nobody was matched.
    prospect: Prospect | None
    #: On the list already.
    signed: bool
    countries: Countries
    #: Domains at which anybody can have an address.
    public_providers: frozenset[str]
    #: The exact message of ours that is answered.
    sent: bytes | None = None
    #: Servers whose Authentication-Results are ours to trust.
    authserv_ids: frozenset[str] = frozenset()
    #: DKIM key records by their DNS name, as they were when the message came.
    key_records: Mapping[str, bytes] = field(default_factory=dict)
    now: datetime | None = None


def read(incoming: Incoming, question: Question) -> Verdict:
    """Give what the reply says, who says it, and whether a machine may act on it."""
    report = bounce_report(incoming)
    if report is not None:
        return Verdict(
            intent=Intent.BOUNCE,
            reason=f"delivery-{report.action}",
            automatic=True,
            permanent=report.permanent,
            status=report.status,
            fired=(Fired(rule=f"delivery-{report.action}", words=report.diagnostic),),
        )
    words = _words(incoming, question)
    spoken = chosen(words) or spoken_subject(incoming, question.sent)
    proof = authenticity.proof(
        incoming,
        key_records=question.key_records,
        authserv_ids=question.authserv_ids,
        now=question.now,
    )
    reaction = automatic.reaction(incoming)
    stop = incoming.fault or (reaction if not words or reaction == "reaction" else None)
    if stop is None and len(spoken.encode()) > LONGEST:
        stop = "too-many-words"
    if stop:
        return Verdict(
            intent=Intent.OTHER,
            reason=stop,
            automatic=False,
            own_words=words,
            proof=proof,
            sender=_relation(incoming, question, words, Signs()),
        )
    verdict = _decided(incoming, question, words, spoken, proof)
    if verdict.automatic and verdict.intent in _NEEDS_SENDER and words:
        return _confirmed(verdict, incoming, question, proof)
    return verdict


def _confirmed(verdict: Verdict, incoming: Incoming, question: Question, proof: Proof) -> Verdict:
    """Hold what the HTML beside the plain text does not say too: a person sees only the HTML."""
    if not incoming.html:
        return verdict
    shown = rich_text(incoming.html)
    words = own_words(shown, sender_name=incoming.sender_name, sent=_sent_text(question)).text
    if not words or _letters(words) == _letters(verdict.own_words):
        return verdict
    other = _decided(incoming, question, words, chosen(words), proof)
    if (other.intent, other.listings) == (verdict.intent, verdict.listings):
        return verdict
    return replace(verdict, automatic=False, reason="parts-disagree")


def _letters(text: str) -> str:
    return _NO_LETTERS.sub("", text).casefold()


#: So many octets (UTF-8) no plain answer has; weighing every phrase of them would cost seconds.
LONGEST = 6_000


def _decided(
    incoming: Incoming, question: Question, words: str, spoken: str, proof: Proof
) -> Verdict:
    prospect = question.prospect
    found = entries(spoken, prospect.name if prospect else "", question.countries)
    held = signs(
        _less(unwrapped(spoken), found),
        hint=prospect.language if prospect else None,
        party=(*_names(prospect), *_names_given(found), *_saluted(prospect)),
    )
    listing = _listing(found, question, held, incoming, spoken)
    mark, sign = automatic.mark(incoming)
    facts = Facts(
        signs=held, listing=listing, signed=question.signed, mark=mark, empty=not spoken.strip()
    )
    rule = rules.decide(facts)
    sender = _relation(incoming, question, spoken, held)
    doubt = _doubt(rule, listing, sender, proof, mark, prospect)
    if doubt is None and rule.automatic and _is_of_another(rule, incoming, question, spoken):
        doubt = "another-party"
    lists = rule.intent in {Intent.SIGN, Intent.AMEND} and prospect is not None
    marks = (Fired(rule=f"marked-{mark}", words=sign),) if sign else ()
    return Verdict(
        intent=rule.intent,
        reason=doubt or rule.reason,
        automatic=rule.automatic and doubt is None,
        listings=listing.listings if lists else (),
        own_words=words,
        language=held.language,
        sender=sender,
        proof=proof,
        fired=(*marks, *held.fired, Fired(rule=rule.reason, words="")),
    )


def _words(incoming: Incoming, question: Question) -> str:
    return own_words(
        incoming.text, sender_name=incoming.sender_name, sent=_sent_text(question)
    ).text


def _sent_text(question: Question) -> str:
    return _text(question.sent) if question.sent is not None else ""


@lru_cache(2)  # both parts of a reply are held against the same message
def _text(raw: bytes) -> str:
    return text(raw)


def _less(text: str, found: list[Entry]) -> str:
    """Leave out what was read as a listing: the words of a name are not the sender's answer."""
    for entry in found:
        if entry.source in {"line", "form"}:
            for line in entry.words.split("\n"):
                text = text.replace(line, "", 1)
        elif entry.is_remark:
            continue
        elif entry.whole:
            # With the country behind it: "… / Spain", "… (Spain)".
            behind = r"(?:[ \t]*[/／|][ \t]*[^\n.;,/／|]{2,40})?" if entry.country else ""
            text = re.sub(re.escape(entry.whole) + behind, " ", text, count=1)
        elif entry.title and not entry.title[:1].islower():
            text = text.replace(entry.title, " ", 1)
    return text


def _names(prospect: Prospect | None) -> tuple[str, ...]:
    if prospect is None:
        return ()
    bare = re.sub(r"\s*\(.*?\)", "", prospect.name).strip()
    acronyms = re.findall(r"\(([^()]{2,20})\)", prospect.name)
    words = bare.split()
    if prospect.kind is Kind.ORGANIZATION and len(words) >= _LONG_NAME:
        # "Open Archive" for the Open Archive Collective, and "OAC".
        acronyms.append("".join(word[0] for word in words if word[0].isupper()))
        acronyms.append(" ".join(words[:-1]))
    return tuple(dict.fromkeys([prospect.name, bare, *acronyms]))


def _names_given(found: list[Entry]) -> tuple[str, ...]:
    """Give what they call themselves in the entry: "Kawabe no Kai (川辺の会)" is both."""
    written = [one.whole for one in found if one.whole and one.source in {"line", "form"}]
    return tuple(
        part.strip()
        for whole in written
        for part in (whole, *re.split(r"[(（)）]", whole))
        if len(part.strip()) > 2 and not part.strip().isascii()  # noqa: PLR2004 - a syllable is no name
    )


def _saluted(prospect: Prospect | None) -> tuple[str, ...]:
    """Give how an assistant speaks of whom we wrote to: `Mr Van der Molen`."""
    _, _, surname = (prospect.contact or "").partition(" ") if prospect else ("", "", "")
    if not surname or prospect is None or prospect.contact is None:
        return ()
    return (prospect.contact, *(f"{one} {surname}" for one in ("Mr", "Mrs", "Ms", "Dr", "Prof")))


#: A name of so many words is often said without its last.
_LONG_NAME = 3


def _listing(
    found: list[Entry], question: Question, held: Signs, incoming: Incoming, spoken: str
) -> Reading:
    prospect = question.prospect
    if prospect is None:
        return Reading(listings=())
    contacts = _contacts(prospect, incoming)
    listing = listings(found, prospect, held, contacts=contacts)
    if listing.doubt is not None:
        return listing
    if not listing.is_given and (
        names_another(spoken, prospect, contacts) or names_a_stranger(spoken, prospect, contacts)
    ):
        return replace(listing, doubt="another-party")
    is_unclear = (
        any(map(breaks_off, set(listing.listings) - {prospect.listing}))
        or leaves_unread(spoken, found)
        or leaves_lines(spoken, found, prospect.name, question.countries)
        or (not listing.is_given and _is_otherwise(spoken, prospect, held.language or "en"))
    )
    return replace(listing, doubt="listing-unclear") if is_unclear else listing


def _contacts(prospect: Prospect, incoming: Incoming) -> list[str]:
    """Give the names that the sender may go by."""
    return [one for one in (prospect.contact, incoming.sender_name) if one]


def _is_otherwise(spoken: str, prospect: Prospect, language: str) -> bool:
    """Say whether words tell of another name, title or country than the listing has."""
    return names_otherwise(spoken, prospect) or tells_of_change(spoken, prospect, language)


def _relation(incoming: Incoming, question: Question, words: str, held: Signs) -> Sender:
    return authenticity.relation(
        incoming,
        question.prospect,
        words,
        explains="explains" in held,
        public_providers=question.public_providers,
    )


def _is_of_another(rule: rules.Rule, incoming: Incoming, question: Question, spoken: str) -> bool:
    """Say whether the answer is somebody else's by name."""
    prospect = question.prospect
    if rule.intent not in _NEEDS_SENDER or prospect is None:
        return False
    return acts_for_another(spoken, prospect, _contacts(prospect, incoming))


def _doubt(  # noqa: PLR0911 - one check, one way out
    rule: rules.Rule,
    listing: Reading,
    sender: Sender,
    proof: Proof,
    mark: automatic.Mark,
    prospect: Prospect | None,
) -> str | None:
    """Give the reason word of what stops a machine although the words are plain."""
    if not rule.automatic:
        return None
    if rule.intent in _NEEDS_SENDER:
        if prospect is None:
            return "nobody-invited"
        if mark is not automatic.Mark.NONE:
            return "automatic-yet-personal"
        if sender is Sender.STRANGER:
            return "stranger"
        if proof is Proof.FAILED:
            return "not-authentic"
    if rule.intent in {Intent.SIGN, Intent.AMEND}:
        return listing.doubt
    return None
