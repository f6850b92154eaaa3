"""Transactions and column types."""

from datetime import UTC, datetime, timedelta, timezone

import pytest
from sqlalchemy import select, text

from undersigned.errors import PermanentFailure, TemporaryFailure
from undersigned.service import Service
from undersigned.store import schema, troubles
from undersigned.store.machine_tables import JournalRow
from undersigned.store.session import Store
from undersigned.store.tables import AttemptRow, MessageRow


def line(at: datetime) -> JournalRow:
    """Give a line of the journal."""
    return JournalRow(at=at, actor="test", action="tested", subject="session", detail={})


@pytest.fixture
def store(database_url: str) -> Store:
    """Give an empty store."""
    store = Store(database_url)
    schema.upgrade(store)
    return store


def test_it_keeps_instants_in_utc(store: Store) -> None:
    """An instant comes back as the same moment, aware and in UTC."""
    seoul = datetime(2026, 5, 26, 18, 30, tzinfo=timezone(timedelta(hours=9)))
    with store.writing() as session:
        session.add(line(seoul))

    with store.reading() as session:
        found = session.scalars(select(JournalRow.at)).one()
    store.close()
    assert found == seoul
    assert found.tzinfo is UTC


def test_it_refuses_a_time_without_a_zone(store: Store) -> None:
    """Nobody knows what a time without a zone means, so none is stored."""

    def write() -> None:
        with store.writing() as session:
            session.add(line(datetime(2026, 5, 26)))  # noqa: DTZ001 - that is the point

    with pytest.raises(Exception, match="without a zone"):
        write()
    store.close()


def test_it_takes_back_a_transaction_that_failed(store: Store) -> None:
    """A change and what caused it are written together or not at all."""

    def fail() -> None:
        with store.writing() as session:
            session.add(line(datetime(2026, 5, 26, tzinfo=UTC)))
            session.flush()
            raise RuntimeError

    with pytest.raises(RuntimeError):
        fail()
    with store.reading() as session:
        assert session.scalars(select(JournalRow)).all() == []
    store.close()


def test_it_says_when_the_database_does_not_answer() -> None:
    """A database that is away is a failure that passes, told in a sentence."""
    store = Store("postgresql+psycopg://nobody@127.0.0.1:1/nothing")
    with pytest.raises(TemporaryFailure, match="does not answer"), store.reading() as session:
        session.execute(text("SELECT 1"))
    store.close()
    with pytest.raises(PermanentFailure, match="needs a file"):
        Store("sqlite://")


@pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)
def test_it_counts_a_database_that_is_shut_for_writing_as_away(database_url: str) -> None:
    """A standby, or a host whose disk is full, refuses every write: that passes too."""
    store = Store(database_url)
    schema.upgrade(store)

    def write() -> None:
        with store.writing() as session:
            session.execute(text("SET TRANSACTION READ ONLY"))
            session.execute(text("DELETE FROM trouble"))

    with pytest.raises(TemporaryFailure, match="read-only"):
        write()
    store.close()


def test_it_counts_a_row_that_went_away_as_passing(service: Service) -> None:
    """An older state put back under a running process fails no task: there is other work."""

    def look() -> None:
        with service.store.reading() as session:
            session.get_one(MessageRow, 12345)

    def write() -> None:
        attempt = {"delivery_id": 12345, "fence": 1, "at": service.now, "phase": "body"}
        with service.store.writing() as session:
            session.add(AttemptRow(**attempt, answer="", outcome="accepted"))

    for use in (look, write):
        with pytest.raises(TemporaryFailure, match="older state"):
            use()


def test_it_says_whether_a_row_is_new(service: Service) -> None:
    """Whoever tells a trouble once knows that it is news, on both databases."""
    now = service.now
    with service.store.writing() as session:
        told = [troubles.tell(session, "smtp:default", "It rests.", now=now) for _ in range(2)]

    assert told == [True, False]
