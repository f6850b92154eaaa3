"""Sign-in: what an authorization server gives, and what is told of each refusal."""

from collections.abc import Iterator
from datetime import timedelta
from http.client import HTTPConnection
from urllib.parse import parse_qs, urlsplit

import pytest

from tests.servers import authority, free_port
from tests.servers.authority import CLIENT, SECRET, Authority
from undersigned.errors import PermanentFailure, TemporaryFailure
from undersigned.transport import oauth
from undersigned.transport.oauth import Device, Registration, Token

HANA = "hana@letters.example"
REDIRECT = "http://127.0.0.1:9/answer"


@pytest.fixture
def server() -> Iterator[Authority]:
    """Give a running authorization server."""
    with authority.running(HANA) as running:
        yield running


def registered(server: Authority, *, secret: str | None = None) -> Registration:
    """Give the application as the server knows it."""
    return Registration(
        authorize_url=f"{server.url}/authorize",
        token_url=f"{server.url}/token",
        device_url=f"{server.url}/device",
        client_id=CLIENT,
        client_secret=secret,
        scopes=("mail", "offline_access"),
        application_scopes=("mail",),
        parameters=(("prompt", "consent"),),
    )


def agreed(page: oauth.Page) -> str:
    """Open the page as a browser does, agree, and give where it leads."""
    parts = urlsplit(page.url)
    browser = HTTPConnection(str(parts.hostname), parts.port)
    browser.request("GET", f"{parts.path}?{parts.query}")
    led = browser.getresponse().headers["Location"]
    browser.close()
    return str(led)


def test_it_exchanges_the_browsers_answer_for_a_token(server: Authority) -> None:
    """A person agrees once on the provider's page, and mail flows from then on."""
    page = oauth.page(registered(server), redirect=REDIRECT, login_hint=HANA)

    token = oauth.exchange(registered(server), page, agreed(page))

    assert server.lets_in(HANA, token.access)
    assert token.refresh in server.refreshes
    assert token.life == timedelta(hours=1)


def test_it_asks_for_what_mail_needs(server: Authority) -> None:
    """The page says whose permission is asked for what, bound to us by PKCE (RFC 7636)."""
    page = oauth.page(registered(server), redirect=REDIRECT, login_hint=HANA)

    asked = {key: values[0] for key, values in parse_qs(urlsplit(page.url).query).items()}
    assert asked["scope"] == "mail offline_access"
    assert asked["login_hint"] == HANA
    assert asked["prompt"] == "consent"
    assert asked["code_challenge_method"] == "S256"
    assert page.verifier not in page.url


def test_it_refuses_a_code_that_another_sign_in_asked_for(server: Authority) -> None:
    """Whoever slips us a code of theirs would make us send by their mailbox (RFC 6819 §4.4.1.8)."""
    registration = registered(server)
    theirs = oauth.page(registration, redirect=REDIRECT, login_hint=HANA)
    ours = oauth.page(registration, redirect=REDIRECT, login_hint=HANA)

    with pytest.raises(PermanentFailure, match="does not belong to this sign-in"):
        oauth.exchange(registration, ours, agreed(theirs))


def test_it_cannot_use_a_code_without_its_verifier(server: Authority) -> None:
    """A code that was read over somebody's shoulder opens nothing: PKCE is in force."""
    registration = registered(server)
    page = oauth.page(registration, redirect=REDIRECT, login_hint=HANA)
    seen = agreed(page)
    other = oauth.page(registration, redirect=REDIRECT, login_hint=HANA)
    forged = oauth.Page(url=page.url, redirect=REDIRECT, state=page.state, verifier=other.verifier)

    with pytest.raises(PermanentFailure, match="invalid_grant"):
        oauth.exchange(registration, forged, seen)


def test_it_says_that_the_permission_was_refused(server: Authority) -> None:
    """Whoever clicks "Cancel" reads what to do, not a code."""
    server.refuses = "access_denied"
    page = oauth.page(registered(server), redirect=REDIRECT, login_hint=HANA)

    with pytest.raises(PermanentFailure, match="agree on the provider's page"):
        oauth.exchange(registered(server), page, agreed(page))


def test_it_refreshes_a_token(server: Authority) -> None:
    """The new refresh token takes the old one's place: some servers let each serve once."""
    page = oauth.page(registered(server), redirect=REDIRECT, login_hint=HANA)
    first = oauth.exchange(registered(server), page, agreed(page))

    second = oauth.refresh(registered(server), str(first.refresh))

    assert server.lets_in(HANA, second.access)
    assert second.access != first.access
    assert server.refreshes == {second.refresh}


def test_it_says_what_to_do_when_the_permission_is_gone(server: Authority) -> None:
    """A revoked permission comes back only by a person, who reads so."""
    with pytest.raises(PermanentFailure, match="undersigned account add") as caught:
        oauth.refresh(registered(server), "revoked")

    assert "Trace ID" not in str(caught.value)


@pytest.mark.parametrize(
    ("code", "words"),
    [
        ("invalid_scope", "permissions for IMAP and SMTP"),
        ("invalid_client", "client_secret"),
        ("unauthorized_client", "registration"),
        ("interaction_required", "sign in again"),
        ("something_new", "registration with the provider"),
    ],
)
def test_it_says_what_to_do_for_each_refusal(server: Authority, code: str, words: str) -> None:
    """Providers speak in codes; people need sentences."""
    server.refuses = code

    with pytest.raises(PermanentFailure, match=words) as caught:
        oauth.refresh(registered(server), "any")

    assert code in str(caught.value)


@pytest.mark.parametrize("status", [429, 500, 503])
def test_it_tries_later_where_the_server_is_in_trouble(server: Authority, status: int) -> None:
    """A provider's bad hour is no reason to ask a person for a new permission."""
    server.broken = status

    with pytest.raises(TemporaryFailure, match="Try again later"):
        oauth.refresh(registered(server), "any")


@pytest.mark.parametrize("code", ["server_error", "temporarily_unavailable"])
def test_it_tries_later_where_the_server_says_that_it_is_in_trouble(
    server: Authority, code: str
) -> None:
    """RFC 6749 has codes for a bad hour, too."""
    server.refuses = code

    with pytest.raises(TemporaryFailure):
        oauth.refresh(registered(server), "any")


def test_it_tries_later_where_nobody_answers(server: Authority) -> None:
    """A network that is down says nothing about the permission."""
    server.port = free_port()

    with pytest.raises(TemporaryFailure):
        oauth.refresh(registered(server), "any")


def test_it_signs_in_by_a_code_that_is_typed_in_elsewhere(server: Authority) -> None:
    """A machine without a browser signs in too, and asks no faster than it is told."""
    server.device_answers = ["authorization_pending", "slow_down"]
    registration = registered(server)
    device = oauth.begin_device(registration)

    first = oauth.ask_device(registration, device)
    second = oauth.ask_device(registration, device)
    third = oauth.ask_device(registration, device)

    assert (device.user_code, device.url) == ("ABCD-EFGH", f"{server.url}/activate")
    assert isinstance(first, Device)
    assert first.interval == timedelta(seconds=5)
    assert isinstance(second, Device)
    assert second.interval == timedelta(seconds=10)
    assert isinstance(third, Token)


def test_it_says_that_a_code_ran_out(server: Authority) -> None:
    """Nobody typed it in: begin again."""
    server.device_answers = ["expired_token"]
    registration = registered(server)

    with pytest.raises(PermanentFailure, match="Begin again"):
        oauth.ask_device(registration, oauth.begin_device(registration))


def test_it_says_that_a_provider_knows_no_codes(server: Authority) -> None:
    """Google gives no access to mail by a code."""
    registration = Registration(
        authorize_url=f"{server.url}/authorize",
        token_url=f"{server.url}/token",
        device_url="",
        client_id=CLIENT,
        scopes=("mail",),
    )

    with pytest.raises(PermanentFailure, match="use a browser"):
        oauth.begin_device(registration)


def test_it_signs_in_by_itself_as_an_application(server: Authority) -> None:
    """A service without a person (Microsoft) signs in by its own secret."""
    token = oauth.for_application(registered(server, secret=SECRET))

    assert server.lets_in(HANA, token.access)
    assert token.refresh is None


@pytest.mark.parametrize(("secret", "words"), [(None, "client_secret"), ("wrong", "ran out")])
def test_it_says_that_an_application_has_no_good_secret(
    server: Authority, secret: str | None, words: str
) -> None:
    """Secrets of applications run out after months; the sentence names them."""
    with pytest.raises(PermanentFailure, match=words):
        oauth.for_application(registered(server, secret=secret))


def test_it_speaks_without_tls_to_this_machine_alone() -> None:
    """A secret in the clear is everybody's secret."""
    with pytest.raises(PermanentFailure, match="must be https"):
        Registration(
            authorize_url="https://login.provider.example/authorize",
            token_url="http://login.provider.example/token",
            device_url="",
            client_id=CLIENT,
            scopes=("mail",),
        )
