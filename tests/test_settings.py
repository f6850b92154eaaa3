"""The settings: shipped, the operator's, the environment's."""

from datetime import timedelta
from pathlib import Path

import pytest

from undersigned.errors import Refused
from undersigned.hosts import imap_account, smtp_account
from undersigned.service import configured
from undersigned.settings import with_added
from undersigned.transport.accounts import Security


def test_it_has_a_default_for_everything() -> None:
    """An installation without a line of its own works."""
    settings = configured({})

    assert settings.database_url == "sqlite:///var/undersigned.db"
    assert settings.broker_url == "memory://"
    assert settings.ticks.fetch == timedelta(seconds=60)
    assert settings.accounts["default"].smtp_connections == 4


def test_it_lets_the_environment_win(tmp_path: Path) -> None:
    """A variable wins over the file, and a secret comes from a file of its own."""
    operators = tmp_path / "mine.toml"
    operators.write_text('[database]\nurl = "sqlite:///a.db"\n[ticks]\nfetch_seconds = 7\n')
    secret = tmp_path / "password"
    secret.write_text("open sesame\n")

    settings = configured(
        {
            "UNDERSIGNED_CONFIG": str(operators),
            "UNDERSIGNED_DATABASE_URL": "sqlite:///b.db",
            "UNDERSIGNED_ACCOUNTS_DEFAULT_SMTP_PASSWORD_FILE": str(secret),
            "UNDERSIGNED_ACCOUNTS_DEFAULT_SMTP_PORT": "2525",
            "UNDERSIGNED_ACCOUNTS_DEFAULT_AUTHSERV_IDS": "mx.letters.example, mx2.letters.example",
        }
    )

    account = settings.accounts["default"]
    assert settings.database_url == "sqlite:///b.db"
    assert settings.ticks.fetch == timedelta(seconds=7)
    assert account.smtp_password == "open sesame"
    assert account.smtp_port == 2525
    assert account.authserv_ids == ("mx.letters.example", "mx2.letters.example")


def test_it_starts_a_new_account_as_the_default_one(tmp_path: Path) -> None:
    """A second mailbox needs only what is different about it."""
    operators = tmp_path / "mine.toml"
    operators.write_text('[accounts.second]\nsmtp_host = "mx.second.example"\n')

    second = configured({"UNDERSIGNED_CONFIG": str(operators)}).accounts["second"]

    assert (second.name, second.smtp_host, second.smtp_port) == ("second", "mx.second.example", 587)


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("[databse]\n", "no section"),
        ("[database]\nulr = 1\n", "no setting 'ulr'"),
        ("[accounts.default]\nsmtp = 1\n", "no setting 'smtp'"),
        ("[database\n", "not valid TOML"),
    ],
)
def test_it_refuses_what_it_does_not_know(tmp_path: Path, text: str, problem: str) -> None:
    """A misspelt setting is told, not ignored."""
    operators = tmp_path / "mine.toml"
    operators.write_text(text)

    with pytest.raises(Refused, match=problem):
        configured({"UNDERSIGNED_CONFIG": str(operators)})


@pytest.mark.parametrize(
    "environment",
    [
        {"UNDERSIGNED_CONFIG": "missing.toml"},
        {"UNDERSIGNED_DATABASE_URL_FILE": "missing"},
        {"UNDERSIGNED_TICKS_FETCH_SECONDS": "often"},
    ],
)
def test_it_says_what_cannot_be_read(environment: dict[str, str]) -> None:
    """A file that is not there and a number that is none are told by name."""
    with pytest.raises(Refused):
        configured(environment)


def test_it_shows_no_secret() -> None:
    """Passwords and URLs that may hold one stay out of logs."""
    settings = configured(
        {
            "UNDERSIGNED_ACCOUNTS_DEFAULT_SMTP_PASSWORD": "hush",
            "UNDERSIGNED_DATABASE_URL": "postgresql+psycopg://u:hush@h/d",
        }
    )

    assert "hush" not in repr(settings)


def test_it_gives_accounts_to_the_transport() -> None:
    """An account with servers becomes the transport's value; one without is refused."""
    account = configured(
        {
            "UNDERSIGNED_ACCOUNTS_DEFAULT_SMTP_HOST": "mx.letters.example",
            "UNDERSIGNED_ACCOUNTS_DEFAULT_IMAP_HOST": "imap.letters.example",
        }
    ).accounts["default"]

    assert smtp_account(account).security is Security.STARTTLS
    assert imap_account(account).security is Security.TLS
    nothing = configured({}).accounts["default"]
    with pytest.raises(Refused, match="smtp_host"):
        smtp_account(nothing)
    with pytest.raises(Refused, match="imap_host"):
        imap_account(nothing)


def test_it_takes_over_what_is_known_of_a_provider(tmp_path: Path) -> None:
    """Whoever names the provider need not look up its hosts and limits; what they set wins."""
    operators = tmp_path / "mine.toml"
    operators.write_text(
        '[accounts.default]\nprofile = "m365"\nsmtp_per_day = 5000\nsmtp_username = "hana"\n'
    )

    account = configured(
        {"UNDERSIGNED_CONFIG": str(operators), "UNDERSIGNED_ACCOUNTS_DEFAULT_SMTP_CONNECTIONS": "1"}
    ).accounts["default"]

    assert (account.smtp_host, account.imap_host) == (
        "smtp.office365.com",
        "outlook.office365.com",
    )
    assert (account.smtp_per_minute, account.smtp_per_day) == (30, 5000)
    assert (account.smtp_connections, account.sent_copies) == (1, "provider")


@pytest.mark.parametrize("name", ["gmail-workspace", "gmail", "m365", "generic-hosting"])
def test_it_stops_before_a_providers_limit(name: str) -> None:
    """Coming up to the limit locks an account for a day, so a tenth is left."""
    account = configured({"UNDERSIGNED_ACCOUNTS_DEFAULT_PROFILE": name}).accounts["default"]

    assert account.limit_percent == 90


def test_it_knows_which_profiles_there_are() -> None:
    """A name that is misspelt says what could have been meant."""
    with pytest.raises(Refused, match="gmail-workspace"):
        configured({"UNDERSIGNED_ACCOUNTS_DEFAULT_PROFILE": "gmial"})


def test_it_lets_the_operators_settings_win_over_an_added_account(tmp_path: Path) -> None:
    """What was kept in the database is a start; a line in the file corrects it."""
    operators = tmp_path / "mine.toml"
    operators.write_text("[accounts.press]\nsmtp_port = 465\n")
    settings = configured({"UNDERSIGNED_CONFIG": str(operators)})

    merged = with_added(settings, {"press": {"profile": "gmail", "address": "a@letters.example"}})

    press = merged.accounts["press"]
    assert (press.smtp_host, press.smtp_port) == ("smtp.gmail.com", 465)
    assert press.address == "a@letters.example"
    assert "default" in merged.accounts
