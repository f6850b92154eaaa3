"""Alembic runs this file for each migration command; the connection is handed in by `schema`."""

from alembic import context

from undersigned.store.every_table import METADATA

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=METADATA,
    render_as_batch=True,  # SQLite changes a table by copying it
)
with context.begin_transaction():
    context.run_migrations()
