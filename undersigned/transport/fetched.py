"""Messages as a mailbox holds them: the values, and how an answer to FETCH becomes one."""

import contextlib
import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from email import message_from_bytes
from email.utils import parsedate_to_datetime

#: How many octets of bodies one FETCH asks for, because they stand in memory together.
BATCH_OCTETS = 16_000_000

_HEAD_END = re.compile(rb"\r?\n\r?\n")
#: When a message came that nobody stamped: before all others.
_NEVER = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, kw_only=True)
class FolderState:
    """What EXAMINE says of a folder; UIDs mean something only under their UIDVALIDITY."""

    uidvalidity: int
    #: The next message will have this UID or a higher one.
    uidnext: int
    #: How many messages are there.
    exists: int


@dataclass(frozen=True, kw_only=True)
class Fetched:
    """One message as the mailbox holds it."""

    uid: int
    #: INTERNALDATE: when the mailbox received it, aware UTC, to the second. Where the server gives
    #: none, what the trace of the message says.
    received_at: datetime
    #: RFC822.SIZE, in octets.
    size: int
    #: The message, or None where it is larger than the limit.
    raw: bytes | None
    #: Its header section, whatever its size.
    head: bytes


def batches(sizes: dict[int, int], limit: int) -> Iterator[tuple[list[int], str]]:
    """Give the UIDs in groups that fit into memory, and the part that is fetched of each."""
    group: list[int] = []
    octets = 0
    for uid, size in sizes.items():
        if group and (size > limit or octets + size > BATCH_OCTETS):
            yield group, "[]"
            group, octets = [], 0
        if size > limit:
            yield [uid], "[HEADER]"
            continue
        group.append(uid)
        octets += size
    if group:
        yield group, "[]"


def fetched(uid: int, facts: dict[bytes, object], body: dict[bytes, object], part: str) -> Fetched:
    """Give a message from what FETCH said of it."""
    moment, size = facts[b"INTERNALDATE"], facts[b"RFC822.SIZE"]
    octets = body[f"BODY{part}".encode()]
    raw = octets if isinstance(octets, bytes) else b""  # NIL: an empty message
    head = _HEAD_END.split(raw, maxsplit=1)[0]
    received_at = moment if isinstance(moment, datetime) else _traced(head)
    return Fetched(
        uid=uid,
        received_at=(received_at or _NEVER).astimezone(UTC),
        size=size if isinstance(size, int) else len(raw),
        raw=raw if part == "[]" else None,
        head=head,
    )


def _traced(head: bytes) -> datetime | None:
    """Give the time in the topmost trace field, for a message with a broken INTERNALDATE."""
    fields = message_from_bytes(head)
    for text in (*fields.get_all("Received", []), fields["Date"]):
        with contextlib.suppress(ValueError, TypeError):
            moment = parsedate_to_datetime(str(text).rpartition(";")[2])
            return moment if moment.tzinfo else moment.replace(tzinfo=UTC)
    return None
