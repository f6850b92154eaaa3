"""After the letter has left: answers, late names, withdrawals, the page, the report."""

import io
import json
from dataclasses import replace
from email.message import EmailMessage
from pathlib import Path

import pytest
from pypdf import PdfReader
from sqlalchemy import select

from tests.campaigns import IMOGEN, NAME, RIK, Desk
from tests.flows.test_letters import sent, small
from undersigned.domain import letter
from undersigned.domain.decision import Act
from undersigned.domain.delivery import State
from undersigned.domain.letter import Errand
from undersigned.errors import Refused
from undersigned.flows import (
    board,
    dispatch,
    dispatch_report,
    follow,
    letters,
    publish,
    replies,
    review,
    sent_copies,
    verify,
)
from undersigned.store.machine_tables import TroubleRow
from undersigned.store.tables import MessageRow

SIGN = review.Ruling(act=Act.SIGN, reason="came after the cut-off", by="Alice")


def by_code(desk: Desk, errand: str = "letter") -> dict[str, board.Mission]:
    """Give the board's lines by mission."""
    return {one.code: one for one in board.missions(desk.service, NAME) if one.errand == errand}


def report(desk: Desk, address: str, action: str, status: str, diagnostic: str) -> None:
    """Let a server report on the letter to an address (RFC 3464)."""
    letter_ = desk.mail_to(address)[0]
    text = (
        f"From: MAILER-DAEMON@un.example\r\nTo: {letter_['Reply-To']}\r\n"
        "Subject: Delivery Status Notification\r\nMIME-Version: 1.0\r\n"
        f"Message-ID: <{action}.{status}@un.example>\r\n"
        'Content-Type: multipart/report; report-type=delivery-status; boundary="b"\r\n\r\n'
        "--b\r\nContent-Type: text/plain\r\n\r\nAbout your message.\r\n"
        "--b\r\nContent-Type: message/delivery-status\r\n\r\n"
        "Reporting-MTA: dns; mx.un.example\r\n\r\n"
        f"Final-Recipient: rfc822; {address}\r\nAction: {action}\r\nStatus: {status}\r\n"
        f"Diagnostic-Code: smtp; {diagnostic}\r\n\r\n"
        "--b\r\nContent-Type: text/rfc822-headers\r\n\r\n"
        f"Message-ID: {letter_['Message-ID']}\r\n\r\n--b--\r\n"
    )
    desk.send(text.encode(), sender="", to=str(letter_["Reply-To"]))
    desk.read()


def test_the_board_follows_each_mission(desk: Desk) -> None:
    """Delayed, delivered, bounced: the board has a line a mission, and coordinators are told."""
    sent(small(desk))
    assert {one.word for one in by_code(desk).values()} == {"accepted"}

    report(desk, "fr@missions.example", "delayed", "4.4.1", "451 try later")
    assert by_code(desk)["FR"].word == "delayed"
    report(desk, "fr@missions.example", "delivered", "2.0.0", "250 ok")
    assert by_code(desk)["FR"].word == "delivered"
    report(desk, "gb@missions.example", "failed", "5.1.1", "550 no such user")
    desk.deliver()

    assert by_code(desk)["GB"].word == "bounced"
    told = str(desk.mail_to("desk@letters.example")[-1].get_body(("plain",)))
    assert "UK Mission came back" in " ".join(told.split())


def test_a_mission_has_its_letter_when_one_address_took_it(desk: Desk) -> None:
    """A refused second address or Cc is shown, and the mission counts as accepted."""
    small(desk)
    desk.office._refuse["fr2@missions.example"] = ["550 5.1.1 Unknown"]  # noqa: SLF001 - the script
    desk.office._refuse["cc@missions.example"] = ["550 5.1.1 Unknown"]  # noqa: SLF001 - the script
    sent(desk)

    france = by_code(desk)["FR"]
    assert (france.state, france.refused_cc) == (State.ACCEPTED, ["cc@missions.example"])
    assert [one.state for one in france.addresses].count(State.REFUSED) == 2


def test_an_answer_is_brought_to_the_coordinators(desk: Desk) -> None:
    """What a mission writes is filed to it, and forwarded with the original, whole."""
    sent(small(desk))
    raw = desk.answer("fr@missions.example", "YES, thank you. Nous vous écrirons bientôt.")
    desk.read()
    desk.deliver()

    assert by_code(desk)["FR"].word == "answered"
    mail = desk.mail_to("desk@letters.example")[-1]
    assert str(mail["Subject"]).startswith("Permanent Mission of France answered: Re: ")
    assert "Nous vous écrirons bientôt." in str(mail.get_body(("plain",)).get_content())  # type: ignore[union-attr]
    original = next(mail.iter_attachments())
    assert original.get_content_type() == "message/rfc822"
    inner = original.get_content()
    assert isinstance(inner, EmailMessage)
    assert "écrirons" in inner.get_content()
    assert str(inner["Message-ID"]).encode() in raw
    assert desk.printed()["organization"] == ["Open Archive Collective (OAC) / Netherlands"]


def test_a_vacation_notice_is_shown_and_not_forwarded(desk: Desk) -> None:
    """A machine's answer is counted on the board and bothers nobody."""
    sent(small(desk))
    before = len(desk.mail_to("desk@letters.example"))
    desk.answer(
        "gb@missions.example",
        "I am out of the office until Monday.",
        subject="Automatic reply: An Open Letter",
        headers={"Auto-Submitted": "auto-replied"},
    )
    desk.read()
    desk.deliver()

    britain = by_code(desk)["GB"]
    assert (britain.answers, britain.notices, britain.word) == (0, 1, "accepted")
    assert len(desk.mail_to("desk@letters.example")) == before


def late(desk: Desk) -> None:
    """Let Imogen say yes after the letter has left, and a coordinator take it."""
    desk.clock.go(hours=2)
    desk.answer(IMOGEN, "YES")
    desk.read()
    waiting = replies.reviews(desk.service, NAME)
    review.rule_on_review(desk.service, waiting[0].id, SIGN)


def approved(desk: Desk, digest: str) -> None:
    """Approve, arm for now, begin and deliver."""
    dispatch.approve(desk.service, NAME, digest=digest, by="Bob")
    dispatch.schedule(desk.service, NAME, by="Alice", at=desk.clock.now)
    desk.read()
    dispatch.dispatch_due(desk.service)
    desk.deliver()


def test_late_names_go_in_a_supplement(desk: Desk) -> None:
    """Who signs too late is sent after it, alone, in the thread of the first letter."""
    sent(small(desk))
    with pytest.raises(Refused, match="Nobody has signed since"):
        follow.follow(desk.service, NAME, Errand.SUPPLEMENT, by="Alice")
    late(desk)

    frozen = follow.follow(desk.service, NAME, Errand.SUPPLEMENT, by="Alice")
    approved(desk, frozen.digest)

    first, second = desk.mail_to("fr@missions.example")
    assert str(second["In-Reply-To"]) == str(first["Message-ID"])
    assert str(second["Subject"]) == f"Re: {first['Subject']}"
    words = " ".join(second.get_body(("plain",)).get_content().split())  # type: ignore[union-attr]
    assert "Further to our letter of 24 June 2026" in words
    assert "1 organization who have signed it since" in words
    assert "Kestrel Rights Watch / UK" in words
    assert "Open Archive" not in words
    assert by_code(desk, "supplement")["FR"].state is State.ACCEPTED
    summary = dispatch_report.report(desk.service, NAME).summary
    assert summary.startswith("2 of 2 accepted, 0 confirmed delivered, 0 uncertain; supplement: 2 ")
    assert all(one.is_same for one in verify.verify(desk.service, exported(desk)))
    with pytest.raises(Refused, match="Nobody has signed since"):
        follow.follow(desk.service, NAME, Errand.SUPPLEMENT, by="Alice")


def exported(desk: Desk) -> str:
    """Give the manifest of the newest letter as text."""
    return json.dumps(verify.export(desk.service, NAME))


def test_a_supplement_that_lost_its_name_does_not_leave(desk: Desk) -> None:
    """A withdrawal before a supplement leaves voids it, and says nothing of a letter that left."""
    sent(small(desk))
    late(desk)
    frozen = follow.follow(desk.service, NAME, Errand.SUPPLEMENT, by="Alice")
    dispatch.approve(desk.service, NAME, digest=frozen.digest, by="Bob")
    dispatch.schedule(desk.service, NAME, by="Alice", at=desk.clock.now.replace(hour=20))
    desk.answer(IMOGEN, "WITHDRAW")
    desk.read()
    desk.clock.now = desk.clock.now.replace(hour=20)
    desk.read()

    assert dispatch.dispatch_due(desk.service) == 0
    assert len(desk.mail_to("fr@missions.example")) == 1


def test_a_withdrawal_after_dispatch_can_be_corrected(desk: Desk) -> None:
    """The signer and the coordinators are told, and the missions may be."""
    sent(small(desk))
    with pytest.raises(Refused, match="Every name that the letter bears still stands"):
        follow.follow(desk.service, NAME, Errand.CORRECTION, by="Alice")
    desk.clock.go(hours=1)
    desk.answer(RIK, "WITHDRAW")
    desk.read()
    desk.deliver()

    told = " ".join(str(desk.mail_to("desk@letters.example")[-1].get_body(("plain",))).split())
    assert "taken back after the letter had left" in told
    frozen = follow.follow(desk.service, NAME, Errand.CORRECTION, by="Alice")
    approved(desk, frozen.digest)
    note = desk.mail_to("fr@missions.example")[-1]
    words = " ".join(note.get_body(("plain",)).get_content().split())  # type: ignore[union-attr]
    assert "1 organization, named below, no longer signs it" in words
    assert "Open Archive Collective (OAC) / Netherlands" in words


def test_a_follow_up_needs_a_letter_that_left(desk: Desk) -> None:
    """Before it has left the letter is changed, not followed; and words are not guessed."""
    small(desk).invited()
    with pytest.raises(Refused, match="has not left"):
        follow.follow(desk.service, NAME, Errand.SUPPLEMENT, by="Alice")


def test_a_follow_up_may_have_words_of_its_own(desk: Desk) -> None:
    """The coordinator's own words stand in it; where no others are known they are asked for."""
    small(desk, more="")
    text = (desk.folder / "campaign.toml").read_text("utf-8")
    desk.write("campaign.toml", text.replace("organizer =", 'language = "ko"\norganizer ='))
    sent(desk)
    late(desk)
    with pytest.raises(Refused, match="--text"):
        follow.follow(desk.service, NAME, Errand.SUPPLEMENT, by="Alice")

    front = 'title: "보충"\ndate: 2026-06-25\nsubject: "보충"\nsalutation: "귀하"\n'
    own = letter.parse(f"---\n{front}---\n\n덧붙입니다.\n")
    frozen = follow.follow(desk.service, NAME, Errand.SUPPLEMENT, by="Alice", words=own)
    assert frozen.manifest["letter"]["text"] == "덧붙입니다.\n"


def test_the_page_shows_the_letter_without_an_address(desk: Desk, tmp_path: Path) -> None:
    """Anybody may read the page and the list; no file of it holds an address."""
    small(desk).invited()
    with pytest.raises(Refused, match="--early"):
        publish.publish(desk.service, NAME, tmp_path, by="Alice")
    desk.answer(RIK, "YES")
    desk.read()

    written = publish.publish(
        desk.service, NAME, tmp_path, by="Alice", url="https://letters.example/x", early=True
    )

    assert [one.name for one in written] == [
        "letter.pdf",
        "letter.txt",
        "signatories.json",
        "index.html",
    ]
    page = (tmp_path / "index.html").read_text("utf-8")
    assert '<meta property="og:title" content="An Open Letter">' in page
    assert '<link rel="canonical" href="https://letters.example/x">' in page
    table = json.loads((tmp_path / "signatories.json").read_text("utf-8"))
    assert table["counts"] == {"individual": 0, "organization": 1}
    assert table["signatories"][0]["name"] == "Open Archive Collective (OAC)"
    everything = b"".join(one.read_bytes() for one in written)
    assert RIK.encode() not in everything
    assert b"missions.example" not in everything
    assert "<script" not in page


def test_the_page_drops_a_name_that_was_taken_back(desk: Desk, tmp_path: Path) -> None:
    """After a late withdrawal the page is written anew by itself, once."""
    sent(small(desk))
    publish.publish(desk.service, NAME, tmp_path, by="Alice")
    assert publish.publish_changed(desk.service) == 0
    assert "Open Archive" in (tmp_path / "index.html").read_text("utf-8")
    desk.clock.go(hours=1)
    desk.answer(RIK, "WITHDRAW")
    desk.read()

    assert publish.publish_changed(desk.service) == 1

    assert "Open Archive" not in (tmp_path / "index.html").read_text("utf-8")
    assert "Open Archive" not in (tmp_path / "signatories.json").read_text("utf-8")
    assert publish.publish_changed(desk.service) == 0
    desk.deliver()
    told = " ".join(str(desk.mail_to("desk@letters.example")[-1].get_body(("plain",))).split())
    assert "written anew without it" in told


def test_a_page_that_lies_elsewhere_is_asked_for(desk: Desk, tmp_path: Path) -> None:
    """Where the worker cannot write the page, status says so until a person has written it."""
    sent(small(desk))
    publish.publish(desk.service, NAME, tmp_path / "site", by="Alice")
    (tmp_path / "site").rename(tmp_path / "elsewhere")
    desk.answer(RIK, "WITHDRAW")
    desk.read()

    assert publish.publish_changed(desk.service) == 0

    with desk.service.store.reading() as session:
        told = session.scalars(select(TroubleRow.sentence)).one()
    assert "run `publish` again" in told
    publish.publish(desk.service, NAME, tmp_path / "elsewhere", by="Alice")
    with desk.service.store.reading() as session:
        assert not session.scalars(select(TroubleRow.key)).all()


def test_the_report_tells_what_became_of_every_letter(desk: Desk) -> None:
    """Sums, times and the servers' words, as text, for programs and on paper."""
    small(desk)
    with pytest.raises(Refused, match="nothing to report"):
        dispatch_report.report(desk.invited().service, NAME)
    desk.answer(RIK, "YES")
    desk.read()
    desk.office._refuse["gb@missions.example"] = ["550 5.1.1 Unknown"]  # noqa: SLF001 - the script
    desk.closed().armed().at_dispatch()
    dispatch.dispatch_due(desk.service)
    desk.deliver()

    found = dispatch_report.report(desk.service, NAME)

    assert found.summary == "1 of 2 accepted, 0 confirmed delivered, 0 uncertain, 1 not delivered"
    text = "\n".join(found.lines())
    assert "To gb@missions.example: refused, 2026-06-24 13:00:00 UTC" in text
    assert "Unknown" in text
    assert "Approved: 2026-06-19 18:00 EDT (22:00 UTC), by Bob" in text
    table = dispatch_report.as_table(found)
    assert [one["state"] for one in table["missions"]] == ["accepted", "refused"]
    reader = PdfReader(io.BytesIO(dispatch_report.as_pdf(desk.service, found)))
    words = " ".join(reader.pages[0].extract_text().split())
    assert "1 of 2 accepted" in words
    assert reader.trailer["/Root"]["/MarkInfo"]["/Marked"]


def test_a_copy_stands_in_sent_once(desk: Desk) -> None:
    """Where the provider keeps none, each letter that was taken is put into Sent, once."""
    sent(small(desk))
    assert sent_copies.file_copies(desk.service) == 0
    account = replace(desk.service.settings.accounts["default"], sent_copies="us")
    deaf = replace(account, imap_port=1)
    desk.service.settings = replace(desk.service.settings, accounts={"default": deaf})
    assert sent_copies.file_copies(desk.service) == 0
    with desk.service.store.reading() as session:
        told = session.scalars(select(TroubleRow.sentence)).one()
    assert "No copy of the letters can be put into Sent" in told

    desk.service.settings = replace(desk.service.settings, accounts={"default": account})
    assert sent_copies.file_copies(desk.service) == 2
    assert sent_copies.file_copies(desk.service) == 0
    with desk.service.store.writing() as session:
        for row in session.scalars(select(MessageRow)):
            row.filed_at = None  # as if the process had been killed before it noted them
    assert sent_copies.file_copies(desk.service) == 0

    with desk.service.mailbox("default") as mailbox:
        kept = mailbox.fetch_all_in("Sent")
    assert len(kept) == 2
    with desk.service.store.reading() as session:
        assert not session.scalars(select(TroubleRow)).all()


def test_a_bounced_letter_goes_out_again(desk: Desk) -> None:
    """A person corrects the address; the mission's line follows the new letter."""
    sent(small(desk))
    report(desk, "gb@missions.example", "failed", "5.1.1", "550 no such user")

    letters.send_again(desk.service, NAME, "GB", ["new@un.example"], reason="called", by="Alice")
    desk.deliver()

    assert by_code(desk)["GB"].state is State.ACCEPTED
    assert len(desk.mail_to("new@un.example")) == 1
    found = dispatch_report.report(desk.service, NAME)
    assert found.summary == "2 of 2 accepted, 0 confirmed delivered, 0 uncertain"
