"""Passages: what the database itself saw of every delivery's way, and what is due in it next."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import bindparam, func, select, text

from undersigned.domain.delivery import Purpose, State
from undersigned.domain.reply import ReplyState
from undersigned.store.machine_tables import MailboxRow, SlotRow, TroubleRow
from undersigned.store.session import Store
from undersigned.store.tables import AttemptRow, DeliveryRow, ReplyRow, ReviewRow

_COLUMNS = "delivery_id INTEGER, was TEXT, now_is TEXT, owner TEXT"
_WRITE = """
    INSERT INTO passage (delivery_id, was, now_is, owner)
    VALUES (NEW.id, OLD.state, NEW.state, COALESCE(NEW.owner, OLD.owner));
"""
_SQLITE = (
    f"CREATE TABLE passage (id INTEGER PRIMARY KEY, {_COLUMNS})",
    f"""CREATE TRIGGER passing AFTER UPDATE OF state ON delivery
    WHEN OLD.state <> NEW.state BEGIN {_WRITE} END""",
)
_POSTGRESQL = (
    f"CREATE TABLE passage (id SERIAL PRIMARY KEY, {_COLUMNS})",
    f"""CREATE FUNCTION passing() RETURNS trigger LANGUAGE plpgsql AS
    $$ BEGIN {_WRITE} RETURN NULL; END $$""",
    """CREATE TRIGGER passing AFTER UPDATE OF state ON delivery FOR EACH ROW
    WHEN (OLD.state <> NEW.state) EXECUTE FUNCTION passing()""",
)

#: The states in which a machine has something to do yet.
AT_WORK = (State.QUEUED, State.CLAIMED, State.SENDING)


def watch(store: Store) -> None:
    """Let the database write down each change of a delivery's state, whoever makes it."""
    is_sqlite = store.url.startswith("sqlite")
    with store.writing() as session:
        for statement in _SQLITE if is_sqlite else _POSTGRESQL:
            session.execute(text(statement))


def all_of(store: Store) -> dict[int, list[tuple[str, str, str | None]]]:
    """Give by delivery what it passed through: state, next state, who held it."""
    found: dict[int, list[tuple[str, str, str | None]]] = {}
    with store.reading() as session:
        rows = session.execute(
            text("SELECT delivery_id, was, now_is, owner FROM passage ORDER BY id")
        )
        for delivery_id, was, now_is, owner in rows:
            found.setdefault(delivery_id, []).append((was, now_is, owner))
    return found


@dataclass(frozen=True)
class Sight:
    """Where everything stands; one that differs from the last says that something happened."""

    #: The newest rows of what only grows: passages, deliveries, attempts, replies, freezes.
    newest: tuple[int | None, ...]
    #: Deliveries that a machine has something to do with yet, replies that nobody has read, and
    #: messages that are kept.
    at_work: int
    unread: int
    kept: int

    def is_settled(self, *, answers: int) -> bool:
        """Say whether no message is on its way, and so many answers are kept and read."""
        return not self.at_work and not self.unread and self.kept >= answers


#: One statement, since the harness asks many times a second and the processes need the machine.
_SIGHT = text(
    "SELECT (SELECT MAX(id) FROM passage), (SELECT MAX(id) FROM delivery), "
    '(SELECT MAX(id) FROM attempt), (SELECT MAX(id) FROM reply), (SELECT MAX(id) FROM "freeze"), '
    "(SELECT COUNT(*) FROM delivery WHERE state IN :at_work), "
    "(SELECT COUNT(*) FROM reply WHERE state = :kept), "
    "(SELECT COUNT(DISTINCT digest) FROM reply)"
).bindparams(
    bindparam("at_work", [one.value for one in AT_WORK], expanding=True),
    bindparam("kept", ReplyState.KEPT.value),
)


def sight(store: Store) -> Sight:
    """Give where everything stands."""
    with store.reading() as session:
        *newest, at_work, unread, kept = session.execute(_SIGHT).one()
    return Sight(tuple(newest), at_work, unread, kept)


def counts(store: Store) -> list[tuple[str, str, int]]:
    """Give how many deliveries and replies stand where, for whoever looks for a fault."""
    with store.reading() as session:
        return [
            (str(row.__tablename__), state, count)
            for row in (DeliveryRow, ReplyRow)
            for state, count in session.execute(
                select(row.state, func.count()).group_by(row.state).order_by(row.state)
            ).tuples()
        ]


def due(store: Store, now: datetime, *, is_held: Callable[[str], bool]) -> datetime | None:
    """Give the next instant at which something may happen by itself, or None.

    The end of a lease is one only where its owner does not hold it any more.
    """
    with store.reading() as session:
        rows = session.execute(
            select(
                DeliveryRow.state, DeliveryRow.due_at, DeliveryRow.lease_until, DeliveryRow.owner
            )
            .where(DeliveryRow.state.in_(AT_WORK))
            .distinct()
        ).all()
        slots = session.execute(
            select(SlotRow.lease_until, SlotRow.owner).where(
                SlotRow.lease_until.is_not(None), SlotRow.key.startswith("smtp:")
            )
        ).all()
        replies = session.execute(
            select(ReplyRow.lease_until, ReplyRow.owner).where(
                ReplyRow.state == ReplyState.KEPT, ReplyRow.lease_until.is_not(None)
            )
        ).all()
    waiting = [row for row in rows if row.state == State.QUEUED]
    instants = [row.due_at for row in waiting]
    leases = [row for row in rows if row.state != State.QUEUED] + list(replies)
    # Connections that a killed process held are in the way of what is due.
    leases += [row for row in slots if any(one.due_at <= now for one in waiting)]
    if any(is_held(row.owner) for row in leases if row.owner is not None):
        return None
    instants += [row.lease_until for row in leases if row.lease_until is not None]
    return min((one for one in instants if one > now), default=None)


def is_read_past(store: Store, instant: datetime) -> bool:
    """Say whether the mailbox was read past an instant."""
    with store.reading() as session:
        row = session.get(MailboxRow, "default")
        return row is not None and row.complete_at is not None and row.complete_at >= instant


def made(store: Store, purpose: Purpose, *states: State) -> set[str]:
    """Give the addresses that something is made for, in these states or in any."""
    query = select(DeliveryRow.address).where(DeliveryRow.purpose == purpose)
    with store.reading() as session:
        return set(session.scalars(query.where(DeliveryRow.state.in_(states)) if states else query))


def has_trouble(store: Store, key: str) -> bool:
    """Say whether the status shows a trouble whose key begins so."""
    with store.reading() as session:
        found = select(TroubleRow.key).where(TroubleRow.key.startswith(key)).limit(1)
        return session.scalar(found) is not None


def told(store: Store) -> list[str]:
    """Give what a person is told: troubles, and why replies wait for one."""
    with store.reading() as session:
        reviews = session.execute(select(ReviewRow.reason, func.count()).group_by(ReviewRow.reason))
        return [
            *session.scalars(select(TroubleRow.sentence)),
            *(f"{count} reviews: {reason}" for reason, count in reviews),
        ]


def attempts(url: str) -> int:
    """Count what a database says was tried; nobody else looks into it meanwhile."""
    store = Store(url)
    try:
        with store.reading() as session:
            return session.scalar(select(func.count()).select_from(AttemptRow)) or 0
    finally:
        store.close()
