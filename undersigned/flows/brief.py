"""Brief: the coordinators' digest of the day: what came, what waits for them, what is due."""

from datetime import datetime, time, timedelta
from zoneinfo import ZoneInfo

from sqlalchemy.orm import Session

from undersigned.domain.campaign import Plan
from undersigned.domain.delivery import Purpose
from undersigned.flows import conditions, notify
from undersigned.service import Service
from undersigned.store import campaigns, messages
from undersigned.store.tables import CampaignRow

#: When the digest is written, in the campaign's own zone: before the working day.
AT = time(8)
#: How long after dispatch coordinators still read of their campaign: missions answer for weeks.
AFTER = timedelta(days=14)


def brief_due(service: Service) -> int:
    """Make the digest of today for every campaign that has none yet; gives how many were made.

    One that was missed is not made up: today's says what yesterday's would have.
    """
    with service.store.reading() as session:
        due = [row.id for row in campaigns.all_of(session) if _due(session, row, service.now)]
    made = sum(_brief(service, campaign_id) for campaign_id in due)
    if made:
        service.announce("deliver")
    return made


def _due(session: Session, campaign: CampaignRow, now: datetime) -> bool:
    """Say whether the digest of the day is to be made. What is paused would only pile up."""
    plan = Plan.from_table(campaign.plan)
    if campaign.opened_at is None or campaign.paused_at is not None:
        return False
    is_time = now.astimezone(ZoneInfo(plan.zone)).time() >= AT
    is_running = now < plan.latest_start_at + AFTER
    subject = _subject(campaign, plan, now)
    return is_time and is_running and not messages.exists(session, Purpose.NOTICE, subject)


def _subject(campaign: CampaignRow, plan: Plan, now: datetime) -> str:
    return f"digest:{campaign.id}:{now.astimezone(ZoneInfo(plan.zone)).date()}"


def _brief(service: Service, campaign_id: int) -> int:
    now = service.now
    with service.store.writing() as session:
        campaign = campaigns.lock(session, campaign_id)
        if not _due(session, campaign, now):  # another beat was quicker
            return 0
        subject = _subject(campaign, Plan.from_table(campaign.plan), now)
        alarms = conditions.unhealthy(service, session, campaign)
        notify.coordinators(session, campaign, subject, alarms, now=now)
        return 1
