"""Read: from kept replies to decisions, reviews, or notes that a machine wrote."""

import logging
from collections.abc import Sequence
from datetime import timedelta

from undersigned import marks, reading
from undersigned.domain.reply import ReplyState
from undersigned.errors import TemporaryFailure, UndersignedError
from undersigned.flows import weigh
from undersigned.flows.insist import insist
from undersigned.flows.unfold import unfold
from undersigned.service import Service
from undersigned.store import journal, replies

log = logging.getLogger(__name__)

#: Replies claimed at once, and settled in one transaction where none of them fails.
BATCH = 100
#: How long nobody else reads a mailbox after its reader was killed. Reading asks no server but the
#: DNS; two readers at once decide nothing twice and in the same order.
LEASE = timedelta(minutes=1)


def warm(service: Service) -> None:
    """Build what is built once in a process, so that the first signer does not wait for it."""
    words = reading.parse(b"From: nobody@example.org\r\n\r\nYes, please add our name.\r\n")
    question = reading.Question(
        prospect=None,
        signed=False,
        countries=service.countries({}),
        public_providers=service.public_providers,
    )
    reading.read(words, question)


def read_kept(service: Service) -> int:
    """Read every kept reply, in the order in which the mailbox received them; gives how many."""
    with service.store.reading() as session:
        accounts = replies.unread_accounts(session)
    done = sum(_read_mailbox(service, account) for account in accounts)
    if done:
        service.announce("deliver")
    return done


def _read_mailbox(service: Service, account: str) -> int:
    done = 0
    while not service.stopping.is_set() and (claimed := _claim(service, account)):
        marks.passed("read.claimed")
        done += _read_all(service, claimed)
    return done


def _read_all(service: Service, claimed: Sequence[int]) -> int:
    """Read replies in their order; those that were not come to are put back at once.

    Where one of them makes the reader fail, all are read one by one, so that it alone fails.
    """
    left = list(claimed)
    try:
        _read_together(service, left)
        while left and not service.stopping.is_set():
            is_read = read(service, left[0])
            del left[0]
            if not is_read:  # what came later waits for it
                break
    finally:
        if left:
            insist(service, lambda session: replies.release(session, left, owner=service.owner))
    return len(claimed) - len(left)


def _read_together(service: Service, left: list[int]) -> None:
    """Read replies several in one transaction, until one fails; takes off those that are done."""
    try:
        while left and not service.stopping.is_set():
            del left[: _settle(service, left)]
    except Exception as exc:  # noqa: BLE001 - each is tried alone, and that one's row records it
        log.warning("replies are read one by one", extra={"replies": len(left), "why": repr(exc)})


def _settle(service: Service, reply_ids: Sequence[int]) -> int:
    """Settle the first of the replies, as many as fit into memory; gives how many."""
    several = unfold(service, reply_ids)
    verdicts = weigh.ahead(service, several)
    left = several
    while left and not service.stopping.is_set():
        left = left[weigh.settle(service, left, verdicts) :]
        marks.passed("read.committed")
    return len(several) - len(left)


def _claim(service: Service, account: str) -> list[int]:
    lease = min(service.settings.limits.lease, LEASE)
    with service.store.writing() as session:
        return replies.claim(
            session, account, owner=service.owner, now=service.now, lease=lease, limit=BATCH
        )


def read(service: Service, reply_id: int) -> bool:
    """Read one reply; says whether it is done with.

    One that makes the reader fail is tried again, then quarantined and shown.
    """
    try:
        _settle(service, [reply_id])
    except TemporaryFailure as exc:
        _wait(service, reply_id, exc)
        return False
    except Exception as exc:  # noqa: BLE001 - the edge of a task: the row records what happened
        return _count_failure(service, reply_id, exc)
    return True


def _wait(service: Service, reply_id: int, exc: TemporaryFailure) -> None:
    """Put a reply back that could not be read through no fault of its own, for a later tick."""
    log.warning("a reply waits", extra={"reply": reply_id, "why": str(exc)})
    with service.store.writing() as session:
        reply = replies.lock_if_there(session, reply_id)
        if reply is not None:
            reply.lease_until = service.now + service.settings.ticks.read


def _count_failure(service: Service, reply_id: int, exc: Exception) -> bool:
    """Note that a reply could not be read; says whether that was once too often."""
    log.error("a reply could not be read", extra={"reply": reply_id, "why": repr(exc)})
    now = service.now
    with service.store.writing() as session:
        reply = replies.lock_if_there(session, reply_id)
        if reply is None:  # the mailbox gives it again
            return False
        reply.attempts += 1
        # The next attempt comes when the lease is over, so a failing reply cannot spin.
        if reply.attempts < service.settings.limits.read_attempts:
            reply.lease_until = now + service.settings.ticks.recover
            return False
        reply.state, reply.owner, reply.lease_until = ReplyState.QUARANTINED, None, None
        reply.reason = "unreadable"
        reply.verdict = {"fault": repr(exc) if not isinstance(exc, UndersignedError) else str(exc)}
        journal.write(
            session,
            "quarantined",
            f"reply:{reply_id}",
            actor="read",
            now=now,
            campaign_id=reply.campaign_id,
            why=repr(exc),
        )
    return True
