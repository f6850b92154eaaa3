"""Deliver: hand what is due to the mail servers, and write down what each of them answered."""

import asyncio
import queue
import time
from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta

from sqlalchemy.orm import Session

from undersigned import marks
from undersigned.domain.delivery import (
    ACCOUNT_PHASES,
    CAUTIOUS,
    Answer,
    Outcome,
    Phase,
    Purpose,
    State,
    outcome,
    wait_after,
)
from undersigned.errors import UndersignedError
from undersigned.flows import prepare
from undersigned.flows.prepare import Ready
from undersigned.service import Service
from undersigned.store import campaigns, journal, leases, troubles
from undersigned.store.leases import Claim, Settled
from undersigned.transport.smtp import SmtpPool

#: A kill doubles at most the group in flight: rows that were sent and not yet settled.
GROUP_ROWS = 20
#: A group is settled at the latest this long after its first row was answered.
GROUP_TIME = timedelta(milliseconds=200)
#: How long an account rests after its server could not be reached or refused our login.
ACCOUNT_REST = timedelta(minutes=1)

#: Bulk mail that was lost inside DATA is tried once more, under the same Message-ID; a server that
#: loses it again may have delivered it both times, so then a person looks.
LOST_TWICE = 2

#: What a server that refuses for good would say (RFC 5321); here no server was asked.
NOT_SENT = 554

BULK = frozenset(Purpose) - CAUTIOUS


class LostClaimError(UndersignedError):
    """Another worker holds the row, the gate is shut, or the letter was taken back."""


def deliver(service: Service) -> int:
    """Hand over everything that is due on every account; gives how many attempts were settled."""
    done = 0
    for account in service.settings.accounts.values():
        if account.smtp_host:
            done += _letters(service, account.name) + _bulk(service, account.name)
    return done


def _claim(service: Service, account: str, purposes: frozenset[Purpose], limit: int) -> list[Claim]:
    if service.stopping.is_set():
        return []
    limits = service.settings.limits
    with service.store.writing() as session:
        return leases.claim(
            session,
            account,
            purposes=purposes,
            owner=service.owner,
            now=service.now,
            lease=limits.lease,
            limit=limit,
        )


# Bulk mail: claimed in batches, sent over several connections, settled in small groups.


def _bulk(service: Service, account: str) -> int:
    done = 0
    limit = service.settings.limits.batch_rows
    while claims := _claim(service, account, BULK, limit):
        answered = _send_batch(service, account, claims)
        done += answered
        if answered < len(claims):  # the account rests, or we were asked to stop
            break
    return done


def _send_batch(service: Service, account: str, claims: Sequence[Claim]) -> int:
    marks.passed("deliver.claimed")
    prepared = prepare.ready(service, claims)
    marks.passed("deliver.composed")
    _refuse_unfit(service, prepared)
    batch = _Batch(service, account, prepared.ready)
    for group in batch.groups():
        marks.passed("deliver.answered")
        _settle(
            service, account, [(row.claim, answer) for row, answer in group], still=batch.in_hand()
        )
        marks.passed("deliver.settled")
    batch.release()
    return len(batch.done) + len(prepared.unfit)


def _refuse_unfit(service: Service, prepared: prepare.Batch) -> None:
    """Settle what cannot be written as refused: a person is told, nothing is tried for ever."""
    unfit = [
        (claim, Answer(phase=Phase.MAIL, code=NOT_SENT, text=f"Not sent: {sentence}"))
        for claim, sentence in prepared.unfit
    ]
    if unfit:
        _settle(service, None, unfit)


class _Batch:
    """One batch on its way: coroutines send, the calling thread settles what they report."""

    def __init__(self, service: Service, account: str, ready: Sequence[Ready]) -> None:
        self.service = service
        self.account = account
        self.ready = ready
        self.left = list(reversed(ready))
        #: Ids of the deliveries that were answered.
        self.done: set[int] = set()
        self.answers: queue.SimpleQueue[tuple[Ready, Answer] | None] = queue.SimpleQueue()
        #: No more rows are begun: the account rests or the process stops.
        self.is_over = False

    def groups(self) -> Iterator[list[tuple[Ready, Answer]]]:
        """Send, and give what was answered in groups small enough to lose."""
        pool = self.service.smtp(self.account)
        window = asyncio.Semaphore(GROUP_ROWS)
        sending = self.service.submit(self._send_all(pool, window))
        sending.add_done_callback(lambda _: self.answers.put(None))
        while group := self._group():
            yield group
            for _ in group:
                self.service.submit(_release(window))
        sending.result()

    def _group(self) -> list[tuple[Ready, Answer]]:
        first = self.answers.get()
        if first is None:
            return []
        group, until = [first], time.monotonic() + GROUP_TIME.total_seconds()
        while len(group) < GROUP_ROWS:
            try:
                one = self.answers.get(timeout=max(0.0, until - time.monotonic()))
            except queue.Empty:
                break
            if one is None:
                self.answers.put(None)
                break
            group.append(one)
        return group

    async def _send_all(self, pool: SmtpPool, window: asyncio.Semaphore) -> None:
        connections = min(self.service.account(self.account).smtp_connections, len(self.left))
        async with asyncio.TaskGroup() as tasks:
            for _ in range(connections):
                tasks.create_task(self._send_some(pool, window))

    async def _send_some(self, pool: SmtpPool, window: asyncio.Semaphore) -> None:
        async with pool.connection() as connection:
            while self.left and not self.is_over and not self.service.stopping.is_set():
                await window.acquire()
                if not self.left or self.is_over:
                    return
                row = self.left.pop()
                answer = await connection.send(row.envelope)
                self.is_over = self.is_over or _is_account_failure(answer)
                self.done.add(row.claim.id)
                self.answers.put((row, answer))

    def in_hand(self) -> list[Claim]:
        """Give the claims of the rows that were not answered yet."""
        return [row.claim for row in self.ready if row.claim.id not in self.done]

    def release(self) -> None:
        """Put back the rows that were not begun."""
        if self.left:
            rest = ACCOUNT_REST if self.is_over else timedelta(0)
            with self.service.store.writing() as session:
                leases.release(
                    session,
                    [row.claim for row in self.left],
                    owner=self.service.owner,
                    due_at=self.service.now + rest,
                )


async def _release(window: asyncio.Semaphore) -> None:
    window.release()


# Letters: one at a time, marked before MAIL FROM.


def _letters(service: Service, account: str) -> int:
    done = 0
    while claims := _claim(service, account, CAUTIOUS, 1):
        answer = _send_letter(service, account, claims[0])
        done += answer is not None
        if answer is None or _is_account_failure(answer):
            break
    return done


def _send_letter(service: Service, account: str, claim: Claim) -> Answer | None:
    """Send one letter; gives the answer, or None where the claim was lost and nothing was said."""
    prepared = prepare.ready(service, [claim])
    _refuse_unfit(service, prepared)
    if not prepared.ready:
        return Answer(phase=Phase.MAIL, code=NOT_SENT)
    found = prepared.ready
    pool = service.smtp(account)

    async def send() -> Answer:
        async with pool.connection() as connection:
            return await connection.send(found[0].envelope, before_mail=mark)

    async def mark() -> None:
        await asyncio.to_thread(_mark, service, claim)

    try:
        answer = service.submit(send()).result()
    except LostClaimError:
        return None
    marks.passed("letter.answered")
    _settle(service, account, [(claim, answer)])
    return answer


def _mark(service: Service, claim: Claim) -> None:
    with service.store.writing() as session:
        if not leases.mark(session, claim, owner=service.owner, now=service.now):
            raise LostClaimError("the claim on this letter was lost")
    marks.passed("letter.marked")


# What the server said, written down.


def _settle(
    service: Service,
    account: str | None,
    group: Sequence[tuple[Claim, Answer]],
    *,
    still: Sequence[Claim] = (),
) -> None:
    """Write a group of answers; `account` is the one whose server gave them, if any did.

    The leases of the rows that are `still` in hand are lengthened: a slow server may take longer
    over a batch than one lease lasts.
    """
    now = service.now
    settled = [_settled(claim, answer, now) for claim, answer in group]
    with service.store.writing() as session:
        leases.settle(session, settled, owner=service.owner, now=now)
        if still:
            until = now + service.settings.limits.lease
            leases.renew(session, still, owner=service.owner, until=until)
        for one in settled:
            if one.state in (State.REFUSED, State.UNCERTAIN):
                journal.write(
                    session,
                    one.state.value,
                    f"delivery:{one.claim.id}",
                    actor="deliver",
                    now=now,
                    campaign_id=campaigns.of_message(session, one.claim.message_id),
                    code=one.answer.code,
                    answer=one.answer.text,
                )
        if account is not None:
            _note_account(session, account, group[-1][1], now)


def _settled(claim: Claim, answer: Answer, now: datetime) -> Settled:
    """Give what an answer does to a delivery. An account's failure costs the message no attempt."""
    attempts = claim.attempts + (not _is_account_failure(answer))
    result = outcome(answer)
    state, wait = _next(claim.purpose, result, attempts)
    if _is_account_failure(answer):
        state, wait = State.QUEUED, ACCOUNT_REST
    return Settled(
        claim=claim,
        state=state,
        answer=answer,
        outcome=result,
        attempts=attempts,
        due_at=now + wait,
    )


def _next(purpose: Purpose, result: Outcome, attempts: int) -> tuple[State, timedelta]:
    if result is Outcome.ACCEPTED:
        return State.ACCEPTED, timedelta(0)
    if result is Outcome.REFUSED:
        return State.REFUSED, timedelta(0)
    if result is Outcome.LOST and (purpose in CAUTIOUS or attempts >= LOST_TWICE):
        return State.UNCERTAIN, timedelta(0)
    wait = wait_after(attempts, purpose)
    return (State.REFUSED, timedelta(0)) if wait is None else (State.QUEUED, wait)


def _is_account_failure(answer: Answer) -> bool:
    """Say whether the conversation failed before it came to this message."""
    return answer.phase in ACCOUNT_PHASES


def _note_account(session: Session, account: str, answer: Answer, now: datetime) -> None:
    key = f"smtp:{account}"
    if not _is_account_failure(answer):
        troubles.mend(session, key)
        return
    said = f"{answer.code} {answer.text}" if answer.code else answer.text
    troubles.tell(
        session, key, f"{_REMEDIES[answer.phase].format(account=account)} ({said})", now=now
    )


_REMEDIES: dict[Phase, str] = {
    Phase.CONNECT: "The SMTP server of account {account} cannot be reached: nothing is lost, all "
    "mail waits. Check smtp_host and smtp_port, or wait until it is back.",
    Phase.EHLO: "The SMTP server of account {account} does not greet us: all mail waits. If it "
    "lasts, ask its administrator.",
    Phase.STARTTLS: "The SMTP server of account {account} offers no safe connection: all mail "
    "waits. Check smtp_security and its certificate.",
    Phase.AUTH: "The SMTP server of account {account} refuses our login: all mail waits. Correct "
    "smtp_username and smtp_password, then restart.",
}
