"""Production on this machine: PostgreSQL, Redis, Postfix and Dovecot, and our own processes."""

import itertools
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests import servers
from tests.compose import Deployment
from tests.servers import postgres, redis, town
from tests.servers.town import Town
from undersigned.service import Service, configured, open_service
from undersigned.settings import Ticks

REPLY = "sign@letters.example"
_numbers = itertools.count(1)


@pytest.fixture
def post(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Town]:
    """Give real mail servers with empty mailboxes; by parameter, how long the relay thinks."""
    thinks = getattr(request, "param", 0)
    # A short path: that of a Unix socket ends at 107 characters.
    with town.running(tmp_path_factory.mktemp("town"), mailbox=REPLY, thinks=thinks) as running:
        yield running


@pytest.fixture
def deployment(tmp_path: Path, postgres_server: str, post: Town) -> Iterator[Deployment]:
    """Give a deployment by docker-compose.yml whose database, broker and mail are there."""
    database, port = f"deployment{next(_numbers)}", servers.free_port()
    postgres.create_owned(postgres_server, database, owner="undersigned")
    account = "UNDERSIGNED_ACCOUNTS_DEFAULT"
    deployed = Deployment(
        tmp_path / "deployment",
        places={
            "postgres:5432/undersigned": f"{postgres_server.rpartition('@')[2]}/{database}",
            "redis:6379": f"127.0.0.1:{port}",
            "smtp.letters.example": "127.0.0.1",
            "imap.letters.example": "127.0.0.1",
            **redis.places(port),
        },
        settings={
            f"{account}_SMTP_PORT": str(post.postfix.submission_port),
            f"{account}_IMAP_PORT": str(post.dovecot.imap_port),
            f"{account}_CA_FILE": str(post.dovecot.certificates.authority),
            f"{account}_CARRIER": "nobody",  # the town's mail leads nowhere
            "UNDERSIGNED_PATHS_PULSE": str(tmp_path / "pulse"),
            **{f"UNDERSIGNED_TICKS_{tick.upper()}_SECONDS": "1" for tick in Ticks.__annotations__},
        },
    )
    with deployed.running("redis"):
        servers.wait_until(lambda: servers.answers(port), "Redis")
        yield deployed


@pytest.fixture
def service(deployment: Deployment) -> Iterator[Service]:
    """Give a service by the deployment's settings, as a coordinator's command opens it."""
    opened = open_service(configured(deployment.environment("worker")))
    yield opened
    opened.close()
