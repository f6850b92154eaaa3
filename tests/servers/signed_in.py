"""The rehearsal's post office where nobody comes in with a password: SMTP with XOAUTH2 alone."""

import base64
import binascii
from typing import Any

from aiosmtpd.smtp import SMTP, AuthResult

from tests.servers.authority import Authority
from undersigned.rehearsal.post_office import PostOffice

_CHALLENGE = '{"status":"401","schemes":"bearer","scope":"mail"}'


class SignedInOffice(PostOffice):
    """Asks an authorization server what a token is worth, as Gmail and Exchange Online do."""

    def __init__(self, authority: Authority, **options: Any) -> None:
        super().__init__(**options)
        self._authority = authority
        #: How many log-ins it refused, and how many it let in.
        self.refused = 0
        self.let_in = 0

    def _session(self) -> SMTP:
        return SMTP(
            self,
            hostname="mx.rehearsal.example",
            enable_SMTPUTF8=True,
            auth_require_tls=False,  # loopback
            auth_exclude_mechanism=["PLAIN", "LOGIN"],
            authenticator=self._authenticate,
            loop=self._loop,
        )

    async def auth_XOAUTH2(self, server: Any, said: list[str]) -> AuthResult:  # noqa: N802 - aiosmtpd's name
        """Take a token (developers.google.com/workspace/gmail/imap/xoauth2-protocol)."""
        try:
            fields = base64.b64decode(said[1]).decode().split("\x01")
            user, bearer = fields[0].removeprefix("user="), fields[1].removeprefix("auth=Bearer ")
        except (IndexError, binascii.Error, UnicodeDecodeError):
            user = bearer = ""
        if self._authority.lets_in(user, bearer):
            self.let_in += 1
            return AuthResult(success=True, auth_data=user)
        self.refused += 1
        await server.challenge_auth(_CHALLENGE, encode_to_b64=True)  # answered by an empty line
        return AuthResult(success=False, handled=False)  # 535 5.7.8
