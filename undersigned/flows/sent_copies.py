"""Copies in Sent: where the provider keeps none of what leaves by SMTP, we put one there."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session, undefer

from undersigned.domain.board import ACCEPTED
from undersigned.domain.delivery import Purpose
from undersigned.errors import PermanentFailure, UndersignedError
from undersigned.service import Service
from undersigned.store import troubles
from undersigned.store.tables import DeliveryRow, MessageRow
from undersigned.transport.imap import Mailbox
from undersigned.transport.roles import Role


@dataclass(frozen=True, kw_only=True)
class _Letter:
    """A letter that a server has taken and that no copy was seen of."""

    id: int
    message_id: str
    raw: bytes
    taken_at: datetime


def file_copies(service: Service) -> int:
    """Put a copy of every letter that was taken into its account's Sent; gives how many.

    Only for accounts whose `sent_copies` are ours. The folder is asked for the Message-ID first,
    so a provider that keeps its own copy, or a kill in between, makes no second one.
    """
    return sum(
        _file(service, account.name)
        for account in service.settings.accounts.values()
        if account.sent_copies == "us" and account.imap_host
    )


def _file(service: Service, account: str) -> int:
    with service.store.reading() as session:
        waiting = _waiting(session, account)
    if not waiting:
        return 0
    key = f"sent:{account}"
    try:
        made = _append(service, account, waiting)
    except UndersignedError as exc:
        with service.store.writing() as session:
            sentence = f"No copy of the letters can be put into Sent of account {account}: {exc}"
            troubles.tell(session, key, sentence, now=service.now)
        return 0
    with service.store.writing() as session:
        for one in waiting:
            session.get_one(MessageRow, one.id).filed_at = service.now
        troubles.mend(session, key)
    return made


def _waiting(session: Session, account: str) -> list[_Letter]:
    rows = session.scalars(
        select(MessageRow)
        .where(
            MessageRow.purpose == Purpose.LETTER,
            MessageRow.filed_at.is_(None),
            MessageRow.id.in_(
                select(DeliveryRow.message_id).where(
                    DeliveryRow.purpose == Purpose.LETTER,
                    DeliveryRow.account == account,
                    DeliveryRow.state.in_(ACCEPTED),
                )
            ),
        )
        .order_by(MessageRow.id)
        .options(undefer(MessageRow.raw))
    ).all()
    return [
        _Letter(id=row.id, message_id=row.message_id, raw=row.raw, taken_at=row.created_at)
        for row in rows
        if row.raw is not None
    ]


def _append(service: Service, account: str, letters: Sequence[_Letter]) -> int:
    with service.mailbox(account) as mailbox:
        folder = _sent(mailbox)
        mailbox.examine(folder)
        missing = [
            one for one in letters if not mailbox.search_header("Message-ID", one.message_id)
        ]
        for one in missing:
            mailbox.append(folder, one.raw, one.taken_at)
    return len(missing)


def _sent(mailbox: Mailbox) -> str:
    found = [one.name for one in mailbox.folders() if one.role is Role.SENT and one.selectable]
    if not found:
        raise PermanentFailure("The mailbox has no folder for sent mail: make one named Sent.")
    return found[0]
