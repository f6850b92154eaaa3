"""An SMTP server that does as it is told: it answers wrongly, hangs, or hangs up, at any phase."""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass, field

#: In place of an answer: close the connection, or say nothing for ever.
DROP = "DROP"
HANG = "HANG"
#: Close the connection in the middle of the message.
DROP_INSIDE = "DROP_INSIDE"
#: Stop reading in the middle of the message, until `go_on` is set.
HANG_INSIDE = "HANG_INSIDE"

_EHLO = "250-mx.test\r\n250-SIZE 1000000\r\n250-8BITMIME\r\n250-AUTH PLAIN LOGIN\r\n250 OK"


@dataclass(kw_only=True)
class Misbehaving:
    """The script of the server, and what it truly saw."""

    #: By command ("GREETING", "EHLO", "AUTH", "MAIL", "RCPT", "DATA", "BODY", "RSET", "NOOP"):
    #: what it answers, one a time; then it behaves.
    script: Mapping[str, list[str]] = field(default_factory=dict)
    #: Whether it takes several commands at once (RFC 2920).
    pipelines: bool = False
    #: The lines that the client said.
    heard: list[str] = field(default_factory=list)
    #: The messages that it accepted.
    accepted: list[bytes] = field(default_factory=list)
    connections: int = 0
    port: int = 0
    #: Ends HANG_INSIDE.
    go_on: asyncio.Event = field(default_factory=asyncio.Event)
    #: Set when a conversation has ended.
    ended: asyncio.Event = field(default_factory=asyncio.Event)

    @contextlib.asynccontextmanager
    async def serve(self) -> AsyncIterator["Misbehaving"]:
        """Open a free port on loopback."""
        tasks: set[asyncio.Task[None]] = set()

        def accept(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            tasks.add(asyncio.ensure_future(self._converse(reader, writer)))

        server = await asyncio.start_server(accept, "127.0.0.1", 0)
        self.port = server.sockets[0].getsockname()[1]
        try:
            yield self
        finally:
            server.close()
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)

    async def _converse(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.connections += 1
        try:
            with contextlib.suppress(ConnectionError, asyncio.IncompleteReadError):
                await self._say(writer, "GREETING", "220 mx.test")
                while line := await reader.readline():
                    await self._answer(line.decode().rstrip("\r\n"), reader, writer)
        finally:
            self.ended.set()
            writer.close()

    async def _answer(
        self, line: str, reader: asyncio.StreamReader, writer: asyncio.StreamWriter
    ) -> None:
        self.heard.append(line)
        command = line.partition(" ")[0].upper()
        more = "\r\n250-PIPELINING\r\n250-SIZE" if self.pipelines else "\r\n250-SIZE"
        offers = _EHLO.replace("\r\n250-SIZE", more)
        usual = {"EHLO": offers, "AUTH": "235 2.7.0 In", "DATA": "354 Go on", "QUIT": "221 Bye"}
        said = await self._say(writer, command, usual.get(command, "250 OK"))
        if command == "DATA" and said.startswith("354"):
            await self._take(reader, writer)

    async def _take(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        if self._next("BODY", "") == DROP_INSIDE:
            await reader.read(10)
            raise ConnectionResetError
        if self._next("BODY", "") == HANG_INSIDE:
            await self.go_on.wait()
            rest = await reader.read()
            self.accepted += [rest] if rest.endswith(b"\r\n.\r\n") else []
            raise ConnectionResetError
        wire = await reader.readuntil(b"\r\n.\r\n")
        said = await self._say(writer, "BODY", "250 2.0.0 Queued as 42")
        if said.startswith("250"):
            self.accepted.append(wire)

    def _next(self, command: str, usual: str) -> str:
        script = self.script.get(command)
        return script[0] if script else usual

    async def _say(self, writer: asyncio.StreamWriter, command: str, usual: str) -> str:
        said = self._next(command, usual)
        if script := self.script.get(command):
            script.pop(0)
        if said == DROP:
            raise ConnectionResetError
        if said == HANG:
            await asyncio.Event().wait()
        writer.write(f"{said}\r\n".encode("utf-8", "surrogateescape"))
        await writer.drain()
        if said.startswith("421"):
            raise ConnectionResetError
        return said
