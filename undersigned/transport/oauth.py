"""Sign-in: tokens from a provider's authorization server (RFC 6749), instead of a password.

The only code that speaks to one. Every call either succeeds or raises TemporaryFailure (the
network, a server in trouble) or PermanentFailure (a grant that is revoked or was never given) with
a sentence that says what to do.
"""

import contextlib
import secrets
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import timedelta
from typing import Any
from urllib.parse import parse_qs, urlsplit

import requests
from authlib.common.errors import AuthlibBaseError
from authlib.integrations.requests_client import OAuth2Session, OAuthError

from undersigned.errors import PermanentFailure, TemporaryFailure
from undersigned.transport.accounts import is_loopback

#: An authorization server that takes longer is better tried later.
PATIENCE = timedelta(seconds=30)
#: How long a token lives that says nothing of it: RFC 6749 §5.1 leaves that to the manual.
USUAL_LIFE = timedelta(minutes=30)
#: RFC 8628 §3.5: added to the interval each time that the server asks for patience.
SLOWER = timedelta(seconds=5)

_DEVICE_GRANT = "urn:ietf:params:oauth:grant-type:device_code"
_TROUBLE = 500  # RFC 9110 §15.6: from here on the server is at fault
_TOO_MANY = 429  # RFC 6585 §4

#: What the codes of RFC 6749 §5.2 and RFC 8628 §3.5 ask of a person; all others pass on the words.
_REMEDIES: dict[str, str] = {
    "invalid_grant": "The permission was taken back, or it ran out unused. Give it again: "
    "`undersigned account add`.",
    "invalid_client": "It does not know the application, or its secret ran out. Check client_id "
    "and client_secret with the provider.",
    "unauthorized_client": "The application is not allowed to ask in this way. Look at its "
    "registration: docs/operations.md says what it needs.",
    "invalid_scope": "The application may not ask for mail. Add the permissions for IMAP and SMTP "
    "to its registration: docs/operations.md names them.",
    "access_denied": "The permission was refused. Try again, and agree on the provider's page.",
    "expired_token": "The code was not typed in within its time. Begin again.",
    "interaction_required": "The provider wants a person to sign in again: `undersigned account "
    "add`.",
}
#: Codes that say that the server itself is in trouble (RFC 6749 §4.1.2.1).
_PASSING = frozenset({"server_error", "temporarily_unavailable"})


@dataclass(frozen=True, kw_only=True)
class Registration:
    """An application as an authorization server knows it. Refuses http to another machine."""

    authorize_url: str
    token_url: str
    #: "" where the server has no device flow.
    device_url: str
    client_id: str
    #: None for an application that can keep no secret; PKCE stands in for it.
    client_secret: str | None = field(default=None, repr=False)
    #: What is asked for in a person's name, and in the application's own.
    scopes: tuple[str, ...]
    application_scopes: tuple[str, ...] = ()
    #: What the provider wants in the address of its page beside the standard's.
    parameters: tuple[tuple[str, str], ...] = ()

    def __post_init__(self) -> None:
        for url in (self.authorize_url, self.token_url, self.device_url):
            parts = urlsplit(url)
            if url and parts.scheme != "https" and not is_loopback(parts.hostname or ""):
                raise PermanentFailure(
                    f"{url} would send secrets readable by anyone on the way: it must be https."
                )


@dataclass(frozen=True, kw_only=True)
class Token:
    """What the server gave."""

    access: str = field(repr=False)
    #: None where the server gave none: it stays what it was, or there is none.
    refresh: str | None = field(default=None, repr=False)
    #: How long the access token lives, from the answer on: no clock but ours is asked.
    life: timedelta


@dataclass(frozen=True, kw_only=True)
class Page:
    """The provider's page on which a person agrees, and what its answer is checked against."""

    url: str
    redirect: str
    state: str = field(repr=False)
    verifier: str = field(repr=False)


@dataclass(frozen=True, kw_only=True)
class Device:
    """A code that a person types in on another machine."""

    user_code: str
    #: Where it is typed in.
    url: str
    code: str = field(repr=False)
    interval: timedelta
    life: timedelta


def page(registration: Registration, *, redirect: str, login_hint: str) -> Page:
    """Give the page to open in a browser; the code that comes back is ours alone (RFC 7636)."""
    # 64 random bytes make 86 letters; RFC 7636 §4.1 takes 43 to 128.
    verifier = secrets.token_urlsafe(64)
    with _session(registration) as session:
        session.scope = " ".join(registration.scopes)
        url, state = session.create_authorization_url(
            registration.authorize_url,
            code_verifier=verifier,
            redirect_uri=redirect,
            login_hint=login_hint,
            **dict(registration.parameters),
        )
    return Page(url=url, redirect=redirect, state=state, verifier=verifier)


def exchange(registration: Registration, opened: Page, answer: str) -> Token:
    """Give the token for the address to which the provider's page led the browser back."""
    said = {key: values[0] for key, values in parse_qs(urlsplit(answer).query).items()}
    if not secrets.compare_digest(said.get("state", ""), opened.state):
        raise PermanentFailure(
            "The answer does not belong to this sign-in: it has another state. Begin again, and "
            "use the page that is opened then."
        )
    if "code" not in said:
        error = said.get("error", "no code")
        raise _refused(registration.authorize_url, error, said.get("error_description", ""))
    return _fetch(
        registration,
        grant_type="authorization_code",
        code=said["code"],
        redirect_uri=opened.redirect,
        code_verifier=opened.verifier,
    )


def begin_device(registration: Registration) -> Device:
    """Ask for a code to type in elsewhere (RFC 8628 §3.1)."""
    if not registration.device_url:
        raise PermanentFailure("This provider gives no access to mail by a code: use a browser.")
    body = {"client_id": registration.client_id, "scope": " ".join(registration.scopes)}
    with _session(registration) as session, _translated(registration.device_url):
        answer = session.post(registration.device_url, data=body, withhold_token=True)
        said = _told(registration.device_url, answer)
    return Device(
        user_code=str(said["user_code"]),
        url=str(said.get("verification_uri") or said["verification_url"]),
        code=str(said["device_code"]),
        interval=timedelta(seconds=int(said.get("interval", 5))),
        life=timedelta(seconds=int(said["expires_in"])),
    )


def ask_device(registration: Registration, device: Device) -> Token | Device:
    """Give the token if the person has agreed, else the code, to be asked for after its interval.

    A server that is asked too often makes the interval longer for good (RFC 8628 §3.5).
    """
    try:
        return _fetch(registration, grant_type=_DEVICE_GRANT, device_code=device.code)
    except PermanentFailure as exc:
        code = getattr(exc.__cause__, "error", "")
        if code == "authorization_pending":
            return device
        if code == "slow_down":
            return replace(device, interval=device.interval + SLOWER)
        raise


def for_application(registration: Registration) -> Token:
    """Give a token in the application's own name, without a person (RFC 6749 §4.4)."""
    scope = " ".join(registration.application_scopes)
    if not scope or not registration.client_secret:
        raise PermanentFailure(
            "Only an application with a client_secret, at a provider that allows it, signs in "
            "without a person (Microsoft does)."
        )
    return _fetch(registration, grant_type="client_credentials", scope=scope)


def refresh(registration: Registration, refresh_token: str) -> Token:
    """Give a new token for a refresh token (RFC 6749 §6)."""
    return _fetch(registration, grant_type="refresh_token", refresh_token=refresh_token)


def _session(registration: Registration) -> Any:
    """Give Authlib's client. The secret goes into the body: Google and Microsoft both take it."""
    return OAuth2Session(
        registration.client_id,
        registration.client_secret,
        token_endpoint_auth_method="client_secret_post" if registration.client_secret else "none",
        code_challenge_method="S256",
        default_timeout=PATIENCE.total_seconds(),
    )


def _fetch(registration: Registration, **grant: str) -> Token:
    with _session(registration) as session, _translated(registration.token_url):
        said = session.fetch_token(registration.token_url, **grant)
    access = said.get("access_token")
    if not isinstance(access, str) or not access:
        raise TemporaryFailure(f"{_host(registration.token_url)} gave no token; try again later.")
    life = said.get("expires_in")
    return Token(
        access=access,
        refresh=said.get("refresh_token"),
        life=timedelta(seconds=int(life)) if life else USUAL_LIFE,
    )


def _told(url: str, answer: Any) -> dict[str, Any]:
    if answer.status_code >= _TROUBLE:
        answer.raise_for_status()
    said: dict[str, Any] = answer.json()
    if "error" in said:
        raise _refused(url, said["error"], said.get("error_description", ""))
    return said


@contextlib.contextmanager
def _translated(url: str) -> Iterator[None]:
    """Translate what Authlib and requests raise."""
    try:
        yield
    except requests.exceptions.SSLError as exc:
        raise PermanentFailure(
            f"The certificate of {_host(url)} is not to be trusted, so no secret was sent: "
            f"see that this machine's certificates and clock are right."
        ) from exc
    except OAuthError as exc:
        if exc.error in _PASSING:
            raise _later(url, exc) from exc
        raise _refused(url, exc.error, exc.description or "") from exc
    except requests.HTTPError as exc:
        status = exc.response.status_code if exc.response is not None else _TROUBLE
        if status >= _TROUBLE or status == _TOO_MANY:
            raise _later(url, exc) from exc
        raise _refused(url, f"HTTP {status}", "") from exc
    except (requests.RequestException, AuthlibBaseError, ValueError, KeyError) as exc:
        raise _later(url, exc) from exc


def _refused(url: str, code: str, words: str) -> PermanentFailure:
    """Give the failure in a sentence: the provider's first line, and what to do."""
    said = (words.splitlines() or [""])[0].strip().rstrip(".")
    told = f"{code}: {said}" if said else code
    remedy = _REMEDIES.get(code, "Look at the application's registration with the provider.")
    return PermanentFailure(f"{_host(url)} gives no token ({told}). {remedy}")


def _later(url: str, exc: Exception) -> TemporaryFailure:
    why = str(exc).splitlines()[0] if str(exc) else type(exc).__name__
    return TemporaryFailure(f"{_host(url)} cannot be asked for a token: {why}. Try again later.")


def _host(url: str) -> str:
    return urlsplit(url).hostname or url
