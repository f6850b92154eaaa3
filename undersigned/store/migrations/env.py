"""Alembic runs this file for each migration command; the connection is handed in by `schema`."""

from alembic import context

from undersigned.store import (  # noqa: F401 - every table, so that Base knows them
    account_tables,
    console_tables,
    machine_tables,
    suppression_tables,
    tables,
)

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=tables.CampaignRow.metadata,
    render_as_batch=True,  # SQLite changes a table by copying it
)
with context.begin_transaction():
    context.run_migrations()
