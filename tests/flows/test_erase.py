"""What is left of a person who asked to be erased: nothing that names them."""

import base64
import quopri

import pytest
from sqlalchemy import inspect, select, text

from tests.campaigns import IMOGEN, NAME, RIK, Desk
from undersigned.domain.decision import Act
from undersigned.errors import Refused
from undersigned.flows import (
    check,
    dispatch,
    enrol,
    erase,
    invite,
    overview,
    read,
    replies,
    review,
    status,
)
from undersigned.service import Service
from undersigned.store import campaigns, journal
from undersigned.store.machine_tables import CursorRow
from undersigned.store.tables import ProspectRow, ReplyRow

PARTY = "Open Archive Collective (OAC)"
CONTACT = "Rik Terpstra"


def everything(service: Service) -> str:
    """Give every value of every table as one text, with what is encoded in mail decoded."""
    told: list[str] = []
    with service.store.reading() as session:
        for name in sorted(inspect(session.connection()).get_table_names()):
            for row in session.execute(text(f'SELECT * FROM "{name}"')):  # noqa: S608 - our own tables
                told += [_plain(value) for value in row if value is not None]
    return "\n".join(told)


def _plain(value: object) -> str:
    if isinstance(value, memoryview | bytes):
        raw = bytes(value)
        decoded = quopri.decodestring(raw) + b"".join(
            base64.b64decode(line) for line in raw.split() if len(line) % 4 == 0 and line.isalnum()
        )
        return (raw + decoded).decode("utf-8", "replace")
    return str(value)


@pytest.fixture
def known(desk: Desk) -> Desk:
    """Give a desk that knows much of one party: asked, signed, corrected, receipted."""
    desk.invited().answer(RIK, "YES")
    desk.answer(IMOGEN, "YES")
    desk.read()
    desk.deliver()
    desk.clock.go(hours=1)
    desk.answer(RIK, "Could you tell us who pays for this?")
    desk.read()
    desk.deliver()
    return desk


def without_reviews(desk: Desk) -> Desk:
    """Settle what waits for a person."""
    for one in replies.reviews(desk.service, NAME):
        ruling = review.Ruling(act=Act.NOTE, reason="answered", by="Alice")
        review.rule_on_review(desk.service, one.id, ruling, campaign=NAME)
    return desk


def test_nothing_that_is_kept_names_the_person(known: Desk) -> None:
    """No row of any table holds the address, the name or the contact any more."""
    assert RIK in everything(known.service)

    done = erase.erase(known.service, RIK, by="Alice")

    left = everything(known.service)
    assert [word for word in (RIK, PARTY, CONTACT, "who pays for this") if word in left] == []
    assert IMOGEN in left
    assert (done.parties, done.replies, done.kept) == (1, 2, ())


def test_the_mailbox_brings_nothing_back(known: Desk) -> None:
    """A mailbox that numbers its messages anew hands out again what it still holds.

    T63: chatwoot/chatwoot#12054, what was deleted was fetched once more.
    """
    erase.erase(known.service, RIK, by="Alice")
    with known.service.store.writing() as session:
        for cursor in session.scalars(select(CursorRow)):
            cursor.uidvalidity -= 1
        for reply in session.scalars(select(ReplyRow)):
            reply.uidvalidity -= 1

    known.read()

    left = everything(known.service)
    assert [word for word in (RIK, PARTY, CONTACT, "who pays for this") if word in left] == []
    with known.service.store.reading() as session:
        states = session.scalars(select(ReplyRow.state).order_by(ReplyRow.id)).all()
    assert states[-3:] == ["duplicate"] * 3


def test_the_name_leaves_the_list_and_no_other(known: Desk) -> None:
    """As by a withdrawal, but without a receipt."""
    mails = len(known.mail_to(RIK))

    erase.erase(known.service, RIK, by="Alice")
    known.deliver()

    assert "Kestrel" in str(known.printed())
    assert "Open Archive" not in str(known.printed())
    assert len(known.mail_to(RIK)) == mails


def test_it_voids_what_was_frozen_with_the_name(known: Desk) -> None:
    """The letter waits for a new freeze, and the old one holds the name no more."""
    without_reviews(known).closed().armed()

    erase.erase(known.service, RIK, by="Alice")

    assert not known.is_frozen()
    assert PARTY not in everything(known.service)
    known.frozen()
    assert "Kestrel" in str(known.printed())


def test_it_never_writes_there_again(known: Desk) -> None:
    """Not even where somebody adds the party once more."""
    erase.erase(known.service, RIK, by="Alice")
    added = f"kind,name,country,email\norganization,Open Archive,Netherlands,{RIK}\n"
    assert enrol.enrol(known.service, NAME, added, by="Alice") == 1
    mails = len(known.mail_to(RIK))

    invite.invite(known.service, NAME, by="Alice")
    known.deliver()

    assert len(known.mail_to(RIK)) == mails


def test_the_folder_that_names_it_is_told(known: Desk) -> None:
    """Whoever still has the address in prospects.csv is told to take it out."""
    erase.erase(known.service, RIK, by="Alice")

    faults = check.check(known.service, known.folder).faults

    told = [one for one in faults if one.file == "prospects.csv"]
    assert [one.line for one in told] == [2]
    assert RIK in str(told[0])
    assert "take the line out" in str(told[0])


def test_a_letter_that_left_keeps_its_name_and_proof(known: Desk) -> None:
    """What is in the missions' hands stays true, and its proof with it; the rest goes."""
    without_reviews(known).closed().armed().at_dispatch()
    dispatch.dispatch_due(known.service)
    known.deliver()

    (kept,) = erase.survey(known.service, RIK).kept
    erase.erase(known.service, RIK, by="Alice")

    assert "stands in the letter that left on 2026-06-24" in kept
    with known.service.store.reading() as session:
        party = session.scalars(select(ProspectRow).where(ProspectRow.name == PARTY)).one()
    assert (party.contact, party.email.endswith("@erased.invalid")) == (None, True)
    assert "who pays for this" not in everything(known.service)
    decided = [row for row in replies.replies(known.service, NAME) if row.state == "decided"]
    assert RIK in [row.sender for row in decided]


def test_the_pages_still_show(known: Desk) -> None:
    """What is erased breaks nothing that coordinators look at."""
    erase.erase(known.service, RIK, by="Alice")

    assert status.status(known.service, NAME).reviews == 0
    overview.overview(known.service, NAME)
    for row in replies.replies(known.service, NAME):
        replies.reply(known.service, row.id)
    known.read()
    read.read_kept(known.service)


def test_it_writes_down_that_it_was_done(known: Desk) -> None:
    """The journal says who erased how much and when, and not of whom."""
    erase.erase(known.service, RIK, by="Alice")

    with known.service.store.reading() as session:
        line = journal.latest(session, campaigns.get(session, NAME).id, "erased")
    assert line is not None
    assert (line.actor, line.subject) == ("Alice", f"campaign:{NAME}")
    assert line.detail["replies"] == 2


def test_it_refuses_what_nobody_knows(known: Desk) -> None:
    """A typing error erases nobody."""
    with pytest.raises(Refused, match="Nothing is known of nobody"):
        erase.erase(known.service, "nobody@nowhere.example", by="Alice")


def test_a_reply_by_which_another_party_stands_is_kept_and_told(desk: Desk) -> None:
    """Who signed for an organization is its proof: it stays until the organization is taken off."""
    colleague = "ida@kestrelrights.example"
    desk.invited().answer(IMOGEN, "YES", sender=colleague)
    desk.read()
    desk.deliver()
    assert "Kestrel" in str(desk.printed())

    (kept,) = erase.erase(desk.service, colleague, by="Alice").kept

    assert "by it Kestrel Rights Watch stands where it stands" in kept
    assert "Kestrel" in str(desk.printed())
