"""The rehearsing signers: they answer what they get, when the script says so."""

from collections.abc import Iterator
from datetime import timedelta
from email import message_from_bytes, policy
from email.message import EmailMessage
from zoneinfo import ZoneInfo

import pytest

from tests.rehearsal.letters import NOW, ours
from undersigned.domain.listing import Kind
from undersigned.domain.party import Prospect
from undersigned.errors import TemporaryFailure
from undersigned.rehearsal.post_office import PostOffice
from undersigned.rehearsal.script import parse
from undersigned.rehearsal.signers import Signers

PARTY = Prospect(kind=Kind.ORGANIZATION, name="Party", email="bo@party.example", language="en")
BOUNCES = "sign+abcdefghijklmnop@letters.example"


@pytest.fixture
def office() -> Iterator[PostOffice]:
    """Give a post office whose clock stands still."""
    with PostOffice(clock=lambda: NOW, mailbox="sign@letters.example") as office:
        yield office


def signers(office: PostOffice, answers: str) -> Signers:
    """Give one signer with the answers of the script."""
    script = parse(f'[[signer]]\nparty = "Party"\n{answers}', [PARTY], ZoneInfo("UTC"))
    return Signers(script, office.strangers_account(), lambda: NOW)


def replies(office: PostOffice) -> list[EmailMessage]:
    """Give the messages that came into the campaign's mailbox."""
    found = []
    for kept in office.received("sign@letters.example"):
        message = message_from_bytes(kept.raw, policy=policy.default)
        assert isinstance(message, EmailMessage)
        found.append(message)
    return found


INVITATION = ours("bo@party.example")
REMINDER = ours("bo@party.example", number=2, at=NOW + timedelta(days=12))
RECEIPT = ours("bo@party.example", number=3, at=NOW + timedelta(days=1), is_automatic=True)


def test_it_answers_after_the_time_the_script_says(office: PostOffice) -> None:
    """The campaign's clock can be put forward to the next answer."""
    bo = signers(office, '[[signer.answer]]\nafter = "2h"\nsays = "Yes"')
    assert bo.next_instant() is None

    bo.on_mail("BO@party.example", INVITATION, BOUNCES)

    assert bo.next_instant() == NOW + timedelta(hours=2)
    assert bo.act(NOW + timedelta(hours=1)) == 0
    assert bo.act(NOW + timedelta(hours=2)) == 1
    assert bo.act(NOW + timedelta(hours=3)) == 0
    (reply,) = replies(office)
    assert reply["In-Reply-To"] == "<1.bo@party.example>"
    assert reply["Date"].datetime == NOW + timedelta(hours=2)


def test_it_waits_for_the_message_it_answers(office: PostOffice) -> None:
    """Some answer only the reminder, some write again only after the receipt."""
    bo = signers(
        office,
        '[[signer.answer]]\nto = "reminder"\nsays = "Yes"\n'
        '[[signer.answer]]\nto = "receipt"\nsays = "Withdraw"',
    )

    bo.on_mail("bo@party.example", INVITATION, BOUNCES)
    assert bo.next_instant() is None
    bo.on_mail("bo@party.example", RECEIPT, BOUNCES)
    assert bo.next_instant() is None
    bo.on_mail("bo@party.example", REMINDER, BOUNCES)
    assert bo.act(NOW + timedelta(days=13)) == 1
    bo.on_mail("bo@party.example", RECEIPT, BOUNCES)
    assert bo.act(NOW + timedelta(days=13)) == 1

    assert [reply["In-Reply-To"] for reply in replies(office)] == [
        "<2.bo@party.example>",
        "<3.bo@party.example>",
    ]


def test_it_gives_one_answer_however_often_it_is_asked(office: PostOffice) -> None:
    """A second message before the answer changes nothing."""
    bo = signers(office, '[[signer.answer]]\nsays = "Yes"')

    bo.on_mail("bo@party.example", INVITATION, BOUNCES)
    bo.on_mail("bo@party.example", INVITATION, BOUNCES)

    assert bo.act(NOW + timedelta(days=30)) == 1


def test_it_answers_not_before_the_day_the_script_names(office: PostOffice) -> None:
    """A withdrawal after the cut-off is scripted by its date."""
    bo = signers(office, '[[signer.answer]]\nat = 2022-12-03T10:20:00\nsays = "Withdraw"')

    bo.on_mail("bo@party.example", INVITATION, BOUNCES)

    instant = bo.next_instant()
    assert instant is not None
    assert f"{instant:%d %B %H:%M}" == "03 December 10:20"


def test_it_lets_a_colleague_write(office: PostOffice) -> None:
    """Answers come from other addresses too."""
    bo = signers(
        office,
        '[[signer.answer]]\nsays = "Yes"\nname = "Al"\naddress = "al@party.example"',
    )

    bo.on_mail("bo@party.example", INVITATION, BOUNCES)
    bo.act(NOW + timedelta(days=1))

    (reply,) = replies(office)
    assert str(reply["From"]) == "Al <al@party.example>"
    assert reply["Return-Path"] == "<al@party.example>"


@pytest.mark.parametrize(
    ("by", "action", "status"), [("failure", "failed", "5.1.1"), ("delay", "delayed", "4.4.1")]
)
def test_it_sends_real_delivery_reports(
    office: PostOffice, by: str, action: str, status: str
) -> None:
    """A report (RFC 3464) goes to the reverse path, and holds the message it speaks of."""
    bo = signers(office, f'[[signer.answer]]\nby = "{by}"')

    bo.on_mail("bo@party.example", INVITATION, BOUNCES)
    bo.act(NOW + timedelta(days=1))

    (report,) = replies(office)
    assert report["Return-Path"] == "<>"
    assert report.get_content_type() == "multipart/report"
    _, fields, returned = report.iter_parts()
    assert fields.get_content_type() == "message/delivery-status"
    recipient = fields.get_payload(1)
    assert isinstance(recipient, EmailMessage)
    assert (recipient["Action"], recipient["Status"]) == (action, status)
    assert recipient["Final-Recipient"] == "rfc822; bo@party.example"
    assert returned.get_payload(0)["Message-ID"] == "<1.bo@party.example>"  # type: ignore[index, union-attr]


@pytest.mark.parametrize(("by", "marked"), [("away", "auto-generated"), ("ticket", "auto-replied")])
def test_it_lets_machines_answer(office: PostOffice, by: str, marked: str) -> None:
    """Absence notes and help desks say that a machine wrote them (RFC 3834)."""
    bo = signers(office, f'[[signer.answer]]\nby = "{by}"\nsays = "Request {{number}}."')

    bo.on_mail("bo@party.example", INVITATION, BOUNCES)
    bo.act(NOW + timedelta(days=1))

    (note,) = replies(office)
    assert note["Auto-Submitted"] == marked
    assert note["Return-Path"] == "<>"
    assert "Request" in note.get_content()


def test_it_hears_nothing_that_is_meant_for_others(office: PostOffice) -> None:
    """Missions have no part in the script."""
    bo = signers(office, '[[signer.answer]]\nsays = "Yes"')

    bo.on_mail("mission@un.example", ours("mission@un.example"), BOUNCES)

    assert bo.next_instant() is None


def test_it_says_when_the_post_office_is_closed() -> None:
    """A rehearsal that cannot go on must not look as if it had."""
    office = PostOffice(clock=lambda: NOW, mailbox="sign@letters.example")
    with office:
        bo = signers(office, '[[signer.answer]]\nsays = "Yes"')
    bo.on_mail("bo@party.example", INVITATION, BOUNCES)

    with pytest.raises(TemporaryFailure, match="does not take the answer of Party"):
        bo.act(NOW + timedelta(days=1))
