"""Quota: what an account may still send, by all processes together."""

from collections.abc import Collection, Sequence
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, func, select
from sqlalchemy.orm import Session

from undersigned.domain.delivery import ACCOUNT_PHASES, CAUTIOUS, Purpose, State
from undersigned.domain.pace import Limits, kept
from undersigned.store.bookings import bookings
from undersigned.store.machine_tables import QuotaRow
from undersigned.store.session import ensure
from undersigned.store.tables import AttemptRow, DeliveryRow


def allowance(
    session: Session,
    account: str,
    *,
    purposes: Collection[Purpose],
    limits: Limits,
    now: datetime,
) -> int | None:
    """Give how many deliveries may be claimed now, so that no window sees more than its limit.

    None where there is no limit. Each delivery is one recipient. What a letter will need is kept
    free of all other mail. The account is held until the caller's transaction ends, so that two
    processes cannot count the same place.
    """
    if not limits:
        return None
    hold(session, account)
    booked = [] if CAUTIOUS.issuperset(purposes) else bookings(session, account, now)
    free = left(session, account, limits=limits, now=now)
    return max(0, min(count - kept(booked, window, now) for window, count in free.items()))


def hold(session: Session, account: str) -> None:
    """Let no other process claim for the account until the caller's transaction ends."""
    ensure(session, QuotaRow, account=account)
    session.get_one(QuotaRow, account, with_for_update={"key_share": True})


def left(session: Session, account: str, *, limits: Limits, now: datetime) -> dict[timedelta, int]:
    """Give what each window has left; below 0 where a limit was lowered.

    Counted are the attempts that came to a recipient and everything that any process holds.
    """
    held = session.scalar(
        select(func.count())
        .select_from(DeliveryRow)
        .where(
            DeliveryRow.account == account, DeliveryRow.state.in_((State.CLAIMED, State.SENDING))
        )
    )
    return {
        window: most - (held or 0) - _begun(session, account, window, now)
        for window, most in limits.items()
    }


def sent(session: Session, account: str, window: timedelta, now: datetime) -> Sequence[datetime]:
    """Give when each recipient of a window was told of, in order."""
    query = select(AttemptRow.at).where(*_within(account, window, now)).order_by(AttemptRow.at)
    return session.scalars(query).all()


def _begun(session: Session, account: str, window: timedelta, now: datetime) -> int:
    query = select(func.count()).select_from(AttemptRow)
    return session.scalar(query.where(*_within(account, window, now))) or 0


def _within(account: str, window: timedelta, now: datetime) -> list[ColumnElement[bool]]:
    """Say in SQL which attempts a window counts; one that ended before MAIL FROM told of nobody."""
    return [
        AttemptRow.account == account,
        AttemptRow.phase.not_in(ACCOUNT_PHASES),
        # Not those of a clock that ran ahead and was put right: they would count for its lead.
        AttemptRow.at.between(now - window, now + window),
        AttemptRow.at != now - window,
    ]
