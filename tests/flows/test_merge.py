"""Two parties that are one: the list prints one, and nothing that either said is lost."""

import pytest
from sqlalchemy import select

from tests.campaigns import IMOGEN, NAME, RIK, Desk
from undersigned.domain.party import Standing
from undersigned.errors import Refused
from undersigned.flows import invite, prospects, remind, roll
from undersigned.flows.merge import look, merge
from undersigned.store.machine_tables import JournalRow
from undersigned.store.tables import ProspectRow, ReplyRow

TWICE = """kind,name,title,country,email,language,contact
organization,Open Archive Collective (OAC),,Netherlands,rik@openarchive.example,en,
organization,Open Archive Coll.,,,i.farrow@kestrelrights.example,en,Imogen Farrow
individual,Ingrid Aaltonen,"Professor, University of Norrhamn",Finland,ingrid@norrhamn.example,en,
"""


@pytest.fixture
def twice(desk: Desk) -> Desk:
    """Give a campaign in which one party stands twice; both were invited."""
    desk.write("prospects.csv", TWICE)
    return desk.invited()


def merged(desk: Desk, word: str = "", keep: str = RIK, other: str = IMOGEN) -> ProspectRow:
    """Let Rik's party take in Imogen's."""
    return merge(desk.service, NAME, keep, other, word=word, reason="they told us", by="Alice")


def say(desk: Desk, address: str, words: str) -> None:
    """Let somebody answer, and read it."""
    desk.answer(address, words)
    desk.read()
    desk.deliver()


def row(desk: Desk, number: int) -> ProspectRow:
    """Give a party's row."""
    with desk.service.store.reading() as session:
        return session.get_one(ProspectRow, number)


def test_what_the_other_one_said_and_got_follows(twice: Desk) -> None:
    """Its yes is the kept one's, with the mail before it; the journal says who, whom and why."""
    say(twice, IMOGEN, "Yes, please add us.")
    kept, other = row(twice, 1), row(twice, 2)

    merged(twice)

    assert row(twice, kept.id).standing == Standing.SIGNED
    assert row(twice, kept.id).contact == "Imogen Farrow"
    assert (row(twice, other.id).standing, row(twice, other.id).merged_into) == ("merged", kept.id)
    passed = [event.what for event in roll.party(twice.service, NAME, kept.id).events]
    assert any(IMOGEN in what for what in passed)
    assert roll.party(twice.service, NAME, other.id).events == []
    assert twice.printed()["organization"] == ["Open Archive Coll."]
    with twice.service.store.reading() as session:
        line = session.scalars(select(JournalRow).where(JournalRow.action == "merged")).one()
        assert (line.actor, line.detail["reason"]) == ("Alice", "they told us")


def test_the_list_prints_one(twice: Desk) -> None:
    """Where both said yes, and how they are printed differs, a person says which line stays."""
    say(twice, RIK, "Yes, please add us.")
    say(twice, IMOGEN, "Yes, please add us.")

    with pytest.raises(Refused, match="say whose word holds"):
        merged(twice)
    assert look(twice.service, NAME, RIK, IMOGEN).differs
    assert len(twice.printed()["organization"]) == 2

    merged(twice, word="keep")

    assert twice.printed()["organization"] == ["Open Archive Collective (OAC) / Netherlands"]


def test_a_no_may_hold_against_a_yes(twice: Desk) -> None:
    """Whichever a person chooses: no name is printed on a word that was set aside."""
    say(twice, RIK, "Yes, please add us.")
    say(twice, IMOGEN, "No, thank you.")

    merged(twice, word="other")

    assert twice.printed()["organization"] == []
    assert row(twice, 1).standing == Standing.DECLINED


def test_a_frozen_letter_is_void_when_its_list_changes(twice: Desk) -> None:
    """What was approved had two lines."""
    say(twice, RIK, "Yes, please add us.")
    say(twice, IMOGEN, "Yes, please add us.")
    twice.closed().frozen()

    merged(twice, word="keep")

    assert not twice.is_frozen()


def test_the_other_one_is_neither_asked_nor_added_again(twice: Desk) -> None:
    """No reminder goes to it, and applying the folder anew makes no new party of it."""
    say(twice, RIK, "Yes, please add us.")
    merged(twice)

    twice.apply()
    invite.invite(twice.service, NAME, by="Alice")
    twice.clock.go(days=15)
    twice.read()
    remind.remind_due(twice.service)
    twice.deliver()

    assert len(twice.mail_to(IMOGEN)) == 1
    assert len(prospects.prospects(twice.service, NAME)) == 3


def test_what_comes_later_from_the_other_address_is_the_kept_ones(twice: Desk) -> None:
    """An answer to the mail that the other one got, or a mail out of the blue, finds the party."""
    merged(twice)

    say(twice, IMOGEN, "Yes, please add us.")

    with twice.service.store.reading() as session:
        assert session.scalars(select(ReplyRow.prospect_id)).all() == [1]


def test_a_party_merged_twice_leads_to_the_last(twice: Desk) -> None:
    """A chain is one step long."""
    merged(twice)

    merged(twice, keep="ingrid@norrhamn.example", other=RIK)

    assert row(twice, 2).merged_into == row(twice, 1).merged_into == 3


def test_what_makes_no_sense_is_refused(twice: Desk) -> None:
    """One party, a word that is none, no reason."""
    with pytest.raises(Refused, match="one party already"):
        merged(twice, other=RIK)
    with pytest.raises(Refused, match="none of keep, other"):
        merged(twice, word="both")
    with pytest.raises(Refused, match="Say how you know"):
        merge(twice.service, NAME, RIK, IMOGEN, reason="", by="Alice")
    merged(twice)
    with pytest.raises(Refused, match="one party already"):
        merged(twice)
