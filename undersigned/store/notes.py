"""What this database knows of itself and of the notes that it left in its mailboxes."""

import secrets
from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta

from sqlalchemy import func, select, update
from sqlalchemy.orm import Session

from undersigned.domain.witness import Kind, Note
from undersigned.store.machine_tables import InstallationRow, NoteRow
from undersigned.store.place import place
from undersigned.store.session import Store, ensure
from undersigned.store.tables import AttemptRow

#: The one row.
_ONLY = 1


def install(store: Store, *, now: datetime) -> None:
    """Let a new database learn where it lies, before anybody can have copied it."""
    with store.reading() as session:
        if session.get(InstallationRow, _ONLY) is not None:
            return
    here = place(store)
    with store.writing() as session:
        instance = secrets.token_hex(10)
        ensure(
            session, InstallationRow, id=_ONLY, instance=instance, epoch=1, place=here, since=now
        )


def present(session: Session) -> InstallationRow:
    """Give what the database knows of itself."""
    return session.get_one(InstallationRow, _ONLY)


def lock(session: Session) -> InstallationRow:
    """Give the same, held against other writers until the transaction ends."""
    return session.get_one(InstallationRow, _ONLY, with_for_update={"key_share": True})


def add(
    session: Session, account: str, kind: Kind, campaigns: Iterable[str], *, now: datetime
) -> None:
    """Write down a note that is to be left in a mailbox: first here, so that its key is known."""
    installed = session.get_one(InstallationRow, _ONLY)
    session.add(
        NoteRow(
            key=secrets.token_hex(10),
            account=account,
            instance=installed.instance,
            epoch=installed.epoch,
            kind=kind,
            campaigns=list(campaigns),
            made_at=now,
        )
    )


def keys(session: Session) -> frozenset[str]:
    """Give the keys of all notes that were ever written here."""
    return frozenset(session.scalars(select(NoteRow.key)))


def unwritten(session: Session, account: str) -> list[Note]:
    """Give the notes that do not stand in the mailbox yet."""
    rows = session.scalars(
        select(NoteRow)
        .where(NoteRow.account == account, NoteRow.written_at.is_(None))
        .order_by(NoteRow.made_at)
    )
    return [
        Note(
            key=row.key,
            instance=row.instance,
            epoch=row.epoch,
            kind=Kind(row.kind),
            campaigns=tuple(row.campaigns),
            at=row.made_at,
        )
        for row in rows
    ]


def written(session: Session, noted: Sequence[str], *, now: datetime) -> None:
    """Note that they stand in the mailbox."""
    session.execute(
        update(NoteRow)
        .where(NoteRow.key.in_(noted))
        .values(written_at=now)
        .execution_options(synchronize_session=False)
    )


def last_attempt(session: Session) -> int:
    """Give the number of the newest attempt; it becomes less only in an older state."""
    return session.scalar(select(func.max(AttemptRow.id))) or 0


def height(session: Session) -> tuple[str, int]:
    """Give the name by which processes tell of this database and epoch, and the newest attempt."""
    newest = select(func.max(AttemptRow.id)).scalar_subquery()
    row = session.execute(select(InstallationRow.instance, InstallationRow.epoch, newest)).one()
    return f"{row[0]}:{row[1]}", row[2] or 0


def is_behind(session: Session, account: str, *, now: datetime, every: timedelta) -> bool:
    """Say whether mail left since the last note, and that note is old enough for another."""
    noted = session.scalar(select(func.max(NoteRow.made_at)).where(NoteRow.account == account))
    sent = session.scalar(select(func.max(AttemptRow.at)).where(AttemptRow.account == account))
    if sent is None or (noted is not None and sent < noted):
        return False
    return noted is None or abs(now - noted) >= every
