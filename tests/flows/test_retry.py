"""What came back: tried again where the reason passes, and told where a signer was not."""

import pytest
from sqlalchemy import select

from tests.campaigns import NAME, RIK, Desk
from undersigned.domain.party import Standing
from undersigned.flows import status
from undersigned.rehearsal.machines import REPORTS
from undersigned.rehearsal.received import read as take
from undersigned.store.messages import MOST_ANSWERS
from undersigned.store.tables import ProspectRow


def bounce(desk: Desk, code: str, address: str = RIK) -> None:
    """Let the newest mail to an address come back with a status, and read the report."""
    kept = desk.office.received(address)[-1]
    report = REPORTS["failure"](take(kept.raw, address, kept.envelope_from), desk.clock.now)
    desk.send(report.replace(b"5.1.1", code.encode()), sender="", to=kept.envelope_from)
    desk.read()


def standing(desk: Desk) -> Standing:
    """Give where the party stands that is written to."""
    with desk.service.store.reading() as session:
        query = select(ProspectRow.standing).where(ProspectRow.email == RIK)
        return Standing(session.scalars(query).one())


def a_day_later(desk: Desk) -> int:
    """Give how many mails the address has when a day has passed."""
    desk.clock.go(days=1, minutes=1)
    desk.deliver()
    return len(desk.mail_to(RIK))


@pytest.mark.parametrize("code", ["5.2.2", "4.4.7"])
def test_a_full_mailbox_is_tried_again_and_left_in_the_end(desk: Desk, code: str) -> None:
    """Who has no room today is invited tomorrow, and given up after three days of it."""
    desk.invited()
    for expected in (2, 3, 4):
        bounce(desk, code)
        assert standing(desk) is Standing.INVITED
        assert a_day_later(desk) == expected

    bounce(desk, code)

    assert standing(desk) is Standing.BOUNCED
    assert a_day_later(desk) == 4


def test_an_address_that_never_was_is_given_up_at_once(desk: Desk) -> None:
    """No such user, and never a word from there: nothing more is sent."""
    desk.invited()

    bounce(desk, "5.1.1")

    assert standing(desk) is Standing.BOUNCED
    assert a_day_later(desk) == 1


def test_a_receipt_that_came_back_is_probed_and_told(desk: Desk) -> None:
    """A signer wrote from there, so it is tried once more; then a person must tell them."""
    desk.invited().answer(RIK, "YES")
    desk.read()
    desk.deliver()
    bounce(desk, "5.1.1")
    assert a_day_later(desk) == 3
    assert not any("Receipts that" in one for one in status.status(desk.service, NAME).troubles)

    bounce(desk, "5.1.1")

    assert a_day_later(desk) == 3
    assert standing(desk) is Standing.SIGNED
    told = " ".join(status.status(desk.service, NAME).troubles)
    assert f"Receipts that did not arrive: Open Archive Collective (OAC) at {RIK}." in told


def test_an_address_gets_so_many_answers_a_day_and_no_more(desk: Desk) -> None:
    """Two machines that answer each other stop, and a person is told."""
    desk.invited()
    for _ in range(MOST_ANSWERS + 3):
        desk.clock.go(seconds=1)
        raw = desk.reply(desk.mail_to(RIK)[0], "YES", sender=RIK)
        desk.send(raw, sender=RIK, to=str(desk.mail_to(RIK)[0]["Reply-To"]))
    desk.read()
    desk.deliver()

    assert len(desk.mail_to(RIK)) == 1 + MOST_ANSWERS
    told = " ".join(status.status(desk.service, NAME).troubles)
    assert f"{RIK} was sent {MOST_ANSWERS} answers within a day" in told
