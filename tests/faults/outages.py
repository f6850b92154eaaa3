"""Outages: what a mailbox and a database suffer that no client of theirs could do to them."""

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager, suppress

from sqlalchemy import text

from tests.faults.field import Field
from tests.servers.postgres import connected
from undersigned.errors import TemporaryFailure


def renumber(field: Field) -> None:
    """Give the mailbox's messages new numbers, as a restored one has: UIDs and UIDVALIDITY."""

    async def anew() -> None:
        mailboxes = field.office._imap._mailboxes  # noqa: SLF001 - no server offers this
        inbox = await mailboxes.get_mailbox("INBOX")
        async with inbox.messages_lock.write_lock():
            old = sorted(inbox._messages.items())  # noqa: SLF001
            inbox._uid_validity += 1  # noqa: SLF001
            inbox._messages.clear()  # noqa: SLF001
            for uid, (_, message) in enumerate(old, start=1):
                inbox._messages[uid] = type(message).copy(message, uid=uid)  # noqa: SLF001
            inbox._max_uid = len(old)  # noqa: SLF001

    field.office._call(anew())  # noqa: SLF001


@contextmanager
def sqlite_lock(url: str) -> Iterator[None]:
    """Hold SQLite's write lock, as another program does that looks into the file."""
    connection = sqlite3.connect(url.removeprefix("sqlite:///"), timeout=10)
    try:
        connection.execute("BEGIN IMMEDIATE")
        yield
    finally:
        connection.rollback()
        connection.close()


def throw_out(field: Field) -> None:
    """End every connection to this database, as an administrator can."""
    with suppress(TemporaryFailure), field.service.store.reading() as session:
        session.execute(
            text(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
                "WHERE datname = current_database() AND pid <> pg_backend_pid()"
            )
        )


@contextmanager
def shut_for_writing(field: Field) -> Iterator[None]:
    """Let PostgreSQL take no writing until the block ends."""
    _set_read_only(field, "on")
    try:
        yield
    finally:
        _set_read_only(field, "off")


def _set_read_only(field: Field, value: str) -> None:
    server, _, name = field.database_url.rpartition("/")
    with connected(server) as connection:
        connection.execute(
            f'ALTER DATABASE "{name}" SET default_transaction_read_only = {value}'.encode()
        )
    throw_out(field)
