"""A small authorization server on loopback: RFC 6749, 7636, 7662 and 8628, as far as mail needs.

It gives tokens for one person, and its mail servers ask it what a token is worth.
"""

import base64
import hashlib
import json
import secrets
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit

MAIL = "mail"
CLIENT = "undersigned-tests"
SECRET = "a secret of the application"
DEVICE_GRANT = "urn:ietf:params:oauth:grant-type:device_code"


class RefusedError(Exception):
    """What the server answers with instead of a token."""


@dataclass(kw_only=True)
class Authority:
    """What the server knows; a test changes it while it runs."""

    user: str
    port: int = 0
    #: The scope that it gives, whatever was asked for.
    scope: str = MAIL
    #: How long it says that an access token lives.
    life_seconds: int = 3600
    #: A status to answer every request for a token with.
    broken: int | None = None
    #: Refuse every grant with this code.
    refuses: str | None = None
    #: How often a device must ask before the person has agreed, and what it is told.
    device_answers: list[str] = field(default_factory=list)
    #: By living token: its scope, and when it dies by the server's clock.
    device_interval: int = 5
    live: dict[str, tuple[str, float]] = field(default_factory=dict)
    clock: float = 0.0
    refreshes: set[str] = field(default_factory=set)
    #: Every request for a token, in order.
    asked: list[dict[str, str]] = field(default_factory=list)
    codes: dict[str, dict[str, str]] = field(default_factory=dict)
    lock: threading.Lock = field(default_factory=threading.Lock)

    @property
    def url(self) -> str:
        """Where it is."""
        return f"http://127.0.0.1:{self.port}"

    def signs_in(self, **changes: Any) -> dict[str, Any]:
        """Give its entry in the shape of config/providers.toml."""
        return {
            "authorize_url": f"{self.url}/authorize",
            "token_url": f"{self.url}/token",
            "device_url": f"{self.url}/device",
            "scopes": [MAIL, "offline_access"],
            "application_scopes": [MAIL],
            "parameters": {"prompt": "consent"},
            "idle_days": 90,
            "alarm_days": 75,
            **changes,
        }

    def age(self, *, hours: float) -> None:
        """Let time go by on the server alone."""
        self.clock += hours * 3600

    def kill_access_tokens(self) -> None:
        """Let every access token die now."""
        with self.lock:
            self.live.clear()

    def revoke(self) -> None:
        """Take back what the person gave."""
        with self.lock:
            self.live.clear()
            self.refreshes.clear()

    def authorize(self, query: dict[str, str]) -> str:
        """Let the person agree; gives the address to which the browser is led."""
        code = secrets.token_urlsafe()
        self.codes[code] = query
        answer = {"code": code, "state": query["state"]}
        if self.refuses:
            answer = {"error": self.refuses, "state": query["state"]}
        return f"{query['redirect_uri']}?{urlencode(answer)}"

    def give(self, form: dict[str, str]) -> dict[str, Any]:
        """Answer a request for a token."""
        with self.lock:
            self.asked.append(form)
            if self.refuses:
                raise RefusedError(self.refuses)
            if form.get("client_id") != CLIENT:
                raise RefusedError("invalid_client")
            return self.GRANTS[form["grant_type"]](self, form)

    def _by_code(self, form: dict[str, str]) -> dict[str, Any]:
        began = self.codes.pop(form["code"], None)
        digest = hashlib.sha256(form.get("code_verifier", "").encode()).digest()
        challenge = base64.urlsafe_b64encode(digest).rstrip(b"=").decode()
        if (
            began is None
            or began.get("code_challenge_method") != "S256"
            or began["code_challenge"] != challenge
            or began["redirect_uri"] != form.get("redirect_uri")
        ):
            raise RefusedError("invalid_grant")
        return self._token(refreshes=True)

    def _by_refresh(self, form: dict[str, str]) -> dict[str, Any]:
        if form["refresh_token"] not in self.refreshes:
            raise RefusedError("invalid_grant")
        self.refreshes.remove(form["refresh_token"])  # each serves once
        return self._token(refreshes=True)

    def _by_device(self, _form: dict[str, str]) -> dict[str, Any]:
        if self.device_answers:
            raise RefusedError(self.device_answers.pop(0))
        return self._token(refreshes=True)

    def _by_application(self, form: dict[str, str]) -> dict[str, Any]:
        if form.get("client_secret") != SECRET:
            raise RefusedError("invalid_client")
        return self._token(refreshes=False)

    def _token(self, *, refreshes: bool) -> dict[str, Any]:
        access = secrets.token_urlsafe()
        self.live[access] = (self.scope, self.clock + self.life_seconds)
        given = {
            "access_token": access,
            "token_type": "Bearer",
            "expires_in": self.life_seconds,
            "scope": self.scope,
        }
        if refreshes:
            given["refresh_token"] = secrets.token_urlsafe()
            self.refreshes.add(given["refresh_token"])
        return given

    GRANTS = {  # noqa: RUF012 - the server's own table
        "authorization_code": _by_code,
        "refresh_token": _by_refresh,
        "client_credentials": _by_application,
        DEVICE_GRANT: _by_device,
    }

    def worth(self, access: str) -> dict[str, Any]:
        """Say what a token is worth (RFC 7662 §2.2)."""
        with self.lock:
            scope, dies = self.live.get(access, ("", 0.0))
        if dies <= self.clock:
            return {"active": False}
        return {"active": True, "scope": scope, "username": self.user}

    def lets_in(self, user: str, access: str) -> bool:
        """Say for a mail server whether a token opens a user's mailbox."""
        worth = self.worth(access)
        return bool(worth["active"]) and worth["scope"] == MAIL and worth["username"] == user


@contextmanager
def running(user: str) -> Iterator[Authority]:
    """Run an authorization server until the block ends."""
    authority = Authority(user=user)

    class Door(_Door):
        house = authority

    with ThreadingHTTPServer(("127.0.0.1", 0), Door) as server:
        authority.port = server.server_address[1]
        thread = threading.Thread(target=server.serve_forever, args=(0.02,))
        thread.start()
        try:
            yield authority
        finally:
            server.shutdown()
            thread.join()


class _Door(BaseHTTPRequestHandler):
    house: Authority

    def log_message(self, *_: object) -> None:
        """Say nothing."""

    def do_GET(self) -> None:
        parts = urlsplit(self.path)
        self.send_response(302)
        self.send_header("Location", self.house.authorize(_first(parts.query)))
        self.end_headers()

    def do_POST(self) -> None:
        form = _first(self.rfile.read(int(self.headers["Content-Length"])).decode())
        if self.path == "/introspect":
            self._say(200, self.house.worth(form["token"]))
        elif self.house.broken is not None:
            self._say(self.house.broken, "<html>Sorry</html>")
        elif self.path == "/device":
            self._say(
                200,
                {
                    "device_code": "device-1",
                    "user_code": "ABCD-EFGH",
                    "verification_uri": f"{self.house.url}/activate",
                    "expires_in": 900,
                    "interval": self.house.device_interval,
                },
            )
        else:
            self._token(form)

    def _token(self, form: dict[str, str]) -> None:
        try:
            self._say(200, self.house.give(form))
        except RefusedError as exc:
            # As Microsoft words it: lines, quotes and all.
            words = f'AADSTS50173: The "grant" is not good.\r\nTrace ID: 1 é\r\n{exc}'
            self._say(400, {"error": str(exc), "error_description": words})

    def _say(self, status: int, value: object) -> None:
        body = (value if isinstance(value, str) else json.dumps(value)).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)


def _first(query: str) -> dict[str, str]:
    return {key: values[0] for key, values in parse_qs(query).items()}
