"""What an account may send in a minute, whoever sends it."""

import threading
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta

import pytest

from tests.campaigns import IMOGEN, INGRID, MISSION_CODES, NAME, PROSPECTS, RIK, Desk
from tests.servers import free_port
from undersigned.flows import deliver, dispatch, foresee, invite, notify
from undersigned.service import Service
from undersigned.store import campaigns


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
    """Two means two, not three, in any minute; the rest follows in the next one.

    T41: knadh/listmonk#2184, a limit of 2 that sent 3.
    """
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
    """A provider's day is the last 24 hours, not one that begins anew at midnight.

    T40: knadh/listmonk#1112, #2500, limits for each account and period.
    """
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
    """Four workers at once send together what one may send alone.

    T42: pretix/pretix#5866, a limiter for each process.
    """
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


def test_it_keeps_the_letters_places_free(desk: Desk) -> None:
    """On the eve of dispatch a late invitation takes no place that a mission's letter needs."""
    desk.invited().closed().armed()
    paced(desk.service, smtp_per_day=16)
    desk.clock.now = desk.clock.now.replace(month=6, day=23, hour=20)
    coordinators(desk, 3)

    assert desk.deliver() == 1  # sixteen less fifteen missions
    desk.at_dispatch()
    dispatch.dispatch_due(desk.service)

    assert desk.deliver() == 15
    assert sum(len(desk.mail_to(f"{one.lower()}@missions.example")) for one in MISSION_CODES) == 15


def coordinators(desk: Desk, count: int) -> None:
    """Put so many mails to the coordinators into the outbox, due now."""
    with desk.service.store.writing() as session:
        campaign = campaigns.get(session, NAME)
        for number in range(count):
            notify.coordinators(session, campaign, f"test:{number}", (), now=desk.clock.now)


def test_it_keeps_places_for_the_letter_that_is_planned(desk: Desk) -> None:
    """Before it is frozen and armed, the day of the plan is kept for it."""
    desk.invited()
    paced(desk.service, smtp_per_day=16)
    desk.clock.now = desk.clock.now.replace(month=6, day=23, hour=20)
    coordinators(desk, 3)

    assert desk.deliver() == 1


def test_it_gives_the_places_back_when_the_letter_cannot_leave_any_more(desk: Desk) -> None:
    """After its latest start nothing is kept for a letter that will not leave by itself."""
    desk.invited()
    paced(desk.service, smtp_per_day=16)
    desk.clock.now = desk.clock.now.replace(month=6, day=24, hour=20)
    coordinators(desk, 3)

    assert desk.deliver() == 3


def test_it_writes_to_one_domain_after_the_other(desk: Desk) -> None:
    """A server that gets many mails at once from one sender takes them for spam."""
    same = [f"organization,Party {one},,UK,o{one}@large.example,en," for one in range(3)]
    other = ["organization,Other,,UK,office@other.example,en,"]
    desk.write("prospects.csv", "\n".join([PROSPECTS.splitlines()[0], *same, *other, ""]))
    opened(desk)
    paced(desk.service, smtp_domain_spacing_seconds=10)

    assert desk.deliver() == 2
    assert len(desk.mail_to("office@other.example")) == 1
    desk.clock.go(seconds=9.9)
    assert desk.deliver() == 0
    desk.clock.go(seconds=0.1)
    assert desk.deliver() == 1


@pytest.mark.parametrize("setting", ["smtp_per_hour", "smtp_domain_spacing_seconds"])
def test_it_holds_letters_and_spacing_with_four_workers(
    desk: Desk, open_one: Callable[[], Service], setting: str
) -> None:
    """Four workers take no place of the letter's, and no domain twice."""
    parties = [
        f"organization,Party {one},,UK,office{one}@party{one % 4}.example,en," for one in range(40)
    ]
    desk.write("prospects.csv", "\n".join([PROSPECTS.splitlines()[0], *parties, ""]))
    opened(desk)
    desk.clock.now = desk.clock.now.replace(month=6, day=24, hour=12, minute=30)
    workers = [paced(open_one(), **{setting: 19}) for _ in range(4)]

    threads = [threading.Thread(target=deliver.deliver, args=(one,)) for one in workers]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert len(desk.office.everything()) == 4  # nineteen less fifteen missions; or four domains


def test_it_foresees_when_all_are_invited(desk: Desk) -> None:
    """A coordinator reads when the last invitation leaves, and that the letter has its places."""
    paced(desk.service, smtp_per_hour=2, smtp_per_day=20)
    desk.apply()
    invite.open_campaign(desk.service, NAME, by="Alice")

    found = foresee.foresee(desk.service, NAME)

    opens = desk.clock.now + timedelta(days=1, hours=1)
    assert (found.invitations, found.other, found.letter) == (3, 0, 15)
    assert (found.begins_at, found.done_at) == (opens, opens + timedelta(hours=1))
    assert [(one.limit, one.left) for one in found.windows] == [(2, 2), (20, 20)]
    assert (found.is_in_time, found.has_room) == (True, False)  # two an hour are no fifteen


def test_it_foresees_as_it_sends(desk: Desk) -> None:
    """What is foretold is what the claims do."""
    opened(desk)
    paced(desk.service, 2)
    foretold = foresee.foresee(desk.service, NAME)
    assert foretold.other == 3

    sent = desk.deliver()
    while not sent or foresee.foresee(desk.service, NAME).other:
        desk.clock.go(seconds=10)
        sent += desk.deliver()

    assert foretold.done_at == desk.clock.now


def test_it_foresees_the_pauses_between_mails_to_one_domain(desk: Desk) -> None:
    """Forty people of one university are not done at once."""
    rows = [f"individual,Person {one},,UK,p{one}@univ.example,en," for one in range(5)]
    desk.write("prospects.csv", "\n".join([PROSPECTS.splitlines()[0], *rows, ""]))
    opened(desk)
    paced(desk.service, smtp_domain_spacing_seconds=30)

    assert foresee.foresee(desk.service, NAME).done_at == desk.clock.now + timedelta(minutes=2)
