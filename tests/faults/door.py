"""The door: stands before the mailbox's IMAP server, and lets through what it is told to."""

import asyncio
import contextlib
import threading
from collections import Counter
from enum import StrEnum
from typing import Self

from tests.faults.guests import Guests

LIMIT = 2**25


class Fate(StrEnum):
    """What becomes of a conversation with the mailbox."""

    #: The server says BYE and hangs up in the middle of a message that is fetched.
    BYE = "bye in mid-fetch"
    #: The connection is lost there without a word.
    DROP = "drop in mid-fetch"
    #: It falls silent there.
    HANG = "hang in mid-fetch"


class Door:
    """Passes bytes between clients and the mailbox; a context manager."""

    def __init__(self, port: int) -> None:
        """Stand before the IMAP server on a loopback port."""
        self._behind = port
        self._fates: list[Fate] = []
        self._is_shut = False
        self._lock = threading.Lock()
        self._writers: set[asyncio.StreamWriter] = set()
        #: How often each fate struck, for the table.
        self.struck: Counter[str] = Counter()
        self.port = 0

    def __enter__(self) -> Self:
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, name="door")
        self._thread.start()
        asyncio.run_coroutine_threadsafe(self._start(), self._loop).result(20)
        return self

    def __exit__(self, *_: object) -> None:
        asyncio.run_coroutine_threadsafe(self._stop(), self._loop).result(20)
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        self._loop.close()

    def plan(self, fate: Fate) -> None:
        """Let this become of the next conversation that fetches a message."""
        with self._lock:
            self._fates.append(fate)

    @property
    def is_quiet(self) -> bool:
        """Say whether every fate that was planned has struck."""
        with self._lock:
            return not self._fates

    def shut(self) -> None:
        """Let nobody in, and throw everybody out."""
        with self._lock:
            self._is_shut = True
        self.struck["out of reach"] += 1
        asyncio.run_coroutine_threadsafe(self._throw_out(), self._loop).result(20)

    def open(self) -> None:
        """Let everybody in again, and let nothing more go wrong."""
        with self._lock:
            self._is_shut = False
            self._fates.clear()

    async def _start(self) -> None:
        self._guests = Guests(self._pass)
        self._server = await asyncio.start_server(self._guests.welcome, "127.0.0.1", 0, limit=LIMIT)
        self.port = self._server.sockets[0].getsockname()[1]

    async def _stop(self) -> None:
        self._server.close()
        await self._guests.send_home()

    async def _throw_out(self) -> None:
        for writer in tuple(self._writers):
            writer.transport.abort()

    async def _pass(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with contextlib.suppress(OSError, asyncio.CancelledError):
            if not self._is_shut:
                await self._lead_through(reader, writer)
        writer.transport.abort()

    async def _lead_through(
        self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter
    ) -> None:
        inner, outer = await asyncio.open_connection("127.0.0.1", self._behind, limit=LIMIT)
        asking = asyncio.ensure_future(_pump(reader, outer))
        self._writers |= {writer, outer}
        try:
            await self._answer(inner, writer)
        finally:
            asking.cancel()
            outer.transport.abort()
            self._writers -= {writer, outer}

    async def _answer(self, inner: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Pass the server's lines on, until one of a fetched message meets its fate."""
        with contextlib.suppress(OSError, asyncio.LimitOverrunError, ValueError):
            while line := await inner.readline():
                fate = self._next() if b" FETCH (" in line and b"BODY[" in line else None
                writer.write(line)
                await writer.drain()
                if fate is not None:
                    await self._meet(fate, inner, writer)
                    return
            # What was answered last is on its way still.
            writer.write_eof()

    async def _meet(
        self, fate: Fate, inner: asyncio.StreamReader, writer: asyncio.StreamWriter
    ) -> None:
        writer.write(await inner.readline())  # a piece of the message
        if fate is Fate.BYE:
            writer.write(b"\r\n* BYE Session invalidated - AccessTokenExpired\r\n")
        await writer.drain()
        if fate is Fate.HANG:
            while await inner.read(LIMIT):
                pass
        writer.close()

    def _next(self) -> Fate | None:
        with self._lock:
            if not self._fates:
                return None
            fate = self._fates.pop(0)
            self.struck[fate] += 1
            return fate


async def _pump(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    with contextlib.suppress(OSError):
        while (piece := await reader.read(65536)) and not writer.is_closing():
            writer.write(piece)
            await writer.drain()
    with contextlib.suppress(OSError, RuntimeError):
        writer.transport.abort()
