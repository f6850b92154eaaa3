"""An office: the servers that a rehearsal's mail goes through, as the rehearsal sees them."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from undersigned.transport.accounts import SmtpAccount


@dataclass(frozen=True, kw_only=True)
class Kept:
    """One message that was delivered to somebody."""

    recipient: str
    #: The reverse path; "" for reports and other machines' mail.
    envelope_from: str
    raw: bytes
    received_at: datetime


#: Called for each message to anybody but the campaign: recipient, message, reverse path.
OnMail = Callable[[str, bytes, str], None]


class Office(Protocol):
    """Takes all mail, and tells what each address truly received."""

    #: Told of each message to anybody but the campaign, once it is delivered.
    on_mail: OnMail | None

    def strangers_account(self) -> SmtpAccount:
        """Give the account by which the world sends mail in, without a login."""

    def received(self, address: str) -> tuple[Kept, ...]:
        """Give what was delivered to an address; for the campaign's, to all its tags."""

    def everything(self) -> tuple[Kept, ...]:
        """Give every message that was delivered."""

    def is_empty(self) -> bool:
        """Say whether everything that was taken is delivered, and told."""
