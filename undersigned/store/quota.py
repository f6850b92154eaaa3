"""Quota: what an account may still send, by all processes together."""

from collections.abc import Mapping
from datetime import datetime, timedelta

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from undersigned.domain.delivery import ACCOUNT_PHASES, State
from undersigned.store.machine_tables import QuotaRow
from undersigned.store.session import ensure
from undersigned.store.tables import AttemptRow, DeliveryRow

#: From a length of time to how many recipients any such stretch may see.
Limits = Mapping[timedelta, int]


def allowance(session: Session, account: str, *, limits: Limits, now: datetime) -> int | None:
    """Give how many deliveries may be claimed now, so that no window sees more than its limit.

    None where there is no limit. Each delivery is one recipient. The account is held until the
    caller's transaction ends, so that two processes cannot count the same place.
    """
    if not limits:
        return None
    ensure(session, QuotaRow, account=account)
    session.get_one(QuotaRow, account, with_for_update={"key_share": True})
    return max(0, min(left(session, account, limits=limits, now=now).values()))


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


def _begun(session: Session, account: str, window: timedelta, now: datetime) -> int:
    """Count the attempts of a window; one that ended before MAIL FROM told of no recipient."""
    begun = session.scalar(
        select(func.count())
        .select_from(AttemptRow)
        .where(
            AttemptRow.account == account,
            AttemptRow.phase.not_in(ACCOUNT_PHASES),
            # Not those of a clock that ran ahead and was put right: they would count for its lead.
            AttemptRow.at.between(now - window, now + window),
            AttemptRow.at != now - window,
        )
    )
    return begun or 0
