"""Sent: what the provider filed tells of a message whose fate nobody wrote down."""

from collections.abc import Sequence

from sqlalchemy import select
from sqlalchemy.orm import Session

from undersigned.domain.delivery import State
from undersigned.service import Service
from undersigned.store import journal, troubles
from undersigned.store.tables import DeliveryRow, MessageRow
from undersigned.transport.imap import Mailbox
from undersigned.transport.roles import Role

#: Messages looked up in one poll: each is one question to the server.
AT_ONCE = 200

#: A delivery in one of these states has, as far as we know, put a copy into Sent.
_HAD_COPY = frozenset({State.ACCEPTED, State.DELIVERED, State.BOUNCED})


def settle(service: Service, account: str, mailbox: Mailbox) -> int:
    """Settle by their copies in Sent what is uncertain, and what a restored queue holds.

    Only where the provider itself files what its SMTP server accepts: there a copy proves that the
    server took the message. That there is none proves nothing. Gives how many were settled.
    """
    if service.account(account).sent_copies != "provider":
        return 0
    with service.store.reading() as session:
        wanted = _wanted(session, account)
    if not wanted:
        return 0
    sent = [one.name for one in mailbox.folders() if one.role is Role.SENT and one.selectable]
    copies = dict.fromkeys(wanted, 0)
    for folder in sent:
        mailbox.examine(folder)
        for message_id in wanted:
            copies[message_id] += len(mailbox.search_header("Message-ID", message_id))
    found = {message_id: count for message_id, count in copies.items() if count}
    return sum(_accept(service, message_id, count) for message_id, count in found.items())


def _wanted(session: Session, account: str) -> Sequence[str]:
    """Give the Message-IDs to look for."""
    restored = [int(key.partition(":")[2]) for key in troubles.keys(session, "restored:")]
    is_in_doubt = (DeliveryRow.state == State.UNCERTAIN) | (
        (DeliveryRow.state == State.QUEUED) & DeliveryRow.campaign_id.in_(restored)
    )
    query = (
        select(MessageRow.message_id)
        .join(DeliveryRow, DeliveryRow.message_id == MessageRow.id)
        .where(DeliveryRow.account == account, is_in_doubt)
        .distinct()
        .limit(AT_ONCE)
    )
    return session.scalars(query).all()


def _accept(service: Service, message_id: str, copies: int) -> int:
    """Note that the server took a message, for all its addresses or for none.

    A message to several addresses leaves a copy for each. Fewer copies than that do not say whose
    they are, and a person decides.
    """
    now = service.now
    with service.store.writing() as session:
        rows = session.scalars(
            select(DeliveryRow)
            .join(MessageRow, MessageRow.id == DeliveryRow.message_id)
            .where(MessageRow.message_id == message_id)
            .with_for_update(of=DeliveryRow)
        ).all()
        doubtful = [row for row in rows if row.state in (State.UNCERTAIN, State.QUEUED)]
        if copies < len(doubtful) + sum(row.state in _HAD_COPY for row in rows):
            return 0
        for row in doubtful:
            was, row.state, row.changed_at = row.state, State.ACCEPTED, now
            journal.write(
                session,
                "settled",
                f"delivery:{row.id}",
                actor="sent",
                now=now,
                campaign_id=row.campaign_id,
                was=was,
                known="arrived",
                reason="its copy is in the Sent folder",
            )
    return len(doubtful)
