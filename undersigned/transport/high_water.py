"""High water: the highest number that any process of a deployment has told the others.

Kept in the broker's Redis, where there is one, and forgotten with it: whoever relies on it must be
right without it too. It lies outside the database, so it stays when an older state of that is put
back.
"""

import logging
from functools import cached_property
from typing import Any

log = logging.getLogger(__name__)

_KEY = "undersigned:high-water"
#: Longer than this nobody waits for a hint.
PATIENCE_SECONDS = 1.0


class HighWater:
    """Tells and asks, by a name. Without Redis, the threads of one process tell each other."""

    def __init__(self, url: str = "memory://") -> None:
        self._url = url
        self._own: dict[str, int] = {}

    def tell(self, name: str, number: int) -> None:
        """Let the others know of a number; a lower one than they know changes nothing."""
        if number <= self._own.get(name, 0):
            return
        self._own[name] = number
        if self._is_shared:
            self._ask("zadd", _KEY, {name: number}, gt=True)

    def height(self, name: str) -> int:
        """Give the highest number that was told; 0 where nobody did, or Redis does not answer."""
        told = self._ask("zscore", _KEY, name) if self._is_shared else None
        return max(self._own.get(name, 0), int(told or 0))

    @property
    def _is_shared(self) -> bool:
        return self._url.startswith(("redis:", "rediss:"))

    @cached_property
    def _redis(self) -> Any:
        from redis import Redis  # noqa: PLC0415 - commands that send nothing start faster

        return Redis.from_url(
            self._url, socket_timeout=PATIENCE_SECONDS, socket_connect_timeout=PATIENCE_SECONDS
        )

    def _ask(self, command: str, *words: Any, **options: Any) -> Any:
        from redis import RedisError  # noqa: PLC0415 - as above

        try:
            return getattr(self._redis, command)(*words, **options)
        except RedisError as exc:
            log.warning("what other processes sent last is not known", extra={"why": str(exc)})
            return None
