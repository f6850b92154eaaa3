"""Settle: what a person knows of a letter, or other mail, cut while the server took it."""

from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from undersigned.domain.delivery import Purpose, State
from undersigned.errors import Refused
from undersigned.service import Service
from undersigned.store import campaigns, journal
from undersigned.store.tables import AddresseeRow, DeliveryRow, FreezeRow, MessageRow

#: What a person may know: the letter is there, or it never arrived and is to be sent once more.
KNOWN: dict[str, State] = {"arrived": State.ACCEPTED, "lost": State.QUEUED}


def settle(service: Service, name: str, code: str, known: str, *, reason: str, by: str) -> int:
    """Settle the uncertain letters to a mission by what a person knows; gives how many.

    "lost" sends the same message once more, under its Message-ID: only a person may say so.
    Raises `Refused` where nothing of that mission is uncertain, or no reason is given.
    """
    _refuse_what_says_nothing(known, reason)
    with service.store.writing() as session:
        campaign = campaigns.lock(session, campaigns.get(session, name).id)
        rows = session.scalars(
            select(DeliveryRow)
            .join(MessageRow, MessageRow.id == DeliveryRow.message_id)
            .join(AddresseeRow, AddresseeRow.id == MessageRow.addressee_id)
            .where(
                DeliveryRow.campaign_id == campaign.id,
                DeliveryRow.purpose == Purpose.LETTER,
                DeliveryRow.state == State.UNCERTAIN,
                AddresseeRow.code == code.upper(),
            )
        ).all()
        if not rows:
            raise Refused(f"No letter to {code.upper()} is uncertain: see `dispatch status`.")
        for row in rows:
            _settle(session, row, known, reason=reason, by=by, now=service.now)
            if KNOWN[known] is State.QUEUED:
                message = session.get_one(MessageRow, row.message_id)
                session.get_one(FreezeRow, message.freeze_id).finished_at = None
    service.announce("deliver")
    return len(rows)


def settle_mail(
    service: Service, name: str, number: int, known: str, *, reason: str, by: str
) -> None:
    """Settle an uncertain delivery of any other mail in the same way, by its number."""
    _refuse_what_says_nothing(known, reason)
    with service.store.writing() as session:
        campaign = campaigns.lock(session, campaigns.get(session, name).id)
        row = session.scalar(
            select(DeliveryRow).where(
                DeliveryRow.id == number,
                DeliveryRow.campaign_id == campaign.id,
                DeliveryRow.purpose != Purpose.LETTER,
                DeliveryRow.state == State.UNCERTAIN,
            )
        )
        if row is None:
            raise Refused(
                f"Delivery {number} is not uncertain mail of {name}; letters are settled on the "
                "dispatch board."
            )
        _settle(session, row, known, reason=reason, by=by, now=service.now)
    service.announce("deliver")


def _refuse_what_says_nothing(known: str, reason: str) -> None:
    if known not in KNOWN:
        raise Refused(f"{known!r} is none of {', '.join(KNOWN)}.")
    if not reason.strip():
        raise Refused("Say how you know: the reason goes into the journal.")


def _settle(
    session: Session, row: DeliveryRow, known: str, *, reason: str, by: str, now: datetime
) -> None:
    row.state, row.changed_at, row.due_at = KNOWN[known], now, now
    journal.write(
        session,
        "settled",
        f"delivery:{row.id}",
        actor=by,
        now=now,
        campaign_id=row.campaign_id,
        known=known,
        reason=reason,
    )
