"""Retry: send once more what a server gave up on for a reason that passes."""

from datetime import datetime, timedelta

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from undersigned.domain.campaign import Plan
from undersigned.domain.delivery import PASSING_STATUS, Purpose, State
from undersigned.domain.party import Standing
from undersigned.flows import mint
from undersigned.reading import BounceReport
from undersigned.store import campaigns, journal, messages
from undersigned.store.tables import CampaignRow, DeliveryRow, MessageRow, ProspectRow, ReplyRow

#: What is worth another try; a reminder that came back is not: the invitation arrived.
TRIED_AGAIN = frozenset({Purpose.INVITATION, Purpose.RECEIPT})
#: Between two tries: a full mailbox is emptied, and a server mended, within days.
WAIT = timedelta(days=1)
#: Tries after the first, where the reason passes: a mailbox that is full for longer is left.
MOST = 3
#: The same where the report says for good, but the address wrote to us before: one probe, since
#: servers in trouble say "no such user" of users they have.
PROBES = 1


def retry(
    session: Session,
    message: MessageRow,
    delivery: DeliveryRow,
    report: BounceReport,
    *,
    now: datetime,
) -> bool:
    """Make the message anew for the address it came back from; says whether another try is due.

    It is another message, with its own token and Message-ID: the delivery that bounced stays so.
    """
    purpose = Purpose(message.purpose)
    campaign = session.get_one(CampaignRow, message.campaign_id)
    if purpose not in TRIED_AGAIN or not _is_wanted(session, campaign, message, now):
        return False
    if _failures(session, message, delivery) > _most(session, delivery, report):
        return False
    again = anew(
        session, campaign, message, delivery, to=delivery.address, due_at=now + WAIT, now=now
    )
    journal.write(
        session,
        "tries-again",
        f"delivery:{delivery.id}",
        actor="read",
        now=now,
        campaign_id=campaign.id,
        status=report.status,
        message=again.id,
    )
    return True


def anew(
    session: Session,
    campaign: CampaignRow,
    message: MessageRow,
    delivery: DeliveryRow,
    *,
    to: str,
    due_at: datetime,
    now: datetime,
) -> MessageRow:
    """Put a message of the same words into the outbox, in the letter's present edition."""
    purpose = Purpose(message.purpose)
    again = mint.message(
        campaign,
        purpose,
        message.subject,
        number=messages.next_round(session, purpose, message.subject),
        template=message.template,
        now=now,
        language=message.language,
        facts=dict(message.facts),
        prospect_id=message.prospect_id,
        edition_id=campaigns.edition(session, campaign.id).id,
    )
    return messages.add(session, again, account=delivery.account, to=[to], due_at=due_at)


def _is_wanted(session: Session, campaign: CampaignRow, message: MessageRow, now: datetime) -> bool:
    """Say whether it still makes sense tomorrow: nobody is invited who answered, or too late."""
    if message.purpose != Purpose.INVITATION:
        return True
    prospect = session.get_one(ProspectRow, message.prospect_id)
    is_silent = prospect.standing == Standing.INVITED and prospect.answered_at is None
    return is_silent and now + WAIT < Plan.from_table(campaign.plan).cutoff_at


def _most(session: Session, delivery: DeliveryRow, report: BounceReport) -> int:
    status = report.status or ""
    if status in PASSING_STATUS or status.startswith("4."):
        return MOST
    wrote = select(ReplyRow.id).where(ReplyRow.sender == delivery.address).limit(1)
    return PROBES if session.scalar(wrote) is not None else 0


def _failures(session: Session, message: MessageRow, delivery: DeliveryRow) -> int:
    """Count how often this came back from the address, this time included."""
    session.flush()
    query = (
        select(func.count())
        .select_from(DeliveryRow)
        .join(MessageRow, MessageRow.id == DeliveryRow.message_id)
        .where(
            MessageRow.purpose == message.purpose,
            MessageRow.subject == message.subject,
            DeliveryRow.address == delivery.address,
            DeliveryRow.state == State.BOUNCED,
        )
    )
    return session.scalar(query) or 0
