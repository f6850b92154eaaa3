"""Copies: a database as it was, put back under running processes or run beside the true one."""

import sqlite3
from collections.abc import Callable, Mapping, Sequence
from contextlib import closing, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

import psycopg
from sqlalchemy.engine import URL, make_url

from tests.servers import postgres
from undersigned.store import schema
from undersigned.store.session import Store

#: What a PostgreSQL database holds, table by table, as COPY writes it.
Tables = Mapping[str, bytes]
Result = TypeVar("Result")

#: Finds a delivery that a machine has something to do with yet.
_IS_AT_WORK = "SELECT 1 FROM delivery WHERE state IN ('queued', 'claimed', 'sending') LIMIT 1"
_OPEN_GATE = "UPDATE campaign SET paused_at = NULL"
#: How often a transaction that others deadlock with is begun again.
TRIES = 50


@dataclass(frozen=True)
class State:
    """A database's whole content at one moment: in a file for SQLite, in tables for PostgreSQL."""

    file: Path
    tables: Tables

    @classmethod
    def of(cls, url: str, file: Path) -> "State":
        """Take it, while others may use the database."""
        if not is_sqlite(url):
            return cls(file, _tables(url))
        with closing(_sqlite(url)) as source:
            return cls(_kept(source, file), {})

    def exchange(self, url: str, file: Path) -> "State | None":
        """Put it into a database with its gates open, and give what stood there before.

        All in one transaction: nobody writes between the two. Nothing is done and None given where
        something is on its way there.
        """
        if is_sqlite(url):
            return State(file, {}) if _exchange_file(url, self.file, file) else None
        found = _free_of_deadlocks(url, lambda: _exchange_tables(url, self.tables))
        return None if found is None else State(file, found)

    def put(self, url: str) -> None:
        """Put it into a database in place of what stands there; the database stays where it is."""
        if is_sqlite(url):
            with closing(sqlite3.connect(self.file)) as source, closing(_sqlite(url)) as target:
                source.backup(target)
        else:
            _free_of_deadlocks(url, lambda: _put_tables(url, self.tables))

    def copy(self, url: str) -> None:
        """Make another database of it."""
        if not is_sqlite(url):
            server, _, name = url.rpartition("/")
            postgres.create(server, name)
            store = Store(url)
            schema.upgrade(store)
            store.close()
        else:
            Path(str(make_url(url).database)).parent.mkdir(parents=True, exist_ok=True)
        self.put(url)


def is_sqlite(url: str) -> bool:
    """Say which kind of database an URL names."""
    return url.startswith("sqlite")


def open_gate(url: str) -> None:
    """Let a database's campaigns send, whatever its people said."""
    if is_sqlite(url):
        with closing(_sqlite(url)) as connection, connection:
            connection.execute(_OPEN_GATE)
        return
    with _connected(url) as connection:
        connection.execute(_OPEN_GATE)


def _sqlite(url: str) -> sqlite3.Connection:
    return sqlite3.connect(str(make_url(url).database), timeout=20)


def _connected(url: str) -> psycopg.Connection:
    parsed: URL = make_url(url)
    return psycopg.connect(
        host=parsed.host, port=parsed.port, user=parsed.username, dbname=parsed.database
    )


def _names(connection: psycopg.Connection) -> list[str]:
    rows = connection.execute(
        "SELECT tablename FROM pg_tables WHERE schemaname = 'public' ORDER BY tablename"
    )
    return [name for (name,) in rows]


def _tables(url: str) -> Tables:
    with _connected(url) as connection, connection.cursor() as cursor:
        cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ")
        return _read(cursor, _names(connection))


def _free_of_deadlocks(url: str, work: Callable[[], Result]) -> Result:
    """Do what needs every table; whoever works there meanwhile may be in the way."""
    for _ in range(TRIES):
        with suppress(psycopg.errors.DeadlockDetected):
            return work()
    raise TimeoutError(f"the tables of {url} are never free")


def _put_tables(url: str, tables: Tables) -> None:
    with _connected(url) as connection, connection.cursor() as cursor:
        _fill(cursor, _names(connection), tables)


def _exchange_tables(url: str, tables: Tables) -> Tables | None:
    with _connected(url) as connection, connection.cursor() as cursor:
        names = _names(connection)
        cursor.execute(f"LOCK TABLE {_every(names)} IN ACCESS EXCLUSIVE MODE".encode())
        if cursor.execute(_IS_AT_WORK).fetchone():
            return None
        found = _read(cursor, names)
        _fill(cursor, names, tables)
        cursor.execute(_OPEN_GATE)
        return found


def _every(names: Sequence[str]) -> str:
    return ", ".join(f'"{name}"' for name in names)


def _read(cursor: psycopg.Cursor, names: Sequence[str]) -> Tables:
    found = {}
    for name in names:
        with cursor.copy(f'COPY "{name}" TO STDOUT'.encode()) as out:
            found[name] = b"".join(bytes(piece) for piece in out)
    return found


def _fill(cursor: psycopg.Cursor, names: Sequence[str], tables: Tables) -> None:
    """Put other content into every table."""
    cursor.execute("SET session_replication_role = replica")  # no triggers, in any order
    cursor.execute(f"TRUNCATE {_every(names)}".encode())
    for name in names:
        if tables.get(name):
            with cursor.copy(f'COPY "{name}" FROM STDIN'.encode()) as into:
                into.write(tables[name])


def _kept(source: sqlite3.Connection, file: Path) -> Path:
    with closing(sqlite3.connect(file)) as target:
        source.backup(target)
    return file


def _exchange_file(url: str, older: Path, kept: Path) -> bool:
    """Keep a SQLite database in one file and fill it from another; False where it is at work."""
    with closing(_sqlite(url)) as here, closing(_sqlite(url)) as source:
        here.isolation_level = None
        here.execute("ATTACH ? AS older", [str(older)])
        here.execute("BEGIN IMMEDIATE")
        if here.execute(_IS_AT_WORK).fetchone():
            here.rollback()
            return False
        _kept(source, kept)
        tables = here.execute(
            "SELECT name FROM sqlite_master WHERE type = 'table' ORDER BY name"
        ).fetchall()
        for (name,) in tables:
            here.execute(f'DELETE FROM main."{name}"')  # noqa: S608 - our own tables
            here.execute(f'INSERT INTO main."{name}" SELECT * FROM older."{name}"')  # noqa: S608
        here.execute(_OPEN_GATE)
        here.commit()
        return True
