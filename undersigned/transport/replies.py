"""Replies: what a server says to several commands that were said at once, one by one.

aiosmtplib's protocol knows of one command at a time and forgets what else comes with its reply; so
for the length of one transaction this one stands in its place on the same connection.
"""

import asyncio
import re
from collections import deque
from typing import Self

import aiosmtplib

#: Octets of a reply that never ends; the library's own limit for one.
LONGEST = 32_768

#: A line of a reply: the code, what tells whether more lines follow, the words (RFC 5321 §4.2).
_LINE = re.compile(rb"(\d{3})(?:([ -])(.*))?")

#: The library's own code for what is no SMTP.
_NO_SMTP = -1


class Replies(asyncio.Protocol):
    """The replies on one connection, for the length of a `with` block."""

    def __init__(self, protocol: asyncio.Protocol, transport: asyncio.Transport) -> None:
        self._theirs = protocol
        self._transport = transport
        self._buffer = bytearray()
        self._lines: list[bytes] = []
        self._ready: deque[aiosmtplib.SMTPResponse] = deque()
        self._waiter: asyncio.Future[None] | None = None
        self._is_over = False

    @classmethod
    def of(cls, client: aiosmtplib.SMTP) -> Self:
        """Give the replies to come on a client's connection; raises where it has none any more."""
        protocol, transport = client.protocol, client.transport
        if protocol is None or not isinstance(transport, asyncio.Transport):
            raise aiosmtplib.SMTPServerDisconnected("Connection lost")
        return cls(protocol, transport)

    def __enter__(self) -> Self:
        self._transport.set_protocol(self)
        return self

    def __exit__(self, *_: object) -> None:
        self._transport.set_protocol(self._theirs)

    @property
    def is_connected(self) -> bool:
        """Say whether the server still listens, for all that we know."""
        return not self._is_over and not self._transport.is_closing()

    @property
    def are_left(self) -> bool:
        """Say whether the server has said more than was asked for."""
        return bool(self._ready or self._lines or self._buffer)

    def write(self, data: bytes) -> None:
        """Send octets; raises `SMTPServerDisconnected` where nobody is there."""
        if not self.is_connected:
            raise aiosmtplib.SMTPServerDisconnected("Connection lost")
        self._transport.write(data)

    async def next(self, patience: float) -> aiosmtplib.SMTPResponse:
        """Give the next reply; raises what the library raises where none comes.

        The time-out is in seconds. A reply that is no SMTP has code -1.
        """
        if not self._ready:
            await self._wait(patience)
        if not self._ready:
            raise aiosmtplib.SMTPServerDisconnected("Connection lost")
        return self._ready.popleft()

    async def _wait(self, patience: float) -> None:
        if self._is_over:
            return
        loop = asyncio.get_running_loop()
        self._waiter = waiter = loop.create_future()
        alarm = loop.call_later(patience, self._expire, waiter)
        try:
            await waiter
        finally:
            alarm.cancel()
            self._waiter = None

    @staticmethod
    def _expire(waiter: asyncio.Future[None]) -> None:
        if not waiter.done():
            late = "Timed out waiting for server response"
            waiter.set_exception(aiosmtplib.SMTPReadTimeoutError(late))

    def _wake(self) -> None:
        if self._waiter is not None and not self._waiter.done():
            self._waiter.set_result(None)

    # What the transport calls.

    def data_received(self, data: bytes) -> None:
        """Take in octets; a whole reply wakes who waits for it."""
        self._buffer += data
        if len(self._buffer) + sum(map(len, self._lines)) > LONGEST:
            self._buffer.clear()
            self._reply(_NO_SMTP, b"Response too long")
        while (end := self._buffer.find(b"\n")) >= 0:
            line = bytes(self._buffer[:end]).rstrip(b"\r")
            del self._buffer[: end + 1]
            self._take(line)
        if self._ready:
            self._wake()

    def _take(self, line: bytes) -> None:
        found = _LINE.fullmatch(line)
        if found is None:
            self._reply(_NO_SMTP, line)
            return
        code, more, words = found.groups()
        self._lines.append((words or b"").strip())
        if more != b"-":
            self._reply(int(code), b"\n".join(self._lines))

    def _reply(self, code: int, words: bytes) -> None:
        self._ready.append(aiosmtplib.SMTPResponse(code, words.decode("utf-8", "surrogateescape")))
        self._lines = []

    def eof_received(self) -> bool:
        """Note that the server hung up; the transport closes."""
        self._is_over = True
        self._wake()
        return False

    def connection_lost(self, exc: Exception | None) -> None:
        """Note that the connection is gone, and tell the library."""
        self._is_over = True
        self._wake()
        self._theirs.connection_lost(exc)
