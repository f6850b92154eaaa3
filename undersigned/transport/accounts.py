"""Mail accounts: where a server is, how it is spoken to, and who we are there."""

import ssl
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import timedelta
from enum import StrEnum
from ipaddress import ip_address
from pathlib import Path

from undersigned.errors import PermanentFailure

#: Gives an access token that lives; told of one that a server refused, it gives another.
#: Raises TemporaryFailure or PermanentFailure.
GiveToken = Callable[[str | None], str]


class Security(StrEnum):
    """How a connection is protected."""

    #: TLS from the first byte (RFC 8314 §3).
    TLS = "tls"
    #: In the clear, then STARTTLS before anything is said that matters; never without it.
    STARTTLS = "starttls"
    #: No protection: only to this machine itself.
    PLAIN = "plain"


@dataclass(frozen=True, kw_only=True)
class SmtpAccount:
    """An account that mail leaves by. Raises PermanentFailure for `plain` to another machine."""

    host: str
    port: int
    security: Security
    #: None for a relay that asks for no login.
    username: str | None = None
    password: str | None = field(default=None, repr=False)
    #: Where the account signs in with a token (XOAUTH2) and no password.
    token: GiveToken | None = field(default=None, repr=False)
    #: Certificates to trust instead of the system's, PEM; for a private authority.
    ca_file: Path | None = None
    #: A server that takes longer to pick up is better tried later.
    connect_timeout: timedelta = timedelta(seconds=30)
    #: RFC 5321 §4.5.3.2 asks for five minutes for each command.
    command_timeout: timedelta = timedelta(minutes=5)
    #: RFC 5321 §4.5.3.2.6 asks for ten minutes for the answer to the final dot: a client that gives
    #: up sooner is the usual cause of mail sent twice.
    data_timeout: timedelta = timedelta(minutes=10)

    def __post_init__(self) -> None:
        _refuse_plain(self.host, self.security)


@dataclass(frozen=True, kw_only=True)
class ImapAccount:
    """A mailbox that is read. Raises PermanentFailure for `plain` to another machine."""

    host: str
    port: int
    security: Security
    username: str
    password: str = field(repr=False)
    #: Where the account signs in with a token (XOAUTH2) and no password.
    token: GiveToken | None = field(default=None, repr=False)
    #: Certificates to trust instead of the system's, PEM; for a private authority.
    ca_file: Path | None = None
    #: For connecting and for every answer; large mailboxes are searched in less.
    timeout: timedelta = timedelta(minutes=2)

    def __post_init__(self) -> None:
        _refuse_plain(self.host, self.security)


def is_loopback(host: str) -> bool:
    """Say whether a host name or address means this machine."""
    if host.lower().rstrip(".") == "localhost":
        return True
    try:
        return ip_address(host.strip("[]")).is_loopback
    except ValueError:
        return False


def _refuse_plain(host: str, security: Security) -> None:
    if security is Security.PLAIN and not is_loopback(host):
        raise PermanentFailure(
            f"{host} is set to be spoken to without TLS, which would send the password and the "
            f"letters readable by anyone on the way. Set its security to tls or starttls."
        )


def tls_context(ca_file: Path | None) -> ssl.SSLContext:
    """Give a context that checks certificate and name; raises PermanentFailure for a bad file."""
    try:
        context = ssl.create_default_context(cafile=str(ca_file) if ca_file else None)
    except OSError as exc:
        raise PermanentFailure(f"The certificates in {ca_file} cannot be read: {exc}") from exc
    context.minimum_version = ssl.TLSVersion.TLSv1_2  # RFC 8996: older ones are broken
    return context
