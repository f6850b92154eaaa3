"""What `undersigned status` says when something is wrong, in one line each that says what to do."""

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import update

from tests import servers
from tests.campaigns import NAME, RIK, Desk
from tests.transport.scripted_imap import ScriptedImap
from undersigned.domain.delivery import State
from undersigned.domain.reply import ReplyState
from undersigned.flows import pause, receive, recover, status
from undersigned.service import Service
from undersigned.store.machine_tables import CursorRow
from undersigned.store.tables import DeliveryRow, ReplyRow


def told(service: Service) -> list[str]:
    """Give the lines of the status."""
    return status.status(service, NAME).troubles


def only(service: Service) -> str:
    """Give the one line that there is."""
    (line,) = told(service)
    return line


def with_account(service: Service, **changes: object) -> Service:
    """Change the account's settings."""
    account = replace(service.settings.accounts["default"], **changes)  # type: ignore[arg-type]
    service.settings = replace(service.settings, accounts={"default": account})
    return service


def test_it_says_nothing_when_all_is_well(desk: Desk) -> None:
    """A healthy campaign has no line."""
    desk.invited()
    desk.read()

    assert told(desk.service) == []


def test_it_says_that_the_mailbox_is_out_of_reach(desk: Desk) -> None:
    """A mailbox that cannot be reached is named, with its settings.

    T37: madada-team/dada-core#106; T67: osTicket/osTicket#6455, ten days of silence.
    """
    desk.invited()
    with_account(desk.service, imap_port=servers.free_port())

    receive.receive(desk.service)

    assert "check imap_host" in only(desk.service)


def test_it_says_that_nobody_reads_the_mailbox(desk: Desk) -> None:
    """Without worker or beat the status says so by itself."""
    desk.invited()
    desk.read()
    desk.clock.go(minutes=20)

    assert "Are worker and beat running" in only(desk.service)


def test_it_says_that_the_mailbox_was_numbered_anew(desk: Desk) -> None:
    """A changed UIDVALIDITY is told for a day; no reply is decided twice by it."""
    desk.invited()
    desk.answer(RIK, "Yes, please add our name.")
    desk.read()
    with desk.service.store.writing() as session:
        session.execute(update(CursorRow).values(uidvalidity=1))

    desk.read()
    desk.deliver()

    assert "numbered the messages in INBOX anew" in " ".join(told(desk.service))
    desk.clock.go(days=2)
    desk.read()
    recover.recover(desk.service)
    assert told(desk.service) == []
    assert len(desk.printed()["organization"]) == 1


@pytest.mark.parametrize(
    ("state", "said"),
    [
        (State.QUEUED, "waited too long to leave: 3"),
        (State.CLAIMED, "held by a worker that does not come back: 3"),
        (State.SENDING, "nobody settles: 3"),
        (State.UNCERTAIN, "undersigned dispatch settle"),
    ],
)
def test_it_tells_of_rows_past_their_greatest_age(desk: Desk, state: State, said: str) -> None:
    """What is stuck is told though no worker runs to find it.

    T34: frappe/frappe#33323, stuck in sending for ever.
    """
    desk.invited()
    with desk.service.store.writing() as session:
        session.execute(update(DeliveryRow).values(state=state))
    desk.clock.go(hours=5)
    desk.read()

    assert said in only(desk.service)


@pytest.mark.parametrize(
    ("state", "said"),
    [
        (ReplyState.KEPT, "wait to be read: 1"),
        (ReplyState.QUARANTINED, "undersigned replies list --state quarantined"),
    ],
)
def test_it_tells_of_replies_that_nobody_reads(desk: Desk, state: ReplyState, said: str) -> None:
    """A reply that waits, or that made the reader fail, is told."""
    desk.invited()
    desk.answer(RIK, "Yes")
    receive.receive(desk.service)
    with desk.service.store.writing() as session:
        session.execute(update(ReplyRow).values(state=state))
    desk.clock.go(hours=1)
    receive.receive(desk.service)

    assert said in only(desk.service)


def test_it_says_that_the_clock_went_back(desk: Desk) -> None:
    """A machine whose clock is slow sends and closes too late: the mail of before tells."""
    desk.invited().answer(RIK, "YES")
    desk.read()

    desk.clock.go(minutes=-10)

    assert "this machine's clock says" in told(desk.service)[0]


def test_it_says_that_a_reply_is_dated_later_than_it_is(desk: Desk) -> None:
    """The mailbox's own clock tells, where nothing was sent for long."""
    desk.invited().answer(RIK, "YES")
    desk.read()
    with desk.service.store.writing() as session:
        session.execute(update(ReplyRow).values(received_at=desk.service.now + timedelta(hours=3)))

    assert "Set it (NTP)" in only(desk.service)


def test_it_says_that_the_campaign_is_paused(desk: Desk) -> None:
    """A pause that was forgotten is seen."""
    desk.invited()
    desk.read()
    pause.pause(desk.service, NAME, by="Alice")

    assert "`undersigned resume`" in only(desk.service)


def test_it_says_that_redis_is_away(
    desk: Desk, request: pytest.FixtureRequest, open_one: Callable[[], Service]
) -> None:
    """Redis that is down is a line; one that answers is none, nor is a URL without Redis."""
    desk.invited()
    desk.read()
    away = f"redis://127.0.0.1:{servers.free_port()}/0"
    desk.service.settings = replace(desk.service.settings, broker_url=away)
    assert "Start it again" in only(desk.service)

    other = open_one()
    running = request.getfixturevalue("redis_server")
    other.settings = replace(other.settings, broker_url=running)
    assert told(other) == []


def test_it_keeps_large_replies_out_of_memory_together(desk: Desk) -> None:
    """Many large replies are kept in small groups, and none is lost."""
    desk.invited()
    body = "x" * 70 + "\r\n"
    for number in range(5):
        text = f"From: a@b.example\r\nSubject: {number}\r\n\r\n" + body * 70_000
        desk.office.put(text.encode())

    assert receive.receive(desk.service) == 5
    assert receive.receive(desk.service) == 0


@pytest.mark.parametrize(
    ("used", "lines"), [("STORAGE 89 100", 0), ("STORAGE 5 100 MESSAGE 91 100", 1)]
)
def test_it_says_that_the_mailbox_is_nearly_full(desk: Desk, used: str, lines: int) -> None:
    """A full mailbox turns answers away, so it is told while there is room (RFC 9208)."""
    script: dict[str, str | list[str]] = {
        "CAPABILITY": "* CAPABILITY IMAP4rev1 QUOTA\r\n{tag} OK",
        "LIST": '* LIST () "/" INBOX\r\n{tag} OK',
        "SEARCH": "* SEARCH\r\n{tag} OK",
        "GETQUOTAROOT": f'* QUOTAROOT INBOX ""\r\n* QUOTA "" ({used})\r\n{{tag}} OK',
    }
    desk.invited()
    with ScriptedImap(script) as server:
        receive.fetch(with_account(desk.service, imap_port=server.port), "default")

    assert sum("91% full" in one for one in told(desk.service)) == lines
