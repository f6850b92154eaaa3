"""Lines: how many connections to an account this worker may hold open, of all that may be."""

import secrets
import time
from types import TracebackType
from typing import Self

from undersigned.flows.insist import insist
from undersigned.service import Service
from undersigned.store import slots


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
        self._renewed = 0.0

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
        if self.count:
            self.service.rest(self.account)
            insist(self.service, lambda one: slots.free(one, self._key, owner=self.owner))

    def widen(self) -> None:
        """Take half of what is free, in addition to what is held."""
        service, lease = self.service, self.service.settings.limits.lease
        limit = service.account(self.account).smtp_connections
        if self.count >= limit:
            return
        with service.store.writing() as session:
            taken = slots.take(
                session, self._key, limit=limit, owner=self.owner, now=service.now, lease=lease
            )
        if not self.count:
            self._renewed = time.monotonic()
        self.count += taken

    def keep(self) -> bool:
        """Lengthen the lease in good time; False where it ran out and others took over."""
        lease = self.service.settings.limits.lease
        if time.monotonic() - self._renewed < lease.total_seconds() / 4:
            return True
        until = self.service.now + lease
        self._renewed = time.monotonic()
        held = insist(
            self.service,
            lambda one: slots.renew(one, self._key, owner=self.owner, until=until),
        )
        return held >= self.count
