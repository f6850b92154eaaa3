"""Back up and restore: the whole database as one file, and a restored one that waits."""

import os
import shutil
import tempfile
from dataclasses import dataclass
from pathlib import Path

from undersigned.errors import DatabaseAwayError, PermanentFailure, Refused, TemporaryFailure
from undersigned.flows import adopt
from undersigned.service import Service
from undersigned.store import backup as copies
from undersigned.store import campaigns, journal, troubles

#: What a person must know before a restored database sends.
UNKNOWN = (
    "What left after the backup was made is unknown to it: compare `undersigned status` with the "
    "mailbox's Sent folder before you `undersigned resume`."
)


@dataclass(frozen=True, kw_only=True)
class Backup:
    """A backup that was written."""

    path: Path
    rows: int
    octets: int


def back_up(service: Service, path: Path) -> Backup:
    """Write everything into a file, while all goes on; raises `Refused` where it cannot be written.

    The file appears under its name when it is complete, readable by its owner alone: it holds
    addresses and letters.
    """
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=path.parent, prefix=".undersigned-") as folder:
            unfinished = Path(folder) / "backup"
            rows = copies.write(service.store, unfinished)
            unfinished.chmod(0o600)
            with unfinished.open("rb") as written:
                os.fsync(written.fileno())
            unfinished.replace(path)
    except OSError as exc:
        raise Refused(f"{path} cannot be written: {exc.strerror}.") from exc
    return Backup(path=path, rows=rows, octets=path.stat().st_size)


@dataclass(frozen=True, kw_only=True)
class Restored:
    """A database that was put back."""

    epoch: int
    #: The file that holds what was there before, or None where nothing was.
    kept: Path | None
    #: Why no note could be left in the mailbox yet, or "".
    why: str


def restore(service: Service, path: Path, *, by: str) -> Restored:
    """Put a backup in the database's place, with every campaign paused and a raised epoch.

    What was there is backed up first, beside the file. Other copies learn of the new epoch by a
    note in the mailbox; where it cannot be read now, the first look before a send leaves it.
    Raises `Refused` where the file is none of ours.
    """
    if not path.is_file():
        raise Refused(f"There is no file {path}.")
    now = service.now
    with service.store.reading() as session:
        is_empty = not campaigns.all_of(session)
    kept = path.with_name(f"{path.name}.before-{now:%Y%m%dT%H%M%SZ}")
    if not is_empty:
        back_up(service, kept)
    with tempfile.TemporaryDirectory(prefix="undersigned-") as folder:
        copy = Path(folder) / "backup"  # it is brought up to date, and the file stays as it is
        shutil.copyfile(path, copy)
        epoch = copies.read(service.store, copy, now=now)
    with service.store.writing() as session:
        journal.write(
            session,
            "restored",
            f"backup:{path.name}",
            actor=by,
            now=now,
            campaign_id=None,
            epoch=epoch,
        )
        for campaign in campaigns.all_of(session):
            troubles.tell(
                session,
                f"restored:{campaign.id}",
                f"The database was restored from {path.name}. {UNKNOWN}",
                now=now,
                campaign_id=campaign.id,
            )
    service.sights.clear()
    why = ""
    try:
        epoch = adopt.adopt(service, by=by)
    except DatabaseAwayError:
        raise
    except (TemporaryFailure, PermanentFailure, Refused) as exc:
        why = str(exc)
    return Restored(epoch=epoch, kept=None if is_empty else kept, why=why)
