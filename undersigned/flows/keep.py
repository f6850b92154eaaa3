"""Keep: write down what a folder holds, also around a message that its server does not hand out.

Servers fail at single messages: they refuse them, leave them out of their answer, or hang up, time
and again. So after a failure the messages are asked for one by one, and the one that fails every
time is at last kept as what can be had of it: its header, or its number alone. A person is told,
and all that came after it is read.
"""

import hashlib
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.orm import Session

from undersigned import marks
from undersigned.domain.reply import ReplyState
from undersigned.errors import DatabaseAwayError, TemporaryFailure, TokenDiedError
from undersigned.service import Service
from undersigned.store import replies
from undersigned.store.machine_tables import CursorRow
from undersigned.store.tables import ReplyRow
from undersigned.transport.imap import Fetched, Mailbox

#: Messages kept in one transaction, at most; and their octets, since they stand in memory together.
BATCH = 200
BATCH_OCTETS = 16_000_000

#: After so many failures in a row a message is asked for its header alone, and then for nothing.
#: A poll comes every minute, so a server that is in trouble has some minutes to recover.
HEADER_AFTER = 5
NOTHING_AFTER = 10


@dataclass(frozen=True, kw_only=True)
class Place:
    """A folder as it was opened; UIDs mean something only under their UIDVALIDITY."""

    account: str
    folder: str
    uidvalidity: int


def keep_all(service: Service, mailbox: Mailbox, place: Place, uids: Sequence[int]) -> int:
    """Keep the messages of the open folder, moving its cursor past them; gives how many are new."""
    kept, reached = 0, 0
    for group in _asked(service, mailbox, place, uids):
        reached = group[-1].uid
        new = _write(service, place, group, up_to=reached)
        if new and not kept:  # the first are read while the others are fetched
            service.announce("read")
        kept += new
    if uids and reached < uids[-1]:  # the last of them have gone meanwhile
        _write(service, place, [], up_to=uids[-1])
    return kept


def keep(service: Service, mailbox: Mailbox, place: Place, uids: Sequence[int]) -> int:
    """Keep some messages of the open folder, whose cursor stays; gives how many are new."""
    return sum(
        _write(service, place, group, up_to=0) for group in _asked(service, mailbox, place, uids)
    )


def _asked(
    service: Service, mailbox: Mailbox, place: Place, uids: Sequence[int]
) -> Iterator[list[Fetched]]:
    """Give the messages in groups; a failure is counted, and raised."""
    with service.store.reading() as session:
        cursor = replies.cursor(session, place.account, place.folder)
    failures = cursor.failures if cursor else 0
    try:
        if failures and uids:
            yield from _one_by_one(service, mailbox, uids, failures)
        else:
            most = service.settings.limits.reply_octets
            yield from _groups(mailbox.fetch(uids, limit_bytes=most))
    except (DatabaseAwayError, TokenDiedError):
        raise
    except TemporaryFailure:
        with service.store.writing() as session:
            _cursor(session, place).failures += 1
        raise


def _one_by_one(
    service: Service, mailbox: Mailbox, uids: Sequence[int], failures: int
) -> Iterator[list[Fetched]]:
    """Give each message alone, and of the first one, at which it failed, as much as may be had."""
    most = service.settings.limits.reply_octets
    first, others = uids[0], uids[1:]
    if failures >= NOTHING_AFTER:
        yield [Fetched(uid=first, received_at=service.now, size=0, raw=None, head=b"")]
    else:
        limit = 0 if failures >= HEADER_AFTER else most
        yield from _groups(mailbox.fetch([first], limit_bytes=limit))
    for uid in others:
        yield from _groups(mailbox.fetch([uid], limit_bytes=most))


def _groups(fetched: Iterable[Fetched]) -> Iterator[list[Fetched]]:
    """Give the messages in groups that fit into memory and into one transaction."""
    group: list[Fetched] = []
    octets = 0
    for one in fetched:
        group.append(one)
        octets += len(one.raw or one.head)
        if len(group) >= BATCH or octets >= BATCH_OCTETS:
            yield group
            group, octets = [], 0
    if group:
        yield group


def _write(service: Service, place: Place, fetched: Sequence[Fetched], *, up_to: int) -> int:
    """Write the messages and move the cursor, in one transaction."""
    marks.passed("receive.fetched")
    uids = [one.uid for one in fetched]
    with service.store.writing() as session:
        # Held first: the listener and a tick may fetch the same messages at the same moment.
        cursor = _cursor(session, place)
        known = replies.known_uids(session, place.account, place.folder, place.uidvalidity, uids)
        new = [one for one in fetched if one.uid not in known]
        session.add_all(_row(place, one, service.now) for one in new)
        is_ahead = cursor.uidvalidity == place.uidvalidity and cursor.uid > up_to
        cursor.uidvalidity, cursor.uid = place.uidvalidity, cursor.uid if is_ahead else up_to
        cursor.failures = 0
    return len(new)


def _cursor(session: Session, place: Place) -> CursorRow:
    return replies.hold_cursor(session, place.account, place.folder, place.uidvalidity)


def _row(place: Place, one: Fetched, now: datetime) -> ReplyRow:
    raw = one.raw if one.raw is not None else one.head
    # What nothing could be had of is like no other message.
    told = raw or f"{place.account} {place.folder} {place.uidvalidity} {one.uid}".encode()
    return ReplyRow(
        account=place.account,
        folder=place.folder,
        uidvalidity=place.uidvalidity,
        uid=one.uid,
        received_at=one.received_at,
        fetched_at=now,
        size=one.size,
        raw=raw,
        is_whole=one.raw is not None,
        digest=hashlib.sha256(told).hexdigest(),
        state=ReplyState.KEPT,
        attempts=0,
    )
