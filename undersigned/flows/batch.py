"""Batch: bulk mail on its way; coroutines send, the calling thread settles what they report."""

import asyncio
import queue
import time
from collections.abc import Iterator, Sequence
from datetime import timedelta

from undersigned.domain.delivery import ACCOUNT_PHASES, Answer
from undersigned.flows.prepare import Ready
from undersigned.service import Service
from undersigned.store import leases
from undersigned.store.leases import Claim
from undersigned.transport.smtp import SmtpPool

#: A kill doubles at most the group in flight: rows that were sent and not yet settled.
GROUP_ROWS = 20
#: A group is settled at the latest this long after its first row was answered.
GROUP_TIME = timedelta(milliseconds=200)
#: How long an account rests after its server could not be reached or refused our login.
ACCOUNT_REST = timedelta(minutes=1)


def is_account_failure(answer: Answer) -> bool:
    """Say whether the conversation failed before it came to this message."""
    return answer.phase in ACCOUNT_PHASES


class Batch:
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
                self.is_over = self.is_over or is_account_failure(answer)
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
