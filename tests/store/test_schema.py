"""The shape of the database."""

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import text

from undersigned.errors import PermanentFailure
from undersigned.store import migrator, schema
from undersigned.store.session import Store
from undersigned.store.tables import Base


def test_it_builds_exactly_the_tables_of_today(bare_database_url: str) -> None:
    """A database that was brought up to date step by step has the shape that the code expects."""
    store = Store(bare_database_url)
    schema.upgrade(store)
    schema.upgrade(store)

    with store.engine.connect() as connection:
        context = MigrationContext.configure(connection)
        differences = compare_metadata(context, Base.metadata)
    store.close()
    assert differences == []


def test_it_refuses_a_database_of_a_later_version(bare_database_url: str) -> None:
    """An older program does not write into a newer database."""
    store = Store(bare_database_url)
    schema.upgrade(store)
    with store.writing() as session:
        session.execute(text("UPDATE alembic_version SET version_num = 'later'"))

    with pytest.raises(PermanentFailure, match="later version"):
        schema.upgrade(store)
    store.close()


def test_it_knows_its_newest_migration() -> None:
    """A new migration is not passed over in the databases that have the one before."""
    script = ScriptDirectory.from_config(migrator.configuration())

    assert script.get_current_head() == schema.HEAD
