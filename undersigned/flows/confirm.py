"""Confirm: ask an invited address whether a consent that came in its name is its own."""

from dataclasses import replace
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from undersigned.domain.decision import Act
from undersigned.domain.delivery import Purpose
from undersigned.domain.listing import Listing
from undersigned.domain.party import Prospect
from undersigned.flows import mint
from undersigned.flows.match import Match
from undersigned.store import campaigns, decisions, journal, messages, prospects
from undersigned.store.tables import CampaignRow, MessageRow, ProspectRow, ReplyRow, ReviewRow


def ask(
    session: Session,
    campaign: CampaignRow,
    prospect: ProspectRow,
    held: ReviewRow,
    listing: Listing,
    *,
    now: datetime,
) -> None:
    """Ask the invited address, and nobody else, about the consent that a review holds.

    The question carries the listing and the letter, and a token that stood in no other mail. One
    question of a party is open at a time, and who asked not to be written to is not asked.
    """
    if prospect.unsubscribed_at is not None or _is_asked(session, prospect.id):
        return
    reply = session.get_one(ReplyRow, held.reply_id)
    message = mint.message(
        campaign,
        Purpose.CONFIRMATION,
        f"reply:{reply.id}",
        template="confirmation",
        now=now,
        language=prospect.language,
        facts={
            "listings": [decisions.listing_table(listing)],
            "received_at": reply.received_at.isoformat(),
            "sender": reply.sender,
        },
        prospect_id=prospect.id,
        edition_id=campaigns.edition(session, campaign.id).id,
    )
    messages.add(session, message, account=campaign.account, to=[prospect.email], due_at=now)
    held.asked_at = now
    journal.write(
        session,
        "asked-to-confirm",
        f"reply:{reply.id}",
        actor="read",
        now=now,
        campaign_id=campaign.id,
        listing=listing.line,
    )


def _is_asked(session: Session, prospect_id: int) -> bool:
    """Say whether a question to the party is open."""
    query = select(ReviewRow.id).where(
        ReviewRow.prospect_id == prospect_id,
        ReviewRow.asked_at.is_not(None),
        ReviewRow.settled_at.is_(None),
    )
    return session.scalar(query.limit(1)) is not None


def is_asked_in(message: MessageRow | None) -> bool:
    """Say whether a message of ours is such a question."""
    return message is not None and message.purpose == Purpose.CONFIRMATION


def party(found: Match) -> Prospect | None:
    """Give the party as whoever answers sees it: in a confirmation, as it would be printed."""
    if found.prospect is None:
        return None
    known = prospects.value(found.prospect)
    if found.message is None or not is_asked_in(found.message):
        return known
    shown = decisions.listing(found.message.facts["listings"][0])
    return replace(
        known, kind=shown.kind, name=shown.name, title=shown.title, country=shown.country
    )


def settle(session: Session, question: MessageRow, act: Act, *, by: str, now: datetime) -> None:
    """Settle the review that the question was about: the invited address has answered it."""
    held = session.scalars(
        select(ReviewRow).where(
            ReviewRow.reply_id == int(question.subject.removeprefix("reply:")),
            ReviewRow.settled_at.is_(None),
        )
    ).one_or_none()
    if held is None:
        return
    held.settled_at, held.settled_by, held.outcome = now, by, act.value
    journal.write(
        session,
        "settled",
        f"review:{held.id}",
        actor=by,
        now=now,
        campaign_id=held.campaign_id,
        outcome=act.value,
        reason="the invited address answered",
    )
