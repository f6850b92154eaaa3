"""Accounts that were added by command, and the tokens of those that sign in with one."""

import json
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING, Any

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from undersigned.store.account_tables import AccountRow, TokenRow

if TYPE_CHECKING:  # a look at the accounts that were added needs no cryptography
    from undersigned.store.seals import Seal


def added(session: Session) -> list[AccountRow]:
    """Give the accounts that were added, by name."""
    return list(session.scalars(select(AccountRow).order_by(AccountRow.name)))


def opened(row: AccountRow, seal: "Seal") -> dict[str, Any]:
    """Give an account's settings, the secret ones too. Raises PermanentFailure as `Seal.open`."""
    secrets = json.loads(seal.open(row.secrets)) if row.secrets is not None else {}
    return {**row.settings, **secrets}


def add(
    session: Session,
    name: str,
    settings: dict[str, Any],
    secrets: dict[str, str],
    *,
    seal: "Seal",
    now: datetime,
    by: str,
) -> None:
    """Keep an account, in the place of one of its name."""
    session.merge(
        AccountRow(
            name=name,
            settings=settings,
            secrets=seal.seal(json.dumps(secrets)) if secrets else None,
            added_at=now,
            added_by=by,
        )
    )


def remove(session: Session, name: str) -> bool:
    """Forget an account and its token; says whether there was one."""
    session.execute(delete(TokenRow).where(TokenRow.account == name))
    gone = session.execute(delete(AccountRow).where(AccountRow.name == name).returning(AccountRow))
    return gone.first() is not None


@dataclass(frozen=True, kw_only=True)
class Held:
    """An account's token, opened."""

    access: str = field(repr=False)
    #: None for an application that signs in by itself.
    refresh: str | None = field(repr=False)
    expires_at: datetime
    renewed_at: datetime


def token(session: Session, account: str, *, seal: "Seal") -> Held | None:
    """Give an account's token, or None. Raises PermanentFailure as `Seal.open`."""
    row = session.get(TokenRow, account)
    if row is None:
        return None
    return Held(
        access=seal.open(row.access),
        refresh=seal.open(row.refresh) if row.refresh is not None else None,
        expires_at=row.expires_at,
        renewed_at=row.renewed_at,
    )


def renewed_at(session: Session, account: str) -> datetime | None:
    """Give when an account's permission was last used, where it dies unused; None elsewhere."""
    row = session.get(TokenRow, account)
    return row.renewed_at if row is not None and row.refresh is not None else None


def keep_token(session: Session, account: str, held: Held, *, seal: "Seal") -> None:
    """Keep an account's token, in the place of the last."""
    session.merge(
        TokenRow(
            account=account,
            access=seal.seal(held.access),
            refresh=seal.seal(held.refresh) if held.refresh is not None else None,
            expires_at=held.expires_at,
            renewed_at=held.renewed_at,
        )
    )
