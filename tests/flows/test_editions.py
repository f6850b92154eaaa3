"""A text that changes: who is asked again, and who is printed meanwhile."""

from sqlalchemy import select

from tests.campaigns import IMOGEN, LETTER, NAME, RIK, Desk
from undersigned.domain.delivery import Purpose
from undersigned.flows import since
from undersigned.store.machine_tables import JournalRow
from undersigned.store.tables import MessageRow

NEW = LETTER.replace("a matter of principle.\n", "a matter of principle, and of law.\n")
COMMA = LETTER.replace("We write to you", "We write, to you,")


def signed(desk: Desk) -> Desk:
    """Give a campaign that one organization has signed."""
    desk.invited().answer(RIK, "YES")
    desk.read()
    desk.deliver()
    return desk


def renewals(desk: Desk) -> int:
    """Count the questions about a changed text."""
    with desk.service.store.reading() as session:
        query = select(MessageRow).where(MessageRow.purpose == Purpose.RENEWAL)
        return len(session.scalars(query).all())


def subjects(desk: Desk, address: str) -> list[str]:
    """Give the subjects of what an address received."""
    return [str(one["Subject"]) for one in desk.mail_to(address)]


def test_a_change_of_substance_asks_signers_again(desk: Desk) -> None:
    """Nobody is printed under a text they have not agreed to; their new yes prints them again."""
    signed(desk).write("letter.md", NEW)
    desk.apply(substance=True)
    desk.deliver()

    assert desk.printed()["organization"] == []
    asked = desk.mail_to(RIK)[-1]
    assert str(asked["Subject"]) == "The text has changed: An Open Letter"
    words = str(asked.get_body(("plain",)))
    assert "of principle, and of law." in words
    assert "Open Archive Collective (OAC) / Netherlands" in words
    assert "The text has changed: An Open Letter" not in subjects(desk, IMOGEN)

    desk.answer(RIK, "YES")
    desk.read()
    assert desk.printed()["organization"] == ["Open Archive Collective (OAC) / Netherlands"]


def test_no_one_is_asked_twice_about_one_text(desk: Desk) -> None:
    """Taking the same folder over again asks nobody again."""
    signed(desk).write("letter.md", NEW)
    desk.apply(substance=True)
    desk.apply(substance=True)

    assert renewals(desk) == 1


def test_a_corrected_comma_asks_nobody(desk: Desk) -> None:
    """A correction is a new edition in the journal; the signers stay, and nobody is written to."""
    signed(desk).write("letter.md", COMMA)
    desk.apply()

    assert renewals(desk) == 0
    assert desk.printed()["organization"] == ["Open Archive Collective (OAC) / Netherlands"]
    with desk.service.store.reading() as session:
        entries = session.scalars(
            select(JournalRow).where(JournalRow.action == "changed-text").order_by(JournalRow.id)
        ).all()
    assert [(one.subject, one.detail["substance"]) for one in entries] == [
        ("edition:1", True),
        ("edition:2", False),
    ]


def test_a_yes_to_the_old_text_is_asked_about_the_new(desk: Desk) -> None:
    """Who answers the old invitation agreed to the old text, and learns of the new one."""
    desk.invited()
    old = desk.mail_to(IMOGEN)[-1]
    desk.write("letter.md", NEW)
    desk.apply(substance=True)
    desk.send(desk.reply(old, "YES", sender=IMOGEN), sender=IMOGEN, to=str(old["Reply-To"]))
    desk.read()
    desk.deliver()

    assert desk.printed()["organization"] == []
    assert subjects(desk, IMOGEN)[1:] == ["The text has changed: An Open Letter"]
    desk.answer(IMOGEN, "YES")
    desk.read()
    desk.deliver()
    assert desk.printed()["organization"] == ["Kestrel Rights Watch / UK"]
    assert subjects(desk, IMOGEN)[-1] != "The text has changed: An Open Letter"


def test_a_change_of_substance_voids_the_freeze(desk: Desk) -> None:
    """A frozen letter with another text does not leave; after the cut-off the yes still counts."""
    signed(desk).closed().armed()
    desk.write("letter.md", NEW)
    desk.apply(substance=True)
    desk.deliver()

    assert not desk.is_frozen()
    assert desk.printed()["organization"] == []
    desk.answer(RIK, "YES")
    desk.read()
    assert desk.printed()["organization"] == ["Open Archive Collective (OAC) / Netherlands"]


def test_who_says_no_to_the_new_text_is_not_printed(desk: Desk) -> None:
    """A no to the new text takes the consent to the old one back."""
    signed(desk).write("letter.md", NEW)
    desk.apply(substance=True)
    desk.deliver()
    desk.answer(RIK, "NO")
    desk.read()

    assert desk.printed()["organization"] == []


def test_a_newer_question_takes_an_older_one_back(desk: Desk) -> None:
    """Two changes before the mail leaves make one question."""
    signed(desk).write("letter.md", NEW)
    desk.apply(substance=True)
    desk.write("letter.md", NEW.replace("law", "law and custom"))
    desk.apply(substance=True)
    desk.deliver()

    asked = [one for one in subjects(desk, RIK) if "text has changed" in one]
    assert len(asked) == 1
    assert "law and custom" in str(desk.mail_to(RIK)[-1].get_body(("plain",)))


def test_the_preview_tells_what_changed(desk: Desk) -> None:
    """A coordinator sees what the letter has become since it was frozen."""
    signed(desk)
    assert since.last(desk.service, NAME) is None
    desk.write("letter.md", COMMA)
    desk.apply()
    first = since.last(desk.service, NAME)
    assert first is not None
    assert first.lines()[0] == "Changed since edition 1:"
    assert any(line.startswith("+ We write, to you,") for line in first.lines())

    desk.closed().frozen()
    second = since.last(desk.service, NAME)
    assert second is not None
    assert second.lines() == ["Nothing changed since the freeze of 2026-06-19 22:00 UTC."]
    desk.answer(RIK, "WITHDRAW")
    desk.read()
    third = since.last(desk.service, NAME)
    assert third is not None
    assert third.names_out == ["Open Archive Collective (OAC) / Netherlands"]
