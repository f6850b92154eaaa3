"""Add, try and remove a mail account, without a line in a file of settings."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy.orm import Session

from undersigned.accounts import Account
from undersigned.domain.delivery import Phase
from undersigned.errors import PermanentFailure, Refused, TemporaryFailure
from undersigned.service import Service
from undersigned.settings import with_added
from undersigned.store import accounts, journal, troubles
from undersigned.store.seals import Seal
from undersigned.tokens import registration
from undersigned.transport.oauth import Registration, Token
from undersigned.transport.smtp import SmtpConnection

#: Settings that are kept sealed.
SECRET = frozenset({"smtp_password", "imap_password", "client_secret"})


@dataclass(frozen=True, kw_only=True)
class Tried:
    """What came of logging in to one server."""

    account: str
    #: "smtp" or "imap".
    what: str
    host: str
    #: None where it went well; else what is wrong, and what to do.
    problem: str | None


def proposed(service: Service, name: str, values: Mapping[str, Any]) -> Account:
    """Give the account as it will be; from now on this service knows it.

    Raises PermanentFailure where there is no key to keep its secrets with, `Refused` for a profile
    that there is none of.
    """
    Seal(service.settings.secret_keys).seal("")
    added = {**service.settings.layers.added, name: dict(values)}
    service.settings = with_added(service.settings, added)
    return service.account(name)


def application(service: Service, account: Account) -> Registration:
    """Give the application by which it signs in."""
    return registration(account, service.settings.sign_ins)


def keep(service: Service, name: str, values: Mapping[str, Any], token: Token | None) -> None:
    """Keep an account, and the token that a person or its application got for it."""
    seal, now = Seal(service.settings.secret_keys), service.now
    with service.store.writing() as session:
        accounts.remove(session, name)
        accounts.add(
            session,
            name,
            {key: value for key, value in values.items() if key not in SECRET},
            {key: value for key, value in values.items() if key in SECRET},
            seal=seal,
            now=now,
            by=service.coordinator,
        )
        _enter(session, "added", name, service)
    if token is not None:
        service.tokens.keep(name, token)


def remove(service: Service, name: str) -> None:
    """Forget an account that was added, with its secrets. Raises `Refused` for any other."""
    with service.store.writing() as session:
        if not accounts.remove(session, name):
            raise Refused(
                f"No account {name!r} was added by command. One that stands in your settings is "
                f"taken out there."
            )
        for trouble in ("token", "smtp", "imap"):
            troubles.mend(session, f"{trouble}:{name}")
        _enter(session, "removed", name, service)


def _enter(session: Session, action: str, name: str, service: Service) -> None:
    journal.write(
        session,
        action,
        f"account:{name}",
        actor=service.coordinator,
        now=service.now,
        campaign_id=None,
    )


def attempt(service: Service, name: str) -> list[Tried]:
    """Log in to the account's servers, sending nothing and changing nothing."""
    account = service.account(name)
    tried = []
    if account.smtp_host:
        tried.append(_tried(account, "smtp", account.smtp_host, _smtp(service, name)))
    if account.imap_host:
        tried.append(_tried(account, "imap", account.imap_host, _imap(service, name)))
    if not tried:
        raise Refused(f"The account {name!r} has neither smtp_host nor imap_host.")
    return tried


def _tried(account: Account, what: str, host: str, problem: str | None) -> Tried:
    return Tried(account=account.name, what=what, host=host, problem=problem)


def _smtp(service: Service, name: str) -> str | None:
    """Log in over a connection of its own; gives what is wrong."""
    try:
        reached = service.smtp_account(name)
    except PermanentFailure as exc:
        return str(exc)

    async def check() -> str | None:
        async with SmtpConnection(reached) as connection:
            answer = await connection.check()
        if answer.phase is Phase.AUTH and answer.code is not None and answer.code < 400:  # noqa: PLR2004 - RFC 5321 §4.2.1
            return None
        return f"{answer.code or ''} {answer.text}".strip()

    return service.submit(check()).result()


def _imap(service: Service, name: str) -> str | None:
    try:
        with service.mailbox(name) as mailbox:
            mailbox.folders()
    except (TemporaryFailure, PermanentFailure) as exc:
        return str(exc)
    return None
