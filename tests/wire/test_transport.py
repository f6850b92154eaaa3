"""The transport on the real thing: a Postfix that takes our mail, a Dovecot that we read."""

import asyncio
import threading
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest

from tests.servers import PATIENCE_SECONDS, certificates, dovecot, postfix
from tests.servers.dovecot import Dovecot
from tests.servers.postfix import Postfix
from undersigned.domain.delivery import Answer, Phase
from undersigned.errors import PermanentFailure
from undersigned.transport.imap import open_mailbox
from undersigned.transport.roles import Role
from undersigned.transport.smtp import DsnRequest, Envelope, SmtpConnection

pytestmark = pytest.mark.wire

SIGN = "sign@letters.example"
RAW = b"From: bo@party.example\r\nX-Undersigned-ID: token1\r\nSubject: x\r\n\r\n.Yes\r\n"


@pytest.fixture(scope="module")
def mailboxes(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Dovecot]:
    """Give a running Dovecot."""
    folder = tmp_path_factory.mktemp("mailboxes")
    with dovecot.running(folder, certificates.issue(folder / "certificates")) as running:
        yield running


@pytest.fixture(scope="module")
def relay(tmp_path_factory: pytest.TempPathFactory, mailboxes: Dovecot) -> Iterator[Postfix]:
    """Give a running Postfix that delivers into Dovecot's mailboxes."""
    folder = tmp_path_factory.mktemp("relay")
    with postfix.running(folder, mailboxes.certificates, mailboxes) as running:
        yield running


def send(relay: Postfix, recipient: str, *, sender: str = SIGN) -> Answer:
    """Send one message through the relay."""
    envelope = Envelope(
        sender=sender, recipient=recipient, message=RAW, dsn=DsnRequest(envelope_id="letter+1")
    )

    async def work() -> Answer:
        async with SmtpConnection(relay.account(SIGN)) as connection:
            return await connection.send(envelope)

    return asyncio.run(work())


def wait_for(mailboxes: Dovecot, address: str) -> list[bytes]:
    """Wait until an address has its mail, and give it."""
    until = time.monotonic() + PATIENCE_SECONDS
    while not (found := mailboxes.inbox(address)) and time.monotonic() < until:
        time.sleep(0.02)
    return found


def test_it_hands_a_letter_to_postfix_once(relay: Postfix, mailboxes: Dovecot) -> None:
    """Over TLS and with a login; the relay's words are the proof, and not a byte is changed."""
    answer = send(relay, "mission@un.example")

    assert (answer.phase, answer.code, answer.enhanced) == (Phase.BODY, 250, "2.0.0")
    assert "queued as" in answer.text
    (delivered,) = wait_for(mailboxes, "mission@un.example")
    assert delivered.replace(b"\r\n", b"\n").endswith(b"\n\n.Yes\n")


def test_it_gets_the_report_of_delivery_that_it_asked_for(
    relay: Postfix, mailboxes: Dovecot
) -> None:
    """A report of success (RFC 3461) names the message by our own id."""
    send(relay, "asked@un.example", sender="asking+token@letters.example")

    (report,) = wait_for(mailboxes, "asking@letters.example")
    assert b"Original-Envelope-Id: letter+1" in report
    assert b"Action: relayed" in report  # to a delivery agent, so Postfix promises no more


def test_it_is_woken_by_a_reply_from_postfix(relay: Postfix, mailboxes: Dovecot) -> None:
    """Plus-addressing, TLS, IDLE: the way of every reply in production."""
    address = "reader@letters.example"
    with open_mailbox(mailboxes.account(address)) as mailbox:
        before = mailbox.examine("INBOX")
        timer = threading.Timer(0.1, send, [relay, "reader+abcdefghijklmnop@letters.example"])
        timer.start()

        assert mailbox.idle(timedelta(seconds=PATIENCE_SECONDS))

        timer.join()
        state = mailbox.examine("INBOX")
        (fetched,) = mailbox.fetch(mailbox.uids_above(before.uidnext - 1))

    assert state.uidvalidity == before.uidvalidity
    assert abs(fetched.received_at - datetime.now(UTC)) < timedelta(minutes=5)
    assert b"reader+abcdefghijklmnop@letters.example" in fetched.head


def test_it_leaves_no_trace_in_a_mailbox(mailboxes: Dovecot) -> None:
    """What was unread stays unread for the people who work there."""
    owner = mailboxes.client("untouched@letters.example")
    owner.append("INBOX", "", "", RAW)

    with open_mailbox(mailboxes.account("untouched@letters.example")) as mailbox:
        mailbox.examine("INBOX")
        (fetched,) = mailbox.fetch(mailbox.uids_above(0))
        found = mailbox.search_header("X-Undersigned-ID", "token1")

    owner.select("INBOX", readonly=True)
    assert owner.search(None, "UNSEEN")[1] == [b"1"]
    owner.logout()
    assert fetched.raw == RAW
    assert found == [fetched.uid]


def test_it_knows_folders_by_their_marks(mailboxes: Dovecot) -> None:
    """Junk is read, Sent and Trash are not (RFC 6154)."""
    with open_mailbox(mailboxes.account("folders@letters.example")) as mailbox:
        roles = {folder.role for folder in mailbox.folders()}

    assert roles == {Role.INBOX, Role.JUNK, Role.SENT, Role.DRAFTS, Role.TRASH}


def test_it_keeps_a_note_in_a_folder_of_its_own(mailboxes: Dovecot) -> None:
    """The witness against restored copies, with its time."""
    noon = datetime(2026, 5, 26, 12, tzinfo=UTC)
    with open_mailbox(mailboxes.account("noted@letters.example")) as mailbox:
        mailbox.create_folder("Undersigned")
        mailbox.create_folder("Undersigned")
        mailbox.append("Undersigned", RAW, noon)
        (note,) = mailbox.fetch_all_in("Undersigned")

    assert (note.raw, note.received_at) == (RAW, noon)


def test_it_says_that_a_password_is_wrong(relay: Postfix, mailboxes: Dovecot) -> None:
    """On both servers, in words for a person."""

    async def work() -> Answer:
        async with SmtpConnection(relay.account(SIGN, password="wrong")) as connection:
            return await connection.check()

    answer = asyncio.run(work())

    assert (answer.phase, answer.code, answer.enhanced) == (Phase.AUTH, 535, "5.7.8")
    with pytest.raises(PermanentFailure, match="Check user name and password"):
        open_mailbox(mailboxes.account(SIGN, password="wrong"))
