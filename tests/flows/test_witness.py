"""A copy of a database, or an older state of it, sends nothing."""

import sqlite3
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, datetime

import psycopg
import pytest
from sqlalchemy import select, text
from sqlalchemy.engine import make_url

from tests import servers
from tests.campaigns import NAME, Desk
from undersigned.domain.witness import Kind, Note
from undersigned.errors import Refused
from undersigned.flows import adopt, deliver, dispatch, pause, witness
from undersigned.reading.note import read_note
from undersigned.service import Service, open_service, quiet
from undersigned.store import notes
from undersigned.store.machine_tables import TroubleRow
from undersigned.store.place import place
from undersigned.store.tables import MessageRow
from undersigned.transport.high_water import HighWater
from undersigned.writing.note import compose_note


def copied(url: str) -> str:
    """Copy a database, as a backup or a cloned machine does; gives the copy's URL."""
    parsed = make_url(url)
    if parsed.get_backend_name() == "sqlite":
        copy = f"{parsed.database}.copy"
        with sqlite3.connect(str(parsed.database)) as source, sqlite3.connect(copy) as target:
            source.backup(target)
        source.close()
        target.close()
        return f"sqlite:///{copy}"
    server = parsed.set(drivername="postgresql", database="postgres")
    address = server.render_as_string(hide_password=False)
    with psycopg.connect(address, autocommit=True) as connection:
        connection.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = %s",
            [parsed.database],
        )
        connection.execute(
            f'CREATE DATABASE "{parsed.database}copy" TEMPLATE "{parsed.database}"'.encode()
        )
    return parsed.set(database=f"{parsed.database}copy").render_as_string(hide_password=False)


@pytest.fixture
def open_copy(desk: Desk) -> Iterator[Callable[[], Service]]:
    """Give what opens a second deployment on a copy of the database."""
    opened: list[Service] = []

    def another() -> Service:
        desk.service.store.close()
        url = copied(desk.service.store.url)
        settings = replace(desk.service.settings, database_url=url)
        service = open_service(settings, announce=quiet)
        service.clock = desk.clock
        opened.append(service)
        return service

    yield another
    for service in opened:
        service.close()


def trouble(service: Service) -> str:
    """Give what `status` says of the witness, or nothing."""
    with service.store.reading() as session:
        row = session.get(TroubleRow, "witness:default")
    return row.sentence if row else ""


def standing(service: Service) -> list[Note]:
    """Give the notes in the mailbox."""
    with service.mailbox("default") as mailbox:
        return [note for _, note in witness.standing(mailbox, witness.FOLDER)]


def as_before(service: Service) -> None:
    """Put an older state of the database back in its place: before anything was sent."""
    with service.store.writing() as session:
        session.execute(text("DELETE FROM attempt"))
        session.execute(text("DELETE FROM note"))
        session.execute(text("UPDATE delivery SET state = 'queued', attempts = 0, owner = NULL"))


def test_it_sends_nothing_from_a_second_deployment_on_a_copy(
    desk: Desk, open_copy: Callable[[], Service]
) -> None:
    """Whoever starts a copy beside the original sends nobody a second invitation.

    T22: knadh/listmonk#1801, a restored snapshot.
    """
    desk.queued()
    copy = open_copy()

    assert deliver.deliver(copy) == 0
    assert desk.deliver() == 3

    assert "copied or moved" in trouble(copy)
    assert not trouble(desk.service)
    assert len(desk.office.everything()) == 3


def test_it_sends_nothing_from_a_copy_that_its_place_does_not_tell(
    desk: Desk, open_copy: Callable[[], Service]
) -> None:
    """A cloned machine finds notes that it does not know, once the original has sent."""
    desk.queued()
    copy = open_copy()
    desk.deliver()
    with copy.store.writing() as session:
        installed = notes.lock(session)
        installed.place = place(copy.store)  # as if it lay where the original does

    assert deliver.deliver(copy) == 0

    assert "unknown to it" in trouble(copy)
    assert len(desk.office.everything()) == 3


def test_it_notices_an_older_state_while_it_runs(desk: Desk) -> None:
    """A worker under which the database becomes older sends nothing more."""
    desk.queued()
    desk.deliver()
    as_before(desk.service)

    assert desk.deliver() == 0

    assert "older state" in trouble(desk.service)
    assert len(desk.office.everything()) == 3


def test_it_notices_an_older_state_between_its_look_and_its_claim(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    """An older state that is put back in the moment after the look sends not even one batch."""
    desk.queued()
    desk.deliver()
    looked = witness.may_send

    def look_just_before(service: Service, account: str) -> bool:
        is_clear = looked(service, account)
        as_before(service)
        return is_clear

    with desk.service.store.writing() as session:  # something is due, so that it looks
        session.execute(text("UPDATE delivery SET state = 'queued'"))
    monkeypatch.setattr(witness, "may_send", look_just_before)

    assert desk.deliver() == 0
    assert len(desk.office.everything()) == 3


def test_it_notices_an_older_state_that_others_sent_beyond(
    desk: Desk, open_one: Callable[[], Service], redis_server: str
) -> None:
    """A worker that was idle while the others sent takes no older state for the present one."""
    desk.queued()
    idle = open_one()
    for service in (desk.service, idle):
        service.high_water = HighWater(redis_server)
    assert witness.may_send(idle, "default")
    desk.deliver()
    as_before(desk.service)

    assert deliver.deliver(idle) == 0

    assert "older state" in trouble(idle)
    assert len(desk.office.everything()) == 3


def test_it_notices_an_older_state_when_it_starts(
    desk: Desk, open_one: Callable[[], Service]
) -> None:
    """A backup that was put back by hand is recognised by the notes of what left since."""
    desk.queued()
    desk.deliver()
    as_before(desk.service)

    assert deliver.deliver(open_one()) == 0

    assert "unknown to it" in trouble(desk.service)
    assert len(desk.office.everything()) == 3


def test_it_leaves_a_note_after_what_it_sent(desk: Desk) -> None:
    """What was sent long after the first note makes an older state recognisable too."""
    desk.queued()
    desk.deliver()
    first = standing(desk.service)
    desk.clock.go(seconds=20)
    desk.deliver()  # a tick with nothing to do

    second = standing(desk.service)

    assert [note.kind for note in (*first, *second)] == [Kind.AT_WORK] * 2
    assert first[0].key != second[0].key
    desk.clock.go(seconds=20)
    desk.deliver()
    assert standing(desk.service) == second


def test_it_lets_a_person_go_on_with_a_copy(desk: Desk, open_copy: Callable[[], Service]) -> None:
    """Adopted, a copy sends once its campaign is resumed, and the original stops for good."""
    desk.queued()
    copy = open_copy()
    assert deliver.deliver(copy) == 0

    assert adopt.adopt(copy, by="Alice") == 2
    assert deliver.deliver(copy) == 0
    pause.resume(copy, NAME, by="Alice")
    assert deliver.deliver(copy) == 3
    desk.deliver()

    assert not trouble(copy)
    assert "taken over" in trouble(desk.service)
    assert len(desk.office.everything()) == 3


def test_it_starts_nothing_without_the_witness(desk: Desk, open_one: Callable[[], Service]) -> None:
    """A process that never saw the notes waits while the mailbox is away; one that did goes on."""
    desk.queued()
    fresh = open_one()
    account = replace(desk.service.settings.accounts["default"], imap_port=servers.free_port())
    fresh.settings = replace(fresh.settings, accounts={"default": account})

    assert deliver.deliver(fresh) == 0
    assert "cannot be read" in trouble(fresh)

    assert witness.may_send(desk.service, "default")
    desk.service.settings = fresh.settings
    sight = desk.service.sights["default"]
    desk.service.sights["default"] = replace(sight, at=sight.at - 120)
    assert desk.deliver() == 3
    desk.service.sights["default"] = replace(sight, at=sight.at - 7200, clear_at=sight.at - 7200)
    assert not witness.may_send(desk.service, "default")


def test_it_refuses_to_arm_without_the_witness(desk: Desk) -> None:
    """Nobody arms a letter while no one can say whether another copy sends it."""
    digest = desk.invited().closed().frozen()
    dispatch.approve(desk.service, NAME, digest=digest, by="Bob")
    account = replace(desk.service.settings.accounts["default"], imap_port=servers.free_port())
    desk.service.settings = replace(desk.service.settings, accounts={"default": account})

    with pytest.raises(Refused, match="cannot be read"):
        dispatch.schedule(desk.service, NAME, by="Alice")


def put_note(desk: Desk, kind: Kind, *, epoch: int) -> None:
    """Put a note of another database into the mailbox."""
    note = Note(
        key="strange",
        instance="other",
        epoch=epoch,
        kind=kind,
        campaigns=(NAME,),
        at=desk.clock.now,
    )
    desk.office.put(compose_note(note), folder=witness.FOLDER)


@pytest.mark.parametrize(
    ("kind", "epoch", "said"),
    [
        (Kind.DISPATCHED, 0, "left already"),
        (Kind.AT_WORK, 1, "unknown to it"),
        (Kind.AT_WORK, 2, "taken over"),
    ],
)
def test_it_refuses_to_arm_and_to_dispatch_against_a_note(
    desk: Desk, kind: Kind, epoch: int, said: str
) -> None:
    """A letter that left from elsewhere, or that another copy is about to send, stays here."""
    desk.invited().closed().armed().at_dispatch()
    put_note(desk, kind, epoch=epoch)

    assert dispatch.dispatch_due(desk.service) == 0

    with desk.service.store.reading() as session:
        sentences = list(session.scalars(select(TroubleRow.sentence)))
        letters = session.scalars(select(MessageRow.id).where(MessageRow.purpose == "letter")).all()
    assert any(said in one for one in sentences)
    assert not letters
    dispatch.disarm(desk.service, NAME, by="Alice")
    with pytest.raises(Refused, match=said):
        dispatch.schedule(desk.service, NAME, by="Alice")


def test_it_tells_of_the_dispatch_before_the_first_letter(desk: Desk) -> None:
    """The note of a dispatch stands in the mailbox before a letter leaves, and stays there."""
    desk.invited().closed().armed().at_dispatch()
    desk.clock.go(minutes=1)

    dispatch.dispatch_due(desk.service)
    reachable = desk.service.settings
    account = replace(reachable.accounts["default"], imap_port=servers.free_port())
    desk.service.settings = replace(reachable, accounts={"default": account})
    assert desk.deliver() == 0
    desk.service.settings = reachable
    desk.service.sights.clear()
    assert desk.deliver() == 15

    kinds = [note.kind for note in standing(desk.service)]
    assert sorted(kinds) == [Kind.AT_WORK, Kind.DISPATCHED]


def test_it_reads_back_the_note_that_it_writes() -> None:
    """A note survives its way through a mailbox; other mail in the folder is none."""
    note = Note(
        key="k",
        instance="i",
        epoch=3,
        kind=Kind.DISPATCHED,
        campaigns=("one-letter", "two-letter"),
        at=datetime(2026, 5, 26, tzinfo=UTC),
    )

    assert read_note(compose_note(note)) == note
    assert read_note(b"Subject: hello\r\n\r\nnote: x\r\n") is None
    assert read_note(b"Content-Type: image/png\r\n\r\nx") is None
