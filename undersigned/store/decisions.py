"""Decisions, and the list that they fold to."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Result, Row, func, select
from sqlalchemy.orm import Session

from undersigned.domain.decision import Act, Decision, Position, fold
from undersigned.domain.listing import Kind, Listing
from undersigned.domain.party import Standing
from undersigned.domain.signatories import Signatory
from undersigned.store.tables import DecisionRow, ProspectRow, ReplyRow, ReviewRow


def listing_table(listing: Listing) -> dict[str, Any]:
    """Give a listing as JSON values."""
    return {
        "kind": listing.kind.value,
        "name": listing.name,
        "title": listing.title,
        "country": listing.country,
    }


def listing(table: Mapping[str, Any]) -> Listing:
    """Give a listing back from `listing_table`'s values."""
    return Listing(
        kind=Kind(table["kind"]),
        name=table["name"],
        title=table["title"],
        country=table["country"],
    )


#: What `value` needs; rows of columns are made in a third of the time that entities take.
_VALUE = (
    DecisionRow.id,
    DecisionRow.prospect_id,
    DecisionRow.act,
    DecisionRow.listings,
    DecisionRow.edition,
    DecisionRow.received_at,
    DecisionRow.uidvalidity,
    DecisionRow.uid,
    DecisionRow.sender,
    DecisionRow.decided_by,
    DecisionRow.reason,
)


def value(row: DecisionRow | Row[Any]) -> Decision:
    """Give a row as the domain's value."""
    return Decision(
        id=row.id,
        act=Act(row.act),
        listings=tuple(listing(one) for one in row.listings),
        edition=row.edition,
        received_at=row.received_at,
        uidvalidity=row.uidvalidity,
        uid=row.uid,
        sender=row.sender,
        decided_by=row.decided_by,
        reason=row.reason,
    )


def count(session: Session, campaign_id: int) -> int:
    """Count all decisions of a campaign, also those that others took the place of."""
    return session.scalars(
        select(func.count()).select_from(DecisionRow).where(DecisionRow.campaign_id == campaign_id)
    ).one()


def of(session: Session, prospect_id: int) -> list[Decision]:
    """Give a party's decisions that hold, in the order of the mailbox."""
    return of_all(session, [prospect_id])[prospect_id]


def of_all(session: Session, prospect_ids: Collection[int]) -> dict[int, list[Decision]]:
    """Give the same of several parties, by their ids."""
    found: dict[int, list[Decision]] = {one: [] for one in prospect_ids}
    rows: Result[Any] = session.execute(
        select(*_VALUE).where(
            DecisionRow.prospect_id.in_(list(prospect_ids)), DecisionRow.replaced_at.is_(None)
        )
    )
    for row in rows:
        found[row.prospect_id].append(value(row))
    return {one: sorted(said, key=lambda word: word.place) for one, said in found.items()}


def positions(session: Session, campaign_id: int) -> dict[int, Position]:
    """Give the position of every party of the campaign that has decisions."""
    rows: Result[Any] = session.execute(
        select(*_VALUE).where(
            DecisionRow.campaign_id == campaign_id, DecisionRow.replaced_at.is_(None)
        )
    )
    by_party: dict[int, list[Decision]] = defaultdict(list)
    for row in rows:
        by_party[row.prospect_id].append(value(row))
    return {prospect_id: fold(decisions) for prospect_id, decisions in by_party.items()}


def signatories(session: Session, campaign_id: int, *, edition: int) -> list[Signatory]:
    """Give the list: the fold of the decisions, less those whom something holds back.

    `edition` is the last one of substance: who agreed to an earlier one is not printed. Neither
    is a party while a contradicting word of somebody else waits for a person.
    """
    blocked = _blocked(session, campaign_id)
    return [
        Signatory(
            prospect_id=prospect_id,
            listing=one,
            signed_at=position.signed_at,
            edition=position.edition,
        )
        for prospect_id, position in sorted(positions(session, campaign_id).items())
        if position.standing is Standing.SIGNED
        and position.edition is not None
        and position.signed_at is not None
        and position.edition >= edition
        and prospect_id not in blocked
        for one in position.listings
    ]


@dataclass(frozen=True, kw_only=True)
class Grounds:
    """What a signature rests on."""

    #: The address that said yes; "" where a person recorded a word given elsewhere.
    sender: str
    #: A `domain.verdict.Proof` that it came from there; "" where there is no reply.
    proof: str
    #: The rule ("rule:plain-consent") or the person.
    decided_by: str
    #: The reply's number; None where there is none.
    reply: int | None


def grounds(session: Session, campaign_id: int) -> dict[int, Grounds]:
    """Give what each party's position rests on: its last decision, and the reply's proof."""
    rows = {
        one.id: one
        for one in session.execute(
            select(DecisionRow.id, DecisionRow.reply_id, ReplyRow.verdict)
            .join(ReplyRow, ReplyRow.id == DecisionRow.reply_id, isouter=True)
            .where(DecisionRow.campaign_id == campaign_id, DecisionRow.replaced_at.is_(None))
        )
    }
    found: dict[int, Grounds] = {}
    for prospect_id, position in positions(session, campaign_id).items():
        if position.decision is not None:
            row = rows[position.decision.id]
            found[prospect_id] = Grounds(
                sender=position.decision.sender,
                proof=str((row.verdict or {}).get("proof", "")),
                decided_by=position.decision.decided_by,
                reply=row.reply_id,
            )
    return found


def _blocked(session: Session, campaign_id: int) -> set[int]:
    rows = session.scalars(
        select(ReviewRow.prospect_id).where(
            ReviewRow.campaign_id == campaign_id,
            ReviewRow.settled_at.is_(None),
            ReviewRow.blocks,
            ReviewRow.prospect_id.is_not(None),
        )
    )
    return {one for one in rows if one is not None}


def names(session: Session, prospect_ids: Iterable[int]) -> dict[int, str]:
    """Give the names of parties by their ids."""
    rows: Sequence[Any] = session.execute(
        select(ProspectRow.id, ProspectRow.name).where(ProspectRow.id.in_(list(prospect_ids)))
    ).all()
    return {row.id: row.name for row in rows}
