"""The door on this machine through which a browser brings the provider's answer (RFC 8252 §7.3)."""

import time
from datetime import timedelta
from http.server import BaseHTTPRequestHandler, HTTPServer
from typing import Self
from urllib.parse import parse_qs, urlsplit

from undersigned.errors import TemporaryFailure

_PAGE = b"""<!doctype html><html lang="en"><meta charset="utf-8"><title>Undersigned</title>
<p>Undersigned has the provider's answer. You may close this page and go back to the terminal.</p>
"""
#: A browser that connects and says nothing must not hold up the one with the answer.
_SILENCE = 5.0  # seconds


class Door(HTTPServer):
    """Listens on a free port of loopback until the answer came; a context manager."""

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Visitor)
        self.answer: str | None = None

    def __enter__(self) -> Self:
        return self

    @property
    def url(self) -> str:
        """Where the provider shall lead the browser; the port may be any (RFC 8252 §7.3)."""
        return f"http://127.0.0.1:{self.server_address[1]}/"

    def wait(self, patience: timedelta) -> str:
        """Give the address with the answer; raises TemporaryFailure where none comes in time."""
        until = time.monotonic() + patience.total_seconds()
        while self.answer is None:
            self.timeout = until - time.monotonic()
            if self.timeout <= 0:
                raise TemporaryFailure("Nobody agreed on the provider's page in time. Begin again.")
            self.handle_request()
        return self.answer


class _Visitor(BaseHTTPRequestHandler):
    timeout = _SILENCE
    server: Door

    def do_GET(self) -> None:
        """Take the answer; browsers also ask for icons, which say nothing."""
        asked = parse_qs(urlsplit(self.path).query)
        is_answer = "state" in asked and ("code" in asked or "error" in asked)
        self.send_response(200 if is_answer else 404)
        self.send_header("Content-Type", "text/html; charset=utf-8")
        self.end_headers()
        if is_answer:
            self.wfile.write(_PAGE)
            self.server.answer = f"{self.server.url.rstrip('/')}{self.path}"

    def log_message(self, *_: object) -> None:
        """Say nothing: the address holds the code."""
