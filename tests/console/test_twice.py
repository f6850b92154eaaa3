"""A button that is pressed twice, since the page took long: it happened once."""

from collections.abc import Callable

import pytest
from sqlalchemy import select

from tests.campaigns import IMOGEN, NAME, RIK, Desk
from tests.console.conftest import ANN, Browser
from tests.console.test_letter import BASE, leave
from undersigned.domain.delivery import State
from undersigned.flows import board, invite
from undersigned.store.tables import DecisionRow, DeliveryRow, FreezeRow

Browse = Callable[..., Browser]


def twice(browser: Browser, path: str, **fields: str) -> list[int]:
    """Press a button two times; gives the statuses of the answers."""
    csrf = browser.field(browser.client.get("/sign-in").text, "csrf")
    data = {"csrf": csrf, **fields}
    return [browser.client.post(path, data=data).status_code for _ in range(2)]


def test_everybody_is_invited_once(browse: Browse, peopled: Desk) -> None:
    """The second press finds nobody left to invite.

    T20: SinergiaTIC/SinergiaCRM#438, a second press after a timeout.
    """
    peopled.apply()
    invite.open_campaign(peopled.service, NAME, by="Alice")
    peopled.clock.go(days=1, hours=2)

    assert twice(browse(), f"{BASE}/prospects/invite") == [303, 303]
    peopled.deliver()

    assert len(peopled.mail_to(RIK)) == 1
    assert len(peopled.mail_to(IMOGEN)) == 1


def test_a_ruling_is_written_once(browse: Browse, peopled: Desk) -> None:
    """One decision, one receipt; the second press is told that it was settled."""
    peopled.invited()
    peopled.answer(RIK, "Yes, if the third paragraph goes.")
    peopled.read()

    twice(browse(), f"{BASE}/review/1", act="sign", reason="It went.")
    peopled.clock.go(seconds=11)
    peopled.deliver()

    with peopled.service.store.reading() as session:
        assert len(session.scalars(select(DecisionRow)).all()) == 1
    assert len(peopled.mail_to(RIK)) == 2  # the invitation and one receipt


def test_a_question_is_asked_once(browse: Browse, peopled: Desk) -> None:
    """The signer gets one mail."""
    peopled.invited()
    peopled.answer(RIK, "Yes, if the third paragraph goes.")
    peopled.read()

    assert twice(browse(), f"{BASE}/review/1/ask", note="Which one?") == [303, 409]
    peopled.deliver()

    assert len(peopled.mail_to(RIK)) == 2


@pytest.mark.parametrize("state", [State.BOUNCED, State.REFUSED])
def test_a_mission_gets_its_letter_once_more_and_not_twice(peopled: Desk, state: State) -> None:
    """While the new letter is on its way, or has arrived, there is none to send again."""
    peopled.invited()
    peopled.answer(RIK, "Yes")
    peopled.read()
    browser = leave(peopled)
    peopled.deliver()
    code = board.missions(peopled.service, NAME)[0].code
    with peopled.service.store.writing() as session:
        for row in session.scalars(select(DeliveryRow).where(DeliveryRow.purpose == "letter")):
            row.state = state

    again = {"to": "new@mission.example", "reason": "told", "typed": NAME}
    assert twice(browser, f"{BASE}/dispatch/{code}/again", **again) == [303, 409]
    peopled.deliver()

    assert len(peopled.mail_to("new@mission.example")) == 1


def test_a_letter_is_frozen_and_armed_once(peopled: Desk) -> None:
    """The second press changes neither what is frozen nor when it leaves."""
    peopled.invited()
    peopled.answer(RIK, "Yes")
    peopled.read()
    peopled.closed()
    browser = Browser(peopled.service).sign_in(ANN)

    twice(browser, f"{BASE}/letter/freeze", typed=NAME)
    digest = browser.field(browser.get(f"{BASE}/letter"), "digest")
    twice(browser, f"{BASE}/letter/approve", typed=NAME, digest=digest)
    twice(browser, f"{BASE}/letter/arm", typed=NAME)

    with peopled.service.store.reading() as session:
        frozen = session.scalars(select(FreezeRow)).all()
    assert [(row.voided_at, row.armed_at is not None) for row in frozen] == [(None, True)]
