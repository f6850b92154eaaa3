"""How the processes of a worker learn that it was asked to stop.

Celery tells only the parent. Each child holds the reading end of a pipe whose writing end the
parent alone keeps: it closes when the parent shuts down, and just so when the parent is killed.
"""

import os
import threading
from collections.abc import Callable

_ends: list[int] = []


def prepare() -> None:
    """Make the pipe; in the parent, before the first fork."""
    _ends[:] = os.pipe()


def tell() -> None:
    """Tell every child; in the parent."""
    if _ends:
        os.close(_ends.pop())


def listen(stop: Callable[[], None]) -> None:
    """Call `stop` when the parent tells or is gone; in a child, after the fork."""
    if len(_ends) == 1:  # a child that was made while the worker stops
        stop()
        return
    if not _ends:
        return
    reading, writing = _ends
    os.close(writing)
    _ends.pop()

    def wait() -> None:
        os.read(reading, 1)  # nothing is ever written: this is the end of the pipe
        stop()

    threading.Thread(target=wait, name="undersigned-stopping", daemon=True).start()
