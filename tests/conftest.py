"""What all tests share: databases, a clock that stands still, a campaign to work on."""

import itertools
import shutil
import tempfile
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import hypothesis
import pytest

from tests import campaigns
from tests.campaigns import Desk
from tests.servers import postgres, redis
from undersigned.rehearsal.post_office import PostOffice
from undersigned.service import Service, open_service, quiet
from undersigned.store import schema
from undersigned.store.session import Store

# No test is timed: a busy machine may take as long as it likes over an example.
hypothesis.settings.register_profile("undersigned", deadline=None)
hypothesis.settings.load_profile("undersigned")

_numbers = itertools.count(1)
_OWN_FOLDER = pytest.StashKey[Path]()


def pytest_configure(config: pytest.Config) -> None:
    """Keep this run's files in a folder of its own.

    Servers that run as other users must reach theirs, and pytest shuts the folder that all of a
    user's runs share whenever another one starts.
    """
    if config.option.basetemp is None:
        config.option.basetemp = tempfile.mkdtemp(prefix="undersigned-")
        config.stash[_OWN_FOLDER] = Path(config.option.basetemp)


def pytest_sessionfinish(session: pytest.Session, exitstatus: int) -> None:
    """Remove the files of a run in which everything passed."""
    folder = session.config.stash.get(_OWN_FOLDER, None)
    if folder is not None and exitstatus == pytest.ExitCode.OK:
        shutil.rmtree(folder, ignore_errors=True)


class StillClock:
    """Stands still until a test moves it."""

    def __init__(self, now: datetime) -> None:
        self.now = now

    def __call__(self) -> datetime:
        """Give the time."""
        return self.now

    def go(self, **span: float) -> None:
        """Go forward, by the arguments of a timedelta."""
        self.now += timedelta(**span)


@pytest.fixture
def clock() -> StillClock:
    """Give a clock that stands at noon of a day before the campaign opens."""
    return StillClock(datetime(2026, 5, 25, 12, tzinfo=UTC))


@pytest.fixture(scope="session")
def postgres_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Give the URL of a private PostgreSQL."""
    with postgres.running(tmp_path_factory.mktemp("server")) as url:
        yield url


DATABASES = ("sqlite", "postgresql")


@pytest.fixture(params=DATABASES)
def bare_database_url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """Give a database without tables, on SQLite and then on PostgreSQL."""
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path}/undersigned.db"
    server = request.getfixturevalue("postgres_server")
    return postgres.create(server, f"bare{next(_numbers)}")


@pytest.fixture(scope="session")
def made_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Give an SQLite database with its tables, to be copied: faster than to make them each time."""
    file = tmp_path_factory.mktemp("made") / "undersigned.db"
    _make_tables(f"sqlite:///{file}")
    return file


@pytest.fixture(scope="session")
def made_database(postgres_server: str) -> str:
    """Give the name of a PostgreSQL database with its tables, to be copied."""
    _make_tables(postgres.create(postgres_server, "made"))
    return "made"


def _make_tables(url: str) -> None:
    store = Store(url)
    schema.upgrade(store)
    store.close()


@pytest.fixture(params=DATABASES)
def database_url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """Give a database with its tables and no rows, on SQLite and then on PostgreSQL."""
    if request.param == "sqlite":
        file = tmp_path / "undersigned.db"
        shutil.copyfile(request.getfixturevalue("made_file"), file)
        return f"sqlite:///{file}"
    server = request.getfixturevalue("postgres_server")
    made = request.getfixturevalue("made_database")
    return postgres.create(server, f"test{next(_numbers)}", like=made)


@pytest.fixture
def office(clock: StillClock) -> Iterator[PostOffice]:
    """Give a post office that lives by the test's clock."""
    with PostOffice(clock=clock, mailbox=campaigns.REPLY) as opened:
        yield opened


@pytest.fixture
def open_one(
    database_url: str, clock: StillClock, office: PostOffice
) -> Iterator[Callable[[], Service]]:
    """Give what opens a service on the test's database; each is closed at the end."""
    opened: list[Service] = []

    def another() -> Service:
        service = open_service(campaigns.settings(office, database_url), announce=quiet)
        service.clock = clock
        service.find_keys = lambda _names: {}
        opened.append(service)
        return service

    yield another
    for service in opened:
        service.close()


@pytest.fixture
def service(open_one: Callable[[], Service]) -> Service:
    """Give a service on an empty database."""
    return open_one()


@pytest.fixture
def desk(service: Service, office: PostOffice, clock: StillClock, tmp_path: Path) -> Desk:
    """Give a coordinator's desk: a small campaign's folder, and ways to play it."""
    return Desk(service, office, clock, tmp_path / "letter")


@pytest.fixture(scope="session")
def redis_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Give the URL of a private Redis."""
    with redis.running(tmp_path_factory.mktemp("server")) as url:
        yield url
