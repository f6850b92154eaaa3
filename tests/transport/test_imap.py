"""Mail in: what is read of a mailbox, against a real IMAP server on loopback."""

import threading
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from undersigned.errors import PermanentFailure, TemporaryFailure
from undersigned.rehearsal.post_office import PostOffice
from undersigned.transport import fetched as fetched_module
from undersigned.transport import imap
from undersigned.transport.imap import Mailbox, open_mailbox
from undersigned.transport.roles import Role

NOW = datetime(2026, 5, 26, 14, 5, 9, tzinfo=UTC)


@pytest.fixture
def office() -> Iterator[PostOffice]:
    """Give a post office whose clock stands still."""
    with PostOffice(clock=lambda: NOW, mailbox="sign@letters.example") as office:
        yield office


@pytest.fixture
def mailbox(office: PostOffice) -> Iterator[Mailbox]:
    """Give the campaign's mailbox, open."""
    with open_mailbox(office.accounts()[1]) as mailbox:
        yield mailbox


def message(number: int = 0, body: str = "Yes") -> bytes:
    """Give a message."""
    return (
        f"From: a@party.example\r\nMessage-ID: <{number}@party.example>\r\n"
        f"X-Undersigned-ID: token{number}\r\n\r\n{body}\r\n"
    ).encode()


def test_it_reads_messages_byte_for_byte(office: PostOffice, mailbox: Mailbox) -> None:
    """The raw reply is the evidence: not a byte may change, and the time is the mailbox's own."""
    raw = message(body="Sí ☃ \x00 end")
    office.put(raw)

    mailbox.examine("INBOX")
    (fetched,) = mailbox.fetch(mailbox.uids_above(0))

    assert fetched.raw == raw
    assert fetched.received_at == NOW
    assert fetched.size == len(raw)
    assert fetched.head == raw.partition(b"\r\n\r\n")[0]


def test_it_leaves_no_trace(office: PostOffice, mailbox: Mailbox) -> None:
    """People work in this mailbox too: what was unread stays unread.

    T65: NousResearch/hermes-agent#42997, a fetch that marks all as seen.
    """
    office.put(message())

    mailbox.examine("INBOX")
    list(mailbox.fetch(mailbox.uids_above(0)))

    with open_mailbox(office.accounts()[1]) as other:
        other.examine("INBOX")
        assert other._client.search(["UNSEEN"]) != []  # noqa: SLF001 - nobody else asks for flags


def test_it_gives_only_what_is_above_the_cursor(office: PostOffice, mailbox: Mailbox) -> None:
    """`n:*` names the last message even if it is old (RFC 3501), and it must not come twice.

    T65: kunchenguid/firstmate#3765, sequence numbers taken for ids.
    """
    office.put(message(1))
    office.put(message(2))
    mailbox.examine("INBOX")
    first, second = mailbox.uids_above(0)

    assert mailbox.uids_above(first) == [second]
    assert mailbox.uids_above(second) == []


def test_it_searches_in_windows(
    office: PostOffice, mailbox: Mailbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A mailbox with a million messages is not asked for all its UIDs in one line."""
    monkeypatch.setattr(imap, "SEARCH_WINDOW", 2)
    for number in range(7):
        office.put(message(number))

    mailbox.examine("INBOX")

    assert len(mailbox.uids_above(0)) == 7


def test_it_says_where_the_mailbox_stands(office: PostOffice, mailbox: Mailbox) -> None:
    """UIDs mean something only under their UIDVALIDITY."""
    empty = mailbox.examine("INBOX")
    office.put(message())
    after = mailbox.examine("INBOX")

    assert (empty.exists, after.exists) == (0, 1)
    assert after.uidvalidity == empty.uidvalidity > 0
    assert after.uidnext == empty.uidnext + 1
    assert mailbox.uids_above(0) == [empty.uidnext]


def test_it_fetches_in_batches_that_fit_into_memory(
    office: PostOffice, mailbox: Mailbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    """However the messages are grouped, each comes once and in order."""
    monkeypatch.setattr(imap, "BATCH_MESSAGES", 3)
    monkeypatch.setattr(fetched_module, "BATCH_OCTETS", 250)
    raws = [message(number, "x" * (number * 40)) for number in range(8)]
    for raw in raws:
        office.put(raw)

    mailbox.examine("INBOX")
    fetched = list(mailbox.fetch(mailbox.uids_above(0)))

    assert [one.raw for one in fetched] == raws


def test_it_fetches_only_the_head_of_what_is_too_large(
    office: PostOffice, mailbox: Mailbox
) -> None:
    """A huge message is known and shown, and fills no memory."""
    small, large = message(1), message(2, "x" * 5_000)
    for raw in (small, large, small):
        office.put(raw)

    mailbox.examine("INBOX")
    fetched = list(mailbox.fetch(mailbox.uids_above(0), limit_bytes=1_000))

    assert [one.raw for one in fetched] == [small, None, small]
    assert fetched[1].size == len(large)
    assert fetched[1].head == large.partition(b"\r\n\r\n")[0]


def test_it_leaves_out_what_has_gone(office: PostOffice, mailbox: Mailbox) -> None:
    """Somebody deleted a message between search and fetch: the others still come."""
    office.put(message())
    mailbox.examine("INBOX")
    (uid,) = mailbox.uids_above(0)

    assert [one.uid for one in mailbox.fetch([uid, uid + 7])] == [uid]


def test_it_finds_messages_by_a_header(office: PostOffice, mailbox: Mailbox) -> None:
    """The copy in Sent settles an uncertain letter, and is found by our own id."""
    for number in range(3):
        office.put(message(number), folder="Sent")

    mailbox.examine("Sent")
    found = mailbox.search_header("X-Undersigned-ID", "token1")

    assert [one.raw for one in mailbox.fetch(found)] == [message(1)]
    assert mailbox.search_header("X-Undersigned-ID", "nothing") == []


def test_it_keeps_a_note_in_a_folder_of_its_own(mailbox: Mailbox) -> None:
    """The witness against restored copies lives in the mailbox itself."""
    mailbox.create_folder("Undersigned")
    mailbox.create_folder("Undersigned")
    mailbox.append("Undersigned", b"Subject: epoch 3\r\n\r\n", NOW)

    (note,) = mailbox.fetch_all_in("Undersigned")

    assert note.raw == b"Subject: epoch 3\r\n\r\n"
    assert note.received_at == NOW


def test_it_tells_what_folders_are_for(mailbox: Mailbox) -> None:
    """Junk is read too, Sent and Trash are not."""
    roles = {folder.name: folder.role for folder in mailbox.folders()}

    assert roles["INBOX"] is Role.INBOX
    assert roles["Junk"] is Role.JUNK
    assert roles["Sent"] is Role.SENT
    assert all(folder.selectable for folder in mailbox.folders())


def test_it_wakes_when_mail_comes(office: PostOffice, mailbox: Mailbox) -> None:
    """IDLE tells of mail at once, so a signer has the receipt within seconds."""
    mailbox.examine("INBOX")
    timer = threading.Timer(0.2, office.put, [message()])
    timer.start()

    assert mailbox.idle(timedelta(seconds=60))

    timer.join()
    assert len(mailbox.uids_above(0)) == 1


def test_it_wakes_for_mail_that_came_while_nobody_waited(
    office: PostOffice, mailbox: Mailbox
) -> None:
    """What came between the last poll and IDLE is told, for the server does not tell it again."""
    office.put(message(1))
    mailbox.examine("INBOX")
    mailbox.uids_above(0)
    office.put(message(2))

    assert mailbox.idle(timedelta(seconds=60))


def test_it_sleeps_while_nothing_comes(office: PostOffice, mailbox: Mailbox) -> None:
    """Mail that was polled already is no news."""
    office.put(message())
    mailbox.examine("INBOX")
    mailbox.uids_above(0)

    assert not mailbox.idle(timedelta(milliseconds=50))
    assert not mailbox.idle(timedelta(milliseconds=50))


def test_it_asks_now_and_then_where_a_server_cannot_tell(
    office: PostOffice, mailbox: Mailbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A server without IDLE is no reason to be deaf."""
    monkeypatch.setattr(imap, "ASKING_INTERVAL", timedelta(milliseconds=20))
    monkeypatch.setattr(mailbox._client, "has_capability", lambda _name: False)  # noqa: SLF001 - the server's answer
    mailbox.examine("INBOX")

    assert not mailbox.idle(timedelta(milliseconds=50))

    office.put(message())
    assert mailbox.idle(timedelta(seconds=60))


@pytest.mark.parametrize("has_idle", [True, False])
def test_it_wakes_when_it_is_told_to_stop(
    mailbox: Mailbox, monkeypatch: pytest.MonkeyPatch, *, has_idle: bool
) -> None:
    """A listener that is stopped ends within a moment, not when the next mail comes."""
    monkeypatch.setattr(mailbox._client, "has_capability", lambda _name: has_idle)  # noqa: SLF001 - the server's answer
    mailbox.examine("INBOX")
    timer = threading.Timer(0.1, mailbox.wake)
    timer.start()

    assert not mailbox.idle(timedelta(minutes=9))

    timer.join()


def test_it_can_be_woken_when_it_is_closed(mailbox: Mailbox) -> None:
    """Stopping twice is no error."""
    mailbox.close()

    mailbox.wake()


def test_it_says_that_the_password_is_wrong(office: PostOffice) -> None:
    """The coordinator reads which account at which host, and what to check."""
    wrong = replace(office.accounts()[1], password="wrong")

    with pytest.raises(PermanentFailure, match=r"sign@letters\.example.*Check user name and pass"):
        open_mailbox(wrong)


def test_it_says_that_a_folder_is_missing(mailbox: Mailbox) -> None:
    """Trying again would not make the folder."""
    with pytest.raises(PermanentFailure, match="cannot open the folder Nowhere"):
        mailbox.examine("Nowhere")


def test_it_says_that_nobody_answers(office: PostOffice) -> None:
    """A server that is down is a delay."""
    with pytest.raises(TemporaryFailure, match=r"cannot connect: .*It will be tried again\."):
        open_mailbox(replace(office.accounts()[1], port=1))


def test_it_says_that_the_server_hung_up() -> None:
    """A BYE or a cut in mid-session is a delay, whatever was asked."""
    office = PostOffice(clock=lambda: NOW, mailbox="sign@letters.example")
    office.start()
    mailbox = open_mailbox(office.accounts()[1])
    mailbox.examine("INBOX")
    office.stop()

    with pytest.raises(TemporaryFailure, match="cannot search"):
        mailbox.uids_above(0)
    mailbox.close()
