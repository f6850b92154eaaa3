"""An IMAP server that answers as it is told, for what real servers do only on bad days."""

import contextlib
import socket
import ssl
import threading
import time
from collections.abc import Mapping
from typing import Self

#: In place of an answer: close the connection, say BYE first, or say nothing.
DROP, BYE, HANG = "DROP", "BYE", "HANG"


class ScriptedImap:
    """Serves one connection after the other on a free loopback port."""

    def __init__(
        self,
        script: Mapping[str, str | list[str]] | None = None,
        *,
        tls: ssl.SSLContext | None = None,
        starttls: bool = False,
    ) -> None:
        """Take the answers by command, e.g. {"LOGIN": "{tag} NO [UNAVAILABLE] Later"}.

        "FETCH 11" is what is said to a FETCH of that UID alone, "FETCH 11 (BODY.PEEK[HEADER])" of
        that part of it. Of a list, one after the other is said, then the last again.

        With `tls` the connection is secured, at once or after STARTTLS.
        """
        self._tls = tls
        self._starttls = starttls
        #: The commands that were said.
        self.heard: list[str] = []
        more = " STARTTLS" if starttls else " IDLE"
        self._script = {
            "CAPABILITY": f"* CAPABILITY IMAP4rev1{more}\r\n{{tag}} OK",
            "LOGIN": "{tag} OK",
            "EXAMINE": "* 1 EXISTS\r\n* OK [UIDVALIDITY 7] x\r\n* OK [UIDNEXT 12] x\r\n{tag} OK",
            "SEARCH": "* SEARCH 11\r\n{tag} OK",
            "LOGOUT": "* BYE\r\n{tag} OK",
            **(script or {}),
        }
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port: int = self._listener.getsockname()[1]
        self._stopped = threading.Event()
        self._idle_tag = ""
        self._thread = threading.Thread(target=self._serve)

    def __enter__(self) -> Self:
        """Start to serve."""
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        """Stop, and close what is open."""
        self._stopped.set()
        socket.create_connection(("127.0.0.1", self.port)).close()  # wakes the listener
        self._thread.join()
        self._listener.close()

    def _serve(self) -> None:
        while True:
            connection, _ = self._listener.accept()
            if self._stopped.is_set():
                connection.close()
                return
            with contextlib.suppress(OSError):  # the client hung up
                self._converse(connection)
            connection.close()

    def _converse(self, connection: socket.socket) -> None:
        if self._tls is not None and not self._starttls:
            connection = self._tls.wrap_socket(connection, server_side=True)
        if not self._say(connection, self._script.get("GREETING", "* OK ready"), ""):
            connection.close()
            return
        while self._answer(connection):
            if self.heard[-1] == "STARTTLS" and self._tls is not None:
                connection = self._tls.wrap_socket(connection, server_side=True)
        connection.close()

    def _answer(self, connection: socket.socket) -> bool:
        line = b""
        while not line.endswith(b"\r\n"):
            piece = connection.recv(4096)
            if not piece:
                return False
            line += piece
        words = line.decode().split()
        if len(words) == 1:  # DONE, the end of IDLE, and a token carry no tag of their own
            return self._say(connection, "{tag} OK", self._idle_tag)
        self._idle_tag = words[0]
        command = (words[2] if words[1].upper() == "UID" else words[1]).upper()
        self.heard.append(command)
        said = self._script.get(command, "{tag} OK")
        if command == "FETCH":
            for wanted in (words[3], " ".join(words[3:])):
                said = self._script.get(f"FETCH {wanted}", said)
        return self._say(connection, said, words[0])

    def _say(self, connection: socket.socket, said: str | list[str], tag: str) -> bool:
        if isinstance(said, list):
            said = said.pop(0) if len(said) > 1 else said[0]
        if said == HANG:
            while not self._stopped.is_set():
                time.sleep(0.01)
            return False
        if said == BYE:
            connection.sendall(b"* BYE Session invalidated\r\n")
            return False
        if said == DROP:
            return False
        text = said.replace("{tag}", tag)
        connection.sendall(f"{text} done\r\n".encode("latin-1"))
        return True
