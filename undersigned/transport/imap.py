"""Mail in: what stands in a mailbox, read without leaving a trace.

People work in these mailboxes too, so folders are opened with EXAMINE and messages are fetched with
`BODY.PEEK[]` (RFC 3501 §6.3.2, §6.4.5): no flag changes, nothing moves. Every call either succeeds
or raises TemporaryFailure (no connection, a hang-up, a server in trouble) or PermanentFailure
(login refused, no such folder) with a sentence for a person.
"""

import contextlib
import selectors
import socket
import time
from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from typing import Self

from imapclient import IMAPClient, SocketTimeout
from imapclient.exceptions import IMAPClientError

from undersigned.errors import PermanentFailure, TemporaryFailure
from undersigned.transport.accounts import ImapAccount, Security, tls_context
from undersigned.transport.fetched import Fetched, FolderState, batches, fetched
from undersigned.transport.mailbox_errors import translated, where
from undersigned.transport.roles import Folder, as_folder

__all__ = ["Fetched", "FolderState", "Mailbox", "open_mailbox"]

#: How many messages one FETCH asks for: 200 was fastest against Dovecot, more gains nothing.
BATCH_MESSAGES = 200
#: Larger messages are not fetched whole: Gmail takes in 50 MB, Exchange Online 150 MB at most.
LIMIT_OCTETS = 60_000_000
#: One UID SEARCH looks at this many UIDs, since an answer line over 1 MB is refused by imaplib.
SEARCH_WINDOW = 100_000
#: IDLE is begun anew this often: what came in one packet with the server's go-ahead stands in the
#: library's buffer, where waiting for the socket does not see it.
IDLE_ROUND = timedelta(seconds=30)
#: How often a server without IDLE is asked for news.
ASKING_INTERVAL = timedelta(seconds=15)


def open_mailbox(account: ImapAccount) -> "Mailbox":
    """Connect and log in. Raises as the module says.

    A token that the server refuses may have died before its time, since it was revoked or our
    clock is slow: then it is tried once more with a new one.
    """
    if account.token is None:
        return _open(account, None)
    token = account.token(None)
    try:
        return _open(account, token)
    except PermanentFailure:
        newer = account.token(token)
    return _open(account, newer)


def _open(account: ImapAccount, token: str | None) -> "Mailbox":
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
            if token is None:
                client.login(account.username, account.password)
            else:
                client.oauth2_login(account.username, token)
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
        #: What is sent to the one end wakes whoever waits at the other.
        self._bell, self._ear = socket.socketpair()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Log out if anyone still listens, and hang up."""
        _hang_up(self._client)
        self._bell.close()
        self._ear.close()

    def wake(self) -> None:
        """End the wait of `idle` at once, now or when it begins; safe from any thread."""
        with contextlib.suppress(OSError):  # closed: nobody waits
            self._bell.send(b"!")

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
        """Give the messages in the order of `uids`; those that have gone meanwhile are left out.

        Raises TemporaryFailure also where the server has a message and does not hand it out.
        """
        for start in range(0, len(uids), BATCH_MESSAGES):
            asked = list(uids[start : start + BATCH_MESSAGES])
            with translated(self._account, "fetch"):
                facts = self._client.fetch(asked, ["INTERNALDATE", "RFC822.SIZE"])
            sizes = {uid: int(facts[uid][b"RFC822.SIZE"]) for uid in asked if uid in facts}
            for batch, part in batches(sizes, limit_bytes):
                with translated(self._account, "fetch"):
                    bodies = self._client.fetch(batch, [f"BODY.PEEK{part}"])
                for uid in batch:
                    if uid in bodies:
                        yield fetched(uid, facts[uid], bodies[uid], part)
                self._miss([uid for uid in batch if uid not in bodies])
            self._miss([uid for uid in asked if uid not in sizes])

    def _miss(self, uids: Sequence[int]) -> None:
        """Make sure that messages which an answer leaves out have gone."""
        if not uids:
            return
        with translated(self._account, "search"):
            there = self._client.search(["UID", ",".join(map(str, uids))])
        if there:
            raise TemporaryFailure(
                f"{where(self._account)}: cannot fetch the message with UID {min(there)}: the "
                "server has it and does not hand it out. It will be tried again."
            )

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

    def own_folder(self, name: str) -> str:
        """Give the full name of a folder of ours: some servers keep all folders below INBOX."""
        if not self._client.has_capability("NAMESPACE"):
            return name
        with translated(self._account, "ask for the namespace"):
            personal = self._client.namespace().personal or (("", None),)
        return f"{personal[0][0]}{name}"

    def fullness(self) -> float | None:
        """Give the fullest share of what the mailbox may hold, or None where the server has none.

        In octets or in messages, whichever is nearer to its limit (RFC 9208).
        """
        if not self._client.has_capability("QUOTA"):
            return None
        with translated(self._account, "ask for the quota"):
            _, quotas = self._client.get_quota_root("INBOX")
        return max((one.usage / one.limit for one in quotas if one.limit), default=None)

    def remove(self, folder: str, uids: Sequence[int]) -> None:
        """Remove messages for good; for folders of ours alone, for all else is people's."""
        if not uids:
            return
        with translated(self._account, f"tidy the folder {folder}"):
            self._client.select_folder(folder)
            self._client.delete_messages(list(uids), silent=True)
            self._client.expunge()

    def idle(self, timeout: timedelta) -> bool:
        """Wait for mail in the open folder (RFC 2177); True if some arrived.

        Only a hint: poll whatever it says. A server without IDLE is asked now and then instead.
        Keep `timeout` below ten minutes: routers and servers forget connections that stay silent.
        """
        with translated(self._account, "wait for mail"):
            if self._has_news():  # told in the answer to an earlier command, and so not again
                return True
            wait = self._idle_once if self._client.has_capability("IDLE") else self._pause
            deadline = time.monotonic() + timeout.total_seconds()
            while (left := deadline - time.monotonic()) > 0:
                is_woken = wait(timedelta(seconds=left))
                if self._has_news():
                    return True
                if is_woken:
                    break
            return False

    def _idle_once(self, timeout: timedelta) -> bool:
        """Wait until the server speaks; servers also say "Still here". True if woken."""
        self._client.idle()
        is_woken = self._wait(min(timeout, IDLE_ROUND), self._client.socket())
        self._client.idle_done()
        return is_woken

    def _pause(self, timeout: timedelta) -> bool:
        return self._wait(min(timeout, ASKING_INTERVAL))

    def _wait(self, timeout: timedelta, *sources: socket.socket) -> bool:
        """Wait until a source has something to read; True if woken instead.

        `IMAPClient.idle_check` would read at once, and breaks where a line comes in two packets.
        """
        with selectors.DefaultSelector() as selector:
            for source in (self._ear, *sources):
                selector.register(source, selectors.EVENT_READ)
            ready = [key.fileobj for key, _ in selector.select(timeout.total_seconds())]
        return self._ear in ready

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


def _hang_up(client: IMAPClient) -> None:
    with contextlib.suppress(IMAPClientError, OSError):
        client.socket().settimeout(2)  # seconds: nothing depends on the answer to LOGOUT
        client.logout()
        return
    with contextlib.suppress(IMAPClientError, OSError):
        client.shutdown()
