"""Where a database lies: a copy of it lies elsewhere."""

from pathlib import Path

from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from undersigned.store.session import Store, translated

_DATABASE = text("SELECT oid FROM pg_database WHERE datname = current_database()")
_SERVER = text("SELECT system_identifier FROM pg_control_system()")


def place(store: Store) -> str:
    """Give a mark of the place: the file's number on its disk, or server and database.

    A file's number survives a move and a new name on the same disk; a copy has its own. A database
    that PostgreSQL copied or restored has a number of its own too.
    """
    path = store.engine.url.database
    if store.engine.dialect.name == "sqlite":
        return f"file:{Path(str(path)).stat().st_ino}"
    with translated(), store.engine.connect() as connection:
        oid = connection.scalar(_DATABASE)
        connection.rollback()
        try:
            server = connection.scalar(_SERVER)
        except DBAPIError as exc:
            if exc.connection_invalidated:
                raise
            server = "hidden"  # some hosts keep it from their customers
        return f"postgresql:{server}:{oid}"
