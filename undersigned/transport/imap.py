"""Mail in: what stands in a mailbox, read without leaving a trace.

People work in these mailboxes too, so folders are opened with EXAMINE and messages are fetched with
`BODY.PEEK[]` (RFC 3501 §6.3.2, §6.4.5): no flag changes, nothing moves. Every call either succeeds
or raises TemporaryFailure (no connection, a hang-up, a server in trouble) or PermanentFailure
(login refused, no such folder) with a sentence for a person.
"""

import contextlib
import re
import selectors
import socket
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from email import message_from_bytes
from email.utils import parsedate_to_datetime
from typing import Self

from imapclient import IMAPClient, SocketTimeout
from imapclient.exceptions import IMAPClientError

from undersigned.errors import PermanentFailure
from undersigned.transport.accounts import ImapAccount, Security, tls_context
from undersigned.transport.mailbox_errors import translated, where
from undersigned.transport.roles import Folder, as_folder

#: How many messages one FETCH asks for: 200 was fastest against Dovecot, more gains nothing.
BATCH_MESSAGES = 200
#: How many octets of bodies one FETCH asks for, because they stand in memory together.
BATCH_OCTETS = 16_000_000
#: Larger messages are not fetched whole: Gmail takes in 50 MB, Exchange Online 150 MB at most.
LIMIT_OCTETS = 60_000_000
#: One UID SEARCH looks at this many UIDs, since an answer line over 1 MB is refused by imaplib.
SEARCH_WINDOW = 100_000
#: How often a server without IDLE is asked for news.
ASKING_INTERVAL = timedelta(seconds=15)

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


def open_mailbox(account: ImapAccount) -> "Mailbox":
    """Connect and log in. Raises as the module says."""
    context = None if account.security is Security.PLAIN else tls_context(account.ca_file)
    seconds = account.timeout.total_seconds()
    with translated(account, "connect"):
        client = IMAPClient(
            account.host,
            port=account.port,
            ssl=account.security is Security.TLS,
            ssl_context=context,
            timeout=SocketTimeout(connect=seconds, read=seconds),
        )
    client.normalise_times = False  # keep the zone of INTERNALDATE
    _send_at_once(client)
    try:
        if account.security is Security.STARTTLS:
            with translated(account, "start TLS", lasting=True):
                client.starttls(context)
        with translated(account, "log in"):
            client.login(account.username, account.password)
    except BaseException:
        _hang_up(client)
        raise
    return Mailbox(client, account)


class Mailbox:
    """A mailbox that is open for reading; one connection, for one thread."""

    def __init__(self, client: IMAPClient, account: ImapAccount) -> None:
        self._client = client
        self._account = account
        self._state = FolderState(uidvalidity=0, uidnext=1, exists=0)
        #: The highest UID of the open folder that was told to the caller.
        self._known = 0

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Log out if anyone still listens, and hang up."""
        _hang_up(self._client)

    def folders(self) -> tuple[Folder, ...]:
        """Give all folders with the role that the server or their name gives them."""
        with translated(self._account, "list the folders"):
            listed = self._client.list_folders()
        return tuple(as_folder(name, flags, delimiter) for flags, delimiter, name in listed)

    def examine(self, name: str) -> FolderState:
        """Open a folder read-only; the calls below then speak of it."""
        with translated(self._account, f"open the folder {name}", lasting=True):
            said = self._client.select_folder(name, readonly=True)
        validity = said.get(b"UIDVALIDITY")
        if validity is None:
            raise PermanentFailure(
                f"The folder {name} on {where(self._account)} has no UIDVALIDITY, so its messages "
                f"cannot be told apart for certain. Use a server that keeps UIDs (RFC 3501)."
            )
        self._state = FolderState(
            uidvalidity=int(validity),
            uidnext=int(said.get(b"UIDNEXT", 0)) or self._next_uid(),
            exists=int(said[b"EXISTS"]),
        )
        self._known = self._state.uidnext - 1
        return self._state

    def uids_above(self, uid: int) -> list[int]:
        """Give the UIDs above `uid` in the open folder, in order.

        `n:*` means the last message even where its UID is below n (RFC 3501 §6.4.8), so the answer
        is filtered.
        """
        found: set[int] = set()
        start = uid + 1
        with translated(self._account, "search"):
            while start + SEARCH_WINDOW < self._state.uidnext:
                found.update(self._client.search(["UID", f"{start}:{start + SEARCH_WINDOW - 1}"]))
                start += SEARCH_WINDOW
            found.update(self._client.search(["UID", f"{start}:*"]))
        self._known = max(self._known, *found, 0)
        return sorted(one for one in found if one > uid)

    def search_header(self, name: str, value: str) -> list[int]:
        """Give the UIDs whose header field `name` holds `value`, in order."""
        with translated(self._account, f"search for a {name}"):
            return sorted(self._client.search(["HEADER", name, value]))

    def fetch(self, uids: Sequence[int], *, limit_bytes: int = LIMIT_OCTETS) -> Iterator[Fetched]:
        """Give the messages in the order of `uids`; those that have gone meanwhile are left out."""
        for start in range(0, len(uids), BATCH_MESSAGES):
            asked = list(uids[start : start + BATCH_MESSAGES])
            with translated(self._account, "fetch"):
                facts = self._client.fetch(asked, ["INTERNALDATE", "RFC822.SIZE"])
            sizes = {uid: int(facts[uid][b"RFC822.SIZE"]) for uid in asked if uid in facts}
            for batch, part in _batches(sizes, limit_bytes):
                with translated(self._account, "fetch"):
                    bodies = self._client.fetch(batch, [f"BODY.PEEK{part}"])
                for uid in batch:
                    if uid in bodies:
                        yield _fetched(uid, facts[uid], bodies[uid], part)

    def fetch_all_in(self, folder: str) -> list[Fetched]:
        """Give every message of a small folder."""
        self.examine(folder)
        return list(self.fetch(self.uids_above(0)))

    def append(self, folder: str, raw: bytes, received_at: datetime) -> None:
        """Put a message into a folder, seen, with its INTERNALDATE."""
        with translated(self._account, f"put a message into the folder {folder}"):
            self._client.append(folder, raw, flags=(b"\\Seen",), msg_time=received_at)

    def create_folder(self, name: str) -> None:
        """Make a folder; nothing happens where it stands already."""
        with translated(self._account, f"make the folder {name}"):
            if not self._client.folder_exists(name):
                self._client.create_folder(name)

    def idle(self, timeout: timedelta) -> bool:
        """Wait for mail in the open folder (RFC 2177); True if some arrived.

        Only a hint: poll whatever it says. A server without IDLE is asked now and then instead.
        Keep `timeout` below ten minutes: routers and servers forget connections that stay silent.
        """
        with translated(self._account, "wait for mail"):
            if self._has_news():  # told in the answer to an earlier command, and so not again
                return True
            if self._client.has_capability("IDLE"):
                self._client.idle()
                self._wait_readable(timeout)
                self._client.idle_done()
                return self._has_news()
            return self._ask_for_news(timeout)

    def _wait_readable(self, timeout: timedelta) -> None:
        """Wait until the server speaks.

        `IMAPClient.idle_check` would read at once, and breaks where a line comes in two packets.
        """
        with selectors.DefaultSelector() as selector:
            selector.register(self._client.socket(), selectors.EVENT_READ)
            selector.select(timeout.total_seconds())

    def _ask_for_news(self, timeout: timedelta) -> bool:
        deadline = time.monotonic() + timeout.total_seconds()
        while (left := deadline - time.monotonic()) > 0:
            time.sleep(min(left, ASKING_INTERVAL.total_seconds()))
            if self._has_news():
                return True
        return False

    def _has_news(self) -> bool:
        """Say whether there are messages that neither the caller nor this has seen yet.

        NOOP first: a SEARCH may answer from the folder as it was when the last command ended.
        """
        self._client.noop()
        return bool(self.uids_above(self._known))

    def _next_uid(self) -> int:
        """Give the UID after the last one, for servers that leave UIDNEXT out of EXAMINE."""
        return max(self._client.search(["UID", "*"]), default=0) + 1


def _send_at_once(client: IMAPClient) -> None:
    """Turn off Nagle's algorithm: IMAPClient sends commands in pieces, and each waits 40 ms."""
    with contextlib.suppress(OSError):  # a slow connection is better than none
        client.socket().setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)


def _batches(sizes: dict[int, int], limit: int) -> Iterator[tuple[list[int], str]]:
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


def _fetched(uid: int, facts: dict[bytes, object], body: dict[bytes, object], part: str) -> Fetched:
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


def _hang_up(client: IMAPClient) -> None:
    with contextlib.suppress(IMAPClientError, OSError):
        client.socket().settimeout(2)  # seconds: nothing depends on the answer to LOGOUT
        client.logout()
        return
    with contextlib.suppress(IMAPClientError, OSError):
        client.shutdown()
