"""A database that goes away and comes back, as it does for a process that uses it."""

import sqlite3
import threading
from collections.abc import Iterator
from contextlib import contextmanager

import psycopg
from sqlalchemy import event
from sqlalchemy.engine import make_url

from undersigned.service import Service

#: How long SQLite waits for another writer here, in milliseconds, so that a test need not.
BUSY = 50


class Outage:
    """Makes a service's database refuse to be written: SQLite is busy, PostgreSQL hangs up."""

    def __init__(self, service: Service) -> None:
        self.service = service
        self.url = make_url(service.store.url)
        self._blocker: sqlite3.Connection | None = None
        self._began = threading.Event()
        if self.url.get_backend_name() == "sqlite":
            event.listen(service.store.engine, "connect", _be_impatient)
            service.store.engine.dispose()

    def after_commits(self, number: int) -> None:
        """Begin when that many more connections were put back."""
        left = [number]

        def put_back(_connection: object, _record: object) -> None:
            left[0] -= 1
            if left[0] == 0:
                self.begin()

        event.listen(self.service.store.engine, "checkin", put_back)

    def begin(self) -> None:
        """Go away, once."""
        if self._began.is_set():
            return
        self._began.set()
        if self.url.get_backend_name() == "sqlite":
            self._blocker = sqlite3.connect(
                str(self.url.database), isolation_level=None, check_same_thread=False
            )
            self._blocker.execute("BEGIN IMMEDIATE")
            return
        with self._beside() as connection:
            connection.execute(f'ALTER DATABASE "{self.url.database}" ALLOW_CONNECTIONS false')  # type: ignore[arg-type]
            connection.execute(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = %s",
                [self.url.database],
            )

    def end(self) -> None:
        """Come back."""
        if self._blocker is not None:
            self._blocker.rollback()
            self._blocker.close()
        elif self.url.get_backend_name() != "sqlite":
            with self._beside() as connection:
                connection.execute(f'ALTER DATABASE "{self.url.database}" ALLOW_CONNECTIONS true')  # type: ignore[arg-type]

    @contextmanager
    def ending_soon(self) -> Iterator[None]:
        """Come back a moment after it began, while the block goes on."""

        def wait_and_end() -> None:
            self._began.wait()
            threading.Event().wait(0.3)
            self.end()

        thread = threading.Thread(target=wait_and_end)
        thread.start()
        try:
            yield
        finally:
            self._began.set()
            thread.join()

    @contextmanager
    def _beside(self) -> Iterator[psycopg.Connection]:
        url = self.url.set(drivername="postgresql", database="postgres")
        address = url.render_as_string(hide_password=False)
        with psycopg.connect(address, autocommit=True) as connection:
            yield connection


def _be_impatient(connection: sqlite3.Connection, _record: object) -> None:
    connection.execute(f"PRAGMA busy_timeout={BUSY}")
