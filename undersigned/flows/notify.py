"""Notify: tell the coordinators at once what cannot wait for them to look."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy.orm import Session

from undersigned.domain.campaign import Plan
from undersigned.domain.delivery import Purpose
from undersigned.flows import digest, mint
from undersigned.store import messages
from undersigned.store.tables import CampaignRow


def coordinators(
    session: Session,
    campaign: CampaignRow,
    subject: str,
    alarms: Sequence[str],
    *,
    now: datetime,
) -> None:
    """Put one notice for every coordinator into the outbox; the subject lets it exist once."""
    desk = Plan.from_table(campaign.plan).desk
    _tell(session, campaign, subject, alarms, to=desk, now=now)


def approvers(
    session: Session,
    campaign: CampaignRow,
    subject: str,
    alarms: Sequence[str],
    *,
    now: datetime,
) -> None:
    """Tell the coordinators, and those who approve the letter."""
    plan = Plan.from_table(campaign.plan)
    both = dict.fromkeys((*plan.desk, *plan.approvers))
    _tell(session, campaign, subject, alarms, to=tuple(both), now=now)


def coordinators_through(
    session: Session,
    campaign: CampaignRow,
    subject: str,
    alarms: Sequence[str],
    *,
    via: str,
    now: datetime,
) -> int:
    """Tell the coordinators by another account than the campaign's; gives how many were made."""
    desk = Plan.from_table(campaign.plan).desk
    return _tell(session, campaign, subject, alarms, to=desk, now=now, via=via)


def _tell(
    session: Session,
    campaign: CampaignRow,
    subject: str,
    alarms: Sequence[str],
    *,
    to: Sequence[str],
    now: datetime,
    via: str | None = None,
) -> int:
    if messages.exists(session, Purpose.NOTICE, subject):
        return 0
    message = mint.message(
        campaign,
        Purpose.NOTICE,
        subject,
        template="coordinator-digest",
        now=now,
        facts=digest.facts(session, campaign, alarms, now) | ({"via": via} if via else {}),
    )
    messages.add(session, message, account=via or campaign.account, to=list(to), due_at=now)
    return 1
