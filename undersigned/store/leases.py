"""Leases: who holds a delivery and until when, and what became of it."""

from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, Select, bindparam, case, func, select, tuple_, update
from sqlalchemy.orm import Session, aliased

from undersigned.domain.delivery import ACCOUNT_PHASES, Answer, Outcome, Purpose, State
from undersigned.store.session import ensure_all, has_ended, still_ended
from undersigned.store.tables import AttemptRow, CampaignRow, DeliveryRow


@dataclass(frozen=True, kw_only=True)
class Claim:
    """A delivery in one worker's hands, until its lease ends or a later claim raises the fence."""

    id: int
    message_id: int
    campaign_id: int
    address: str
    purpose: Purpose
    #: Attempts that were made before this one.
    attempts: int
    #: Of these, how many ended inside DATA.
    losses: int
    #: Who holds it; a name of its own for every claim, so that a worker gives back no other's rows.
    owner: str
    fence: int


#: The share of a lease that is left when it is lengthened.
_UNUSED = 0.9

#: People who wait for a receipt come before people who do not know yet that we write.
_URGENCY = case(
    {
        Purpose.LETTER: 0,
        Purpose.RECEIPT: 1,
        Purpose.CLARIFICATION: 1,
        Purpose.CONFIRMATION: 1,
        Purpose.NOTICE: 2,
    },
    value=DeliveryRow.purpose,
    else_=3,
)


#: The most urgent first, then who waits longest.
_ORDER = (_URGENCY, DeliveryRow.due_at, DeliveryRow.id)


def is_due(session: Session, account: str, now: datetime) -> bool:
    """Say whether anything may be claimed."""
    return session.scalar(_due(account, now).limit(1)) is not None


def _due(account: str, now: datetime) -> Select[int]:
    """Select what waits and may leave. The gate is here: nothing of a paused campaign does."""
    return (
        select(DeliveryRow.id)
        .join(CampaignRow, CampaignRow.id == DeliveryRow.campaign_id)
        .where(
            DeliveryRow.account == account,
            DeliveryRow.state == State.QUEUED,
            DeliveryRow.due_at <= now,
            CampaignRow.paused_at.is_(None),
        )
    )


def claim(
    session: Session,
    account: str,
    *,
    purposes: Collection[Purpose],
    owner: str,
    now: datetime,
    lease: timedelta,
    limit: int,
    spacing: timedelta = timedelta(0),
) -> list[Claim]:
    """Claim due deliveries by one conditional statement, at most `limit` of them.

    With a spacing, one to each domain at a time; the caller holds the account (`quota.hold`).
    """
    found = _due(account, now).where(DeliveryRow.purpose.in_(purposes))
    due = (
        (_one_to_each(found, account, spacing, now) if spacing else found)
        .order_by(*_ORDER)
        .limit(limit)
        .with_for_update(skip_locked=True, of=DeliveryRow)
    )
    rows = session.execute(
        update(DeliveryRow)
        .where(DeliveryRow.id.in_(due.scalar_subquery()))
        .values(
            state=State.CLAIMED,
            owner=owner,
            lease_until=now + lease,
            fence=DeliveryRow.fence + 1,
            changed_at=now,
        )
        .returning(
            DeliveryRow.id,
            DeliveryRow.message_id,
            DeliveryRow.campaign_id,
            DeliveryRow.address,
            DeliveryRow.purpose,
            DeliveryRow.attempts,
            DeliveryRow.losses,
            DeliveryRow.fence,
        )
        .execution_options(synchronize_session=False)
    ).all()
    return [
        Claim(
            id=row.id,
            message_id=row.message_id,
            campaign_id=row.campaign_id,
            address=row.address,
            purpose=Purpose(row.purpose),
            attempts=row.attempts,
            losses=row.losses,
            owner=owner,
            fence=row.fence,
        )
        for row in sorted(rows)
    ]


def _one_to_each(due: Select[int], account: str, spacing: timedelta, now: datetime) -> Select[int]:
    """Select the first to each domain that got nothing lately and that nobody is sending to."""
    other = aliased(DeliveryRow)
    lately = (
        select(AttemptRow.id)
        .join(other, other.id == AttemptRow.delivery_id)
        .where(
            AttemptRow.account == account,
            AttemptRow.phase.not_in(ACCOUNT_PHASES),
            # Not those of a clock that ran ahead and was put right.
            AttemptRow.at.between(now - spacing, now + spacing),
            AttemptRow.at != now - spacing,
            other.domain == DeliveryRow.domain,
        )
    )
    held = select(other.id).where(
        other.account == account,
        other.domain == DeliveryRow.domain,
        other.state.in_((State.CLAIMED, State.SENDING)),
    )
    place = func.row_number().over(partition_by=DeliveryRow.domain, order_by=_ORDER)
    ranked = due.where(~lately.exists(), ~held.exists()).add_columns(place.label("place"))
    rows = ranked.subquery()
    first = select(rows.c.id).where(rows.c.place == 1)
    return select(DeliveryRow.id).where(DeliveryRow.id.in_(first))


def _held(claims: Iterable[Claim]) -> ColumnElement[bool]:
    """Say in SQL that the claims are still their owners'."""
    keys = [(one.id, one.owner, one.fence) for one in claims]
    return tuple_(DeliveryRow.id, DeliveryRow.owner, DeliveryRow.fence).in_(keys)


def renew(
    session: Session, account: str, claims: Sequence[Claim], *, now: datetime, lease: timedelta
) -> frozenset[int]:
    """Lengthen the leases of the rows still in hand; gives the ids of those that still are.

    Only where some of the lease is over: a batch asks after every group, and leases are long.
    """
    if not claims:
        return frozenset()
    is_worn = DeliveryRow.lease_until < now + lease * _UNUSED
    rows = session.execute(
        select(DeliveryRow.id, DeliveryRow.owner, is_worn).where(
            DeliveryRow.account == account,
            DeliveryRow.state == State.CLAIMED,
            DeliveryRow.owner.in_({one.owner for one in claims}),
        )
    )
    found = {(row[0], row[1]): row[2] for row in rows}
    held = [one for one in claims if (one.id, one.owner) in found]  # an owner has one claim alone
    if any(found[one.id, one.owner] for one in held):
        return _renew(session, held, now + lease)
    return frozenset(one.id for one in held)


def _renew(session: Session, claims: Iterable[Claim], until: datetime) -> frozenset[int]:
    renewed = session.scalars(
        update(DeliveryRow)
        .where(_held(claims), DeliveryRow.state == State.CLAIMED)
        .values(lease_until=until)
        .returning(DeliveryRow.id)
        .execution_options(synchronize_session=False)
    )
    return frozenset(renewed)


def release(session: Session, claims: Iterable[Claim], *, due_at: datetime) -> None:
    """Put rows back for which nothing was said to a server, without counting an attempt.

    A letter may have its mark already, where the database took the mark and lost its own answer.
    """
    _release(session, _held(claims), due_at)


def release_all(session: Session, owner: str, *, due_at: datetime) -> None:
    """Put back whatever an owner holds: it does not know what, for the answer to its claim is lost.

    Only before the owner has said anything to a server.
    """
    _release(session, DeliveryRow.owner == owner, due_at)


def _release(session: Session, which: ColumnElement[bool], due_at: datetime) -> None:
    session.execute(
        update(DeliveryRow)
        .where(which, DeliveryRow.state.in_((State.CLAIMED, State.SENDING)))
        .values(state=State.QUEUED, owner=None, lease_until=None, due_at=due_at)
        .execution_options(synchronize_session=False)
    )


def mark(session: Session, one: Claim, *, now: datetime) -> bool:
    """Mark a letter as sending; says False where the claim is lost or the gate is shut.

    The caller commits this alone, immediately before MAIL FROM.
    """
    is_open = (
        select(CampaignRow.id)
        .where(CampaignRow.id == DeliveryRow.campaign_id, CampaignRow.paused_at.is_(None))
        .exists()
    )
    row = session.execute(
        update(DeliveryRow)
        .where(
            _held([one]),
            DeliveryRow.state == State.CLAIMED,
            DeliveryRow.lease_until > now,
            is_open,
        )
        .values(state=State.SENDING, changed_at=now)
        .returning(DeliveryRow.id)
        .execution_options(synchronize_session=False)
    ).first()
    return row is not None


@dataclass(frozen=True, kw_only=True)
class Settled:
    """What became of one attempt."""

    claim: Claim
    state: State
    answer: Answer
    outcome: Outcome
    attempts: int
    losses: int
    due_at: datetime


def settle(
    session: Session, settled: Sequence[Settled], *, account: str | None, now: datetime
) -> list[Settled]:
    """Write what became of a group of attempts; gives those whose claim was still held.

    A row whose claim was lost keeps its state. An attempt is written once, however often this is
    called for it: a database that restarts may have taken what it did not confirm. Nothing can be
    written of a row that an older database, put back meanwhile, does not hold.
    """
    there = _there(session, settled)
    effective = [one for one in settled if there.get(one.claim.id) == _key(one.claim)]
    _write(session, effective, now)
    attempts = [
        {
            "delivery_id": one.claim.id,
            "fence": one.claim.fence,
            "account": account,
            "at": now,
            "phase": one.answer.phase,
            "code": one.answer.code,
            "enhanced": one.answer.enhanced,
            "answer": one.answer.text,
            "outcome": one.outcome,
        }
        for one in settled
        if one.claim.id in there
    ]
    ensure_all(session, AttemptRow, attempts)
    return effective


def settle_late(session: Session, settled: Sequence[Settled], *, now: datetime) -> list[Settled]:
    """Settle letters that a sweeper took for cut and the server has taken after all; gives them.

    The answer came after the lease: the machine slept, or its clock jumped.
    """
    taken = {one.claim.id: one for one in settled if one.outcome is Outcome.ACCEPTED}
    # The sweeper raised the fence by one, and nobody claims what is uncertain.
    swept = [(one.claim.id, one.claim.fence + 1) for one in taken.values()]
    rows = session.scalars(
        select(DeliveryRow.id)
        .where(
            tuple_(DeliveryRow.id, DeliveryRow.fence).in_(swept),
            DeliveryRow.state == State.UNCERTAIN,
        )
        .order_by(DeliveryRow.id)
        .with_for_update(key_share=True)
    )
    late = [taken[row] for row in rows]
    _write(session, late, now)
    return late


def _there(session: Session, settled: Sequence[Settled]) -> dict[int, tuple[str | None, int]]:
    """Give who holds the rows, by their ids; the rows are locked, so that this stays true."""
    rows = session.execute(
        select(DeliveryRow.id, DeliveryRow.owner, DeliveryRow.fence)
        .where(DeliveryRow.id.in_([one.claim.id for one in settled]))
        .order_by(DeliveryRow.id)
        .with_for_update(key_share=True)
    )
    return {row.id: (row.owner, row.fence) for row in rows}


def _key(claim: Claim) -> tuple[str | None, int]:
    return claim.owner, claim.fence


def _write(session: Session, settled: Sequence[Settled], now: datetime) -> None:
    """Write what became of rows that are locked."""
    if not settled:
        return
    values = [
        {
            "row": one.claim.id,
            "state": one.state,
            "attempts": one.attempts,
            "losses": one.losses,
            "due_at": one.due_at,
            "owner": None,
            "lease_until": None,
            "phase": one.answer.phase,
            "code": one.answer.code,
            "enhanced": one.answer.enhanced,
            "answer": one.answer.text,
            "changed_at": now,
        }
        for one in settled
    ]
    session.connection().execute(
        update(DeliveryRow).where(DeliveryRow.__table__.c.id == bindparam("row")), values
    )


def expired(
    session: Session, state: State, clock: Callable[[], datetime], *, lease: timedelta
) -> list[DeliveryRow]:
    """Give the deliveries in a state whose lease ran out, held against other sweepers."""
    rows = session.scalars(
        select(DeliveryRow)
        .where(
            DeliveryRow.state == state,
            DeliveryRow.lease_until.is_not(None),  # the few that the index holds
            has_ended(DeliveryRow.lease_until, clock(), lease),
        )
        .order_by(DeliveryRow.id)
        .with_for_update(skip_locked=True)
    )
    return still_ended(rows, clock, lease)
