"""A clock for rehearsals: it runs like any other, and can be put forward."""

import threading
import time
from datetime import UTC, datetime, timedelta


class JumpingClock:
    """Gives the rehearsal's time; safe to read and to put forward from any thread."""

    def __init__(self, start: datetime) -> None:
        if start.tzinfo is None:
            raise ValueError("the rehearsal's clock needs a start with a time zone")
        self._lock = threading.Lock()
        self._start = start.astimezone(UTC)
        self._began = time.monotonic()

    def __call__(self) -> datetime:
        """Give the time now, aware UTC; it never goes back."""
        with self._lock:
            return self._now()

    def jump_to(self, instant: datetime) -> datetime:
        """Put the clock forward to the instant and give the time now; never back."""
        with self._lock:
            ahead = instant - self._now()
            if ahead > timedelta(0):
                self._start += ahead
            return self._now()

    def _now(self) -> datetime:
        return self._start + timedelta(seconds=time.monotonic() - self._began)
