"""Who may open the console: links, sessions, and the key that signs their cookies."""

import hashlib
import secrets
from datetime import datetime, timedelta

from sqlalchemy import delete, func, select, update
from sqlalchemy.orm import Session

from undersigned.store.console_tables import KeyRow, KnockRow, SessionRow, SignInRow
from undersigned.store.session import ensure

#: Octets of randomness in a link, a cookie and a key.
_RANDOM = 32


def key(session: Session, purpose: str) -> bytes:
    """Give the installation's key for a purpose; makes it the first time."""
    row = session.get(KeyRow, purpose)
    if row is None:
        ensure(session, KeyRow, purpose=purpose, octets=secrets.token_bytes(_RANDOM))
        row = session.get_one(KeyRow, purpose)
    return row.octets


def add_link(session: Session, address: str, *, now: datetime, lasts: timedelta) -> str:
    """Give a new link's token, which is kept nowhere but with the person."""
    token = secrets.token_urlsafe(_RANDOM)
    session.add(SignInRow(digest=digest(token), address=address, made_at=now, ends_at=now + lasts))
    return token


def knock(session: Session, client: str, *, now: datetime, within: timedelta) -> int:
    """Note a try at the entrance; gives how often that client came within the span.

    Tries that no longer count are forgotten.
    """
    session.execute(delete(KnockRow).where(KnockRow.at <= now - within))
    session.add(KnockRow(client=client, at=now))
    session.flush()
    query = select(func.count()).select_from(KnockRow).where(KnockRow.client == client)
    return session.scalar(query) or 0


def links_since(session: Session, address: str, since: datetime) -> int:
    """Give how many links were made for an address since then."""
    query = select(func.count()).select_from(SignInRow)
    return session.scalar(query.where(SignInRow.address == address, SignInRow.made_at > since)) or 0


def use_link(session: Session, token: str, *, now: datetime) -> str | None:
    """Give whose link it is and spend it, or None where it is spent, too old or unknown."""
    return session.scalar(
        update(SignInRow)
        .where(
            SignInRow.digest == digest(token), SignInRow.used_at.is_(None), SignInRow.ends_at > now
        )
        .values(used_at=now)
        .returning(SignInRow.address)
    )


def begin(session: Session, address: str, *, now: datetime, lasts: timedelta) -> str:
    """Sign a person in; gives the token for their cookie."""
    token = secrets.token_urlsafe(_RANDOM)
    session.add(
        SessionRow(
            digest=digest(token), address=address, began_at=now, seen_at=now, ends_at=now + lasts
        )
    )
    return token


def present(session: Session, token: str, *, now: datetime) -> SessionRow | None:
    """Give the session of a cookie, or None where it ended or was revoked."""
    return session.scalar(
        select(SessionRow).where(
            SessionRow.digest == digest(token),
            SessionRow.revoked_at.is_(None),
            SessionRow.ends_at > now,
        )
    )


def revoke(session: Session, address: str, *, now: datetime) -> int:
    """End every session of a person; gives how many."""
    ended = session.scalars(
        update(SessionRow)
        .where(SessionRow.address == address, SessionRow.revoked_at.is_(None))
        .values(revoked_at=now)
        .returning(SessionRow.id)
    )
    return len(ended.all())


def digest(token: str) -> str:
    """Give what is kept of a token."""
    return hashlib.sha256(token.encode()).hexdigest()
