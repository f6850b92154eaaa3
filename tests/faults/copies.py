"""Copies: a database as it was, put back under running processes or run beside the true one."""

import sqlite3
from collections.abc import Mapping
from contextlib import closing, suppress
from pathlib import Path

import psycopg
from sqlalchemy.engine import URL, make_url

from tests.servers import postgres
from undersigned.store import schema
from undersigned.store.session import Store

#: What a PostgreSQL database holds, table by table, as COPY writes it.
Tables = Mapping[str, bytes]
#: How often a transaction that others deadlock with is begun again.
TRIES = 50


class State:
    """A database's whole content at one moment."""

    def __init__(self, url: str, file: Path) -> None:
        """Take it, while others may use the database; on SQLite it is kept in a file."""
        self._file = file
        self._tables: Tables = {}
        if is_sqlite(url):
            with closing(_sqlite(url)) as source, closing(sqlite3.connect(file)) as target:
                source.backup(target)
        else:
            self._tables = _tables(url)

    def put(self, url: str) -> None:
        """Put it into a database in place of what stands there; the database stays where it is."""
        if is_sqlite(url):
            with closing(sqlite3.connect(self._file)) as source, closing(_sqlite(url)) as target:
                source.backup(target)
        else:
            _fill(url, self._tables)

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
    statement = "UPDATE campaign SET paused_at = NULL"
    if is_sqlite(url):
        with closing(_sqlite(url)) as connection, connection:
            connection.execute(statement)
        return
    with _connected(url) as connection:
        connection.execute(statement)


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
        found = {}
        for name in _names(connection):
            with cursor.copy(f'COPY "{name}" TO STDOUT'.encode()) as out:
                found[name] = b"".join(bytes(piece) for piece in out)
        return found


def _fill(url: str, tables: Tables) -> None:
    """Put other content into every table; whoever works there meanwhile may be in the way."""
    for _ in range(TRIES):
        with suppress(psycopg.errors.DeadlockDetected):
            _fill_once(url, tables)
            return
    raise TimeoutError(f"the tables of {url} are never free")


def _fill_once(url: str, tables: Tables) -> None:
    with _connected(url) as connection, connection.cursor() as cursor:
        cursor.execute("SET session_replication_role = replica")  # no triggers, in any order
        names = _names(connection)
        every = ", ".join(f'"{name}"' for name in names)
        cursor.execute(f"TRUNCATE {every}".encode())
        for name in names:
            if tables.get(name):
                with cursor.copy(f'COPY "{name}" FROM STDIN'.encode()) as into:
                    into.write(tables[name])
