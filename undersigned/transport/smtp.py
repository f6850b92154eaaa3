"""Mail out: one message to one address over one connection, and exactly what the server said.

`SmtpConnection.send` never raises for what a server or the network does: every end of the
conversation is a `domain.delivery.Answer`, with the phase in which it ended.
"""

import asyncio
import contextlib
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import replace
from typing import Self

import aiosmtplib

from undersigned.domain.delivery import Answer, Phase
from undersigned.errors import UndersignedError
from undersigned.transport.accounts import GiveToken, Security, SmtpAccount, tls_context
from undersigned.transport.conversation import DONE, Stopped, drop, said
from undersigned.transport.envelope import DsnRequest, Envelope, Plan, Unfit, plan
from undersigned.transport.transaction import transact

__all__ = ["DsnRequest", "Envelope", "SmtpConnection", "SmtpPool"]

#: A kept connection that was silent this long is opened anew: servers hang up on idle clients,
#: Postfix after 300 s, others after 60.
IDLE_LIMIT = 45.0  # seconds
#: A kept connection that was silent this long is asked (NOOP) before it is trusted with a message.
ASK_AFTER = 5.0  # seconds
#: Servers limit the messages of one connection and then answer 421; Gmail and Exim at 100 and up.
MESSAGES_LIMIT = 90
#: How long to wait for the answer to QUIT: nothing depends on it.
QUIT_TIMEOUT = 2.0  # seconds

_LOGIN_REFUSED = 535
_SIGNED_OUT = frozenset({530, _LOGIN_REFUSED})  # RFC 4954 §6


class SmtpConnection:
    """One connection to one account, opened when needed; never used by two tasks at once."""

    def __init__(self, account: SmtpAccount) -> None:
        self._account = account
        self._client: aiosmtplib.SMTP | None = None
        self._sent = 0
        self._last_used = 0.0

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.close()

    async def check(self) -> Answer:
        """Connect and log in without sending anything; AUTH and a code below 400 is success."""
        try:
            await self._ready()
        except Stopped as stopped:
            return stopped.answer
        return Answer(phase=Phase.AUTH, code=DONE, text="connected and logged in")

    async def largest(self) -> int | None:
        """Give how many octets the server takes in a message (RFC 1870); None where none is told.

        None too where it cannot be reached: whoever sends will hear its answer.
        """
        try:
            client = await self._ready()
        except Stopped:
            return None
        told = client.esmtp_extensions.get("size", "").strip()
        return int(told) or None if told.isdecimal() else None

    async def send(
        self, envelope: Envelope, *, before_mail: Callable[[], Awaitable[None]] | None = None
    ) -> Answer:
        """Hand over one message and give what came of it; (BODY, 250) is success.

        `before_mail` is awaited immediately before MAIL FROM, on a connection that is open and
        logged in. If it raises, nothing is sent and the exception passes through.
        Without it the commands are said at once, where the server offers that.
        An envelope that this server cannot carry is answered in its stead with code 553 or 554 and
        a text that begins with "Not sent:".
        """
        try:
            client = await self._ready()
            what = plan(envelope, client.supports_extension)
            if before_mail is not None:
                await before_mail()
            return await self._hand_over(client, what, at_once=before_mail is None)
        except (Stopped, Unfit) as stopped:
            return stopped.answer

    async def _hand_over(self, client: aiosmtplib.SMTP, what: Plan, *, at_once: bool) -> Answer:
        """Say it; where the server has signed us out meanwhile, once more on a new connection.

        A token that died in mid-session must not cost the message: it is no refusal of it.
        """
        try:
            return await self._transact(client, what, at_once=at_once)
        except Stopped as stopped:
            if not _is_signed_out(stopped.answer):
                raise
        await self.close()
        try:
            return await self._transact(await self._ready(), what, at_once=at_once)
        except Stopped as stopped:
            if not _is_signed_out(stopped.answer):
                raise
            raise Stopped(replace(stopped.answer, phase=Phase.AUTH)) from None

    async def _transact(self, client: aiosmtplib.SMTP, what: Plan, *, at_once: bool) -> Answer:
        answer = await transact(
            client,
            what,
            at_once=at_once,
            patience=self._account.command_timeout.total_seconds(),
            data_patience=self._account.data_timeout.total_seconds(),
        )
        self._sent += 1
        self._last_used = time.monotonic()
        return answer

    async def close(self) -> None:
        """Say QUIT if anyone still listens, and hang up."""
        client, self._client = self._client, None
        if client is None:
            return
        transport = client.transport
        try:
            if client.is_connected:
                with contextlib.suppress(aiosmtplib.SMTPException, OSError):
                    await client.quit(timeout=QUIT_TIMEOUT)
        finally:
            drop(client, transport)
        await asyncio.sleep(0)  # the transport ends on the loop's next turn, which may be its last

    async def _ready(self) -> aiosmtplib.SMTP:
        """Give a client that is connected and logged in; a stale one is replaced."""
        if self._client is not None and not await self._is_fresh(self._client):
            await self.close()
        if self._client is None:
            self._client = await self._sign_in()
            self._sent = 0
        self._last_used = time.monotonic()
        return self._client

    async def _is_fresh(self, client: aiosmtplib.SMTP) -> bool:
        idle = time.monotonic() - self._last_used
        if not client.is_connected or idle > IDLE_LIMIT or self._sent >= MESSAGES_LIMIT:
            return False
        if idle < ASK_AFTER:
            return True
        try:
            await client.noop(timeout=self._account.connect_timeout.total_seconds())
        except (aiosmtplib.SMTPException, OSError):
            return False
        except BaseException:  # cancelled: the answer that is on its way would be taken for another
            drop(client)
            raise
        return True

    async def _sign_in(self) -> aiosmtplib.SMTP:
        """Open; where the server refuses the token, once more with a new one.

        A token may die before its time: it was revoked, or our clock is slow.
        """
        if self._account.token is None:
            return await self._open(None)
        token = await _given(self._account.token, None)
        try:
            return await self._open(token)
        except Stopped as stopped:
            if stopped.answer.phase is not Phase.AUTH or stopped.answer.code != _LOGIN_REFUSED:
                raise
        return await self._open(await _given(self._account.token, token))

    async def _open(self, token: str | None) -> aiosmtplib.SMTP:
        account = self._account
        connect = account.connect_timeout.total_seconds()
        context = None if account.security is Security.PLAIN else tls_context(account.ca_file)
        client = aiosmtplib.SMTP(
            hostname=account.host,
            port=account.port,
            local_hostname="localhost",  # replaced below, when our address is known
            timeout=account.command_timeout.total_seconds(),
            use_tls=account.security is Security.TLS,
            start_tls=False,  # stepped through below, so that each phase is known
            tls_context=context,
        )
        try:
            await said(Phase.CONNECT, client.connect(timeout=connect))
            name = _own_name(client)
            await said(Phase.EHLO, client.ehlo(hostname=name, timeout=connect))
            if account.security is Security.STARTTLS:
                await said(Phase.STARTTLS, client.starttls(timeout=connect))
                await said(Phase.EHLO, client.ehlo(hostname=name, timeout=connect))
            if account.username is not None:
                await said(Phase.AUTH, _log_in(client, account, token))
        except BaseException:
            drop(client)
            raise
        return client


def _is_signed_out(answer: Answer) -> bool:
    """Say whether the server takes us for nobody (RFC 4954 §6): "530 5.7.57 Client not …"."""
    return answer.phase is Phase.MAIL and answer.code in _SIGNED_OUT


class SmtpPool:
    """Lends kept connections to one account, at most so many at a time.

    Belongs to one event loop. Across processes, the database's slots keep the account's limit.
    """

    def __init__(self, account: SmtpAccount, *, connections: int) -> None:
        self._account = account
        self._slots = asyncio.Semaphore(connections)
        self._idle: list[SmtpConnection] = []
        self._is_closed = False

    @contextlib.asynccontextmanager
    async def connection(self) -> AsyncIterator[SmtpConnection]:
        """Lend a connection, the one used last if there is one; wait while all are lent."""
        async with self._slots:
            lent = self._idle.pop() if self._idle else SmtpConnection(self._account)
            try:
                yield lent
            finally:
                self._idle.append(lent)
                if self._is_closed:
                    await self.close()

    async def rest(self) -> None:
        """Hang up the connections that nobody uses; the next message opens them anew."""
        while self._idle:
            await self._idle.pop().close()

    async def close(self) -> None:
        """Hang up every connection, those that are lent when they come back."""
        self._is_closed = True
        await self.rest()


async def _given(give: GiveToken, refused: str | None) -> str:
    """Give a token; asking for one may take a while, and other connections go on meanwhile."""
    try:
        return await asyncio.to_thread(give, refused)
    except UndersignedError as exc:
        raise Stopped(Answer(phase=Phase.AUTH, text=str(exc))) from exc


async def _log_in(
    client: aiosmtplib.SMTP, account: SmtpAccount, token: str | None
) -> aiosmtplib.SMTPResponse:
    """Try one method only: each refused try counts towards the server's lock-out."""
    username, password = account.username or "", account.password or ""
    timeout = account.connect_timeout.total_seconds()
    offered = client.server_auth_methods
    if token is not None:
        return await client.auth_xoauth2(username, token, timeout=timeout)
    if "plain" in offered:
        return await client.auth_plain(username, password, timeout=timeout)
    if "login" in offered:
        return await client.auth_login(username, password, timeout=timeout)
    if "cram-md5" in offered:
        return await client.auth_crammd5(username, password, timeout=timeout)
    raise aiosmtplib.SMTPException(
        f"{account.host} offers no way to log in that we know (it offers: "
        f"{', '.join(offered) or 'none'})"
    )


def _own_name(client: aiosmtplib.SMTP) -> str:
    """Give our address literal (RFC 5321 §4.1.3): true, and it tells no machine's name."""
    address = str(client.get_transport_info("sockname")[0]).partition("%")[0]
    return f"[IPv6:{address}]" if ":" in address else f"[{address}]"
