"""Replies and reviews, for a person to look at."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from sqlalchemy import Row, select
from sqlalchemy.orm import Session

from undersigned import reading
from undersigned.domain.campaign import Plan
from undersigned.domain.listing import Kind, Listing
from undersigned.domain.reply import ReplyState
from undersigned.errors import Refused
from undersigned.reading import Enclosure, enclosures
from undersigned.service import Service
from undersigned.store import campaigns, decisions
from undersigned.store import replies as store
from undersigned.store.tables import CampaignRow, DecisionRow, ProspectRow, ReplyRow, ReviewRow

#: How much of the own words stands in a list.
_SHORT = 60


def replies(service: Service, name: str, state: str | None = None) -> Sequence[ReplyRow]:
    """Give a campaign's replies, and those of none, in the order of the mailbox."""
    if state is not None and state not in set(ReplyState):
        raise Refused(f"{state!r} is none of {', '.join(ReplyState)}.")
    with service.store.reading() as session:
        campaign = campaigns.get(session, name)
        query = select(ReplyRow).where(
            (ReplyRow.campaign_id == campaign.id) | ReplyRow.campaign_id.is_(None)
        )
        if state is not None:
            query = query.where(ReplyRow.state == state)
        return session.scalars(query.order_by(*store.ORDER)).all()


@dataclass(frozen=True, kw_only=True)
class Waiting:
    """A review as a line."""

    id: int
    since: datetime
    sender: str
    #: What shows that it came from there: a `domain.verdict.Proof`.
    proof: str
    party: str
    reason: str
    #: When the invited address was asked to confirm it.
    asked: datetime | None
    #: The beginning of the sender's own words.
    words: str


def reviews(service: Service, name: str) -> list[Waiting]:
    """Give the reviews that wait for a person, oldest first."""
    with service.store.reading() as session:
        campaign = campaigns.get(session, name)
        return every_waiting(session, campaign)


def every_waiting(session: Session, campaign: CampaignRow) -> list[Waiting]:
    """Give the same in a session that is open."""
    rows = session.execute(store.open_cases(campaign.id).order_by(ReviewRow.id))
    return [waiting(row) for row in rows]


def waiting(case: Row[ReviewRow, ReplyRow, ProspectRow | None]) -> Waiting:
    """Give a review, with its reply and its party, as a line."""
    row, reply, prospect = case
    words = " ".join(str((reply.verdict or {}).get("own_words", "")).split())
    return Waiting(
        id=row.id,
        since=row.opened_at,
        sender=reply.sender or "",
        proof=str((reply.verdict or {}).get("proof", "")),
        party=prospect.name if prospect else "",
        reason=row.reason,
        asked=row.asked_at,
        words=words[:_SHORT] + ("…" if len(words) > _SHORT else ""),
    )


def reviewed(service: Service, review_id: int) -> int:
    """Give the number of the reply that a review is about."""
    with service.store.reading() as session:
        row = session.get(ReviewRow, review_id)
    if row is None:
        raise Refused(f"There is no review {review_id}. See `undersigned review list`.")
    return row.reply_id


@dataclass(frozen=True, kw_only=True)
class Shown:
    """A reply with everything that was made of it."""

    row: ReplyRow
    raw: bytes
    party: str
    #: What was decided on it, replaced decisions too, oldest first.
    decisions: Sequence[DecisionRow]
    #: The address that was asked to confirm it, and when; None where none was.
    asked: tuple[str, datetime] | None = None

    def files(self) -> Sequence[Enclosure]:
        """Give the files that came with it; nothing opens or publishes them."""
        return enclosures(reading.parse(self.raw))

    def table(self) -> dict[str, Any]:
        """Give it as JSON values."""
        row = self.row
        return {
            "number": row.id,
            "received": row.received_at,
            "from": row.sender,
            "subject": row.title,
            "state": row.state,
            "reason": row.reason,
            "party": self.party,
            "verdict": row.verdict,
            "asked": self.asked,
            "files": [
                {"number": one.number, "name": one.name, "type": one.media_type}
                for one in self.files()
            ],
            "decisions": [_decision(one) for one in self.decisions],
            "octets": row.size,
            "sha256": row.digest,
        }

    def lines(self) -> list[str]:
        """Give it in lines for a person."""
        row, verdict = self.row, self.row.verdict or {}
        lines = [
            f"Reply {row.id}, received {row.received_at:%Y-%m-%d %H:%M:%S} UTC, {row.size} octets",
            f"From     {row.sender_name or ''} <{row.sender or ''}>",
            f"Subject  {row.title or ''}",
            f"Party    {self.party or 'nobody whom we know'}",
            f"State    {row.state}: {row.reason or ''}",
        ]
        if "intent" in verdict:
            lines.append(
                f"Read as  {verdict['intent']} ({verdict['reason']}), sender {verdict['sender']}, "
                f"proof {verdict['proof']}"
            )
            lines += [f"         {one['rule']}: {one['words']!r}" for one in verdict["fired"]]
            lines += [f"Listing  {decisions.listing(one).line}" for one in verdict["listings"]]
        if self.asked is not None:
            address, at = self.asked
            lines.append(f"Asked    {address}, {at:%Y-%m-%d %H:%M} UTC, whether it is its own")
        lines += [
            f"File {one.number:<4}{one.name or 'unnamed'}: {one.media_type}, "
            f"{len(one.content)} octets"
            for one in self.files()
        ]
        lines += [f"Decided  {_sentence(one)}" for one in self.decisions]
        words = str(verdict.get("own_words") or verdict.get("fault") or "")
        return [*lines, "", *(f"    {line}" for line in words.splitlines())]


def export_files(service: Service, number: int, into: Path) -> list[Path]:
    """Write the files of a reply into a folder, each new, under names that nothing runs."""
    written: list[Path] = []
    try:
        into.mkdir(parents=True, exist_ok=True)
        for one in reply(service, number).files():
            path = into / f"reply-{number}-{one.safe_name}"
            with path.open("xb") as file:
                file.write(one.content)
            written.append(path)
    except OSError as exc:
        raise Refused(f"{exc.filename} cannot be written: {exc.strerror}.") from exc
    return written


def _decision(row: DecisionRow) -> dict[str, Any]:
    return {
        "act": row.act,
        "by": row.decided_by,
        "reason": row.reason,
        "at": row.at,
        "listings": row.listings,
        "replaced_at": row.replaced_at,
    }


def _sentence(row: DecisionRow) -> str:
    replaced = f", replaced {row.replaced_at:%Y-%m-%d %H:%M} UTC" if row.replaced_at else ""
    return f"{row.act} by {row.decided_by}, {row.at:%Y-%m-%d %H:%M} UTC: {row.reason}{replaced}"


def reply(service: Service, number: int) -> Shown:
    """Give one reply with everything that was made of it."""
    with service.store.reading() as session:
        if session.get(ReplyRow, number) is None:
            raise Refused(f"There is no reply {number}. See `undersigned replies list`.")
        row = store.whole(session, number)
        party = session.get(ProspectRow, row.prospect_id) if row.prospect_id else None
        made = session.scalars(
            select(DecisionRow).where(DecisionRow.reply_id == number).order_by(DecisionRow.id)
        ).all()
        review = session.scalar(select(ReviewRow).where(ReviewRow.reply_id == number))
        asked_at = review.asked_at if review else None
        return Shown(
            row=row,
            raw=row.raw,
            party=party.name if party else "",
            decisions=made,
            asked=(party.email, asked_at) if party and asked_at else None,
        )


def listings(service: Service, name: str, written: Sequence[str]) -> tuple[Listing, ...]:
    """Give listings written as KIND|NAME|TITLE|COUNTRY; title and country may be left out."""
    if not written:
        return ()
    with service.store.reading() as session:
        plan = Plan.from_table(campaigns.get(session, name).plan)
    countries = service.countries(plan.countries)
    return tuple(_listing(one, countries.styled) for one in written)


def _listing(text: str, styled: Any) -> Listing:
    kind, *rest = [part.strip() for part in text.split("|")]
    name, title, country, *more = [*rest, "", "", ""][: max(3, len(rest))]
    if kind not in set(Kind) or not name or more:
        raise Refused(f"{text!r} is not KIND|NAME|TITLE|COUNTRY, with a kind of {', '.join(Kind)}.")
    printed = styled(country) if country else None
    if country and printed is None:
        raise Refused(f"{country!r} is not recognised as a country.")
    return Listing(kind=Kind(kind), name=name, title=title or None, country=printed)
