"""Reopen: take a ruling on a review back, as long as nobody was told of it."""

from datetime import datetime, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from undersigned.domain.decision import fold
from undersigned.domain.delivery import Purpose, State
from undersigned.errors import Refused
from undersigned.flows import void
from undersigned.service import Service
from undersigned.store import campaigns, decisions, journal, messages, prospects, replies
from undersigned.store.tables import (
    CampaignRow,
    DecisionRow,
    DeliveryRow,
    MessageRow,
    ReplyRow,
    ReviewRow,
)

#: How long a ruling may be taken back.
GRACE = timedelta(seconds=10)


def reopen(service: Service, review_id: int, *, by: str) -> None:
    """Let a review wait for a person again, as it did before it was ruled on.

    Raises `Refused` where it was not ruled on, or its receipt has left or is about to.
    """
    now = service.now
    with service.store.writing() as session:
        review = session.get(ReviewRow, review_id)
        if review is None or review.settled_at is None:
            raise Refused(f"Review {review_id} waits for a person already.")
        reply = replies.lock(session, review.reply_id)
        _take_back_receipts(session, reply, review.settled_at, now)
        if reply.campaign_id is not None:
            campaigns.lock(session, reply.campaign_id)
        for decision in session.scalars(
            select(DecisionRow).where(
                DecisionRow.reply_id == reply.id, DecisionRow.replaced_at.is_(None)
            )
        ).all():
            decision.replaced_at = now
        was, review.outcome = review.outcome, None
        review.settled_at = review.settled_by = None
        session.flush()
        if reply.prospect_id is not None and reply.campaign_id is not None:
            prospect = prospects.lock(session, reply.prospect_id)
            prospect.standing = fold(decisions.of(session, reply.prospect_id)).standing
            campaign = session.get_one(CampaignRow, reply.campaign_id)
            void.void_if_changed(session, campaign, reason="ruling-taken-back", now=now)
        journal.write(
            session,
            "took-back",
            f"review:{review_id}",
            actor=by,
            now=now,
            campaign_id=reply.campaign_id,
            was=was,
        )


def _take_back_receipts(session: Session, reply: ReplyRow, since: datetime, now: datetime) -> None:
    """Take back what the ruling put into the outbox."""
    made = select(MessageRow.id).where(
        MessageRow.subject == f"reply:{reply.id}",
        MessageRow.purpose.in_((Purpose.RECEIPT, Purpose.RENEWAL)),
        MessageRow.created_at >= since,
    )
    messages.cancel(session, DeliveryRow.message_id.in_(made), now=now)
    left = session.scalar(
        select(DeliveryRow.id)
        .where(DeliveryRow.message_id.in_(made), DeliveryRow.state != State.CANCELLED)
        .limit(1)
    )
    if left is not None:
        raise Refused("The receipt has left: decide the reply anew, and the sender is told again.")
