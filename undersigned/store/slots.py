"""Slots: places that a limited number of processes may hold at once, each under a lease.

An account's connections are slots, and so is the one listener of a mailbox. A process that dies
keeps its slot until the lease ends; then anybody may take it over.
"""

from collections.abc import Callable
from datetime import datetime, timedelta

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from undersigned.store.machine_tables import SlotRow
from undersigned.store.session import ensure_all, has_ended, still_ended


def take(
    session: Session,
    key: str,
    *,
    limit: int,
    owner: str,
    clock: Callable[[], datetime],
    lease: timedelta,
) -> int:
    """Take half of the free slots of a key, rounded up; gives how many.

    Half, so that whoever comes next finds one; a limit of n means n slots, whoever holds them.
    """
    ensure_all(session, SlotRow, [{"key": key, "number": one + 1} for one in range(limit)])
    found = session.scalars(
        select(SlotRow)
        .where(
            SlotRow.key == key,
            SlotRow.number <= limit,
            SlotRow.lease_until.is_(None) | has_ended(SlotRow.lease_until, clock(), lease),
        )
        .order_by(SlotRow.number)
        .with_for_update(skip_locked=True)
    )
    free = still_ended(found, clock, lease)
    taken = free[: (len(free) + 1) // 2]
    for slot in taken:
        slot.owner, slot.lease_until = owner, clock() + lease
    return len(taken)


def renew(session: Session, key: str, *, owner: str, until: datetime) -> int:
    """Lengthen the leases of an owner's slots; gives how many it still holds."""
    renewed = session.scalars(
        update(SlotRow)
        .where(SlotRow.key == key, SlotRow.owner == owner)
        .values(lease_until=until)
        .returning(SlotRow.number)
        .execution_options(synchronize_session=False)
    )
    return len(renewed.all())


def free(session: Session, key: str, *, owner: str) -> None:
    """Give an owner's slots back."""
    session.execute(
        update(SlotRow)
        .where(SlotRow.key == key, SlotRow.owner == owner)
        .values(owner=None, lease_until=None)
        .execution_options(synchronize_session=False)
    )
