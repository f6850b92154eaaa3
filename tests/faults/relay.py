"""The relay: an SMTP server that does at each phase what it is told, and counts what it took."""

import asyncio
import base64
import contextlib
import hashlib
import re
import ssl
import threading
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Self

from tests.faults.guests import Guests
from undersigned.transport.accounts import Security

USER, PASSWORD = "sign@letters.example", "rehearsal"
#: Larger than any message of a campaign.
LIMIT = 2**25

_PATH = re.compile(r"<([^>]*)>")
_MESSAGE_ID = re.compile(rb"^message-id:\s*(\S+)", re.IGNORECASE | re.MULTILINE)


class Phase(StrEnum):
    """Where in a conversation something happens."""

    CONNECT = "connect"
    EHLO = "ehlo"
    STARTTLS = "starttls"
    AUTH = "auth"
    MAIL = "mail"
    RCPT = "rcpt"
    DATA = "data"
    #: In the middle of the message.
    INSIDE = "inside"
    #: After its final dot, and before the answer: the relay has taken it.
    DOT = "dot"


class Way(StrEnum):
    """What the relay does instead of its duty."""

    DROP = "drop"
    HANG = "hang"
    LATER = "4xx"
    NEVER = "5xx"
    CLOSE = "421"
    #: Its duty, after what else was planned for this moment.
    NOTHING = "in between"


#: What is said in each way that says something; with the dot, the message is not taken then.
_SAID = {
    Way.LATER: "451 4.3.0 Not now",
    Way.NEVER: "554 5.7.1 Never",
    Way.CLOSE: "421 4.3.2 Closing",
}


@dataclass(frozen=True, kw_only=True)
class Taking:
    """One message that the relay took for one address."""

    message_id: str
    recipient: str
    sender: str
    #: SHA-256 of the bytes as they came.
    digest: str
    #: Whether the 250 was said; where it was not, the client may try again.
    is_answered: bool


@dataclass
class Mischief:
    """What goes wrong: at a phase, in a way, for the next so many conversations that come to it."""

    phase: Phase
    way: Way
    times: int
    #: Done in the moment it strikes, e.g. a kill.
    then: Callable[[], None] | None = None


class _Gone(Exception):
    """The conversation is over."""


@dataclass
class _Talk:
    reader: asyncio.StreamReader
    writer: asyncio.StreamWriter
    sender: str = ""
    recipient: str = ""
    is_safe: bool = False


@dataclass(kw_only=True)
class Relay:
    """Serves on a free loopback port, in a thread of its own; a context manager."""

    security: Security
    tls: ssl.SSLContext | None
    #: Told of each message that was taken: recipient and bytes.
    on_mail: Callable[[str, bytes], None]
    takings: list[Taking] = field(default_factory=list)
    #: Envelope senders to whom something was refused for good, and lost inside or after DATA.
    refused: set[str] = field(default_factory=set)
    cut: Counter[tuple[str, str]] = field(default_factory=Counter)
    #: How each message fared: envelope sender, and where and how it failed, or None twice.
    events: list[tuple[str, Phase | None, Way | None]] = field(default_factory=list)
    #: How often each mischief struck, for the table.
    struck: Counter[str] = field(default_factory=Counter)
    #: Seconds that each message takes; letters are too fast for a fault to meet them otherwise.
    pace: float = 0.0
    port: int = 0
    _mischief: list[Mischief] = field(default_factory=list)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def __enter__(self) -> Self:
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, name="relay")
        self._thread.start()
        asyncio.run_coroutine_threadsafe(self._start(), self._loop).result(20)
        return self

    def __exit__(self, *_: object) -> None:
        asyncio.run_coroutine_threadsafe(self._stop(), self._loop).result(20)
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        self._loop.close()

    def plan(self, mischief: Mischief) -> None:
        """Let something go wrong from now on."""
        with self._lock:
            self._mischief.append(mischief)

    def is_over(self, mischief: Mischief) -> bool:
        """Say whether it has gone wrong as often as it was to."""
        with self._lock:
            return mischief.times <= 0

    def behave(self) -> None:
        """Let nothing more go wrong."""
        with self._lock:
            self._mischief.clear()

    async def _start(self) -> None:
        self._guests = Guests(self._converse)
        self._server = await asyncio.start_server(
            self._guests.welcome,
            "127.0.0.1",
            0,
            limit=LIMIT,
            ssl=self.tls if self.security is Security.TLS else None,
        )
        self.port = self._server.sockets[0].getsockname()[1]

    async def _stop(self) -> None:
        self._server.close()
        await self._guests.send_home()

    # One conversation.

    async def _converse(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        talk = _Talk(reader, writer)
        with contextlib.suppress(
            asyncio.CancelledError,
            _Gone,
            OSError,
            EOFError,
            ssl.SSLError,
            asyncio.LimitOverrunError,
            ValueError,
        ):
            await self._at(talk, Phase.CONNECT)
            await _say(talk, "220 mx.test ESMTP")
            while line := (await talk.reader.readline()).decode("utf-8", "replace"):
                await self._answer(talk, line.rstrip("\r\n"))
        with contextlib.suppress(OSError):
            talk.writer.transport.abort()

    async def _answer(self, talk: _Talk, line: str) -> None:  # noqa: C901 - a table of commands
        command = line.partition(" ")[0].upper()
        match command:
            case "EHLO":
                await self._unless(talk, Phase.EHLO, self._offers(talk))
            case "STARTTLS":
                await self._secure(talk)
            case "AUTH":
                await self._unless(talk, Phase.AUTH, _judged(line))
            case "MAIL":
                talk.sender, talk.recipient = _path(line), ""
                await self._unless(talk, Phase.MAIL, "250 2.1.0 OK")
            case "RCPT":
                talk.recipient = _path(line)
                if not await self._unless(talk, Phase.RCPT, "250 2.1.5 OK"):
                    talk.recipient = ""
            case "DATA" if not talk.recipient:
                await _say(talk, "503 5.5.1 RCPT first")
            case "DATA":
                if await self._unless(talk, Phase.DATA, "354 Go on"):
                    await self._take(talk)
            case "QUIT":
                await _say(talk, "221 2.0.0 Bye")
                raise _Gone
            case _:
                await _say(talk, "250 2.0.0 OK")

    def _offers(self, talk: _Talk) -> str:
        lines = ["mx.test", "SIZE 70000000", "8BITMIME", "SMTPUTF8", "ENHANCEDSTATUSCODES"]
        if self.security is Security.STARTTLS and not talk.is_safe:
            lines.append("STARTTLS")
        else:
            lines.append("AUTH PLAIN")
        return "\r\n".join(f"250{' ' if line == lines[-1] else '-'}{line}" for line in lines)

    async def _secure(self, talk: _Talk) -> None:
        assert self.tls is not None
        if await self._unless(talk, Phase.STARTTLS, "220 2.0.0 Go ahead"):
            await talk.writer.start_tls(self.tls)
            talk.is_safe = True

    async def _take(self, talk: _Talk) -> None:
        inside = self._next(Phase.INSIDE)
        if inside is not None:
            self.cut[talk.sender, talk.recipient] += 1
            await talk.reader.read(20)
            await self._do(talk, inside, _drops_or_hangs(inside.way))
        wire = await talk.reader.readuntil(b"\r\n.\r\n")
        if self.pace:
            await asyncio.sleep(self.pace)
        dot = self._next(Phase.DOT)
        if dot is not None and dot.way in _SAID:
            await self._do(talk, dot, dot.way)
            return
        raw = wire[:-3].replace(b"\r\n..", b"\r\n.")
        found = _MESSAGE_ID.search(raw.partition(b"\r\n\r\n")[0])
        self.takings.append(
            Taking(
                message_id=found[1].decode("ascii", "replace") if found else "",
                recipient=talk.recipient,
                sender=talk.sender,
                digest=hashlib.sha256(raw).hexdigest(),
                is_answered=dot is None,
            )
        )
        self.on_mail(talk.recipient, raw)
        if dot is not None:
            self.cut[talk.sender, talk.recipient] += 1
            await self._do(talk, dot, dot.way)
        self.events.append((talk.sender, None, None))
        await _say(talk, "250 2.0.0 Taken")

    # What goes wrong.

    async def _at(self, talk: _Talk, phase: Phase) -> None:
        mischief = self._next(phase)
        if mischief is not None:
            await self._do(talk, mischief, mischief.way)

    async def _unless(self, talk: _Talk, phase: Phase, said: str) -> bool:
        """Say this, unless something goes wrong; says whether it was a yes."""
        mischief = self._next(phase)
        if mischief is not None:
            await self._do(talk, mischief, mischief.way)
            return False
        await _say(talk, said)
        return said[0] in "23"

    def _next(self, phase: Phase) -> Mischief | None:
        with self._lock:
            for one in self._mischief:
                if one.phase is phase and one.times > 0:
                    one.times -= 1
                    self.struck[f"{one.phase} {one.way}"] += 1
                    found = one
                    break
            else:
                return None
        if found.then is not None:
            found.then()
        return None if found.way is Way.NOTHING else found

    async def _do(self, talk: _Talk, mischief: Mischief, way: Way) -> None:
        if talk.sender:
            self.events.append((talk.sender, mischief.phase, way))
        if way is Way.DROP:
            raise _Gone
        if way is Way.HANG:
            while await talk.reader.read(LIMIT):
                pass
            raise _Gone
        if way is Way.NEVER:
            self.refused.add(talk.sender)
        await _say(talk, _SAID[way])
        if way is Way.CLOSE or mischief.phase is Phase.CONNECT:
            raise _Gone


def _drops_or_hangs(way: Way) -> Way:
    """Nobody answers in the middle of a message."""
    return Way.HANG if way is Way.HANG else Way.DROP


async def _say(talk: _Talk, said: str) -> None:
    talk.writer.write(f"{said}\r\n".encode())
    await talk.writer.drain()


def _judged(line: str) -> str:
    expected = base64.b64encode(f"\0{USER}\0{PASSWORD}".encode()).decode()
    return "235 2.7.0 In" if line.endswith(f" {expected}") else "535 5.7.8 Wrong password"


def _path(line: str) -> str:
    found = _PATH.search(line)
    return found[1] if found else ""
