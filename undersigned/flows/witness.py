"""Witness: look, before anything is sent, whether this database is the one that may send.

A process looks before its first send and then once a minute while it sends; mail that left is
followed by a new note. So a copy, or an older state of the same database, finds notes that it does
not know.
"""

import time
from dataclasses import dataclass, replace
from datetime import timedelta

from sqlalchemy.orm import Session

from undersigned.domain.witness import Doubt, Kind, Note, is_dispatched, judge
from undersigned.errors import DatabaseAwayError, PermanentFailure, TemporaryFailure
from undersigned.reading.note import read_note
from undersigned.service import Service, Sight
from undersigned.store import campaigns, notes, troubles
from undersigned.store.place import place
from undersigned.transport.imap import Mailbox
from undersigned.writing.note import compose_note

#: The folder in the campaign's mailbox; with the server's prefix, where it has one.
FOLDER = "Undersigned"
#: How long a look holds: what two databases may send at once, where neither place nor notes told
#: them apart before.
FRESH = timedelta(minutes=1)
#: How long a process that saw clear notes goes on while the mailbox cannot be read.
GRACE = timedelta(hours=1)
#: A database in doubt is looked at again after this long.
AGAIN = timedelta(seconds=5)
#: While mail leaves, a new note is left this often: an older state is known from then on.
EVERY = timedelta(seconds=15)


@dataclass(frozen=True, kw_only=True)
class _Seen:
    """What one look found."""

    doubt: Doubt | None
    #: What stood in the way of reading the notes.
    why: str = ""
    #: Campaigns that left already, say notes that the database does not know.
    gone: frozenset[str] = frozenset()


def may_send(service: Service, account: str) -> bool:
    """Say whether mail may leave on an account; where it may not, a trouble says why."""
    last = service.sights.get(account)
    now, known = time.monotonic(), height(service)
    if last is not None and now - last.at < (FRESH if last.is_clear else AGAIN).total_seconds():
        with service.store.reading() as session:
            installed, attempt = notes.present(session), notes.last_attempt(session)
            is_complete = not notes.unwritten(session, account)
        is_same = is_complete and installed.epoch == last.epoch
        if is_same and attempt >= max(last.attempt, known):
            service.sights[account] = replace(last, attempt=attempt)
            return last.is_clear
    seen = _look(service, account)
    is_clear = seen.doubt is None or _is_bridged(service, account, seen, last)
    _remember(service, account, is_clear=is_clear, seen=seen)
    return is_clear


def _is_bridged(service: Service, account: str, seen: _Seen, last: Sight | None) -> bool:
    """Say whether an earlier look still counts, while the mailbox cannot be read."""
    if seen.doubt is not Doubt.UNREADABLE or last is None or last.clear_at is None:
        return False
    with service.store.reading() as session:
        if notes.unwritten(session, account):  # a dispatch whose note must stand first
            return False
    return time.monotonic() - last.clear_at < GRACE.total_seconds()


def is_older(session: Session, service: Service, account: str, *, known: int) -> bool:
    """Say whether the database became another since the last look; in the claim's transaction.

    Between a look and a claim an older state may be put back, and one claim is a whole batch.
    `known` is the height that was read before the transaction began.
    """
    last = service.sights.get(account)
    attempt = notes.last_attempt(session)
    if last is None:
        return attempt < known
    return notes.present(session).epoch != last.epoch or attempt < max(last.attempt, known)


def height(service: Service) -> int:
    """Give the newest attempt that any process has told of, for this database and epoch.

    Ask it before the database: what is told was committed before.
    """
    with service.store.reading() as session:
        name, _ = notes.height(session)
    return service.high_water.height(name)


def follow(service: Service, account: str) -> None:
    """Leave a new note once mail has left since the last one."""
    every = timedelta(0) if service.stopping.is_set() else EVERY
    last = service.sights.get(account)
    with service.store.reading() as session:
        if last is not None:
            attempt = max(last.attempt, notes.last_attempt(session))
            service.sights[account] = last = replace(last, attempt=attempt)
        if not notes.is_behind(session, account, now=service.now, every=every):
            return
    seen = _look(service, account, leave_one=True)
    is_clear = seen.doubt is None or _is_bridged(service, account, seen, last)
    _remember(service, account, is_clear=is_clear, seen=seen)


def against(service: Service, account: str, campaign: str) -> str | None:
    """Look now; give the sentence that keeps a campaign's letter from leaving, or None."""
    seen = _look(service, account)
    _remember(service, account, is_clear=seen.doubt is None, seen=seen)
    if seen.doubt is not None:
        return sentence(seen.doubt, account, seen.why)
    if campaign in seen.gone:
        return sentence(Doubt.DISPATCHED, account)
    return None


def sentence(doubt: Doubt, account: str, why: str = "") -> str:
    """Say what is in doubt, and what to do."""
    said = _SENTENCES[doubt].format(account=account, folder=FOLDER)
    return f"{said} ({why})" if why else said


_ADOPT = (
    "If this is the one that shall go on, stop the other, then run `undersigned adopt`; nothing "
    "leaves from here before."
)
_SENTENCES: dict[Doubt, str] = {
    Doubt.MOVED: "This database was copied or moved: it does not lie where it last sent from. "
    + _ADOPT,
    Doubt.OLDER: "An older state of the database was put back while we run. " + _ADOPT,
    Doubt.LATER_EPOCH: "Another database has taken over: a note in the folder {folder} of account "
    "{account} says so. Stop this one. " + _ADOPT,
    Doubt.ANOTHER: "Another database sends for the same campaign, or this one is an older copy: "
    "notes in the folder {folder} of account {account} are unknown to it. " + _ADOPT,
    Doubt.DISPATCHED: "The letter has left already: a note in the folder {folder} of account "
    "{account} says so, and this database does not know of it. Ask who sent it; only if nobody "
    "did, remove that note by hand.",
    Doubt.UNREADABLE: "The notes in the folder {folder} of account {account} cannot be read, so "
    "nobody knows whether another copy of the database sends: nothing leaves. See that the mailbox "
    "can be reached and lets us make the folder.",
}


def _look(service: Service, account: str, *, leave_one: bool = False) -> _Seen:
    """Read the notes and judge; where nothing stands against us, leave ours."""
    here, known = place(service.store), height(service)
    with service.store.reading() as session:
        installed = notes.present(session)
        attempt = notes.last_attempt(session)
    last = service.sights.get(account)
    if installed.place != here:
        return _Seen(doubt=Doubt.MOVED)
    own = last.attempt if last is not None and last.epoch == installed.epoch else 0
    if attempt < max(known, own):
        return _Seen(doubt=Doubt.OLDER)
    if not service.account(account).imap_host:
        return _Seen(doubt=None)  # an account that only sends has no place for notes
    try:
        with service.mailbox(account) as mailbox:
            return _read(
                service, account, mailbox, epoch=installed.epoch, leave_one=leave_one or not last
            )
    except DatabaseAwayError:
        raise
    except (TemporaryFailure, PermanentFailure) as exc:
        return _Seen(doubt=Doubt.UNREADABLE, why=str(exc))


def _read(
    service: Service, account: str, mailbox: Mailbox, *, epoch: int, leave_one: bool
) -> _Seen:
    folder = mailbox.own_folder(FOLDER)
    found = standing(mailbox, folder)
    with service.store.reading() as session:
        known = notes.keys(session)  # after the notes were read: none of ours is strange
        names = [one.name for one in campaigns.all_of(session) if one.account == account]
    read = [note for _, note in found]
    doubt = judge(read, known=known, epoch=epoch, campaigns=names)
    if doubt is not None:
        return _Seen(doubt=doubt)
    if leave_one:
        with service.store.writing() as session:
            notes.add(session, account, Kind.AT_WORK, names, now=service.now)
    if leave(service, account, mailbox, folder):
        ours = [uid for uid, note in found if note.kind is Kind.AT_WORK and note.key in known]
        mailbox.remove(folder, ours)  # the newest is enough
    gone = frozenset(name for name in names if is_dispatched(read, name, known=known))
    return _Seen(doubt=None, gone=gone)


def standing(mailbox: Mailbox, folder: str) -> list[tuple[int, Note]]:
    """Give the notes in the folder with their UIDs; the folder is made where there is none."""
    mailbox.create_folder(folder)
    read = ((one.uid, read_note(one.raw or b"")) for one in mailbox.fetch_all_in(folder))
    return [(uid, note) for uid, note in read if note is not None]


def leave(service: Service, account: str, mailbox: Mailbox, folder: str) -> int:
    """Put the notes into the mailbox that were written down; gives how many.

    Each was committed before: a kill in between leaves no note that the database does not know.
    """
    with service.store.reading() as session:
        new = notes.unwritten(session, account)
    for note in new:
        mailbox.append(folder, compose_note(note), note.at)
    if new:
        with service.store.writing() as session:
            notes.written(session, [note.key for note in new], now=service.now)
    return len(new)


def _remember(service: Service, account: str, *, is_clear: bool, seen: _Seen) -> None:
    """Keep what was seen, and tell or mend the trouble."""
    last, at = service.sights.get(account), time.monotonic()
    key = f"witness:{account}"
    with service.store.writing() as session:
        epoch = notes.present(session).epoch
        attempt = notes.last_attempt(session)
        if is_clear:
            troubles.mend(session, key)
        elif seen.doubt is not None:
            said = sentence(seen.doubt, account, seen.why)
            troubles.tell(session, key, said, now=service.now)
    if last is not None and last.epoch == epoch:
        attempt = max(attempt, last.attempt)
    clear_at = at if seen.doubt is None else (last.clear_at if last else None)
    service.sights[account] = Sight(
        at=at, is_clear=is_clear, clear_at=clear_at, epoch=epoch, attempt=attempt
    )
