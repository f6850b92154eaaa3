"""The database: one engine a process, reading and writing transactions."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol, TypeVar, overload

from sqlalchemy import ColumnElement, Connection, Engine, create_engine, event, literal
from sqlalchemy.engine import ExceptionContext, make_url
from sqlalchemy.exc import (
    DBAPIError,
    IntegrityError,
    NoResultFound,
    OperationalError,
    SQLAlchemyError,
)
from sqlalchemy.exc import TimeoutError as PoolTimeoutError
from sqlalchemy.orm import DeclarativeBase, InstrumentedAttribute, Session

from undersigned import marks
from undersigned.errors import DatabaseAwayError, PermanentFailure, TemporaryFailure

if TYPE_CHECKING:
    from sqlalchemy.dialects import postgresql, sqlite

#: How long SQLite waits for another writer, in milliseconds: longer than any of our transactions.
BUSY_MILLISECONDS = 10_000


class Store:
    """The one place that sessions come from.

    No transaction may be open while a socket is: leave the block before you speak to a server.
    """

    def __init__(self, url: str) -> None:
        self.url = url
        self.engine = _engine(url)
        self._writer = self.engine.execution_options(undersigned_writes=True)

    @contextmanager
    def reading(self) -> Iterator[Session]:
        """Give a session that sees one state of the database and changes nothing."""
        with translated(), Session(self.engine, expire_on_commit=False) as session:
            yield session

    @contextmanager
    def writing(self) -> Iterator[Session]:
        """Give a session whose transaction is committed at the end of the block, or rolled back.

        On SQLite it begins IMMEDIATE: a transaction that starts by reading could not become a
        writer while another one writes.
        """
        with (
            translated(),
            Session(self._writer, expire_on_commit=False) as session,
            session.begin(),
        ):
            yield session
            marks.passed("store.committing")
        marks.passed("store.committed")

    def close(self) -> None:
        """Close every connection."""
        self.engine.dispose()


class Leased(Protocol):
    """A row that somebody holds for a time."""

    @property
    def lease_until(self) -> datetime | None:
        """When that time ends; None while nobody holds it."""


LeasedRow = TypeVar("LeasedRow", bound=Leased)

#: For a row that is locked: it may have been read before, and another may have changed it while we
#: waited for the lock.
READ_ANEW = {"populate_existing": True}


@overload
def has_ended(until: datetime, now: datetime, lease: timedelta) -> bool: ...
@overload
def has_ended(
    until: InstrumentedAttribute[Any], now: datetime, lease: timedelta
) -> ColumnElement[bool]: ...
def has_ended(until: Any, now: datetime, lease: timedelta) -> Any:
    """Say, of a row or in SQL, that a lease has ended, or was given by a clock since put right.

    No lease that was given by now ends later than one ahead; two allow for clocks that differ.
    For whoever looked at the clock, then slept or waited for a lock, a lease that was given
    meanwhile looks like one of such a clock: so what SQL finds is asked again, of the rows that
    are held then and with a look at the clock that is newer than they are (`still_ended`).
    """
    return (until <= now) | (until > now + 2 * lease)


def still_ended(
    rows: Iterable[LeasedRow], clock: Callable[[], datetime], lease: timedelta
) -> list[LeasedRow]:
    """Give the rows, held by now, whose lease has ended by a clock that is read after they were."""
    now = clock()
    return [
        row for row in rows if row.lease_until is None or has_ended(row.lease_until, now, lease)
    ]


def ensure(session: Session, table: type[DeclarativeBase], **values: object) -> bool:
    """Insert a row unless one with its key stands there; says whether it was inserted.

    Two processes may do so at the same moment: neither fails, and the second one waits for the
    first one's commit.
    """
    # RETURNING, since psycopg counts no rows for an insert that the ORM was given.
    made = _insert(session, table).values(**values).returning(literal(1))
    return session.scalar(made) is not None


def ensure_all(
    session: Session, table: type[DeclarativeBase], rows: Sequence[Mapping[str, object]]
) -> None:
    """Insert those rows whose keys do not stand there yet."""
    if rows:
        session.connection().execute(_insert(session, table), [dict(row) for row in rows])


def _insert(session: Session, table: type[DeclarativeBase]) -> "postgresql.Insert | sqlite.Insert":
    from sqlalchemy.dialects import postgresql, sqlite  # noqa: PLC0415 - a look needs neither

    is_postgres = session.get_bind().dialect.name == "postgresql"
    insert = postgresql.insert if is_postgres else sqlite.insert
    return insert(table).on_conflict_do_nothing()


@contextmanager
def translated() -> Iterator[None]:
    """Turn what a database in trouble raises into a `TemporaryFailure`; a fault of ours passes.

    Our own code deletes no row that another rests on, so one that is gone was taken by an older
    state that somebody put back.
    """
    try:
        yield
    except NoResultFound as exc:
        raise TemporaryFailure(_GONE.format(why=_why(exc))) from exc
    except (OperationalError, PoolTimeoutError) as exc:
        raise DatabaseAwayError(_AWAY.format(why=_why(exc))) from exc
    except DBAPIError as exc:
        if exc.connection_invalidated or getattr(exc.orig, "sqlstate", None) == READ_ONLY:
            raise DatabaseAwayError(_AWAY.format(why=_why(exc))) from exc
        if isinstance(exc, IntegrityError) and "foreign key" in _why(exc).lower():
            raise TemporaryFailure(_GONE.format(why=_why(exc))) from exc
        raise


#: PostgreSQL's SQLSTATE for a write to a standby, and to a database whose host has shut it for
#: writing because its disk is full.
READ_ONLY = "25006"

_AWAY = (
    "The database does not answer: {why}. Nothing is lost and nothing leaves meanwhile; see that "
    "it runs and has room, all goes on by itself."
)
_GONE = (
    "The database has no longer what this work began with ({why}): an older state of it was put "
    "back. The work is left; whatever the database holds now is done next."
)


def _why(exc: SQLAlchemyError) -> str:
    """Give the first line of what the database said."""
    said = str(exc.orig if isinstance(exc, DBAPIError) else exc).strip()
    return (said.splitlines() or [type(exc).__name__])[0].rstrip(".")


def _engine(url: str) -> Engine:
    parsed = make_url(url)
    if parsed.get_backend_name() == "sqlite":
        if parsed.database in (None, "", ":memory:"):
            raise PermanentFailure("SQLite needs a file: sqlite:///var/undersigned.db")
        Path(str(parsed.database)).parent.mkdir(parents=True, exist_ok=True)
        engine = create_engine(parsed, connect_args={"timeout": BUSY_MILLISECONDS / 1000})
        event.listen(engine, "connect", _tune_sqlite)
        event.listen(engine, "begin", _begin_sqlite)
        return engine
    engine = create_engine(parsed, pool_pre_ping=True, pool_size=10)
    event.listen(engine, "handle_error", _cut_in_mid_command)
    return engine


def _cut_in_mid_command(context: ExceptionContext) -> None:
    """Take a connection that was cut while it waited for an answer for what it is: closed.

    psycopg only says that its state does not allow the ping by which the pool asks.
    """
    if "in transaction status ACTIVE" in str(context.original_exception):
        context.is_disconnect = True


def _tune_sqlite(connection: Any, _record: object) -> None:
    connection.isolation_level = None  # we say BEGIN ourselves, see `_begin_sqlite`
    cursor = connection.cursor()
    cursor.execute("PRAGMA journal_mode=WAL")
    cursor.execute("PRAGMA synchronous=FULL")  # NORMAL loses commits when the machine dies
    cursor.execute("PRAGMA foreign_keys=ON")
    cursor.execute(f"PRAGMA busy_timeout={BUSY_MILLISECONDS}")
    cursor.close()


def _begin_sqlite(connection: Connection) -> None:
    writes = connection.get_execution_options().get("undersigned_writes", False)
    connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")
