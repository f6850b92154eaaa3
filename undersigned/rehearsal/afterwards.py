"""Afterwards: a finished rehearsal, to look at in the console as it stood at its end."""

from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

from sqlalchemy import func, select

from undersigned.errors import Refused
from undersigned.service import Service, open_service, quiet
from undersigned.settings import Settings
from undersigned.store.machine_tables import JournalRow, MailboxRow

#: Who looks at it.
LOOKER = "you@rehearsal.example"


def opened(settings: Settings, folder: Path) -> Service:
    """Open what a rehearsal left in a folder; the clock stands where the rehearsal ended.

    Nothing runs beside it, so nothing leaves. Raises `Refused` where no rehearsal left anything.
    """
    database = folder / "campaign.db"
    if not database.is_file():
        raise Refused(f"No rehearsal left anything in {folder}: `make demo` plays the example.")
    here = settings.console
    service = open_service(
        replace(
            settings,
            database_url=f"sqlite:///{database}",
            console=replace(
                here, people=(f"{LOOKER} approver",), url=f"http://{here.host}:{here.port}"
            ),
        ),
        announce=quiet,
    )
    with service.store.reading() as session:
        written = session.scalar(select(func.max(JournalRow.at)))
        polled = session.scalar(select(func.max(MailboxRow.complete_at)))
    ended = max((at for at in (written, polled) if at is not None), default=datetime.now(UTC))
    service.clock = lambda: ended
    return service
