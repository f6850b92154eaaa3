"""What coordinators are told by another account, when a campaign's own has fallen silent."""

from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import select

from tests.campaigns import NAME, Desk
from tests.servers import free_port
from undersigned.flows import alarm, pause, receive
from undersigned.store import troubles
from undersigned.store.tables import MessageRow

COORDINATOR = "desk@letters.example"
SECOND = "second@letters.example"


@pytest.fixture
def two(desk: Desk) -> Desk:
    """Give a desk with a second account that sends."""
    desk.invited()
    settings = desk.service.settings
    second = replace(settings.accounts["default"], name="second", address=SECOND, imap_host="")
    accounts = {**settings.accounts, "second": second}
    desk.service.settings = replace(settings, accounts=accounts)
    desk.read()
    return desk


def silence(desk: Desk, **changes: object) -> None:
    """Let the campaign's own account fail in some way, for twenty minutes."""
    settings = desk.service.settings
    account = replace(settings.accounts["default"], **changes)
    desk.service.settings = replace(settings, accounts={**settings.accounts, "default": account})
    receive.fetch(desk.service, "default")
    desk.clock.go(minutes=20)
    receive.fetch(desk.service, "default")


def turn(desk: Desk) -> int:
    """Let the tick come and the mail go; gives how many alarms were made."""
    made = alarm.alarm_due(desk.service)
    desk.deliver()
    return made


def test_it_tells_by_another_account_that_the_mailbox_is_not_read(two: Desk) -> None:
    """Answers wait where nobody reads them, and the coordinator learns of it all the same."""
    silence(two, imap_port=free_port())

    assert turn(two) == 1

    (mail,) = two.mail_to(COORDINATOR)
    assert str(mail["From"]).endswith(f"<{SECOND}>")
    assert two.office.received(COORDINATOR)[0].envelope_from == SECOND
    body = mail.get_body(("plain",))
    assert body is not None
    assert "cannot be read" in " ".join(body.get_content().split())


def test_it_tells_that_the_token_died(two: Desk) -> None:
    """The account that lost its permission cannot say so itself.

    T67: osTicket/osTicket#6455.
    """
    with two.service.store.writing() as session:
        troubles.tell(session, "token:default", "It cannot be renewed.", now=two.clock.now)
    two.clock.go(minutes=10)
    assert turn(two) == 0

    two.clock.go(minutes=5)

    assert turn(two) == 1


def test_it_tells_once_a_day(two: Desk) -> None:
    """However often the tick comes."""
    silence(two, imap_port=free_port())
    assert [turn(two), turn(two)] == [1, 0]

    two.clock.now += timedelta(days=1)

    assert [turn(two), turn(two)] == [1, 0]


def test_it_is_quiet_where_all_is_well(two: Desk) -> None:
    """Nothing is wrong, so nothing is said."""
    assert turn(two) == 0


def test_it_is_quiet_while_the_campaign_is_paused(two: Desk) -> None:
    """Whoever paused it knows."""
    silence(two, imap_port=free_port())
    pause.pause(two.service, NAME, by="Alice")

    assert turn(two) == 0


@pytest.mark.parametrize("what", ["none", "dead as well"])
def test_it_makes_no_alarm_that_could_not_leave(two: Desk, what: str) -> None:
    """With no other account that sends, the status alone says it."""
    settings = two.service.settings
    if what == "none":
        default = settings.accounts["default"]
        two.service.settings = replace(settings, accounts={"default": default})
    else:
        with two.service.store.writing() as session:
            troubles.tell(session, "smtp:second", "It is away.", now=two.clock.now)
    silence(two, imap_port=free_port())

    assert turn(two) == 0
    with two.service.store.reading() as session:
        query = select(MessageRow.id).where(MessageRow.subject.startswith("alarm:"))
        assert session.scalars(query).all() == []
