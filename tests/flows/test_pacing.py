"""What an account may send in a minute, whoever sends it."""

import threading
from collections.abc import Callable
from dataclasses import replace

import pytest

from tests.campaigns import IMOGEN, INGRID, NAME, PROSPECTS, RIK, Desk
from tests.servers import free_port
from undersigned.flows import deliver, invite
from undersigned.service import Service


def paced(service: Service, per_minute: int = 0, **limits: int) -> Service:
    """Give the service with an account that may send so many messages a minute."""
    account = replace(
        service.settings.accounts["default"], **{"smtp_per_minute": per_minute, **limits}
    )
    service.settings = replace(service.settings, accounts={"default": account})
    return service


def opened(desk: Desk) -> None:
    """Put the invitations into the outbox, due now."""
    desk.apply()
    invite.open_campaign(desk.service, NAME, by="Alice")
    desk.clock.go(days=1, hours=2)
    invite.invite(desk.service, NAME, by="Alice")


def test_it_sends_two_where_two_a_minute_are_allowed(desk: Desk) -> None:
    """Two means two, not three, in any minute; the rest follows in the next one."""
    opened(desk)
    paced(desk.service, 2)

    assert desk.deliver() == 2
    desk.clock.go(seconds=59.9)
    assert desk.deliver() == 0
    desk.clock.go(seconds=0.1)
    assert desk.deliver() == 1
    assert [len(desk.mail_to(one)) for one in (RIK, IMOGEN, INGRID)] == [1, 1, 1]


@pytest.mark.parametrize(
    ("setting", "seconds"), [("smtp_per_hour", 3600), ("smtp_per_day", 86_400)]
)
def test_it_counts_the_hours_and_days_that_have_just_passed(
    desk: Desk, setting: str, seconds: int
) -> None:
    """A provider's day is the last 24 hours, not one that begins anew at midnight."""
    opened(desk)
    paced(desk.service, **{setting: 2})

    assert desk.deliver() == 2
    desk.clock.go(seconds=seconds - 0.1)
    assert desk.deliver() == 0
    desk.clock.go(seconds=0.1)
    assert desk.deliver() == 1


def test_it_counts_what_was_sent_before_a_restart(
    desk: Desk, open_one: Callable[[], Service]
) -> None:
    """A worker that starts anew does not begin a day of its own."""
    opened(desk)
    paced(desk.service, smtp_per_day=2)
    assert desk.deliver() == 2

    restarted = paced(open_one(), smtp_per_day=2)

    assert deliver.deliver(restarted) == 0


def test_it_stops_at_its_share_of_a_limit(desk: Desk) -> None:
    """Some providers lock an account that comes up to its limit, so a share is left."""
    opened(desk)
    paced(desk.service, smtp_per_day=3, limit_percent=90)

    assert desk.deliver() == 2


def test_it_counts_no_recipient_where_the_server_was_never_told_one(
    desk: Desk, open_one: Callable[[], Service]
) -> None:
    """A night in which the server is away does not use up the day that follows."""
    opened(desk)
    paced(desk.service, smtp_per_day=3, smtp_port=free_port())
    for _ in range(4):
        desk.deliver()
        desk.clock.go(minutes=2)

    deliver.deliver(paced(open_one(), smtp_per_day=3))

    assert len(desk.office.everything()) == 3


def test_it_sends_on_after_a_clock_was_put_right(desk: Desk) -> None:
    """What was sent by a clock that was a day ahead does not use up a day of minutes."""
    opened(desk)
    paced(desk.service, 2)
    desk.clock.go(days=1)
    assert desk.deliver() == 2

    desk.clock.go(days=-1)

    assert desk.deliver() == 1


def test_it_keeps_to_the_pace_with_four_workers(
    desk: Desk, open_one: Callable[[], Service]
) -> None:
    """Four workers at once send together what one may send alone."""
    parties = [
        f"organization,Party {number},,UK,office@party{number}.example,en," for number in range(40)
    ]
    desk.write("prospects.csv", "\n".join([PROSPECTS.splitlines()[0], *parties]))
    opened(desk)
    workers = [paced(open_one(), 7) for _ in range(4)]

    threads = [threading.Thread(target=deliver.deliver, args=(one,)) for one in workers]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert len(desk.office.everything()) == 7
