"""Listen: hold a mailbox's one idle connection, so that replies are read within seconds."""

import contextlib
import logging
import secrets
import time
from collections.abc import Callable
from datetime import timedelta

from undersigned.errors import DatabaseAwayError, PermanentFailure, TemporaryFailure, TokenDiedError
from undersigned.flows import receive
from undersigned.service import Service
from undersigned.store import replies, slots
from undersigned.transport.imap import Mailbox

log = logging.getLogger(__name__)

#: Some servers let an idle connection die without a word: renew it well within RFC 2177's 29 min.
RENEW = timedelta(minutes=9)
#: How long a mailbox goes without a listener after the one it had was killed; it is polled as well.
LISTENER_LEASE = timedelta(minutes=3)
#: A server that hangs up is asked again after a pause; the tick polls meanwhile.
RETRY_LISTENING = timedelta(seconds=15)


def listen(service: Service, account: str, *, renew: timedelta = RENEW) -> None:
    """Hold the mailbox's one IDLE connection until the process is asked to stop.

    A second listener waits, and takes over when the first one's lease ends. Polling by the tick
    goes on without either; so a failure here is only told.
    """
    key, owner = f"listener:{account}", f"{service.owner}:{secrets.token_hex(4)}"
    while not service.stopping.is_set():
        try:
            if _takes(service, key, owner):
                _listen_once(service, account, renew, lambda: _keeps(service, key, owner))
                continue
        except TokenDiedError:
            continue  # with a new token, at once
        except (TemporaryFailure, PermanentFailure) as exc:
            if service.stopping.is_set():
                break
            log.warning("the listener waits", extra={"account": account, "why": str(exc)})
            if not isinstance(exc, DatabaseAwayError):
                with contextlib.suppress(DatabaseAwayError):  # told by the next poll that fails
                    receive.tell(service, account, str(exc))
        service.live("listener")
        service.stopping.wait(RETRY_LISTENING.total_seconds())
    # Where the database is away, the lease ends by itself.
    with contextlib.suppress(DatabaseAwayError), service.store.writing() as session:
        slots.free(session, key, owner=owner)


def _takes(service: Service, key: str, owner: str) -> bool:
    with service.store.writing() as session:
        if slots.renew(session, key, owner=owner, until=service.now + LISTENER_LEASE):
            return True
        return bool(
            slots.take(
                session, key, limit=1, owner=owner, clock=service.clock, lease=LISTENER_LEASE
            )
        )


def _keeps(service: Service, key: str, owner: str) -> bool:
    with service.store.writing() as session:
        until = service.now + LISTENER_LEASE
        return bool(slots.renew(session, key, owner=owner, until=until))


def _listen_once(
    service: Service, account: str, renew: timedelta, keeps: Callable[[], bool]
) -> None:
    """Hold one connection for as long as it may live; every hint makes a poll over it."""
    until = time.monotonic() + renew.total_seconds()
    with service.mailbox(account) as mailbox, service.woken_by(mailbox.wake):
        _poll_to_the_end(service, account, mailbox)
        while not service.stopping.is_set() and keeps():
            service.live("listener")
            left = timedelta(seconds=until - time.monotonic())
            if left <= timedelta(0):
                return
            if mailbox.idle(min(left, LISTENER_LEASE / 3)):
                _poll_to_the_end(service, account, mailbox)


def _poll_to_the_end(service: Service, account: str, mailbox: Mailbox) -> None:
    """Poll, and leave INBOX open; what came while the other folders were read is fetched too."""
    while not service.stopping.is_set():
        receive.poll(service, account, mailbox)
        state = mailbox.examine(receive.INBOX)
        with service.store.reading() as session:
            cursor = replies.cursor(session, account, receive.INBOX)
        above = cursor.uid if cursor and cursor.uidvalidity == state.uidvalidity else 0
        if not mailbox.uids_above(above):
            return
