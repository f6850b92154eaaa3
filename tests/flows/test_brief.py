"""The coordinators' digest of the day."""

from sqlalchemy import update

from tests.campaigns import IMOGEN, NAME, RIK, Desk
from undersigned.domain.delivery import State
from undersigned.flows import brief, pause, status
from undersigned.store.tables import DeliveryRow

COORDINATOR = "desk@letters.example"


def digests(desk: Desk) -> list[str]:
    """Give the texts of the digests that a coordinator got."""
    bodies = [one.get_body(("plain",)) for one in desk.mail_to(COORDINATOR)]
    return [body.get_content() for body in bodies if body is not None]


def turn(desk: Desk) -> int:
    """Let the tick come and the mail go; gives how many digests were made."""
    made = brief.brief_due(desk.service)
    desk.deliver()
    return made


def test_it_goes_once_a_day_before_the_working_day(desk: Desk) -> None:
    """However often the tick comes there is one digest a day, at eight in the campaign's zone."""
    desk.invited()  # at nine in New York
    assert [turn(desk), turn(desk)] == [1, 0]

    desk.clock.go(hours=22)  # seven
    assert turn(desk) == 0
    desk.clock.go(hours=1)
    assert [turn(desk), turn(desk)] == [1, 0]

    assert len(digests(desk)) == 2


def test_it_says_what_came_what_waits_and_what_is_due(desk: Desk) -> None:
    """A coordinator who reads nothing else knows what to do today."""
    desk.invited()
    turn(desk)
    desk.clock.go(days=1)
    desk.answer(RIK, "YES")
    desk.answer(IMOGEN, "Would you change the second paragraph?")
    desk.read()
    desk.deliver()
    turn(desk)

    text = " ".join(digests(desk)[-1].split())
    assert "1 signature" in text
    assert "Kestrel Rights Watch" in text
    assert "reminder 1:" in text


def test_it_tells_what_is_wrong(desk: Desk) -> None:
    """A mailbox that nobody has read for a day is in the digest."""
    desk.invited()
    desk.read()
    desk.clock.go(days=1)
    turn(desk)

    assert "The mailbox has not been read since" in " ".join(digests(desk)[-1].split())


def test_it_is_silent_before_opening_and_while_paused(desk: Desk) -> None:
    """Nobody is told daily of what has not begun, and a pause does not pile mail up."""
    desk.apply()
    assert turn(desk) == 0
    desk.invited()
    pause.pause(desk.service, NAME, by="Alice")

    assert turn(desk) == 0


def test_it_ends_with_the_campaign(desk: Desk) -> None:
    """Some weeks after dispatch the digests stop."""
    desk.invited()
    desk.clock.go(days=60)

    assert turn(desk) == 0


def test_it_tells_when_too_many_invitations_come_back(desk: Desk) -> None:
    """A list with many dead addresses is told before it ruins the sender's name."""
    rows = "".join(
        f"organization,House {number},,UK,h{number}@house.example,en,\n" for number in range(5)
    )
    desk.add(rows)
    desk.invited()
    desk.read()
    assert status.status(desk.service, NAME).troubles == []

    with desk.service.store.writing() as session:
        session.execute(
            update(DeliveryRow)
            .where(DeliveryRow.address.like("%@house.example"))
            .values(state=State.BOUNCED)
        )

    assert "5 of 8 invitations came back" in " ".join(status.status(desk.service, NAME).troubles)
