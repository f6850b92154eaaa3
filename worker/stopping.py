"""How the processes of a worker learn that it was asked to stop.

Celery tells only the parent. Each child holds the reading end of a pipe whose writing end the
parent alone keeps: it closes when the parent shuts down, and just so when the parent is killed.

systemd asks each process itself, by SIGTERM. An idle child ends of it; one that is busy would leave
its task in the middle, with mail sent and not written down. So there it means what the pipe means.
"""

import os
import signal
import threading
from collections.abc import Callable
from typing import Any

_ends: list[int] = []
#: The way of an idle child, while a task runs.
_idle: list[Any] = []
#: What ends a child that was asked in the middle of a task.
_ending: list[threading.Timer] = []
#: How long a child has to report its task before it ends, in seconds.
_REPORT = 1.0


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


def busy(stop: Callable[[], None]) -> None:
    """Let SIGTERM call `stop` from now on; in a child, before a task."""

    def asked(*_: object) -> None:
        # Elsewhere: what the signal came in between may hold the locks that this needs.
        threading.Thread(target=stop, name="undersigned-asked", daemon=True).start()
        end = threading.Timer(_REPORT, os.kill, (os.getpid(), signal.SIGTERM))
        end.daemon = True
        _ending.append(end)

    if not _idle:
        _idle.append(signal.signal(signal.SIGTERM, asked))


def idle() -> None:
    """Let SIGTERM end the child again, and end it soon if it was asked; after a task."""
    if _idle:
        signal.signal(signal.SIGTERM, _idle.pop())
    while _ending:
        _ending.pop().start()
