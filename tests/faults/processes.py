"""The processes of a deployment under fire: started, killed, and started again."""

import resource
import signal
from collections.abc import Mapping, Sequence
from contextlib import suppress
from pathlib import Path

from tests.faults.launch import Launcher, Running

Command = tuple[str, ...]

EMBEDDED: tuple[Command, ...] = (("up",),)
WORKERS: tuple[Command, ...] = (
    ("worker", "--concurrency", "2"),
    ("worker", "--concurrency", "2"),
    ("beat",),
    ("listen",),
)


class Processes:
    """The processes of one deployment."""

    def __init__(self, launcher: Launcher, folder: Path, commands: Sequence[Command]) -> None:
        """Keep these commands running, once they are tended."""
        self._launcher = launcher
        self.folder = folder
        self.commands = list(commands)
        self.environment: Mapping[str, str] = {}
        #: Names the mark at which one of them is to kill itself.
        self.order = folder / "kill-at"
        #: Where each of them signs with its number and its name.
        self.owners = folder / "owners"
        #: How often processes were killed, for the reckoning.
        self.kills = 0
        self._running: dict[tuple[int, Command], Running] = {}

    def tend(self) -> None:
        """Start what does not run: at first, and whatever was killed."""
        for number, command in enumerate(self.commands):
            running = self._running.get((number, command))
            if running is not None and running.is_alive:
                continue
            if running is not None:
                running.signal(signal.SIGKILL)  # its children, where it had any
                running.close()
            log = self.folder / f"{command[0]}.log"
            self._running[number, command] = self._launcher.start(
                command, self.environment, log=log
            )

    def kill(self, role: str, how: signal.Signals = signal.SIGKILL) -> None:
        """Send a signal to every process of a role with all its children; "" is every role."""
        self.kills += how == signal.SIGKILL
        for (_, command), running in tuple(self._running.items()):
            if command[0] == role or not role:
                running.signal(how)

    def kill_half(self) -> None:
        """Kill every other worker, and let there be two more."""
        workers = [one for (_, command), one in self._running.items() if command[0] == "worker"]
        self.kills += 1
        for running in workers[::2]:
            running.signal(signal.SIGKILL)
        self.commands.append(("worker", "--concurrency", "2"))

    def limit_files(self, octets: int) -> None:
        """Let no file grow beyond so many octets; -1 lets them grow again."""
        for running in self._running.values():
            with suppress(ProcessLookupError):
                limits = (octets, resource.RLIM_INFINITY)
                resource.prlimit(running.pid, resource.RLIMIT_FSIZE, limits)

    def is_alive(self, owner: str) -> bool:
        """Say whether the process that signed with this name lives."""
        if not self.owners.exists():
            return False
        for line in self.owners.read_text(encoding="ascii").splitlines():
            pid, _, name = line.partition(" ")
            if owner.startswith(name):
                return Path(f"/proc/{pid}").exists()
        return False

    def end(self) -> None:
        """End them all."""
        for running in self._running.values():
            running.signal(signal.SIGKILL)
            running.wait()
            running.close()
        self._running.clear()

    def raised(self) -> list[str]:
        """Give what went wrong in a task and was neither expected nor told to anybody."""
        return [
            f"{path.stem}: {line}"
            for path in self.folder.glob("*.log")
            for line in path.read_text(encoding="utf-8", errors="replace").splitlines()
            if "raised unexpected" in line
        ]
