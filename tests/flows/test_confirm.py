"""A yes that nobody can vouch for: held, and the invited address is asked."""

from dataclasses import replace
from email.message import EmailMessage

import pytest
from sqlalchemy import select

from tests.campaigns import NAME, RIK, Desk
from undersigned.flows import replies, signatories
from undersigned.store.tables import DecisionRow, ReviewRow

STRANGER = "otto@somewhere-else.example"
OAC = "Open Archive Collective (OAC) / Netherlands"


def questions(desk: Desk, address: str = RIK) -> list[EmailMessage]:
    """Give the questions whether a yes is its own that an address got."""
    return [one for one in desk.mail_to(address) if one["Subject"].startswith("Please confirm:")]


def text(message: EmailMessage) -> str:
    """Give the plain text on one line."""
    body = message.get_body(("plain",))
    assert body is not None
    return " ".join(body.get_content().split())


def open_reviews(desk: Desk) -> list[ReviewRow]:
    """Give what waits for a person."""
    with desk.service.store.reading() as session:
        query = select(ReviewRow).where(ReviewRow.settled_at.is_(None))
        return list(session.scalars(query.order_by(ReviewRow.id)))


def turn(desk: Desk) -> None:
    """Read what came and hand over what follows."""
    desk.clock.go(minutes=1)
    desk.read()
    desk.deliver()


@pytest.fixture
def unvouched(desk: Desk) -> Desk:
    """Give a desk whose mailbox vouches for no sender."""
    settings = desk.service.settings
    account = replace(settings.accounts["default"], authserv_ids=())
    desk.service.settings = replace(settings, accounts={"default": account})
    return desk.invited()


def test_it_asks_the_invited_address_about_a_stranger_s_yes(desk: Desk) -> None:
    """Somebody else's yes prints nothing; the party itself learns of it, and nobody else."""
    desk.invited().answer(RIK, "YES, list us as:\nName: The OAC", sender=STRANGER)
    turn(desk)

    (question,) = questions(desk)
    assert STRANGER in text(question)
    assert "We write to you about a matter of principle." in text(question)
    assert desk.mail_to(STRANGER) == []
    assert desk.printed()["organization"] == []
    assert len(open_reviews(desk)) == 1


def test_it_prints_when_the_invited_address_says_yes(desk: Desk) -> None:
    """The confirmed name is listed as the question showed it, and the review is settled."""
    desk.invited().answer(RIK, "YES, list us as:\nName: Open Archive", sender=STRANGER)
    turn(desk)
    shown = "Open Archive / Netherlands"
    assert shown in text(questions(desk)[0])

    desk.answer(RIK, "YES")
    turn(desk)

    assert desk.printed()["organization"] == [shown]
    assert open_reviews(desk) == []
    with desk.service.store.reading() as session:
        assert session.scalars(select(DecisionRow.decided_by)).all() == ["rule:confirmed"]


def test_the_entry_may_be_corrected_in_the_confirmation(desk: Desk) -> None:
    """Who confirms may be listed otherwise than somebody else wrote."""
    desk.invited().answer(RIK, "YES, list us as:\nName: Open Archive", sender=STRANGER)
    turn(desk)

    desk.answer(RIK, "YES\n\nName: Open Archive Collective\nCountry: Netherlands")
    turn(desk)

    assert desk.printed()["organization"] == ["Open Archive Collective / Netherlands"]


def test_a_no_to_the_question_settles_it(desk: Desk) -> None:
    """What the invited address does not know of is off the desk, and it is not asked again."""
    desk.invited().answer(RIK, "YES", sender=STRANGER)
    turn(desk)
    desk.answer(RIK, "NO")
    turn(desk)

    desk.answer(RIK, "YES", sender=STRANGER)
    turn(desk)

    assert desk.printed()["organization"] == []
    assert len(questions(desk)) == 1
    assert [one.asked_at for one in open_reviews(desk)] == [None]


def test_a_domain_without_proof_can_confirm(unvouched: Desk) -> None:
    """Whose mail nothing proves signs by the token that its address alone was sent."""
    unvouched.answer(RIK, "YES")
    turn(unvouched)
    assert unvouched.printed()["organization"] == []

    unvouched.answer(RIK, "YES")
    turn(unvouched)

    assert unvouched.printed()["organization"] == [OAC]


def test_one_question_is_open_at_a_time(unvouched: Desk) -> None:
    """Whoever has a stolen token and sends ten answers makes us write one mail."""
    for _ in range(3):
        unvouched.send(
            unvouched.reply(unvouched.mail_to(RIK)[0], "YES", sender=RIK),
            sender=RIK,
            to=str(unvouched.mail_to(RIK)[0]["Reply-To"]),
        )
        turn(unvouched)

    assert len(questions(unvouched)) == 1
    assert unvouched.printed()["organization"] == []


def test_a_machine_and_a_late_answer_to_the_question_make_no_other(unvouched: Desk) -> None:
    """No machine's mail and no second doubt is answered with a question."""
    unvouched.answer(RIK, "YES", headers={"Auto-Submitted": "auto-generated"})
    turn(unvouched)
    assert questions(unvouched) == []
    unvouched.answer(RIK, "YES")
    turn(unvouched)

    unvouched.answer(RIK, "YES", sender=STRANGER)
    turn(unvouched)

    assert len(questions(unvouched)) == 1
    assert questions(unvouched, STRANGER) == []
    assert unvouched.printed()["organization"] == []


def test_who_asked_not_to_be_written_to_is_not_asked(desk: Desk) -> None:
    """A stranger's yes does not make us write to whoever unsubscribed."""
    desk.invited().answer(RIK, "UNSUBSCRIBE")
    turn(desk)
    desk.send(
        desk.reply(desk.mail_to(RIK)[0], "YES", sender=STRANGER),
        sender=STRANGER,
        to=str(desk.mail_to(RIK)[0]["Reply-To"]),
    )
    turn(desk)

    assert questions(desk) == []


def test_the_table_shows_sender_and_proof_of_every_signature(desk: Desk) -> None:
    """A coordinator sees what each name rests on, in the list and in what waits."""
    desk.invited().answer(RIK, "YES", sender=STRANGER)
    turn(desk)
    (waiting,) = replies.reviews(desk.service, NAME)
    shown = replies.reply(desk.service, replies.reviewed(desk.service, waiting.id))
    assert (waiting.sender, waiting.proof, waiting.asked is not None) == (STRANGER, "vouched", True)
    assert any(line.startswith(f"Asked    {RIK}") for line in shown.lines())

    desk.answer(RIK, "YES")
    turn(desk)

    (row,) = signatories.rows(desk.service, NAME)
    assert (row["sender"], row["proof"], row["decided_by"]) == (RIK, "vouched", "rule:confirmed")
    assert f"{RIK},vouched,rule:confirmed,2" in signatories.as_csv([row])
