"""What the database knows of mail accounts: those added by command, and tokens."""

from datetime import datetime
from typing import Any

from sqlalchemy.orm import Mapped, mapped_column

from undersigned.store.base import Base


class AccountRow(Base):
    """A mail account that was added by command; the operator's settings win over it."""

    __tablename__ = "account"
    name: Mapped[str] = mapped_column(primary_key=True)
    #: Settings that differ from the default, without the secret ones.
    settings: Mapped[dict[str, Any]]
    #: The secret ones as JSON, sealed; None where there are none.
    secrets: Mapped[bytes | None]
    added_at: Mapped[datetime]
    added_by: Mapped[str]


class TokenRow(Base):
    """What an authorization server gave for an account."""

    __tablename__ = "token"
    account: Mapped[str] = mapped_column(primary_key=True)
    #: Sealed; short-lived.
    access: Mapped[bytes]
    #: Sealed; None for an application that signs in by itself.
    refresh: Mapped[bytes | None]
    #: When the access token dies, by our clock.
    expires_at: Mapped[datetime]
    #: When the authorization server last gave one.
    renewed_at: Mapped[datetime]
