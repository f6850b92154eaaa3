"""Lines: how many connections to an account this worker may hold open, of all that may be."""

import asyncio
import contextlib
import secrets
from concurrent.futures import CancelledError, Future
from datetime import timedelta
from types import TracebackType
from typing import Self

from undersigned.errors import DatabaseAwayError
from undersigned.flows.insist import insist
from undersigned.service import Service
from undersigned.store import slots

#: How long the connections of a killed worker are blocked. Shorter than the lease of a delivery,
#: since it is lengthened by a heartbeat and not when mail is settled: a single worker that died and
#: came back would otherwise stand before its own closed door for a quarter of an hour.
LEASE = timedelta(minutes=1)


class Lines:
    """Some of an account's connection slots, held until the block ends.

    A slot is held for as long as its connection is open, also where the connection only waits for
    the next message: so the server never sees more than `smtp_connections` of all processes.
    """

    def __init__(self, service: Service, account: str) -> None:
        self.service = service
        self.account = account
        self.owner = f"{service.owner}:{secrets.token_hex(4)}"
        #: How many connections may be opened; 0 where all are taken.
        self.count = 0
        self._is_lost = False
        self._beating: Future[None] | None = None
        self._over = asyncio.Event()

    @property
    def _key(self) -> str:
        return f"smtp:{self.account}"

    def __enter__(self) -> Self:
        self.widen()
        return self

    def __exit__(
        self,
        _kind: type[BaseException] | None,
        _error: BaseException | None,
        _trace: TracebackType | None,
    ) -> None:
        if self._beating is not None:
            self.service.submit(self._end())
            with contextlib.suppress(CancelledError):
                self._beating.result()
            self.service.rest(self.account)
            insist(self.service, lambda one: slots.free(one, self._key, owner=self.owner))

    @property
    def _lease(self) -> timedelta:
        return min(LEASE, self.service.settings.limits.lease)

    def widen(self) -> None:
        """Take half of what is free, in addition to what is held."""
        service = self.service
        limit = service.account(self.account).smtp_connections
        if self.count >= limit:
            return
        with service.store.writing() as session:
            self.count += slots.take(
                session,
                self._key,
                limit=limit,
                owner=self.owner,
                clock=service.clock,
                lease=self._lease,
            )
        if self.count and self._beating is None:
            self._beating = service.submit(self._beat())

    def keep(self) -> bool:
        """Say whether the slots are still ours; False where others took over after the lease."""
        return not self._is_lost

    async def _beat(self) -> None:
        """Lengthen the lease for as long as the slots are held, however slow the server is."""
        while not self._is_lost:
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self._over.wait(), self._lease.total_seconds() / 3)
                return
            try:
                held = await asyncio.to_thread(self._renew)
            except DatabaseAwayError:
                continue  # nobody else can take them either
            self._is_lost = held < self.count

    async def _end(self) -> None:
        self._over.set()

    def _renew(self) -> int:
        with self.service.store.writing() as session:
            until = self.service.now + self._lease
            return slots.renew(session, self._key, owner=self.owner, until=until)
