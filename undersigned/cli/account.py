"""Mail accounts: add, list, test, remove."""

import sys
import time
import webbrowser
from datetime import timedelta
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Any

import typer

from undersigned.accounts import Account
from undersigned.cli import desk, exits
from undersigned.cli.desk import JsonOption, YesOption
from undersigned.errors import Refused, TemporaryFailure
from undersigned.flows import add_account as flow
from undersigned.service import Service
from undersigned.store import seals
from undersigned.transport import oauth
from undersigned.transport.oauth import Registration, Token
from undersigned.transport.redirect import Door

app = typer.Typer(help="The mail accounts that campaigns use.", no_args_is_help=True)

#: How long a person may take on the provider's page.
PATIENCE = timedelta(minutes=10)


class Kind(StrEnum):
    """How an account is opened."""

    GOOGLE = "google"
    MICROSOFT = "microsoft"
    IMAP = "imap"


#: What an account of each kind starts with.
_STARTS: dict[Kind, dict[str, str]] = {
    Kind.GOOGLE: {"profile": "gmail-workspace", "signs_in": "google"},
    Kind.MICROSOFT: {"profile": "m365", "signs_in": "microsoft"},
    Kind.IMAP: {"profile": "generic-hosting"},
}

_COLUMNS = (
    ("Account", lambda one: one.name),
    ("Address", lambda one: one.address),
    ("Profile", lambda one: one.profile),
    ("Signs in", lambda one: one.signs_in or "password"),
    ("SMTP", lambda one: one.smtp_host),
    ("IMAP", lambda one: one.imap_host),
)

NameArgument = Annotated[str, typer.Argument(help="The account's name.")]


def register(top: typer.Typer) -> None:
    """Add these commands to the command line."""
    top.add_typer(app, name="account")


@app.command()
def add(
    kind: Annotated[Kind, typer.Argument(help="Whose mailbox it is.")],
    name: Annotated[str, typer.Option(help="What campaigns call it.")] = "default",
    address: Annotated[str, typer.Option(help="The mailbox's address.")] = "",
    profile: Annotated[str, typer.Option(help="Of config/providers.toml.")] = "",
    client_id: Annotated[str, typer.Option(help="The application's, at the provider.")] = "",
    secret_file: Annotated[
        Path | None, typer.Option(help="Holds the client secret, or the password for imap.")
    ] = None,
    tenant: Annotated[str, typer.Option(help="Microsoft's directory.")] = "",
    device: Annotated[bool, typer.Option(help="Type in a code elsewhere (Microsoft).")] = False,
    application: Annotated[
        bool, typer.Option(help="Sign in without a person (Microsoft).")
    ] = False,
    paste: Annotated[bool, typer.Option(help="The browser is on another machine.")] = False,
    smtp_host: Annotated[str, typer.Option(help="For imap.")] = "",
    imap_host: Annotated[str, typer.Option(help="For imap.")] = "",
    as_json: JsonOption = False,
) -> None:
    """Add an account, sign in to it, and log in to its servers to see that it works.

    What is missing is asked for. The refresh token or password is kept sealed in the database.

    Example: undersigned account add microsoft --address desk@letters.example --client-id 1b2c…
    """
    values: dict[str, Any] = {**_STARTS[kind]}
    values["address"] = address or _asked("The mailbox's address")
    given = {"profile": profile, "tenant": tenant, "smtp_host": smtp_host, "imap_host": imap_host}
    values |= {key: value for key, value in given.items() if value}
    secret = secret_file.read_text(encoding="utf-8").strip() if secret_file else ""
    if kind is Kind.IMAP:
        values |= _with_password(values, secret)
    else:
        values["client_id"] = client_id or _asked("The application's client id")
        values |= {"client_secret": secret} if secret else {}
    with desk.service() as service:
        account = flow.proposed(service, name, values)
        token = None
        if kind is not Kind.IMAP:
            asked = flow.application(service, account)
            token = _token(asked, account, device=device, application=application, paste=paste)
        flow.keep(service, name, values, token)
        _tell(flow.attempt(service, name), as_json=as_json)


@app.command(name="list")
def list_accounts(as_json: JsonOption = False) -> None:
    """List the accounts, of the settings and added.

    Example: undersigned account list
    """
    with desk.service() as service:
        desk.show(_known(service), _COLUMNS, as_json=as_json)


@app.command(name="test")
def log_in(name: NameArgument = "default", as_json: JsonOption = False) -> None:
    """Log in to the account's servers; nothing is sent and nothing changed.

    Example: undersigned account test default
    """
    with desk.service() as service:
        _tell(flow.attempt(service, name), as_json=as_json)


@app.command()
def remove(name: NameArgument, yes: YesOption = False, as_json: JsonOption = False) -> None:
    """Forget an account that was added, with its token and password.

    Example: undersigned account remove default
    """
    with desk.service() as service:
        desk.ask(f"Forget the account {name} with its secrets?", yes=yes)
        flow.remove(service, name)
    desk.say(
        f"The account {name} is forgotten here. Take back the permission with the provider, too.",
        as_json=as_json,
        removed=name,
    )


@app.command()
def key(as_json: JsonOption = False) -> None:
    """Make a key to seal secrets with, and print it.

    Example: undersigned account key > /etc/undersigned/key
    """
    made = seals.new_key()
    desk.say(made, as_json=as_json, key=made)


def _known(service: Service) -> list[Account]:
    accounts = service.settings.accounts
    return [one for _, one in sorted(accounts.items()) if one.smtp_host or one.imap_host]


def _with_password(values: dict[str, Any], secret: str) -> dict[str, Any]:
    """Give what an account with a password has beside the rest."""
    password = secret or _asked("The password", hidden=True)
    is_plain = values["profile"] == _STARTS[Kind.IMAP]["profile"]  # other profiles know the hosts
    hosts = {
        key: _asked(f"The {key.partition('_')[0].upper()} server's name")
        for key in ("smtp_host", "imap_host")
        if is_plain and key not in values
    }
    names = dict.fromkeys(("smtp_username", "imap_username"), values["address"])
    return {**hosts, **names, "smtp_password": password, "imap_password": password}


def _asked(what: str, *, hidden: bool = False) -> str:
    if not sys.stdin.isatty():
        raise Refused(f"{what} is missing, and nobody is there to ask: give it as an option.")
    return str(typer.prompt(what, hide_input=hidden, err=True)).strip()


def _token(
    asked: Registration, account: Account, *, device: bool, application: bool, paste: bool
) -> Token:
    """Get the first token in the way that was chosen."""
    if application:
        return oauth.for_application(asked)
    return _by_device(asked) if device else _by_browser(asked, account.address, paste=paste)


def _by_browser(asked: Registration, address: str, *, paste: bool) -> Token:
    with Door() as door:
        page = oauth.page(asked, redirect=door.url, login_hint=address)
        desk.talk().print(f"Open this page as {address}, and agree:\n\n{page.url}\n", markup=False)
        if paste:
            desk.talk().print(
                "The browser ends at an address that it cannot open. Copy it from there."
            )
            return oauth.exchange(asked, page, typer.prompt("That address", err=True))
        webbrowser.open(page.url)
        return oauth.exchange(asked, page, door.wait(PATIENCE))


def _by_device(asked: Registration) -> Token:
    device = oauth.begin_device(asked)
    until = time.monotonic() + device.life.total_seconds()
    desk.talk().print(f"Open {device.url} on any machine, and type in: {device.user_code}")
    while time.monotonic() < until:
        time.sleep(device.interval.total_seconds())
        said = oauth.ask_device(asked, device)
        if isinstance(said, Token):
            return said
        device = said
    raise TemporaryFailure("The code was not typed in within its time. Begin again.")


def _tell(tried: list[flow.Tried], *, as_json: bool) -> None:
    """Say what works; exit 1 where something does not."""
    if as_json:
        desk.show_json(tried)
    else:
        for one in tried:
            typer.echo(f"{one.what} {one.host}: {one.problem or 'works'}")
    if any(one.problem for one in tried):
        if not as_json:
            desk.talk().print(
                "The account is kept. Mend what is wrong, then: undersigned account test"
            )
        raise typer.Exit(exits.REFUSED)
    desk.talk().print("Workers, beat and listener know an added account once they are restarted.")
