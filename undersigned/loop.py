"""The event loop of a process: one, in a thread of its own, for all that speaks to servers."""

import asyncio
import threading
from collections.abc import Callable, Coroutine
from concurrent.futures import Future
from typing import Any, TypeVar

Result = TypeVar("Result")


class Loop:
    """Runs coroutines for threads; the loop begins with the first of them."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._loop: asyncio.AbstractEventLoop | None = None
        self._thread: threading.Thread | None = None

    def submit(self, work: Coroutine[Any, Any, Result]) -> Future[Result]:
        """Run a coroutine on the loop; the caller waits for the future."""
        return asyncio.run_coroutine_threadsafe(work, self._running())

    def soon(self, function: Callable[..., None], *args: object) -> None:
        """Call a function on the loop; nobody waits for it."""
        self._running().call_soon_threadsafe(function, *args)

    def close(self) -> None:
        """End what is still to be done, and the loop; nothing happens where none has begun."""
        if self._loop is None or self._thread is None:
            return
        self.submit(_end_tasks()).result()
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        self._loop.close()

    def _running(self) -> asyncio.AbstractEventLoop:
        with self._lock:  # two threads that come first must not make two loops
            if self._loop is None:
                self._loop = asyncio.new_event_loop()
                self._thread = threading.Thread(
                    target=self._loop.run_forever, name="undersigned-loop", daemon=True
                )
                self._thread.start()
            return self._loop


async def _end_tasks() -> None:
    """End what the loop still has to do, for which nobody waits any more."""
    others = asyncio.all_tasks() - {asyncio.current_task()}
    for task in others:
        task.cancel()
    await asyncio.gather(*others, return_exceptions=True)
