"""Guests: whoever has connected to a server of the field; nobody is left behind at its end."""

import asyncio
from collections.abc import Callable, Coroutine
from typing import Any

#: Serves one connection to its end.
Serve = Callable[[asyncio.StreamReader, asyncio.StreamWriter], Coroutine[Any, Any, None]]


class Guests:
    """The connections of one server."""

    def __init__(self, serve: Serve) -> None:
        """Let each of them be served so."""
        self._serve = serve
        self._served: dict[asyncio.Task[None], asyncio.StreamWriter] = {}

    def welcome(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Serve one: known from the first moment, also where the server closes before it begins."""
        task = asyncio.ensure_future(self._serve(reader, writer))
        self._served[task] = writer
        task.add_done_callback(self._served.pop)

    async def send_home(self) -> None:
        """Hang up on everybody, and wait until nobody is served any more."""
        while self._served:
            for task, writer in tuple(self._served.items()):
                writer.transport.abort()
                task.cancel()
            await asyncio.gather(*self._served, return_exceptions=True)
