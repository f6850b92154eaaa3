"""Batch: bulk mail on its way; coroutines send, the calling thread settles what they report."""

import asyncio
import queue
from collections.abc import Iterator, Sequence
from datetime import timedelta
from typing import TYPE_CHECKING

from undersigned.domain.delivery import Answer
from undersigned.flows import outcomes
from undersigned.flows.lines import Lines
from undersigned.flows.outcomes import ACCOUNT_REST, News, rests
from undersigned.flows.prepare import Ready
from undersigned.service import Service
from undersigned.store.leases import Claim
from undersigned.transport.smtp import SmtpPool

if TYPE_CHECKING:
    from concurrent.futures import Future

#: A kill doubles at most the group in flight: rows that were sent and not yet settled.
GROUP_ROWS = 20
#: A group is settled at the latest this long after its first row was answered.
GROUP_TIME = timedelta(milliseconds=200)


class Batch:
    """One batch on its way: coroutines send, the calling thread settles what they report."""

    def __init__(self, service: Service, lines: Lines, ready: Sequence[Ready]) -> None:
        self.service = service
        self.lines = lines
        self.ready = ready
        self.left = list(reversed(ready))
        #: Rows of campaigns that were paused after the claim.
        self.held: list[Ready] = []
        #: Ids of the deliveries that were answered.
        self.done: set[int] = set()
        #: What was answered and is to be settled; None at the end.
        self.answers: queue.SimpleQueue[list[tuple[Ready, Answer]] | None] = queue.SimpleQueue()
        #: The group that fills, and what ends its time.
        self.filling: list[tuple[Ready, Answer]] = []
        self.alarm: asyncio.TimerHandle | None = None
        #: How many rows may be sent and not settled.
        self.window = asyncio.Semaphore(GROUP_ROWS)
        self.sending: Future[None] | None = None
        #: No more rows are begun: the account rests or the process stops.
        self.is_over = False

    def groups(self) -> Iterator[list[tuple[Ready, Answer]]]:
        """Send, and give what was answered in groups small enough to lose."""
        self.sending = self.service.submit(self._send_all(self.service.smtp(self.lines.account)))
        self.sending.add_done_callback(lambda _: self.answers.put(None))
        while (group := self.answers.get()) is not None:
            yield group
            self.service.soon(_release, self.window, len(group))

    async def _send_all(self, pool: SmtpPool) -> None:
        connections = min(self.lines.count, len(self.left))
        try:
            async with asyncio.TaskGroup() as tasks:
                for _ in range(connections):
                    tasks.create_task(self._send_some(pool))
        finally:
            self._hand_over()

    async def _send_some(self, pool: SmtpPool) -> None:
        async with pool.connection() as connection:
            while self.left and not self.is_over and not self.service.stopping.is_set():
                await self.window.acquire()
                if not self.left or self.is_over:
                    return
                row = self.left.pop()
                answer = await connection.send(row.envelope)
                self.is_over = self.is_over or rests(answer)
                self.done.add(row.claim.id)
                self._add(row, answer)

    # A group fills on the loop: the thread that settles is woken once for all of it.

    def _add(self, row: Ready, answer: Answer) -> None:
        self.filling.append((row, answer))
        if len(self.filling) >= GROUP_ROWS:
            self._hand_over()
        elif self.alarm is None:
            loop = asyncio.get_running_loop()
            self.alarm = loop.call_later(GROUP_TIME.total_seconds(), self._hand_over)

    def _hand_over(self) -> None:
        if self.alarm is not None:
            self.alarm.cancel()
            self.alarm = None
        if self.filling:
            self.answers.put(self.filling)
            self.filling = []

    def in_hand(self) -> list[Claim]:
        """Give the claims of the rows that were not answered yet."""
        return [row.claim for row in self.ready if row.claim.id not in self.done]

    def heed(self, news: News) -> None:
        """Begin no more rows of campaigns that were paused meanwhile, nor any that others hold."""
        if news.paused or news.lost:
            self.service.submit(self._take_out(news)).result()

    async def _take_out(self, news: News) -> None:
        """Take them out on the loop, where the coroutines take theirs."""
        ours = [row for row in self.left if row.claim.id not in news.lost]
        self.held.extend(row for row in ours if row.claim.campaign_id in news.paused)
        self.left[:] = [row for row in ours if row.claim.campaign_id not in news.paused]

    def end(self) -> None:
        """Begin no more, wait for the rows that are being sent, put back those not begun.

        Whoever settles may have failed; the coroutines must not wait for them for ever.
        """
        rests = self.is_over
        self.is_over = True
        self.service.soon(_release, self.window, GROUP_ROWS)
        try:
            if self.sending is not None:
                self.sending.result()
        finally:
            rest = ACCOUNT_REST if rests else timedelta(0)
            outcomes.give_back(self.service, [row.claim for row in self.left], rest=rest)
            outcomes.give_back(self.service, [row.claim for row in self.held])


def _release(window: asyncio.Semaphore, rows: int) -> None:
    for _ in range(rows):
        window.release()
