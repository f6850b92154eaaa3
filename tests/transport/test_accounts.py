"""Accounts: what is safe to set."""

from pathlib import Path

import pytest

from undersigned.errors import PermanentFailure
from undersigned.transport.accounts import (
    ImapAccount,
    Security,
    SmtpAccount,
    is_loopback,
    tls_context,
)


def test_it_never_shows_a_password() -> None:
    """Accounts end up in logs and error reports."""
    smtp = SmtpAccount(
        host="mx.example", port=465, security=Security.TLS, username="u", password="pa55"
    )
    imap = ImapAccount(
        host="mx.example", port=993, security=Security.TLS, username="u", password="pa55"
    )

    assert "pa55" not in f"{smtp!r} {imap!r} {smtp} {imap}"


@pytest.mark.parametrize("host", ["mx.example", "192.0.2.1", "localhost.example", "::2"])
def test_it_refuses_to_speak_in_the_clear_to_another_machine(host: str) -> None:
    """A password sent in the clear is a password given away."""
    with pytest.raises(PermanentFailure, match="without TLS"):
        SmtpAccount(host=host, port=25, security=Security.PLAIN)
    with pytest.raises(PermanentFailure, match="without TLS"):
        ImapAccount(host=host, port=143, security=Security.PLAIN, username="u", password="p")


@pytest.mark.parametrize("host", ["localhost", "LOCALHOST.", "127.0.0.1", "127.8.0.1", "::1"])
def test_it_knows_this_machine(host: str) -> None:
    """A rehearsal needs no certificates."""
    assert is_loopback(host)
    assert SmtpAccount(host=host, port=25, security=Security.PLAIN)


def test_it_says_which_certificates_cannot_be_read(tmp_path: Path) -> None:
    """A wrong path in the settings is told as such."""
    with pytest.raises(PermanentFailure, match=r"nothing\.pem cannot be read"):
        tls_context(tmp_path / "nothing.pem")
