"""The ground: what outlives a campaign under fire."""

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

from tests.faults.launch import Launcher
from tests.servers import certificates
from tests.servers.postgres import Postgres
from tests.servers.redis import Redis


@dataclass(frozen=True, kw_only=True)
class Ground:
    """What outlives a campaign: the servers, and the mother of all processes."""

    launcher: Launcher
    certificates: certificates.Certificates
    #: None of both on SQLite.
    postgres: Postgres | None = None
    redis: Redis | None = None

    @property
    def database(self) -> str:
        """The kind of database."""
        return "postgresql" if self.postgres else "sqlite"


@contextmanager
def ground(database: str, folder: Path) -> Iterator[Ground]:
    """Start what a database needs, until the block ends."""
    with ExitStack() as stack:
        launcher = stack.enter_context(Launcher())
        issued = certificates.issue(folder / "certificates")
        if database == "sqlite":
            yield Ground(launcher=launcher, certificates=issued)
            return
        postgres, redis = Postgres(folder), Redis(folder)
        postgres.start()
        stack.callback(postgres.stop)
        redis.start()
        stack.callback(redis.stop)
        yield Ground(launcher=launcher, certificates=issued, postgres=postgres, redis=redis)
