"""Bookings: the letters that an account is still to send, for which quota is kept free."""

from collections.abc import Iterator
from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from undersigned.domain.campaign import Plan
from undersigned.domain.delivery import CAUTIOUS, State
from undersigned.domain.pace import Booking
from undersigned.store import campaigns, freezes
from undersigned.store.tables import CampaignRow, DeliveryRow


def bookings(session: Session, account: str, now: datetime) -> list[Booking]:
    """Give the letters to come: those in the outbox, and those that are armed or planned."""
    open_ones = select(CampaignRow).where(
        CampaignRow.account == account, CampaignRow.opened_at.is_not(None)
    )
    planned = [
        Booking(at=at, recipients=recipients(session, campaign.id))
        for campaign in session.scalars(open_ones).all()
        for at in instants(session, campaign, now)
    ]
    return [*_queued(session, account), *planned]


def _queued(session: Session, account: str) -> Iterator[Booking]:
    rows = session.execute(
        select(DeliveryRow.due_at, func.count())
        .where(
            DeliveryRow.account == account,
            DeliveryRow.state == State.QUEUED,
            DeliveryRow.purpose.in_(CAUTIOUS),
        )
        .group_by(DeliveryRow.due_at)
    )
    for due_at, count in rows:
        yield Booking(at=due_at, recipients=count)


def instants(session: Session, campaign: CampaignRow, now: datetime) -> Iterator[datetime]:
    """Give when a letter of the campaign is to leave: as it is armed, else as it is planned.

    After its latest start it does not leave by itself, and nothing is kept for it.
    """
    frozen = freezes.current(session, campaign.id)
    at, latest = None, None
    if frozen is not None and frozen.armed_at is not None and frozen.started_at is None:
        at, latest = frozen.dispatch_at, frozen.latest_start_at
    elif freezes.left(session, campaign.id) is None:
        plan = Plan.from_table(campaign.plan)
        at, latest = plan.dispatch_at, plan.latest_start_at
    if at is not None and latest is not None and now <= latest:
        yield at


def recipients(session: Session, campaign_id: int) -> int:
    """Count the addresses that a campaign's letter goes to."""
    rows = campaigns.addressees(session, campaign_id)
    return sum(len(row.to) + len(row.cc) for row in rows)
