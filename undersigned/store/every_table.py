"""Every table of the database, whichever module describes it."""

from undersigned.store import (  # noqa: F401 - a table is known when its module was imported
    account_tables,
    console_tables,
    machine_tables,
    paper_tables,
    suppression_tables,
    tables,
)
from undersigned.store.base import Base

METADATA = Base.metadata
