"""What the console remembers: its key, the links that were mailed, and who is signed in."""

from datetime import datetime

from sqlalchemy import Index
from sqlalchemy.orm import Mapped, mapped_column

from undersigned.store.base import Base


class KeyRow(Base):
    """A key of this installation, made when it was first needed."""

    __tablename__ = "key"
    #: What it is for: "console".
    purpose: Mapped[str] = mapped_column(primary_key=True)
    octets: Mapped[bytes]


class SignInRow(Base):
    """A link by which one person may sign in, once."""

    __tablename__ = "sign_in"
    id: Mapped[int] = mapped_column(primary_key=True)
    #: SHA-256 of the link's token, hexadecimal: a copy of the database opens no door.
    digest: Mapped[str] = mapped_column(unique=True)
    #: Whose it is, normalized.
    address: Mapped[str]
    made_at: Mapped[datetime]
    ends_at: Mapped[datetime]
    used_at: Mapped[datetime | None]


class KnockRow(Base):
    """Somebody's try at the entrance, forgotten as soon as it no longer counts."""

    __tablename__ = "knock"
    __table_args__ = (Index("ix_knock_client", "client", "at"),)
    id: Mapped[int] = mapped_column(primary_key=True)
    #: SHA-256 of where it came from, keyed with the console's own key: nobody's address is kept.
    client: Mapped[str]
    at: Mapped[datetime]


class SessionRow(Base):
    """A person who is signed in, in one browser."""

    __tablename__ = "console_session"
    id: Mapped[int] = mapped_column(primary_key=True)
    #: SHA-256 of the cookie's token, hexadecimal.
    digest: Mapped[str] = mapped_column(unique=True)
    address: Mapped[str]
    began_at: Mapped[datetime]
    seen_at: Mapped[datetime]
    ends_at: Mapped[datetime]
    revoked_at: Mapped[datetime | None]
