"""Tokens: what opens an account instead of a password, renewed before it dies.

All processes share what stands in the database. One at a time asks the authorization server; the
others go on with the token that still lives, or wait for the new one.
"""

import secrets
import time
from collections.abc import Callable, Mapping
from datetime import datetime, timedelta

from sqlalchemy.orm import Session

from undersigned.accounts import Account, Table
from undersigned.errors import PermanentFailure, TemporaryFailure
from undersigned.store import accounts, slots, troubles
from undersigned.store.accounts import Held
from undersigned.store.seals import Seal
from undersigned.store.session import Store
from undersigned.transport import oauth
from undersigned.transport.oauth import Registration, Token

#: A token is renewed this long before it dies: longer than one message takes to send.
AHEAD = timedelta(minutes=5)
#: How long one process may take over a renewal; the server has half of it to answer.
LEASE = timedelta(minutes=1)
#: How long the others wait for it, and how often they look.
PATIENCE = timedelta(seconds=40)
LOOK_AGAIN = timedelta(milliseconds=100)


def registration(account: Account, sign_ins: Mapping[str, Table]) -> Registration:
    """Give the application by which an account signs in. Raises PermanentFailure where unset."""
    table = sign_ins.get(account.signs_in)
    if table is None:
        known = ", ".join(sorted(sign_ins))
        raise PermanentFailure(
            f"The account {account.name!r} signs in with {account.signs_in!r}, which is not known; "
            f"there is: {known}."
        )
    if not account.client_id:
        raise PermanentFailure(
            f"The account {account.name!r} has no client_id: register an application with the "
            f"provider (docs/operations.md) and `undersigned account add`."
        )
    return Registration(
        authorize_url=table["authorize_url"].format(tenant=account.tenant),
        token_url=table["token_url"].format(tenant=account.tenant),
        device_url=table["device_url"].format(tenant=account.tenant),
        client_id=account.client_id,
        client_secret=account.client_secret or None,
        scopes=tuple(table["scopes"]),
        application_scopes=tuple(table["application_scopes"]),
        parameters=tuple(table["parameters"].items()),
    )


class Tokens:
    """The tokens of one database."""

    def __init__(
        self,
        store: Store,
        seal: Seal,
        sign_ins: Mapping[str, Table],
        *,
        clock: Callable[[], datetime],
    ) -> None:
        self._store = store
        self._seal = seal
        self._sign_ins = sign_ins
        self._clock = clock

    def keep(self, account: str, given: Token, *, was: Held | None = None) -> Held:
        """Keep what the server gave; a refresh token that it did not give anew stays."""
        now = self._clock()
        held = Held(
            access=given.access,
            refresh=given.refresh or (was.refresh if was else None),
            expires_at=now + given.life,
            renewed_at=now,
        )

        with self._store.writing() as session:
            accounts.keep_token(session, account, held, seal=self._seal)
            troubles.mend(session, _key(account))
        return held

    def access(self, account: Account, refused: str | None = None) -> str:
        """Give a token that lives and is not the one that a server just refused.

        Raises TemporaryFailure or PermanentFailure, and `undersigned status` then says the same.
        """
        until = time.monotonic() + PATIENCE.total_seconds()
        while True:
            held = self._held(account)
            if self._serves(held, refused, ahead=AHEAD):
                return held.access
            owner = secrets.token_hex(8)
            if self._takes(account, owner):
                return self._renewed_as(owner, account, refused).access
            if self._serves(held, refused, ahead=timedelta(0)):
                return held.access
            if time.monotonic() > until:
                raise TemporaryFailure(
                    f"Another process renews the token of account {account.name!r} and does not "
                    f"come to an end. It will be tried again."
                )
            time.sleep(LOOK_AGAIN.total_seconds())

    def _held(self, account: Account) -> Held:
        with self._store.reading() as session:
            held = accounts.token(session, account.name, seal=self._seal)
        if held is None:
            raise PermanentFailure(
                f"The account {account.name!r} has no token yet: `undersigned account add` gets it."
            )
        return held

    def _serves(self, held: Held, refused: str | None, *, ahead: timedelta) -> bool:
        return held.access != refused and self._clock() < held.expires_at - ahead

    def _takes(self, account: Account, owner: str) -> bool:
        with self._store.writing() as session:
            return bool(
                slots.take(
                    session,
                    _key(account.name),
                    limit=1,
                    owner=owner,
                    clock=self._clock,
                    lease=LEASE,
                )
            )

    def _renewed_as(self, owner: str, account: Account, refused: str | None) -> Held:
        """Renew, and give the place back; a token that still lives serves where that failed."""
        try:
            return self._renewed(account, refused)
        except (TemporaryFailure, PermanentFailure) as exc:
            with self._store.writing() as session:
                _tell(session, account.name, exc, now=self._clock())
            held = self._held(account)
            if self._serves(held, refused, ahead=timedelta(0)):
                return held
            raise
        finally:
            with self._store.writing() as session:
                slots.free(session, _key(account.name), owner=owner)

    def _renewed(self, account: Account, refused: str | None) -> Held:
        held = self._held(account)  # another may have renewed it just before we took the place
        if self._serves(held, refused, ahead=AHEAD):
            return held
        asked = registration(account, self._sign_ins)
        if held.refresh is None:
            return self.keep(account.name, oauth.for_application(asked))
        return self.keep(account.name, oauth.refresh(asked, held.refresh), was=held)


def _key(account: str) -> str:
    return f"token:{account}"


def _tell(session: Session, account: str, exc: Exception, *, now: datetime) -> None:
    sentence = f"The token of account {account} cannot be renewed; without one, mail waits. {exc}"
    troubles.tell(session, _key(account), sentence, now=now)
