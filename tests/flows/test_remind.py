"""Reminding those who have not answered, and nobody who has."""

import pytest

from tests.campaigns import IMOGEN, INGRID, NAME, RIK, Desk
from undersigned.errors import Refused
from undersigned.flows import remind


def reminded(desk: Desk) -> list[str]:
    """Give who got a second mail that is no receipt."""
    return [
        address
        for address in (RIK, IMOGEN, INGRID)
        if len([one for one in desk.mail_to(address) if not one["Auto-Submitted"]]) > 1
    ]


def test_it_reminds_only_the_silent(desk: Desk) -> None:
    """Whoever answered anything is left in peace; whoever is silent is asked once more."""
    desk.invited().answer(RIK, "YES")
    desk.answer(INGRID, "What exactly do you mean by principle?")
    desk.read()
    desk.clock.go(days=15)
    desk.read()

    assert remind.remind_due(desk.service) == 1
    assert remind.remind_due(desk.service) == 0
    desk.deliver()

    assert reminded(desk) == [IMOGEN]
    assert "In-Reply-To" in desk.mail_to(IMOGEN)[-1]


def test_it_reminds_nobody_on_an_unread_mailbox(desk: Desk) -> None:
    """An answer that lies unread counts: without a fresh look nobody is reminded."""
    desk.invited()
    desk.read()
    desk.clock.go(days=15)

    assert remind.remind_due(desk.service) == 0


def test_it_takes_a_waiting_reminder_back_when_the_answer_comes(desk: Desk) -> None:
    """A reminder in the outbox does not leave after the answer came."""
    desk.invited()
    desk.clock.go(days=15)
    desk.read()
    remind.remind_due(desk.service)
    desk.answer(RIK, "YES")
    desk.read()
    desk.deliver()

    assert reminded(desk) == [IMOGEN, INGRID]


def test_it_reminds_nobody_after_the_cut_off(desk: Desk) -> None:
    """A list that is closed asks for nothing."""
    desk.invited().closed()

    assert remind.remind_due(desk.service) == 0
    with pytest.raises(Refused, match="closed"):
        remind.remind_now(desk.service, NAME, by="Alice")


def test_it_reminds_when_a_person_asks(desk: Desk) -> None:
    """A reminder beside those of the plan goes to the silent, once for each asking."""
    desk.invited().answer(RIK, "YES")
    desk.read()

    assert remind.silent_count(desk.service, NAME) == 2
    assert remind.remind_now(desk.service, NAME, by="Alice") == 2
    desk.clock.go(hours=1)
    with pytest.raises(Refused, match="not read just now"):
        remind.remind_now(desk.service, NAME, by="Alice")
