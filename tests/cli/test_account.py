"""Mail accounts, as an administrator types them, against servers that take tokens or passwords."""

import json
import threading
import urllib.request
import webbrowser
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from tests.cli.conftest import Run
from tests.servers import authority
from tests.servers.authority import CLIENT, SECRET, Authority
from tests.servers.signed_in import SignedInOffice
from undersigned.rehearsal.post_office import PostOffice
from undersigned.store import seals

ADDRESS = "desk@letters.example"


@pytest.fixture
def server() -> Iterator[Authority]:
    """Give a running authorization server."""
    with authority.running(ADDRESS) as running:
        yield running


@pytest.fixture
def office(server: Authority) -> Iterator[SignedInOffice]:
    """Give a post office that takes tokens alone."""
    with SignedInOffice(server, clock=lambda: datetime.now(UTC), mailbox=ADDRESS) as opened:
        yield opened


@pytest.fixture
def _known(
    folder: Path, server: Authority, office: SignedInOffice, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Let the settings know a provider on loopback, and a key."""
    entry = server.signs_in()
    smtp, _ = office.accounts()
    del entry["parameters"]
    lines = [f"{key} = {json.dumps(value)}" for key, value in entry.items()]
    lines.append('parameters = { prompt = "consent" }')
    file = folder / "providers.toml"
    file.write_text(
        "\n".join(["[signs_in.google]", *lines, "[signs_in.microsoft]", *lines])
        + f'\n[profiles.loopback]\nsmtp_host = "127.0.0.1"\nsmtp_port = {smtp.port}\n'
        'smtp_security = "plain"\n'
    )
    monkeypatch.setenv("UNDERSIGNED_PATHS_PROVIDERS", str(file))
    monkeypatch.setenv("UNDERSIGNED_SECRETS_KEYS", seals.new_key())


class Person(webbrowser.BaseBrowser):
    """Opens the page and agrees."""

    def open(self, url: str, new: int = 0, autoraise: bool = True) -> bool:  # noqa: ARG002, FBT001, FBT002 - the library's own signature
        """Follow the page to where it leads; whoever asked waits for that."""
        threading.Thread(target=lambda: urllib.request.urlopen(url).close()).start()  # noqa: S310 - loopback
        return True


@pytest.fixture
def _person(monkeypatch: pytest.MonkeyPatch) -> None:
    """Put a person with a browser before the machine."""
    monkeypatch.setattr(webbrowser, "_tryorder", [])
    monkeypatch.setattr(webbrowser, "_browsers", {})
    webbrowser.register("person", None, Person(), preferred=True)


def adding(kind: str, *more: str) -> list[str]:
    """Give the words that add an account."""
    words = ["account", "add", kind, "--address", ADDRESS, "--profile", "loopback"]
    return [*words, "--client-id", CLIENT, *more]


@pytest.mark.usefixtures("_known", "_person")
def test_it_adds_an_account_by_the_browser(
    run: Run, office: SignedInOffice, capsys: pytest.CaptureFixture[str]
) -> None:
    """One command, one click on the provider's page, and the account has logged in."""
    assert run(*adding("google", "--json")) == 0

    said = json.loads(capsys.readouterr().out)
    assert [(one["what"], one["problem"]) for one in said] == [("smtp", None)]
    assert office.let_in == 1
    assert run("account", "test", "--json") == 0
    assert run("account", "list", "--json") == 0
    listed = capsys.readouterr().out
    assert ADDRESS in listed
    assert "google" in listed


@pytest.mark.usefixtures("_known")
def test_it_adds_an_account_as_an_application(
    run: Run, server: Authority, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """A service signs in by its own secret, which is kept sealed for the renewals."""
    secret = tmp_path / "secret"
    secret.write_text(SECRET)

    words = adding("microsoft", "--application", "--secret-file", str(secret), "--name", "desk")

    assert run(*words) == 0
    assert "smtp 127.0.0.1: works" in capsys.readouterr().out
    server.kill_access_tokens()
    assert run("account", "test", "desk") == 0
    assert SECRET.encode() not in (tmp_path / "undersigned.db").read_bytes()


@pytest.mark.usefixtures("_known")
def test_it_adds_an_account_by_a_code(
    run: Run, server: Authority, capsys: pytest.CaptureFixture[str]
) -> None:
    """A machine without a browser shows a code to type in elsewhere."""
    server.device_answers = ["authorization_pending"]
    server.device_interval = 0

    assert run(*adding("microsoft", "--device")) == 0
    assert "ABCD-EFGH" in capsys.readouterr().err


@pytest.mark.usefixtures("_known", "_person")
def test_it_says_what_is_wrong_and_keeps_the_account(
    run: Run, server: Authority, capsys: pytest.CaptureFixture[str]
) -> None:
    """A permission without mail is told at once, not when the first invitation waits."""
    server.scope = "calendar"

    assert run(*adding("google")) == 1
    said = capsys.readouterr()
    assert "535" in said.out
    assert "account test" in said.err
    server.scope = authority.MAIL
    server.kill_access_tokens()
    assert run("account", "test") == 0


@pytest.mark.usefixtures("_known", "_person")
def test_it_forgets_an_account(run: Run, capsys: pytest.CaptureFixture[str]) -> None:
    """What is removed is gone, and what was never added cannot be."""
    assert run(*adding("google")) == 0
    assert run("account", "remove", "default") == 1
    assert run("account", "remove", "default", "--yes") == 0
    assert run("account", "remove", "default", "--yes") == 1
    assert "No account 'default' was added" in capsys.readouterr().err
    assert run("account", "test") == 1


@pytest.mark.usefixtures("_known", "_person")
def test_it_says_in_the_status_that_the_key_is_missing(
    run: Run, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    """Without its key an account with a password stands still, and everything else works."""
    secret = tmp_path / "secret"
    secret.write_text(SECRET)
    assert run(*adding("google", "--secret-file", str(secret))) == 0
    assert run("apply", "--yes") == 0
    monkeypatch.delenv("UNDERSIGNED_SECRETS_KEYS")
    capsys.readouterr()

    assert run("status") == 0
    assert "cannot be opened" in capsys.readouterr().out


def test_it_makes_a_key_and_wants_one(run: Run, capsys: pytest.CaptureFixture[str]) -> None:
    """Nothing is fetched that could not be kept safely."""
    assert run(*adding("google", "--profile", "gmail")) == 1
    assert "undersigned account key" in capsys.readouterr().err
    assert run("account", "key") == 0
    made = capsys.readouterr().out.strip()
    assert seals.Seal([made]).open(seals.Seal([made]).seal("a secret")) == "a secret"


def test_it_adds_an_account_with_a_password(
    run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """A plain host is named, logged in to for sending and reading, and kept."""
    secret = tmp_path / "secret"
    secret.write_text("rehearsal\n")
    monkeypatch.setenv("UNDERSIGNED_SECRETS_KEYS", seals.new_key())
    with PostOffice(clock=lambda: datetime.now(UTC), mailbox=ADDRESS) as office:
        smtp, imap = office.accounts()
        places = {"smtp": smtp.port, "imap": imap.port}
        for what, port in places.items():
            monkeypatch.setenv(f"UNDERSIGNED_ACCOUNTS_DEFAULT_{what.upper()}_PORT", str(port))
            monkeypatch.setenv(f"UNDERSIGNED_ACCOUNTS_DEFAULT_{what.upper()}_SECURITY", "plain")
        hosts = ("--smtp-host", "127.0.0.1", "--imap-host", "127.0.0.1")

        words = ("account", "add", "imap", "--address", ADDRESS, "--secret-file", str(secret))
        added = run(*words, *hosts)

        said = capsys.readouterr().out
    assert added == 0
    assert said.count("works") == 2


def test_it_asks_nobody_where_nobody_is_there(run: Run, capsys: pytest.CaptureFixture[str]) -> None:
    """A script that forgot an option is told which one."""
    assert run("account", "add", "imap") == 1
    assert "address is missing" in capsys.readouterr().err
