"""A turnstile: a loopback port in front of another, which counts the connections through it."""

import socket
import threading
from contextlib import suppress
from typing import Self


class Turnstile:
    """Passes everything on to a port, and counts who is inside at once."""

    def __init__(self, port: int) -> None:
        self._to = port
        self._door = socket.create_server(("127.0.0.1", 0))
        self._lock = threading.Lock()
        self._inside: set[socket.socket] = set()
        self._threads: list[threading.Thread] = []
        #: The most connections that were open at once, and how many there were in all.
        self.most = self.passed = 0

    @property
    def port(self) -> int:
        """The port to connect to."""
        return int(self._door.getsockname()[1])

    @property
    def open(self) -> int:
        """How many connections are open now."""
        with self._lock:
            return len(self._inside)

    def __enter__(self) -> Self:
        self._start(self._admit)
        return self

    def __exit__(self, *_: object) -> None:
        self._door.shutdown(socket.SHUT_RDWR)
        self._door.close()
        with self._lock:
            inside = list(self._inside)
        for one in inside:
            with suppress(OSError):
                one.shutdown(socket.SHUT_RDWR)
        for thread in self._threads:
            thread.join()

    def _start(self, target: object, *args: object) -> None:
        thread = threading.Thread(target=target, args=args)  # type: ignore[arg-type] # a callable
        self._threads.append(thread)
        thread.start()

    def _admit(self) -> None:
        with suppress(OSError):  # the door was closed
            while True:
                client, _ = self._door.accept()
                with self._lock:
                    self._inside.add(client)
                    self.passed += 1
                    self.most = max(self.most, len(self._inside))
                server = socket.create_connection(("127.0.0.1", self._to))
                self._start(self._carry, client, server)
                self._start(self._carry_back, server, client)

    def _carry(self, client: socket.socket, server: socket.socket) -> None:
        """Carry what the client says; it is inside until it hangs up."""
        with suppress(OSError):
            while piece := client.recv(65536):
                server.sendall(piece)
        with self._lock:
            self._inside.discard(client)
        with suppress(OSError):
            server.shutdown(socket.SHUT_WR)

    @staticmethod
    def _carry_back(server: socket.socket, client: socket.socket) -> None:
        with suppress(OSError):
            while piece := server.recv(65536):
                client.sendall(piece)
        with suppress(OSError):
            client.shutdown(socket.SHUT_WR)
        server.close()
        client.close()
