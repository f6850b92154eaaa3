"""What was read in a reply and why, for a person to follow and for machines to score."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from undersigned.domain import addresses
from undersigned.domain.listing import Kind
from undersigned.domain.party import Prospect
from undersigned.domain.verdict import Intent, Verdict
from undersigned.reading.bounce import bounce_report
from undersigned.reading.incoming import Incoming, parse
from undersigned.reading.matching import clues
from undersigned.reading.reader import Question, read


@dataclass(frozen=True, kw_only=True)
class Explanation:
    """One reply, and all that was read in it."""

    incoming: Incoming
    verdict: Verdict
    #: The party that is asked about, or None.
    prospect: Prospect | None
    #: What ties the reply to the message it answers, surest first, e.g. "token abcdef… in To".
    ties: tuple[str, ...]

    def lines(self) -> list[str]:
        """Give the explanation for a person, one fact a line."""
        verdict, incoming = self.verdict, self.incoming
        party = self.prospect
        return [
            f"Subject:    {incoming.subject}",
            f"From:       {f'{incoming.sender_name} <{incoming.sender}>'.strip()}",
            f"Party:      {party.name} <{party.email}>" if party else "Party:      nobody",
            *_block("Matched by", self.ties or ("nothing",)),
            f"Sender:     {verdict.sender.value}",
            f"Proof:      {verdict.proof.value}",
            f"Language:   {verdict.language or 'cannot be told'}",
            *_block("Own words", verdict.own_words.splitlines() or ("none",)),
            *_block("Rules", _rules(verdict)),
            *_block("Listings", [one.line for one in verdict.listings] or ("none",)),
            *_bounced(verdict),
            f"Verdict:    {verdict.intent.value}, {verdict.reason}, "
            + ("by machine" if verdict.automatic else "for a person"),
        ]

    def row(self) -> dict[str, Any]:
        """Give the explanation in the reply corpus's words."""
        verdict = self.verdict
        return {
            "intent": verdict.intent.value,
            "auto": verdict.automatic,
            "listings": [
                {
                    "kind": one.kind.value,
                    "name": one.name,
                    "title": one.title,
                    "country": one.country,
                }
                for one in verdict.listings
            ],
            "own_words": verdict.own_words,
            "permanent": verdict.permanent,
            "language": verdict.language,
            "reason": verdict.reason,
        }


def explain(raw: bytes, question: Question) -> Explanation:
    """Give what is read in the bytes of a reply."""
    incoming = parse(raw)
    return Explanation(
        incoming=incoming,
        verdict=read(incoming, question),
        prospect=question.prospect,
        ties=ties(incoming, question),
    )


def unreadable(reason: str) -> dict[str, Any]:
    """Give the row of a reply that could not be read at all."""
    return {
        "intent": Intent.OTHER.value,
        "auto": False,
        "listings": [],
        "own_words": "",
        "permanent": None,
        "language": None,
        "reason": reason,
    }


def invited(table: Mapping[str, Any]) -> Prospect:
    """Give the party that a corpus row calls `invited`; KeyError or ValueError where it is none."""
    return Prospect(
        kind=Kind(table["kind"]),
        name=str(table["name"]),
        title=table.get("title") or None,
        country=table.get("country") or None,
        email=str(table["email"]),
        contact=table.get("contact") or None,
        language=table.get("language") or None,
    )


def ties(incoming: Incoming, question: Question) -> tuple[str, ...]:
    """Give what ties the reply to the party, surest first; only what is known can be compared."""
    found = clues(incoming)
    sent = parse(question.sent) if question.sent is not None else None
    ours = tuple(one.strip().lower() for one in sent.own_ids) if sent else ()
    ids = (sent.message_id,) if sent else ()
    report = bounce_report(incoming)
    lines = [_tie(f"token {one} in an address", one in ours, sent) for one in found.tokens]
    lines += [_tie(f"reference {one}", one in ids, sent) for one in found.message_ids]
    lines += [
        _tie(f"token {one} in the quote", one in ours, sent)
        for one in found.quoted_tokens
        if one not in found.tokens
    ]
    if report is not None and report.recipient:
        lines.append(f"report on {report.recipient}")
    if question.prospect and incoming.sender == addresses.normalize(question.prospect.email):
        lines.append("the sender's address")
    return tuple(lines)


def _tie(clue: str, is_ours: bool, sent: Incoming | None) -> str:  # noqa: FBT001 - one sentence of two
    if sent is None:
        return clue
    return f"{clue}: {'the message that was sent' if is_ours else 'another message'}"


def _block(label: str, lines: tuple[str, ...] | list[str]) -> list[str]:
    heading = f"{label}:".ljust(12)
    return [heading + lines[0], *(" " * 12 + line for line in lines[1:])]


def _rules(verdict: Verdict) -> list[str]:
    return [
        f"{one.rule}: {' '.join(one.words.split())}" if one.words.strip() else one.rule
        for one in verdict.fired
    ] or ["none"]


def _bounced(verdict: Verdict) -> list[str]:
    if verdict.permanent is None:
        return []
    kind = "a final failure" if verdict.permanent else "a delay"
    return [f"Delivery:   {kind}" + (f", status {verdict.status}" if verdict.status else "")]
