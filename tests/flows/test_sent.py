"""What the provider's Sent folder tells of a letter that was cut on its way."""

from dataclasses import replace
from pathlib import Path

import pytest
from sqlalchemy import select

from tests.campaigns import NAME, Desk
from undersigned.domain.delivery import Purpose, State
from undersigned.flows import backup, dispatch, invite, pause, receive, recover
from undersigned.service import Service
from undersigned.store import leases
from undersigned.store.machine_tables import JournalRow
from undersigned.store.tables import DeliveryRow, MessageRow


@pytest.fixture
def filing(desk: Desk) -> Desk:
    """Give a desk whose provider files what it sends."""
    account = replace(desk.service.settings.accounts["default"], sent_copies="provider")
    desk.service.settings = replace(desk.service.settings, accounts={"default": account})
    return desk


def cut(desk: Desk, number: int) -> list[str]:
    """Cut letters after their mark; gives their addresses."""
    desk.invited().closed().armed().at_dispatch()
    dispatch.dispatch_due(desk.service)
    claims = []
    for _ in range(number):
        with desk.service.store.writing() as session:
            claims += leases.claim(
                session,
                "default",
                purposes=frozenset({Purpose.LETTER}),
                owner="killed",
                now=desk.clock.now,
                lease=desk.service.settings.limits.lease,
                limit=1,
            )
            assert leases.mark(session, claims[-1], now=desk.clock.now)
    desk.clock.go(minutes=20)
    recover.recover(desk.service)
    return [one.address for one in claims]


def file(desk: Desk, address: str, *, copies: int = 1) -> None:
    """File the copy of what was sent to an address, as the provider does."""
    with desk.service.store.reading() as session:
        message_id = session.scalars(
            select(MessageRow.message_id).join(DeliveryRow).where(DeliveryRow.address == address)
        ).first()
    for _ in range(copies):
        desk.office.put(f"Message-ID: {message_id}\r\n\r\nx\r\n".encode(), folder="Sent")


def state(service: Service, address: str) -> str:
    """Give the state of the delivery to an address."""
    with service.store.reading() as session:
        return session.scalars(
            select(DeliveryRow.state).where(DeliveryRow.address == address)
        ).one()


def test_it_settles_a_letter_whose_copy_is_in_sent(filing: Desk) -> None:
    """A letter that the provider filed has left; one without a copy waits for a person."""
    taken, unknown = cut(filing, 2)
    file(filing, taken)

    receive.receive(filing.service)

    assert state(filing.service, taken) == State.ACCEPTED
    assert state(filing.service, unknown) == State.UNCERTAIN
    with filing.service.store.reading() as session:
        settled = session.scalars(
            select(JournalRow.detail).where(JournalRow.action == "settled")
        ).all()
    assert [one["reason"] for one in settled] == ["its copy is in the Sent folder"]


def test_it_takes_no_copy_for_a_proof_where_programs_file_it(desk: Desk) -> None:
    """Where mail programs put the copy into Sent, it proves nothing."""
    (letter,) = cut(desk, 1)
    file(desk, letter)

    receive.receive(desk.service)

    assert state(desk.service, letter) == State.UNCERTAIN


@pytest.mark.parametrize(("copies", "expected"), [(1, State.UNCERTAIN), (2, State.ACCEPTED)])
def test_it_counts_the_copies_of_a_letter_to_two_addresses(
    filing: Desk, copies: int, expected: State
) -> None:
    """One copy for two addresses does not say which of them got the letter."""
    filing.write(
        "missions.csv",
        (filing.folder / "missions.csv")
        .read_text()
        .replace("ae@missions.example", "ae@missions.example second@missions.example"),
    )
    first, second = cut(filing, 2)
    assert second == "second@missions.example"
    file(filing, first, copies=copies)

    receive.receive(filing.service)

    assert {state(filing.service, one) for one in (first, second)} == {expected}


def test_it_takes_out_of_a_restored_queue_what_had_left(filing: Desk, tmp_path: Path) -> None:
    """An invitation that left after the backup was made does not leave a second time."""
    filing.apply()
    invite.open_campaign(filing.service, NAME, by="Alice")
    filing.clock.go(days=1, hours=2)
    invite.invite(filing.service, NAME, by="Alice")
    done = backup.back_up(filing.service, tmp_path / "monday.db")
    assert filing.deliver() == 3
    backup.restore(filing.service, done.path, by="Alice")
    for one in filing.office.everything():
        file(filing, one.recipient)

    receive.receive(filing.service)
    pause.resume(filing.service, NAME, by="Alice")

    assert filing.deliver() == 0
    assert len(filing.office.everything()) == 3
