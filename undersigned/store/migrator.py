"""The migrator: builds the database and brings it up to date, by Alembic."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection

from undersigned.errors import PermanentFailure
from undersigned.store.session import Store, translated

#: PostgreSQL's advisory lock for upgrades: any number that is ours alone in this database.
_UPGRADE = 0x756E6472


def upgrade(store: Store) -> None:
    """Bring the database to the tables of today, from nothing or from any earlier shape.

    Raises `PermanentFailure` where the database was made by a later version than this one.
    """
    config = configuration()
    writer = store.engine.execution_options(undersigned_writes=True)
    with translated(), writer.connect() as connection, _alone(connection):
        known = {script.revision for script in ScriptDirectory.from_config(config).walk_revisions()}
        present = _revision(connection)
        if present is not None and present not in known:
            raise PermanentFailure(
                "The database was made by a later version of Undersigned. Install that version, "
                "or restore the copy that was made before the upgrade."
            )
        config.attributes["connection"] = connection
        command.upgrade(config, "head")
        connection.commit()


@contextmanager
def _alone(connection: Connection) -> Iterator[None]:
    """Let one process after the other look, where many start at once on PostgreSQL."""
    if connection.dialect.name != "postgresql":
        yield  # SQLite has one writer at a time
        return
    connection.exec_driver_sql(f"SELECT pg_advisory_lock({_UPGRADE})")
    connection.commit()
    try:
        yield
    finally:
        connection.rollback()
        connection.exec_driver_sql(f"SELECT pg_advisory_unlock({_UPGRADE})")
        connection.commit()


def configuration() -> Config:
    """Give Alembic's configuration; no file is read."""
    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent / "migrations"))
    return config


def _revision(connection: Connection) -> str | None:
    with connection.begin():
        return MigrationContext.configure(connection).get_current_revision()
