"""The rehearsal's post office: mail that never leaves this machine."""

import asyncio
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from email import message_from_bytes, policy
from pathlib import Path

import pytest

from undersigned.domain.delivery import Answer, Phase
from undersigned.rehearsal.post_office import AUTHSERV_ID, PostOffice
from undersigned.transport.accounts import SmtpAccount
from undersigned.transport.imap import Fetched, open_mailbox
from undersigned.transport.smtp import Envelope, SmtpConnection

NOW = datetime(2022, 11, 10, 14, 0, tzinfo=UTC)


@pytest.fixture
def office() -> Iterator[PostOffice]:
    """Give a post office whose clock stands still."""
    with PostOffice(
        clock=lambda: NOW,
        mailbox="sign@letters.example",
        refuse={"slow@party.example": ("451 4.7.1 Greylisted", "450 4.2.0 Still not")},
    ) as office:
        yield office


def send(account: SmtpAccount, recipient: str, *, sender: str, raw: bytes) -> Answer:
    """Send one message."""

    async def work() -> Answer:
        async with SmtpConnection(account) as connection:
            return await connection.send(Envelope(sender=sender, recipient=recipient, message=raw))

    return asyncio.run(work())


def inbox(office: PostOffice) -> list[Fetched]:
    """Give what stands in the campaign's INBOX."""
    with open_mailbox(office.accounts()[1]) as mailbox:
        return mailbox.fetch_all_in("INBOX")


REPLY = b"From: Bo <bo@party.example>\r\nSubject: Re: x\r\n\r\nYes\r\n"


def test_it_delivers_every_tag_of_the_campaign_to_its_mailbox(office: PostOffice) -> None:
    """Reply addresses carry a token after a plus sign, and all lead to one INBOX."""
    for recipient in (
        "sign@letters.example",
        "SIGN+abc@Letters.Example",
        "sign+d+e@letters.example",
    ):
        send(office.strangers_account(), recipient, sender="bo@party.example", raw=REPLY)

    assert [one.received_at for one in inbox(office)] == [NOW] * 3
    assert len(office.received("sign@letters.example")) == 3


def test_it_stamps_what_comes_from_outside_as_a_receiving_server_does(office: PostOffice) -> None:
    """The reader finds the trace and the verdict that a provider's server would leave."""
    forged = f"Authentication-Results: {AUTHSERV_ID.upper()};\r\n dkim=fail\r\n".encode()
    other = b"Authentication-Results: other.example; dkim=fail\r\n"
    send(
        office.strangers_account(),
        "sign+abc@letters.example",
        sender="bo@party.example",
        raw=forged + other + REPLY,
    )

    (fetched,) = inbox(office)
    message = message_from_bytes(fetched.raw or b"", policy=policy.default)
    assert message["Return-Path"] == "<bo@party.example>"
    assert message["Delivered-To"] == "sign+abc@letters.example"
    verdicts = message.get_all("Authentication-Results", [])
    assert [verdict.partition(";")[0] for verdict in verdicts] == [AUTHSERV_ID, "other.example"]
    assert "dkim=pass header.d=party.example" in verdicts[0]
    assert (fetched.raw or b"").endswith(b"\r\n\r\nYes\r\n")


def test_it_vouches_for_nobody_in_reports(office: PostOffice) -> None:
    """Reports come from the null path, and are not signed as a rule."""
    send(office.strangers_account(), "sign@letters.example", sender="", raw=REPLY)

    (fetched,) = inbox(office)
    assert b"Return-Path: <>\r\n" in fetched.head
    assert b"dkim=none" in fetched.head


def test_it_keeps_all_other_mail_by_recipient(office: PostOffice) -> None:
    """Each mission's mailbox can be counted, and nothing leaves the machine."""
    told: list[tuple[str, str]] = []
    office.on_mail = lambda recipient, _raw, envelope_from: told.append((recipient, envelope_from))
    smtp, _ = office.accounts()

    send(smtp, "mission@un.example", sender="sign+b@letters.example", raw=REPLY)

    (kept,) = office.received("mission@un.example")
    assert kept.envelope_from == "sign+b@letters.example"
    assert kept.received_at == NOW
    assert b"Authentication-Results" not in kept.raw
    assert told == [("mission@un.example", "sign+b@letters.example")]
    assert office.everything() == (kept,)
    assert inbox(office) == []


def test_it_refuses_as_scripted_and_then_takes_the_mail(office: PostOffice) -> None:
    """Greylisting can be rehearsed: it opens after some tries."""
    smtp, _ = office.accounts()

    answers = [
        send(smtp, "slow@party.example", sender="sign@letters.example", raw=REPLY) for _ in range(3)
    ]

    assert [(one.phase, one.code) for one in answers] == [
        (Phase.RCPT, 451),
        (Phase.RCPT, 450),
        (Phase.BODY, 250),
    ]


def test_it_refuses_a_wrong_password(office: PostOffice) -> None:
    """Even a rehearsal finds a wrong password."""
    wrong = replace(office.accounts()[0], password="wrong")

    answer = send(wrong, "a@party.example", sender="sign@letters.example", raw=REPLY)

    assert (answer.phase, answer.code) == (Phase.AUTH, 535)


def test_it_keeps_every_message_as_a_file(tmp_path: Path) -> None:
    """After a rehearsal, all its mail can be looked at."""
    with PostOffice(clock=lambda: NOW, mailbox="sign@letters.example", keep=tmp_path) as office:
        send(office.strangers_account(), "a/b@party.example", sender="x@y.example", raw=REPLY)
        send(office.strangers_account(), "sign+t@letters.example", sender="x@y.example", raw=REPLY)

    assert [path.name for path in sorted(tmp_path.iterdir())] == [
        "00001-a_b@party.example.eml",
        "00002-sign+t@letters.example.eml",
    ]


def test_it_takes_the_largest_reply_there_is(office: PostOffice) -> None:
    """A reply of 30 MB arrives like any other."""
    large = REPLY + b"x" * 70 + b"\r\n" + (b"y" * 76 + b"\r\n") * 400_000

    answer = send(
        office.strangers_account(), "sign@letters.example", sender="bo@party.example", raw=large
    )

    assert answer.code == 250
    (fetched,) = inbox(office)
    assert fetched.size > 30_000_000
    assert (fetched.raw or b"").endswith(large)


def test_it_stops_while_somebody_waits(office: PostOffice) -> None:
    """A client that is connected does not keep the post office open."""
    with open_mailbox(office.accounts()[1]) as mailbox:
        mailbox.examine("INBOX")
        with PostOffice(clock=lambda: NOW, mailbox="other@letters.example") as other:
            waiting = open_mailbox(other.accounts()[1])
        waiting.close()
        assert mailbox.uids_above(0) == []
