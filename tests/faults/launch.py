"""Launch: processes of the product, started in a moment, with the field's clock and patience.

A process that has read every module of the product waits for orders and forks one child for each:
the same command line as `undersigned …`, without the second that Python takes to read it. The child
lives by the field's clock, which can jump, and gives up on servers after seconds, not minutes.
"""

import faulthandler
import json
import mmap
import os
import select
import signal
import struct
import subprocess
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from functools import wraps
from pathlib import Path
from typing import Any, Self

from tests.faults import ahead

#: The file that holds the clock's offset, and the one that owners sign in, for the children.
CLOCK, OWNERS = "FAULTS_CLOCK", "FAULTS_OWNERS"
#: How long a server may take before a child gives up on it; a server that hangs is found out soon.
PATIENCE = timedelta(seconds=1.5)
#: How long a child waits for another writer of SQLite, in milliseconds; short for that reason.
BUSY_MILLISECONDS = 1500

_OFFSET = struct.Struct("d")


class Clock:
    """The machine's time, shifted by an offset that many processes share through a file."""

    def __init__(self, path: Path) -> None:
        if not path.exists():
            path.write_bytes(_OFFSET.pack(0.0))
        with path.open("r+b") as file:
            self._shared = mmap.mmap(file.fileno(), _OFFSET.size)

    def __call__(self) -> datetime:
        """Give the shifted time, aware UTC."""
        (offset,) = _OFFSET.unpack(self._shared[:])
        return datetime.fromtimestamp(time.time() + offset, UTC)

    def set(self, now: datetime) -> None:
        """Let it be that instant now, in every process."""
        self._shared[:] = _OFFSET.pack(now.timestamp() - time.time())

    def go(self, span: timedelta) -> None:
        """Jump, forward or back."""
        (offset,) = _OFFSET.unpack(self._shared[:])
        self._shared[:] = _OFFSET.pack(offset + span.total_seconds())

    @property
    def offset(self) -> timedelta:
        """How far it is ahead of the machine's."""
        (offset,) = _OFFSET.unpack(self._shared[:])
        return timedelta(seconds=offset)


class Running:
    """A process that was launched, with all its children."""

    def __init__(self, pid: int) -> None:
        self.pid = pid
        self._end = os.pidfd_open(pid)

    @property
    def is_alive(self) -> bool:
        """Say whether it runs."""
        return not select.select([self._end], [], [], 0)[0]

    def signal(self, number: signal.Signals) -> None:
        """Send a signal to it and all its children."""
        with suppress(ProcessLookupError):
            os.killpg(self.pid, number)

    def wait(self) -> None:
        """Wait until it has ended."""
        select.select([self._end], [], [])

    def close(self) -> None:
        """Forget it."""
        os.close(self._end)


class Launcher:
    """Starts processes; a context manager."""

    def __enter__(self) -> Self:
        environment = {
            **os.environ,
            "PYTHONPATH": os.pathsep.join(path for path in sys.path if path),
        }
        self._mother = subprocess.Popen(
            [sys.executable, "-m", "tests.faults.launch"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            env=environment,
            cwd=Path(__file__).parents[2],
        )
        return self

    def __exit__(self, *_: object) -> None:
        assert self._mother.stdin is not None
        assert self._mother.stdout is not None
        self._mother.stdin.close()
        self._mother.stdout.close()
        self._mother.wait()

    def start(
        self, arguments: Sequence[str], environment: Mapping[str, str], *, log: Path
    ) -> Running:
        """Start `undersigned` with these arguments."""
        order = {"arguments": list(arguments), "environment": dict(environment), "log": str(log)}
        assert self._mother.stdin is not None
        assert self._mother.stdout is not None
        self._mother.stdin.write(json.dumps(order).encode() + b"\n")
        self._mother.stdin.flush()
        return Running(int(self._mother.stdout.readline()))


class Steady:
    """What beat ticks by: it goes on as the clock does, and never back."""

    def __init__(self, clock: Clock, steady: Callable[[], datetime]) -> None:
        """Go by the machine's steady clock, and with every jump of the field's."""
        self._clock, self._steady = clock, steady
        self._most = clock.offset

    def __call__(self) -> datetime:
        """Give the instant."""
        self._most = max(self._most, self._clock.offset)
        return self._steady() + self._most


def main() -> None:
    """Fork a child for each order that comes in; ends when its orders do."""
    ahead.read()
    ahead.build()
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)  # nobody waits for the dead here
    for number in (signal.SIGTERM, signal.SIGINT):  # whoever ends the field ends the orders
        signal.signal(number, signal.SIG_IGN)
    children = []
    for line in sys.stdin:
        pid = os.fork()
        if pid == 0:
            _be(json.loads(line))
        with suppress(OSError):  # it has done so itself, or has ended
            os.setpgid(pid, pid)
        children.append(pid)
        sys.stdout.write(f"{pid}\n")
        sys.stdout.flush()
    for pid in children:  # of a field that was left in the middle
        with suppress(ProcessLookupError):
            os.killpg(pid, signal.SIGKILL)


def _be(order: dict[str, Any]) -> None:
    """Become the child: never returns."""
    code = 1
    try:
        os.setpgid(0, 0)
        for number in (signal.SIGCHLD, signal.SIGTERM, signal.SIGINT):
            signal.signal(number, signal.SIG_DFL)
        log = os.open(order["log"], os.O_WRONLY | os.O_CREAT | os.O_APPEND)
        nothing = os.open(os.devnull, os.O_RDONLY)
        os.dup2(nothing, 0)
        os.dup2(log, 1)
        os.dup2(log, 2)
        os.environ.clear()
        os.environ.update(order["environment"])
        code = _run(order["arguments"])
    finally:
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(code)


def _run(arguments: Sequence[str]) -> int:
    _live_by_the_field()
    from undersigned.cli import main as command  # noqa: PLC0415 - read already

    try:
        command(list(arguments))
    except SystemExit as exc:
        return exc.code if isinstance(exc.code, int) else int(exc.code is not None)
    return 0


def _live_by_the_field() -> None:
    """Give what this process opens the field's clock and its short patience."""
    import undersigned.service as services  # noqa: PLC0415 - read already
    from undersigned.cli import desk  # noqa: PLC0415
    from undersigned.flows import listen, witness  # noqa: PLC0415
    from undersigned.store import session  # noqa: PLC0415
    from worker import schedule, tasks  # noqa: PLC0415

    clock = Clock(Path(os.environ[CLOCK]))
    open_service = services.open_service

    @wraps(open_service)
    def opened(*arguments: Any, **named: Any) -> services.Service:
        service = open_service(*arguments, **named)
        service.clock = clock
        # Says into the log where every thread stands; Celery's own standard error is no file.
        faulthandler.register(signal.SIGUSR2, file=sys.__stderr__)
        with Path(os.environ[OWNERS]).open("a", encoding="ascii") as book:
            book.write(f"{os.getpid()} {service.owner}\n")
        return service

    tasks.open_service = opened  # type: ignore[attr-defined]
    desk.open_service = opened  # type: ignore[attr-defined]
    schedule.steady = Steady(clock, schedule.steady)  # type: ignore[assignment]
    session.BUSY_MILLISECONDS = BUSY_MILLISECONDS
    witness.AGAIN = PATIENCE / 3
    listen.RETRY_LISTENING = PATIENCE
    smtp_account, imap_account = services.smtp_account, services.imap_account
    services.smtp_account = lambda *given: replace(
        smtp_account(*given),
        connect_timeout=PATIENCE,
        command_timeout=PATIENCE,
        data_timeout=PATIENCE,
    )
    services.imap_account = lambda *given: replace(imap_account(*given), timeout=PATIENCE)


if __name__ == "__main__":
    main()
