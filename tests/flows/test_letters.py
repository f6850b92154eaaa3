"""The frozen letter for each mission: personal, tested, sent again, made again byte for byte."""

import io
import json
from dataclasses import replace
from typing import Any

import pytest
from pypdf import PdfReader
from sqlalchemy import select

from tests.campaigns import CAMPAIGN, NAME, RIK, Desk
from undersigned.domain.delivery import State
from undersigned.errors import Refused
from undersigned.flows import board, dispatch, freeze, letters, verify
from undersigned.rehearsal.post_office import PostOffice
from undersigned.store import campaigns, freezes
from undersigned.store.machine_tables import JournalRow, TroubleRow
from undersigned.store.tables import FreezeRow

MISSIONS = """country_code,mission,head,title,to,cc,verified_on
FR,Permanent Mission of France,H.E. Ms. Ana Example,Permanent Representative,\
fr@missions.example;fr2@missions.example,cc@missions.example,2026-06-15
GB,UK Mission,Mr. Bo Example,Chargé d'affaires a.i.,gb@missions.example,,2026-06-15
"""


def small(desk: Desk, *, more: str = "") -> Desk:
    """Address two missions, one with three addresses, and greet by rule."""
    desk.write("missions.csv", MISSIONS)
    addressed = 'council = "none"\ngreeting = "excellency"\n'
    desk.write("campaign.toml", CAMPAIGN + addressed + more)
    return desk


def sent(desk: Desk) -> Desk:
    """Go through to the letters' departure."""
    desk.invited().answer(RIK, "YES")
    desk.read()
    desk.closed().armed().at_dispatch()
    dispatch.dispatch_due(desk.service)
    desk.deliver()
    return desk


def test_each_mission_gets_a_letter_of_its_own(desk: Desk) -> None:
    """Greeting and address are the mission's, in the mail and in the PDF."""
    sent(small(desk))

    french, british = (desk.mail_to(f"{one}@missions.example")[0] for one in ("fr", "gb"))
    assert "Your Excellency," in str(french.get_body(("plain",)))
    assert "Dear Charg" in str(british.get_body(("plain",)))
    attached = next(french.iter_attachments()).get_content()
    text = " ".join(PdfReader(io.BytesIO(attached)).pages[0].extract_text().split())
    assert "H.E. Ms. Ana Example Permanent Representative Permanent Mission of France" in text
    assert "Your Excellency," in text
    assert str(french["To"]).endswith("<fr@missions.example>, fr2@missions.example")
    assert str(french["Cc"]) == "cc@missions.example"


def test_a_test_is_the_letter_but_for_its_receiver(desk: Desk) -> None:
    """What the coordinators see is what the mission will get, marked as a test."""
    small(desk).invited().closed().frozen()
    letters.send_test(desk.service, NAME, ["fr"], by="Alice")
    desk.deliver()
    test = desk.mail_to("desk@letters.example")[-1]
    dispatch.approve(desk.service, NAME, digest=_digest(desk), by="Bob")
    dispatch.schedule(desk.service, NAME, by="Alice")
    desk.at_dispatch()
    dispatch.dispatch_due(desk.service)
    desk.deliver()
    letter = desk.mail_to("fr@missions.example")[0]

    assert str(test["Subject"]) == f"[TEST] {letter['Subject']}"
    for kind in ("plain", "html"):
        one, other = (mail.get_body((kind,)) for mail in (test, letter))
        assert one is not None
        assert other is not None
        assert one.get_content() == other.get_content()
    assert [one.get_content() for one in test.iter_attachments()] == [
        one.get_content() for one in letter.iter_attachments()
    ]
    assert str(test["From"]) == str(letter["From"])
    assert str(test["Message-ID"]) != str(letter["Message-ID"])


def _digest(desk: Desk) -> str:
    with desk.service.store.reading() as session:
        row = freezes.current(session, campaigns.get(session, NAME).id)
        assert row is not None
        return row.digest


def test_a_test_needs_a_frozen_letter_and_a_mission(desk: Desk) -> None:
    """Nothing is tested that could still change, and nothing for somebody else."""
    small(desk).invited()
    with pytest.raises(Refused, match="not frozen"):
        letters.send_test(desk.service, NAME, [], by="Alice")

    desk.closed().frozen()
    with pytest.raises(Refused, match="does not go to XX"):
        letters.send_test(desk.service, NAME, ["XX"], by="Alice")
    assert letters.send_test(desk.service, NAME, [], by="Alice") == 1


def test_every_letter_can_be_made_again(desk: Desk) -> None:
    """From the manifest alone each mission's mail comes out byte for byte as it was sent."""
    sent(small(desk))
    exported = json.dumps(verify.export(desk.service, NAME))

    findings = verify.verify(desk.service, exported)

    assert [one for one in findings if not one.is_same] == []
    mails = [one.what for one in findings if "mail as it was sent" in one.what]
    assert mails == ["FR, the mail as it was sent", "GB, the mail as it was sent"]


@pytest.mark.parametrize(
    ("spoil", "told"),
    [
        (lambda one: one["manifest"]["list"]["organization"].clear(), "FR, pdf"),
        (lambda one: one["manifest"]["letter"].update(text="Other words.\n"), "letter.pdf"),
        (lambda one: one["sent"][0].update(date="2026-06-25T13:00:00+00:00"), "FR, the mail"),
        (
            lambda one: one["manifest"]["templates"]["letter/letter.typ"].update(text="#let"),
            "the template letter/letter.typ",
        ),
        (lambda one: one["sent"][0].pop("token"), "the letters"),
    ],
)
def test_it_tells_what_was_changed_afterwards(desk: Desk, spoil: Any, told: str) -> None:
    """A name, a word, an instant or a template that was changed later is found."""
    sent(small(desk))
    exported = verify.export(desk.service, NAME)
    spoil(exported)

    findings = verify.verify(desk.service, json.dumps(exported))

    wrong = [one.what for one in findings if not one.is_same]
    assert any(one.startswith(told) for one in wrong), wrong


def test_it_refuses_what_is_no_manifest(desk: Desk) -> None:
    """Another file, a path out of the folder: nothing is written, nothing is run."""
    for text in ("", "[]", "{}", '{"manifest": {}}'):
        with pytest.raises(Refused):
            verify.verify(desk.service, text)

    small(desk).invited().closed().frozen()
    exported = verify.export(desk.service, NAME)
    exported["manifest"]["templates"]["../../evil"] = {"sha256": "", "text": ""}
    with pytest.raises(Refused, match="outside its folder"):
        verify.verify(desk.service, json.dumps(exported))
    with pytest.raises(Refused, match="no manifest yet"):
        verify.export(desk.service, NAME, number=7)
    assert verify.export(desk.service, NAME, number=1)["sent"] == []


def test_a_corrected_address_gets_the_letter_once_more(desk: Desk) -> None:
    """A mission whose server refused it is written to again by a person, in the journal.

    T70: mysociety/alaveteli#2767, #3478.
    """
    small(desk)
    desk.office._refuse["gb@missions.example"] = ["550 5.1.1 Unknown"]  # noqa: SLF001 - the script
    sent(desk)

    with pytest.raises(Refused, match="is accepted"):
        letters.send_again(desk.service, NAME, "FR", ["x@un.example"], reason="r", by="Alice")
    letters.send_again(desk.service, NAME, "gb", ["new@un.example"], reason="called", by="Alice")
    desk.deliver()

    again = desk.mail_to("new@un.example")
    assert len(again) == 1
    assert "Dear Charg" in str(again[0].get_body(("plain",)))
    shown = [(row.address, row.state) for row in board.board(desk.service, NAME)]
    assert ("new@un.example", State.ACCEPTED) in shown
    with desk.service.store.reading() as session:
        entry = session.scalars(select(JournalRow).where(JournalRow.action == "sent-again")).one()
    assert (entry.actor, entry.detail["reason"]) == ("Alice", "called")
    with pytest.raises(Refused, match="is accepted"):
        letters.send_again(desk.service, NAME, "GB", ["x@un.example"], reason="r", by="Alice")


@pytest.mark.parametrize(
    ("code", "to", "reason", "told"),
    [
        ("GB", ["not an address"], "r", "not a mail address"),
        ("GB", [], "r", "corrected address"),
        ("GB", ["a@un.example"], " ", "corrected address"),
        ("GB", ["a@un.example"], "r", "has not left"),
    ],
)
def test_it_refuses_to_send_again_without_cause(
    desk: Desk, code: str, to: list[str], reason: str, told: str
) -> None:
    """No address is guessed, no reason is left out, nothing goes before its time."""
    small(desk).invited()

    with pytest.raises(Refused, match=told):
        letters.send_again(desk.service, NAME, code, to, reason=reason, by="Alice")


def test_it_needs_a_mission_to_send_to(desk: Desk) -> None:
    """Only whom the letter went to can be sent it again."""
    sent(small(desk))

    with pytest.raises(Refused, match="no mission XX"):
        letters.send_again(desk.service, NAME, "XX", ["a@un.example"], reason="r", by="Alice")


def test_it_spaces_the_letters(desk: Desk) -> None:
    """Fifteen letters need not leave in one second."""
    small(desk, more="[dispatch]\nspacing_seconds = 60\n").invited().closed().armed().at_dispatch()
    dispatch.dispatch_due(desk.service)
    desk.deliver()
    first = [len(desk.office.received(f"{one}@missions.example")) for one in ("fr", "gb")]
    desk.clock.go(seconds=60)
    desk.deliver()

    assert first == [1, 0]
    assert len(desk.office.received("gb@missions.example")) == 1


def test_a_second_person_approves_and_another_arms(desk: Desk) -> None:
    """Where the campaign says so, nobody approves what they froze or arms what they approved."""
    digest = small(desk, more="[approval]\nsecond_person = true\n").invited().closed().frozen()

    with pytest.raises(Refused, match="second person"):
        dispatch.approve(desk.service, NAME, digest=digest, by="Alice")
    dispatch.approve(desk.service, NAME, digest=digest, by="Bob")
    with pytest.raises(Refused, match="second person"):
        dispatch.schedule(desk.service, NAME, by="Bob")
    assert dispatch.schedule(desk.service, NAME, by="Alice").hour == 13


def test_a_stale_address_stops_the_arming(desk: Desk) -> None:
    """An address that nobody looked up within thirty days stops the letter."""
    small(desk)
    desk.write("missions.csv", MISSIONS.replace("gb@missions.example,,2026-06-15", ",,"))
    digest = desk.invited().closed().frozen()
    dispatch.approve(desk.service, NAME, digest=digest, by="Bob")

    with pytest.raises(Refused, match="UK Mission has no address"):
        dispatch.schedule(desk.service, NAME, by="Alice")
    desk.write("missions.csv", MISSIONS.replace("2026-06-15", "2026-05-01"))
    desk.apply()
    assert not desk.is_frozen()


def test_verifying_an_address_again_voids_nothing(desk: Desk) -> None:
    """The day of the verification is no part of the letter, the address is."""
    small(desk).invited().closed().frozen()
    desk.write("missions.csv", MISSIONS.replace("2026-06-15", "2026-06-19"))
    desk.apply()
    assert desk.is_frozen()

    desk.write("missions.csv", MISSIONS.replace("gb@missions", "uk@missions"))
    desk.apply()
    assert not desk.is_frozen()


def test_it_is_armed_for_an_instant_of_its_own(desk: Desk) -> None:
    """The coordinator may name another minute than the plan's, and how long it may wait."""
    digest = small(desk).invited().closed().frozen()
    dispatch.approve(desk.service, NAME, digest=digest, by="Bob")
    at = desk.clock.now.replace(day=20, hour=6)

    with pytest.raises(Refused, match="must come after"):
        dispatch.schedule(desk.service, NAME, by="Alice", at=at, latest_start=at)
    assert dispatch.schedule(desk.service, NAME, by="Alice", at=at) == at
    with desk.service.store.reading() as session:
        row = session.scalars(select(FreezeRow)).one()
    assert row.latest_start_at == at.replace(hour=12)
    desk.clock.go(days=2)
    with pytest.raises(Refused, match="has passed"):
        dispatch.schedule(desk.service, NAME, by="Alice", at=at)


def test_a_review_that_may_be_a_withdrawal_stops_the_start(desk: Desk) -> None:
    """While a signer's doubtful word waits for a person, no letter leaves with the name."""
    small(desk).invited().answer(RIK, "YES")
    desk.read()
    desk.deliver()
    desk.closed().armed()
    desk.clock.go(hours=1)
    desk.answer(RIK, "Could you please hold on? Our board is no longer sure about this letter.")
    desk.read()
    desk.at_dispatch()

    assert dispatch.dispatch_due(desk.service) == 0

    with desk.service.store.reading() as session:
        told = [one.sentence for one in session.scalars(select(TroubleRow))]
    assert any("may be a withdrawal" in one for one in told)
    assert not desk.office.received("fr@missions.example")


def test_a_mission_that_is_taken_out_stays_known(desk: Desk) -> None:
    """What was sent to it is still on the board; and a mission may come back."""
    sent(small(desk))
    desk.write("missions.csv", "\n".join(MISSIONS.splitlines()[:1] + MISSIONS.splitlines()[2:]))
    desk.apply()

    assert {row.code for row in board.board(desk.service, NAME)} == {"FR", "GB"}
    desk.write("missions.csv", MISSIONS)
    desk.apply()
    with desk.service.store.reading() as session:
        rows = campaigns.addressees(session, campaigns.get(session, NAME).id)
        assert len(rows) == 2


def test_a_freeze_keeps_what_was_approved(desk: Desk) -> None:
    """A freeze that holds is not made twice."""
    small(desk).invited().closed().frozen()

    with pytest.raises(Refused, match="frozen already"):
        freeze.freeze(desk.service, NAME, by="Alice")


def test_a_letter_larger_than_the_server_takes_is_not_armed(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What the server would refuse at the minute is told before it."""
    monkeypatch.setattr("undersigned.rehearsal.post_office.SIZE_LIMIT", 20_000)
    with PostOffice(clock=desk.clock, mailbox="sign@letters.example") as narrow:
        smtp, _ = narrow.accounts()
        usual = desk.service.settings.accounts["default"]
        account = replace(usual, smtp_host=smtp.host, smtp_port=smtp.port)
        desk.service.settings = replace(desk.service.settings, accounts={"default": account})
        digest = small(desk).invited().closed().frozen()
        dispatch.approve(desk.service, NAME, digest=digest, by="Bob")

        with pytest.raises(Refused, match="the mail server takes 20,000"):
            dispatch.schedule(desk.service, NAME, by="Alice")
