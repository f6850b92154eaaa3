"""The shape of the database: whether it is that of today, and who makes it so."""

from sqlalchemy import inspect, text

from undersigned.store.session import Store, translated

#: The newest migration. A database that has it is left alone, without Alembic, which takes longer
#: to load than most commands take to run.
HEAD = "0001"


def upgrade(store: Store) -> None:
    """Bring the database to the tables of today, from nothing or from any earlier shape.

    Raises `PermanentFailure` where the database was made by a later version than this one.
    """
    if _revision(store) != HEAD:
        from undersigned.store import migrator  # noqa: PLC0415 - as HEAD says

        migrator.upgrade(store)


def _revision(store: Store) -> str | None:
    with translated(), store.engine.connect() as connection:
        if not inspect(connection).has_table("alembic_version"):
            return None
        found = connection.scalar(text("SELECT version_num FROM alembic_version"))
        return None if found is None else str(found)
