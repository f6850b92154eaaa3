"""Mail in on bad days: what a mailbox in trouble comes to, and what a person is told."""

import ssl
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
import trustme

from tests.transport.scripted_imap import BYE, DROP, HANG, ScriptedImap
from undersigned.errors import PermanentFailure, TemporaryFailure
from undersigned.transport import imap
from undersigned.transport.accounts import ImapAccount, Security
from undersigned.transport.imap import open_mailbox


def account(port: int, **changes: Any) -> ImapAccount:
    """Give an account at a server of the test."""
    values: dict[str, Any] = {
        "host": "127.0.0.1",
        "port": port,
        "security": Security.PLAIN,
        "username": "sign",
        "password": "secret",
        "timeout": timedelta(seconds=30),
    }
    return ImapAccount(**{**values, **changes})


TRACED = (
    "Received: from a.example by mx.example;\r\n Tue, 26 May 2026 16:05:53 +0200\r\n"
    "Date: Tue, 26 May 2026 14:00:00 +0000\r\n\r\nYes"
)


def fetched_with(date: str, raw: str) -> str:
    """Give what a server says to FETCH."""
    return (
        f"* 1 FETCH (UID 11 INTERNALDATE {date} RFC822.SIZE {len(raw)} "
        f"BODY[] {{{len(raw)}}}\r\n{raw})\r\n{{tag}} OK"
    )


@pytest.mark.parametrize("way", [DROP, BYE, HANG])
@pytest.mark.parametrize("command", ["GREETING", "LOGIN", "EXAMINE", "SEARCH", "FETCH"])
def test_it_counts_every_loss_as_a_delay(command: str, way: str) -> None:
    """No connection trouble is anybody's fault for good, and none hangs the reader for ever."""
    timeout = timedelta(milliseconds=200) if way == HANG else timedelta(seconds=30)

    def read(port: int) -> None:
        with open_mailbox(account(port, timeout=timeout)) as mailbox:
            mailbox.examine("INBOX")
            list(mailbox.fetch(mailbox.uids_above(0)))

    with (
        ScriptedImap({command: way}) as server,
        pytest.raises(TemporaryFailure, match=r"127\.0\.0\.1:\d+ \(as sign\): cannot"),
    ):
        read(server.port)


def test_it_tells_what_has_gone_from_what_is_not_handed_out() -> None:
    """A message that an answer leaves out was removed meanwhile, or must be asked for again."""
    gone = {"SEARCH": "* SEARCH\r\n{tag} OK"}

    with ScriptedImap(gone) as server, open_mailbox(account(server.port)) as mailbox:
        mailbox.examine("INBOX")
        assert list(mailbox.fetch([11])) == []
    with ScriptedImap() as server, open_mailbox(account(server.port)) as mailbox:
        mailbox.examine("INBOX")
        with pytest.raises(TemporaryFailure, match="does not hand it out"):
            list(mailbox.fetch([11]))


@pytest.mark.parametrize(
    ("said", "expected"),
    [
        ("NO [AUTHENTICATIONFAILED] Wrong", PermanentFailure),
        ("NO Wrong", PermanentFailure),
        ("NO [UNAVAILABLE] Directory down", TemporaryFailure),
        ("NO [LIMIT] Too many connections", TemporaryFailure),
        ("NO [EXPIRED] Password expired", PermanentFailure),
    ],
)
def test_it_tells_a_wrong_password_from_a_server_in_trouble(
    said: str, expected: type[Exception]
) -> None:
    """Only the first needs a person; the response codes are those of RFC 5530."""
    with (
        ScriptedImap({"LOGIN": f"{{tag}} {said}"}) as server,
        pytest.raises(expected, match="cannot log in"),
    ):
        open_mailbox(account(server.port))


@pytest.mark.parametrize(
    ("said", "expected"),
    [
        ("NO No such folder", PermanentFailure),
        ("NO [INUSE] Locked", TemporaryFailure),
        ("NO [SERVERBUG] Oops", TemporaryFailure),
    ],
)
def test_it_tells_a_missing_folder_from_a_busy_one(said: str, expected: type[Exception]) -> None:
    """A locked mailbox passes."""
    with (
        ScriptedImap({"EXAMINE": f"{{tag}} {said}"}) as server,
        open_mailbox(account(server.port)) as mailbox,
        pytest.raises(expected, match="cannot open the folder INBOX"),
    ):
        mailbox.examine("INBOX")


@pytest.mark.parametrize(
    ("said", "expected"),
    [("NO Try again", TemporaryFailure), ("NO [OVERQUOTA] Full", PermanentFailure)],
)
def test_it_tells_a_full_mailbox_from_a_passing_refusal(
    said: str, expected: type[Exception]
) -> None:
    """A full mailbox stays full until somebody clears it."""
    with (
        ScriptedImap({"CREATE": f"{{tag}} {said}", "LIST": "{tag} OK"}) as server,
        open_mailbox(account(server.port)) as mailbox,
        pytest.raises(expected, match="cannot make the folder Undersigned"),
    ):
        mailbox.create_folder("Undersigned")


def test_it_refuses_a_folder_without_uidvalidity() -> None:
    """Without it, nobody can say that two messages are the same."""
    with (
        ScriptedImap({"EXAMINE": "* 1 EXISTS\r\n{tag} OK"}) as server,
        open_mailbox(account(server.port)) as mailbox,
        pytest.raises(PermanentFailure, match="has no UIDVALIDITY"),
    ):
        mailbox.examine("INBOX")


def test_it_finds_the_next_uid_itself_where_a_server_does_not_say() -> None:
    """Some servers leave UIDNEXT out of EXAMINE (RFC 3501 lets them)."""
    with (
        ScriptedImap({"EXAMINE": "* 1 EXISTS\r\n* OK [UIDVALIDITY 7] x\r\n{tag} OK"}) as server,
        open_mailbox(account(server.port)) as mailbox,
    ):
        assert mailbox.examine("INBOX").uidnext == 12


def test_it_reads_dates_in_any_zone() -> None:
    """INTERNALDATE comes in the server's zone, and is kept in UTC."""
    said = fetched_with('"27-May-2026 00:05:09 +0900"', "abc")

    with (
        ScriptedImap({"FETCH": said}) as server,
        open_mailbox(account(server.port)) as mailbox,
    ):
        mailbox.examine("INBOX")
        (fetched,) = mailbox.fetch([11])

    assert fetched.received_at.isoformat() == "2026-05-26T15:05:09+00:00"
    assert fetched.raw == b"abc"


@pytest.mark.parametrize(
    ("raw", "moment"),
    [
        (TRACED, "2026-05-26T14:05:53+00:00"),
        ("Date: Tue, 26 May 2026 14:00:00\r\n\r\nYes", "2026-05-26T14:00:00+00:00"),
        ("Subject: none\r\n\r\nYes", "1970-01-01T00:00:00+00:00"),
    ],
)
def test_it_fetches_a_message_whose_date_makes_no_sense(raw: str, moment: str) -> None:
    """One message with a broken INTERNALDATE must not stop all that come after it."""
    said = fetched_with('"not a date"', raw)

    with (
        ScriptedImap({"FETCH": said}) as server,
        open_mailbox(account(server.port)) as mailbox,
    ):
        mailbox.examine("INBOX")
        (fetched,) = mailbox.fetch([11])

    assert fetched.raw == raw.encode()
    assert fetched.received_at.isoformat() == moment


@pytest.mark.parametrize("security", [Security.TLS, Security.STARTTLS])
def test_it_asks_for_no_password_of_a_server_that_is_not_itself(
    tmp_path: Path, security: Security
) -> None:
    """A certificate that cannot be trusted needs a person, and nobody logs in meanwhile."""
    authority = trustme.CA()
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert("127.0.0.1").configure_cert(context)
    other = trustme.CA()
    other.cert_pem.write_to_path(str(tmp_path / "other.pem"))

    with (
        ScriptedImap(tls=context, starttls=security is Security.STARTTLS) as server,
        pytest.raises(PermanentFailure, match="is not to be trusted"),
    ):
        open_mailbox(account(server.port, security=security, ca_file=tmp_path / "other.pem"))

    assert "LOGIN" not in server.heard


@pytest.mark.parametrize("security", [Security.TLS, Security.STARTTLS])
def test_it_logs_in_where_the_certificate_is_right(tmp_path: Path, security: Security) -> None:
    """A private authority can be named."""
    authority = trustme.CA()
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert("127.0.0.1").configure_cert(context)
    authority.cert_pem.write_to_path(str(tmp_path / "ca.pem"))

    with (
        ScriptedImap(tls=context, starttls=security is Security.STARTTLS) as server,
        open_mailbox(
            account(server.port, security=security, ca_file=tmp_path / "ca.pem")
        ) as mailbox,
    ):
        assert mailbox.examine("INBOX").exists == 1


def test_it_goes_no_further_without_starttls() -> None:
    """A server, or someone in between, that hides STARTTLS gets no password."""
    with (
        ScriptedImap() as server,
        pytest.raises(PermanentFailure, match="cannot start TLS"),
    ):
        open_mailbox(account(server.port, security=Security.STARTTLS))

    assert "LOGIN" not in server.heard


def test_it_is_not_woken_by_a_server_that_only_says_it_is_there(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Dovecot says "Still here" every two minutes, and that is no mail."""
    monkeypatch.setattr(imap, "IDLE_ROUND", timedelta(milliseconds=20))

    with (
        ScriptedImap({"IDLE": "+ idling\r\n* OK Still here,"}) as server,
        open_mailbox(account(server.port)) as mailbox,
    ):
        mailbox.examine("INBOX")

        assert not mailbox.idle(timedelta(milliseconds=200))

    assert server.heard.count("IDLE") > 1
