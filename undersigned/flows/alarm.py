"""Alarm: tell coordinators through another account that a campaign's own has fallen silent."""

from datetime import timedelta
from zoneinfo import ZoneInfo

from sqlalchemy.orm import Session

from undersigned.domain.campaign import Plan
from undersigned.flows import conditions, notify
from undersigned.service import Service
from undersigned.store import campaigns, troubles
from undersigned.store.tables import CampaignRow

#: What passes by itself passes within this time: a server that restarts, a network that is slow.
PATIENCE = timedelta(minutes=15)
#: What keeps an account from sending, so that it cannot carry an alarm either.
_MUTE = ("smtp", "token", "sealed", "witness")


def alarm_due(service: Service) -> int:
    """Write to the coordinators of every campaign whose account is silent, once a day.

    Gives how many alarms were made. Where no other account sends, the status alone says it.
    """
    with service.store.reading() as session:
        silent = [row.id for row in campaigns.all_of(session) if _told(service, session, row)]
    made = sum(_alarm(service, campaign_id) for campaign_id in silent)
    if made:
        service.announce("deliver")
    return made


def _told(service: Service, session: Session, campaign: CampaignRow) -> list[str]:
    """Give what keeps the campaign's account silent, and has for a while."""
    if campaign.opened_at is None or campaign.paused_at is not None:
        return []
    return conditions.silencing(service, session, campaign, since=service.now - PATIENCE)


def _alarm(service: Service, campaign_id: int) -> int:
    now = service.now
    with service.store.writing() as session:
        campaign = campaigns.lock(session, campaign_id)
        told, via = _told(service, session, campaign), _other(service, session, campaign.account)
        if not told or via is None:
            return 0
        zone = ZoneInfo(Plan.from_table(campaign.plan).zone)
        subject = f"alarm:{campaign.id}:{now.astimezone(zone).date()}"
        return notify.coordinators_through(session, campaign, subject, told, via=via, now=now)


def _other(service: Service, session: Session, silent: str) -> str | None:
    """Give the name of another account that sends, or None."""
    wrong = {row.key for row in troubles.now_for(session, 0)}
    for name, account in sorted(service.settings.accounts.items()):
        is_mute = any(f"{what}:{name}" in wrong for what in _MUTE)
        if name != silent and account.smtp_host and account.address and not is_mute:
            return name
    return None
