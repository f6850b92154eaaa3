"""Freezing, approving, arming; and the minute itself."""

import pytest
from sqlalchemy import select

from tests.campaigns import MISSION_CODES, NAME, RIK, Desk
from undersigned.domain.delivery import Purpose, State
from undersigned.errors import Refused, TemporaryFailure
from undersigned.flows import board, dispatch, freeze, pause
from undersigned.store.machine_tables import TroubleRow
from undersigned.store.tables import DeliveryRow


def letters(desk: Desk) -> list[int]:
    """Count the letters in each mission's mailbox."""
    return [len(desk.office.received(f"{code.lower()}@missions.example")) for code in MISSION_CODES]


def test_it_sends_one_letter_to_each_mission_at_the_minute(desk: Desk) -> None:
    """Each mission gets exactly one letter, and none before its time."""
    desk.invited().answer(RIK, "YES")
    desk.read()
    desk.closed().armed()
    assert dispatch.dispatch_due(desk.service) == 0

    desk.at_dispatch()
    assert dispatch.dispatch_due(desk.service) == 15
    assert dispatch.dispatch_due(desk.service) == 0
    desk.deliver()
    desk.deliver()

    assert letters(desk) == [1] * 15


def test_it_carries_the_names_the_text_and_a_pdf(desk: Desk) -> None:
    """An ambassador reads the letter with its names in the mail, and has it as a PDF."""
    desk.invited().answer(RIK, "YES")
    desk.read()
    desk.closed().armed().at_dispatch()
    dispatch.dispatch_due(desk.service)
    desk.deliver()

    mail = desk.mail_to("fr@missions.example")[0]
    text = mail.get_body(("plain",))
    attached = [part.get_content_type() for part in mail.iter_attachments()]
    assert text is not None
    assert "Open Archive Collective (OAC) / Netherlands" in text.get_content()
    assert "Kestrel" not in text.get_content()
    assert attached == ["application/pdf"]
    assert str(mail["From"]) == "Hana Whitfield <hana@letters.example>"


def test_it_does_not_leave_without_an_approval(desk: Desk) -> None:
    """Nothing is armed that nobody approved."""
    desk.invited().closed().frozen()

    with pytest.raises(Refused, match="not approved"):
        dispatch.schedule(desk.service, NAME, by="Alice")


def test_it_refuses_an_approval_of_something_else(desk: Desk) -> None:
    """An approval names the digest of what was looked at."""
    desk.invited().closed().frozen()

    with pytest.raises(Refused, match="digest begins with"):
        dispatch.approve(desk.service, NAME, digest="0123456789ab", by="Bob")


def test_it_does_not_leave_by_itself_after_the_latest_start(desk: Desk) -> None:
    """After a long outage a person decides, not the clock.

    T22: knadh/listmonk#1801; T33: knadh/listmonk#2585.
    """
    desk.invited().closed().armed().at_dispatch()
    desk.clock.go(hours=7)
    desk.read()

    assert dispatch.dispatch_due(desk.service) == 0

    with desk.service.store.reading() as session:
        trouble = session.scalars(select(TroubleRow).where(TroubleRow.key.like("dispatch:%"))).one()
    assert "will not by itself" in trouble.sentence


def test_it_waits_until_the_mailbox_was_read_up_to_its_minute(desk: Desk) -> None:
    """A withdrawal that lies unread in the mailbox still takes the name out."""
    desk.invited().closed().armed()
    desk.clock.now = desk.clock.now.replace(day=24, hour=13, minute=0, second=0)

    assert dispatch.dispatch_due(desk.service) == 0
    desk.read()
    assert dispatch.dispatch_due(desk.service) == 15


def test_it_waits_while_paused(desk: Desk) -> None:
    """The gate holds the letter too."""
    desk.invited().closed().armed().at_dispatch()
    pause.pause(desk.service, NAME, by="Alice")
    assert dispatch.dispatch_due(desk.service) == 0

    pause.resume(desk.service, NAME, by="Alice")
    assert dispatch.dispatch_due(desk.service) == 15


def test_it_undoes_the_freeze_when_a_signer_withdraws(desk: Desk) -> None:
    """A withdrawal before the first letter leaves takes the name out and stops the dispatch."""
    desk.invited().answer(RIK, "YES")
    desk.read()
    desk.deliver()
    desk.closed().armed()

    desk.clock.go(hours=1)
    desk.answer(RIK, "WITHDRAW")
    desk.read()
    desk.deliver()

    assert not desk.is_frozen()
    assert desk.printed() == {"individual": [], "organization": []}
    told = str(desk.mail_to("desk@letters.example")[-1].get_body(("plain",)))
    assert "void" in told
    desk.at_dispatch()
    assert dispatch.dispatch_due(desk.service) == 0


def test_it_takes_back_letters_that_have_not_begun_to_leave(desk: Desk) -> None:
    """A withdrawal that comes while the letters wait in the outbox is still honoured."""
    desk.invited().answer(RIK, "YES")
    desk.read()
    desk.deliver()
    desk.closed().armed().at_dispatch()
    assert dispatch.dispatch_due(desk.service) == 15

    desk.answer(RIK, "WITHDRAW")
    desk.read()
    desk.deliver()

    assert letters(desk) == [0] * 15
    assert not desk.is_frozen()
    desk.armed()
    assert dispatch.dispatch_due(desk.service) == 15
    desk.deliver()
    assert letters(desk) == [1] * 15
    assert "Open Archive" not in str(desk.mail_to("fr@missions.example")[0])


def test_it_tells_a_signer_who_withdraws_too_late(desk: Desk) -> None:
    """After the letter left the name is off our list, and the signer is told that it had gone."""
    desk.invited().answer(RIK, "YES")
    desk.read()
    desk.deliver()
    desk.closed().armed().at_dispatch()
    dispatch.dispatch_due(desk.service)
    desk.deliver()

    desk.clock.go(hours=1)
    desk.answer(RIK, "WITHDRAW")
    desk.read()
    desk.deliver()

    receipt = desk.mail_to(RIK)[-1].get_body(("plain",))
    assert receipt is not None
    assert "left" in receipt.get_content() or "already" in receipt.get_content()
    assert desk.printed()["organization"] == []


def test_it_refuses_to_freeze_before_the_cut_off(desk: Desk) -> None:
    """The list is open until its time, whoever is in a hurry."""
    desk.invited()

    with pytest.raises(Refused, match="open until"):
        freeze.freeze(desk.service, NAME, by="Alice")


def test_it_refuses_to_freeze_on_an_unread_mailbox(desk: Desk) -> None:
    """A yes that lies unread is not left out."""
    desk.invited()
    desk.clock.go(days=30)

    with pytest.raises(TemporaryFailure, match="not been read"):
        freeze.freeze(desk.service, NAME, by="Alice")


def test_it_shows_what_each_server_said(desk: Desk) -> None:
    """The board shows the server's own words for each mission."""
    desk.invited().closed().armed().at_dispatch()
    desk.office._refuse["fr@missions.example"] = ["550 5.1.1 Unknown"]  # noqa: SLF001 - the script
    dispatch.dispatch_due(desk.service)
    desk.deliver()

    shown = {row.code: row for row in board.board(desk.service, NAME)}
    assert shown["FR"].state is State.REFUSED
    assert "Unknown" in (shown["FR"].answer or "")
    assert shown["GB"].state is State.ACCEPTED
    with desk.service.store.reading() as session:
        rows = session.scalars(
            select(DeliveryRow).where(DeliveryRow.purpose == Purpose.LETTER)
        ).all()
    assert len(rows) == 15


def test_it_freezes_by_itself_when_nothing_waits(desk: Desk) -> None:
    """After the cut-off the list is made without anybody at a desk, and without an alarm."""
    desk.invited().answer(RIK, "YES")
    desk.read()
    desk.clock.now = desk.clock.now.replace(month=6, day=19, hour=22, minute=1)
    assert freeze.freeze_due(desk.service) == 0

    desk.read()
    assert freeze.freeze_due(desk.service) == 1
    assert freeze.freeze_due(desk.service) == 0
    desk.deliver()
    assert desk.mail_to("desk@letters.example") == []


def test_it_tells_the_coordinators_what_the_freeze_waits_for(desk: Desk) -> None:
    """A reply that waits for a person holds the freeze, and the coordinators learn of it once."""
    desk.invited().answer(RIK, "We would sign if you took out the second paragraph.")
    desk.read()
    desk.closed()

    assert freeze.freeze_due(desk.service) == 0
    assert freeze.freeze_due(desk.service) == 0
    desk.deliver()

    told = desk.mail_to("desk@letters.example")
    assert len(told) == 1
    assert "wait for a person" in str(told[0].get_body(("plain",)))
    assert freeze.freeze(desk.service, NAME, by="Alice", despite_reviews=True).number == 1


def test_it_tells_when_the_mailbox_stays_unread_over_the_cut_off(desk: Desk) -> None:
    """A mailbox out of reach over the cut-off is told after a while, and then freezes by itself."""
    desk.invited()
    desk.clock.now = desk.clock.now.replace(month=6, day=19, hour=22, minute=11)
    assert freeze.freeze_due(desk.service) == 0
    desk.deliver()
    assert len(desk.mail_to("desk@letters.example")) == 1

    desk.read()
    assert freeze.freeze_due(desk.service) == 1
