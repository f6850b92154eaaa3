"""A person tries again what did not arrive."""

import pytest
from sqlalchemy import select, update

from tests.campaigns import IMOGEN, NAME, RIK, Desk
from tests.flows.test_retry import bounce, standing
from undersigned.domain.delivery import Purpose, State
from undersigned.domain.party import Standing
from undersigned.errors import Refused
from undersigned.flows import prospects
from undersigned.flows.retry_by_hand import retry_by_hand
from undersigned.flows.settle import settle_mail
from undersigned.store.machine_tables import JournalRow
from undersigned.store.tables import DeliveryRow


def deliveries(desk: Desk, address: str = RIK) -> list[tuple[int, str]]:
    """Give the number and state of each delivery to an address, in their order."""
    with desk.service.store.reading() as session:
        query = select(DeliveryRow.id, DeliveryRow.state).where(DeliveryRow.address == address)
        return [(row.id, row.state) for row in session.execute(query.order_by(DeliveryRow.id))]


def retried(desk: Desk, number: int, to: str = "") -> str:
    """Try a delivery again."""
    return retry_by_hand(desk.service, NAME, number, to=to, reason="they called", by="Alice")


def set_state(desk: Desk, state: State, purpose: Purpose = Purpose.INVITATION) -> int:
    """Let the first delivery to Rik stand in a state, as mail of a purpose; gives its number."""
    number = deliveries(desk)[0][0]
    with desk.service.store.writing() as session:
        values = {"state": state.value, "purpose": purpose.value}
        session.execute(update(DeliveryRow).where(DeliveryRow.id == number).values(**values))
    return number


def test_a_bounced_invitation_is_sent_once_more(desk: Desk) -> None:
    """It leaves anew, the bounce stays on record, and the journal says who and why."""
    desk.invited()
    bounce(desk, "5.1.1")
    assert standing(desk) is Standing.BOUNCED
    number = deliveries(desk)[0][0]

    retried(desk, number)
    desk.deliver()

    first, second = desk.mail_to(RIK)
    assert first["Message-ID"] != second["Message-ID"]
    assert [state for _, state in deliveries(desk)] == ["bounced", "accepted"]
    assert standing(desk) is Standing.INVITED
    with desk.service.store.reading() as session:
        line = session.scalars(select(JournalRow).order_by(JournalRow.id.desc())).first()
        assert line is not None
        assert (line.action, line.actor, line.detail["reason"]) == (
            "tried-again",
            "Alice",
            "they called",
        )


def test_a_receipt_goes_to_the_corrected_address(desk: Desk) -> None:
    """Who signed and could not be told is told at the address that was put right.

    T70: mysociety/alaveteli#2767, #3478.
    """
    desk.invited()
    desk.answer(RIK, "Yes, please add us.")
    desk.read()
    desk.deliver()
    bounce(desk, "5.1.1")
    desk.clock.go(days=1, minutes=1)  # the one probe that a machine makes
    desk.deliver()
    bounce(desk, "5.1.1")
    number = deliveries(desk)[-1][0]
    prospects.edit(desk.service, NAME, RIK, {"email": "new@openarchive.example"}, by="Alice")

    assert retried(desk, number) == "new@openarchive.example"
    desk.deliver()

    assert len(desk.mail_to("new@openarchive.example")) == 1
    assert standing_of_new(desk) is Standing.SIGNED


def standing_of_new(desk: Desk) -> Standing:
    """Give where the party stands at its new address."""
    found = prospects.prospects(desk.service, NAME)
    return next(Standing(one.standing) for one in found if one.email == "new@openarchive.example")


def test_nothing_is_tried_twice(desk: Desk) -> None:
    """Two coordinators, or two clicks, make one mail."""
    desk.invited()
    bounce(desk, "5.1.1")
    number = deliveries(desk)[0][0]
    retried(desk, number)

    with pytest.raises(Refused, match="made again already"):
        retried(desk, number)

    assert len(deliveries(desk)) == 2


@pytest.mark.parametrize(
    ("purpose", "why"),
    [
        (Purpose.LETTER, "dispatch board"),
        (Purpose.TEST, "another test"),
        (Purpose.SIGN_IN, "new link"),
    ],
)
def test_a_letter_never_goes_by_this_door(desk: Desk, purpose: Purpose, why: str) -> None:
    """A mission's letter, its test and a link have doors of their own."""
    desk.invited()
    number = set_state(desk, State.REFUSED, purpose)

    with pytest.raises(Refused, match=why):
        retried(desk, number)


def test_only_what_failed_is_tried_again(desk: Desk) -> None:
    """Mail that arrived, mail of nobody, and mail to an address of nobody's are refused."""
    desk.invited()
    number = deliveries(desk)[0][0]

    with pytest.raises(Refused, match="only what failed"):
        retried(desk, number)
    with pytest.raises(Refused, match="no delivery 999"):
        retried(desk, 999)
    set_state(desk, State.REFUSED)
    with pytest.raises(Refused, match="Correct the party first"):
        retried(desk, number, to="other@elsewhere.example")
    with pytest.raises(Refused, match="Say why"):
        retry_by_hand(desk.service, NAME, number, reason=" ", by="Alice")


def test_nobody_is_asked_again_who_has_answered_or_too_late(desk: Desk) -> None:
    """An invitation that came back is of no use when its party wrote, or the list is closed."""
    desk.invited()
    number = set_state(desk, State.REFUSED)
    desk.answer(RIK, "Yes, please add us.")
    desk.read()
    other = deliveries(desk, IMOGEN)[0][0]
    with desk.service.store.writing() as session:
        session.execute(update(DeliveryRow).where(DeliveryRow.id == other).values(state="refused"))

    with pytest.raises(Refused, match="has answered meanwhile"):
        retried(desk, number)
    desk.closed()
    with pytest.raises(Refused, match="list is closed"):
        retried(desk, other)


@pytest.mark.parametrize(("known", "mails"), [("arrived", 1), ("lost", 2)])
def test_uncertain_mail_is_settled_by_what_a_person_knows(
    desk: Desk, known: str, mails: int
) -> None:
    """What arrived is left in peace; what is lost leaves once more, as the same message."""
    desk.invited()
    number = set_state(desk, State.UNCERTAIN)

    settle_mail(desk.service, NAME, number, known, reason="they told us", by="Alice")
    desk.deliver()

    assert len({one["Message-ID"] for one in desk.mail_to(RIK)}) == 1
    assert len(desk.mail_to(RIK)) == mails
    with pytest.raises(Refused, match="not uncertain"):
        settle_mail(desk.service, NAME, number, known, reason="they told us", by="Alice")


def test_a_letter_is_not_settled_among_the_mail(desk: Desk) -> None:
    """A mission's letter is settled on its board, where the name is typed."""
    desk.invited()
    number = set_state(desk, State.UNCERTAIN, Purpose.LETTER)

    with pytest.raises(Refused, match="dispatch board"):
        settle_mail(desk.service, NAME, number, "lost", reason="they told us", by="Alice")
    with pytest.raises(Refused, match="none of arrived, lost"):
        settle_mail(desk.service, NAME, number, "perhaps", reason="they told us", by="Alice")
