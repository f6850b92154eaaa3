"""Remind those who have not answered, and nobody who has."""

from datetime import datetime, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from undersigned import marks
from undersigned.domain.campaign import Plan
from undersigned.domain.delivery import Purpose, State
from undersigned.domain.party import Standing
from undersigned.errors import Refused
from undersigned.flows import mint
from undersigned.service import Service
from undersigned.store import campaigns, journal, messages, replies
from undersigned.store.tables import CampaignRow, DeliveryRow, MessageRow, ProspectRow

#: A poll this old still says who is silent, when a person asks for a reminder now.
FRESH = timedelta(minutes=5)


def remind_due(service: Service) -> int:
    """Make every reminder whose time has come, in all campaigns; gives how many were made."""
    with service.store.reading() as session:
        due = [
            (campaign.name, number)
            for campaign in campaigns.all_of(session)
            if campaign.opened_at is not None
            for number in _due(Plan.from_table(campaign.plan), service.now)
        ]
    return sum(remind(service, name, number, by="tick") for name, number in due)


def _due(plan: Plan, now: datetime) -> list[int]:
    """Give the last reminder whose time has come; an earlier one that was missed is not made up."""
    passed = [number for number, at in enumerate(plan.reminders, start=1) if at <= now]
    return passed[-1:] if now < plan.cutoff_at else []


def remind(service: Service, name: str, number: int, *, by: str) -> int:
    """Make the numbered reminder for each silent party that has none of that number yet.

    Refuses to act, and makes none, on a mailbox that was not read past this reminder's time, or
    while a reply received before it waits to be read: its sender may have answered.
    """
    with service.store.reading() as session:
        plan = Plan.from_table(campaigns.get(session, name).plan)
    return _remind(service, name, number, since=plan.reminders[number - 1], by=by)


def _remind(service: Service, name: str, number: int, *, since: datetime, by: str) -> int:
    now = service.now
    with service.store.writing() as session:
        campaign = campaigns.lock(session, campaigns.get(session, name).id)
        plan = Plan.from_table(campaign.plan)
        if now >= plan.cutoff_at or not _is_read_past(session, campaign, since, now):
            return 0
        silent = _silent(session, campaign.id, number)
        edition = campaigns.edition(session, campaign.id)
        for row in silent:
            invitation = _invitation(session, row.id)
            message = mint.message(
                campaign,
                Purpose.REMINDER,
                f"prospect:{row.id}",
                template="reminder",
                now=now,
                number=number,
                language=row.language,
                facts={"answers": invitation.message_id},
                prospect_id=row.id,
                edition_id=edition.id,
            )
            messages.add(session, message, account=campaign.account, to=[row.email], due_at=now)
        if silent:
            journal.write(
                session,
                "reminded",
                f"campaign:{name}",
                actor=by,
                now=now,
                campaign_id=campaign.id,
                number=number,
                parties=[row.id for row in silent],
            )
            session.flush()
            marks.passed("remind.made")
    if silent:
        marks.passed("remind.committed")
        service.announce("deliver")
    return len(silent)


def remind_now(service: Service, name: str, *, by: str) -> int:
    """Make a reminder beside those of the plan, for everyone who is silent now.

    Raises `Refused` after the cut-off, or where the mailbox was not read: an answer may lie there.
    """
    with service.store.reading() as session:
        campaign = campaigns.get(session, name)
        plan = Plan.from_table(campaign.plan)
        number = next_number(session, campaign)
        watermark = replies.watermark(session, campaign.account, service.now)
        unread = replies.waiting(session, campaign.account, service.now)
    if service.now >= plan.cutoff_at:
        raise Refused(f"{name} closed on {plan.cutoff_at:%Y-%m-%d %H:%M} UTC.")
    if watermark is None or service.now - watermark > FRESH or unread:
        raise Refused("The mailbox was not read just now: an answer may lie in it. Try again soon.")
    return _remind(service, name, number, since=watermark, by=by)


def _is_read_past(
    session: Session, campaign: CampaignRow, instant: datetime, now: datetime
) -> bool:
    watermark = replies.watermark(session, campaign.account, now)
    return (
        watermark is not None
        and watermark >= instant
        and not replies.waiting(session, campaign.account, watermark)
    )


def silent_count(service: Service, name: str) -> int:
    """Count the parties that a reminder made now would go to."""
    with service.store.reading() as session:
        campaign = campaigns.get(session, name)
        return len(_silent(session, campaign.id, next_number(session, campaign)))


def next_number(session: Session, campaign: CampaignRow) -> int:
    """Give the number of a reminder that a person asks for now: one after all that were planned."""
    numbers = session.scalars(
        select(MessageRow.round)
        .where(MessageRow.campaign_id == campaign.id, MessageRow.purpose == Purpose.REMINDER)
        .distinct()
    ).all()
    return max([*numbers, len(Plan.from_table(campaign.plan).reminders)]) + 1


def _silent(session: Session, campaign_id: int, number: int) -> list[ProspectRow]:
    reminded = select(MessageRow.prospect_id).where(
        MessageRow.campaign_id == campaign_id,
        MessageRow.purpose == Purpose.REMINDER,
        MessageRow.round == number,
    )
    invited = (
        select(MessageRow.prospect_id)
        .join(DeliveryRow, DeliveryRow.message_id == MessageRow.id)
        .where(
            MessageRow.campaign_id == campaign_id,
            MessageRow.purpose == Purpose.INVITATION,
            DeliveryRow.state.in_((State.ACCEPTED, State.DELIVERED)),
        )
    )
    return list(
        session.scalars(
            select(ProspectRow)
            .where(
                ProspectRow.campaign_id == campaign_id,
                ProspectRow.standing == Standing.INVITED,
                ProspectRow.answered_at.is_(None),
                ProspectRow.unsubscribed_at.is_(None),
                ProspectRow.id.in_(invited),
                ProspectRow.id.not_in(reminded),
            )
            .order_by(ProspectRow.id)
        )
    )


def _invitation(session: Session, prospect_id: int) -> MessageRow:
    """Give the newest: a corrected address was invited anew."""
    return session.scalars(
        select(MessageRow)
        .where(MessageRow.prospect_id == prospect_id, MessageRow.purpose == Purpose.INVITATION)
        .order_by(MessageRow.id.desc())
        .limit(1)
    ).one()
