"""A database as one file, and back: rows, table by table, the same from SQLite and PostgreSQL."""

from datetime import datetime
from pathlib import Path

from sqlalchemy import (
    JSON,
    Connection,
    Insert,
    Table,
    bindparam,
    delete,
    func,
    insert,
    select,
    text,
    update,
)
from sqlalchemy.exc import DatabaseError

from undersigned.errors import Refused
from undersigned.store import schema
from undersigned.store.every_table import METADATA
from undersigned.store.machine_tables import InstallationRow, TroubleRow
from undersigned.store.place import place
from undersigned.store.session import Store, translated
from undersigned.store.tables import CampaignRow

#: Rows in memory at once: a reply may hold tens of megabytes.
CHUNK = 20


def write(store: Store, path: Path) -> int:
    """Copy everything into a new SQLite file, as it stood at one instant; gives how many rows.

    Nobody who writes meanwhile waits for it, nor does it wait for them.
    """
    target = Store(f"sqlite:///{path}")
    try:
        schema.upgrade(target)
        with translated(), _snapshot(store) as source, target.engine.connect() as into:
            copied = _copy(source, into)
            into.commit()
    finally:
        target.close()
    return copied


def read(store: Store, path: Path, *, now: datetime) -> int:
    """Put a backup in the place of everything, in one transaction; gives the new epoch.

    Every campaign is paused, and the epoch is higher than that of the backup and of the database
    it replaces. Raises `Refused` where the file is no backup of ours; nothing is changed then.
    """
    source = Store(f"sqlite:///{path}")
    here = place(store)
    try:
        _demand_ours(source)
        schema.upgrade(source)
        writer = store.engine.execution_options(undersigned_writes=True)
        with translated(), source.engine.connect() as found, writer.begin() as into:
            before = into.scalar(select(func.max(InstallationRow.epoch))) or 0
            for table in reversed(METADATA.sorted_tables):
                into.execute(table.delete())
            _copy(found, into)
            _count_on(into)
            epoch = max(before, found.scalar(select(func.max(InstallationRow.epoch))) or 0) + 1
            into.execute(update(InstallationRow).values(epoch=epoch, place=here, since=now))
            into.execute(
                update(CampaignRow).where(CampaignRow.paused_at.is_(None)).values(paused_at=now)
            )
            into.execute(delete(TroubleRow))
    finally:
        source.close()
    return epoch


def _demand_ours(source: Store) -> None:
    try:
        with source.engine.connect() as connection:
            connection.scalar(select(func.count()).select_from(InstallationRow))
            connection.scalar(text("SELECT version_num FROM alembic_version"))
    except DatabaseError as exc:
        raise Refused("The file is no backup of Undersigned.") from exc


def _snapshot(store: Store) -> Connection:
    """Give a connection that sees one state for as long as it is open."""
    if store.engine.dialect.name == "postgresql":
        return store.engine.execution_options(isolation_level="REPEATABLE READ").connect()
    return store.engine.connect()  # a reading transaction of SQLite's WAL sees one state


def _copy(source: Connection, target: Connection) -> int:
    copied = 0
    for table in METADATA.sorted_tables:
        rows = source.execution_options(yield_per=CHUNK).execute(select(table)).mappings()
        for chunk in rows.partitions(CHUNK):
            target.execute(_insert(table), [dict(row) for row in chunk])
            copied += len(chunk)
    return copied


def _insert(table: Table) -> Insert:
    """Insert rows as they were read: nothing stays NULL, and does not become JSON's null."""
    absent = {
        column.name: bindparam(column.name, type_=JSON(none_as_null=True))
        for column in table.columns
        if isinstance(column.type, JSON)
    }
    return insert(table).values(absent) if absent else insert(table)


def _count_on(target: Connection) -> None:
    """Let PostgreSQL number new rows after those that were put in with their numbers."""
    if target.dialect.name != "postgresql":
        return
    for table in METADATA.sorted_tables:
        key = list(table.primary_key.columns)
        if len(key) == 1 and key[0].type.python_type is int:
            sequence = func.pg_get_serial_sequence(table.name, key[0].name)
            highest = select(func.max(key[0])).scalar_subquery()
            target.execute(select(func.setval(sequence, func.coalesce(highest, 1))))
