"""The outbox by pages: what left, what waits, and the exact bytes of each."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.orm import undefer

from undersigned.domain.delivery import Purpose, State
from undersigned.errors import Refused
from undersigned.flows import press
from undersigned.service import Service
from undersigned.store import campaigns, messages
from undersigned.store.tables import AttemptRow, CampaignRow, DeliveryRow, MessageRow

#: Deliveries on one page.
PAGE = 50


@dataclass(frozen=True, kw_only=True)
class Posted:
    """One delivery, as a line."""

    id: int
    message_id: int
    purpose: str
    address: str
    state: str
    due_at: datetime
    changed_at: datetime
    attempts: int
    answer: str


@dataclass(frozen=True, kw_only=True)
class Told:
    """One message with everything that servers said of it."""

    id: int
    mail_id: str
    template: str
    language: str
    purpose: str
    deliveries: Sequence[Posted]
    attempts: Sequence[AttemptRow]


def counts(service: Service, name: str) -> list[tuple[str, str, int]]:
    """Give how many deliveries of each purpose stand in each state."""
    with service.store.reading() as session:
        found = messages.states(session, campaigns.get(session, name).id)
    return sorted((purpose.value, state.value, count) for (purpose, state), count in found.items())


def page(
    service: Service, name: str, *, purpose: str = "", state: str = "", before: int = 0
) -> list[Posted]:
    """Give a page of deliveries, the newest first, those before a number."""
    if (purpose and purpose not in set(Purpose)) or (state and state not in set(State)):
        raise Refused("There is no such purpose or state.")
    with service.store.reading() as session:
        campaign = campaigns.get(session, name)
        query = select(DeliveryRow).where(DeliveryRow.campaign_id == campaign.id)
        if purpose:
            query = query.where(DeliveryRow.purpose == purpose)
        if state:
            query = query.where(DeliveryRow.state == state)
        if before:
            query = query.where(DeliveryRow.id < before)
        rows = session.scalars(query.order_by(DeliveryRow.id.desc()).limit(PAGE)).all()
    return [_posted(row) for row in rows]


def message(service: Service, name: str, number: int) -> Told:
    """Give one message; raises `Refused` where the campaign has none of that number."""
    with service.store.reading() as session:
        row = session.get(MessageRow, number)
        if row is None or row.campaign_id != campaigns.get(session, name).id:
            raise Refused(f"There is no message {number} in {name}.")
        deliveries = session.scalars(
            select(DeliveryRow).where(DeliveryRow.message_id == number).order_by(DeliveryRow.id)
        ).all()
        attempts = session.scalars(
            select(AttemptRow)
            .where(AttemptRow.delivery_id.in_([one.id for one in deliveries]))
            .order_by(AttemptRow.id)
        ).all()
        return Told(
            id=row.id,
            mail_id=row.message_id,
            template=row.template,
            language=row.language,
            purpose=row.purpose,
            deliveries=[_posted(one) for one in deliveries],
            attempts=attempts,
        )


def octets(service: Service, name: str, number: int) -> bytes:
    """Give a message's exact bytes; where it was not written yet, as it would be written now."""
    with service.store.reading() as session:
        campaign = campaigns.get(session, name)
        row = session.scalars(
            select(MessageRow)
            .where(MessageRow.id == number, MessageRow.campaign_id == campaign.id)
            .options(undefer(MessageRow.raw))
        ).one_or_none()
        if row is None:
            raise Refused(f"There is no message {number} in {name}.")
        return row.raw if row.raw is not None else press.Press(service, session).compose(row)


@dataclass(frozen=True, kw_only=True)
class Gauges:
    """What a monitoring system is told."""

    #: By campaign, purpose and state.
    deliveries: Sequence[tuple[str, str, str, int]]
    #: How long the oldest due delivery of all has waited, in seconds; 0 where none waits.
    oldest_due_seconds: float


def gauges(service: Service) -> Gauges:
    """Count the outbox of all campaigns."""
    with service.store.reading() as session:
        rows = session.execute(
            select(CampaignRow.name, DeliveryRow.purpose, DeliveryRow.state, func.count())
            .join(CampaignRow, CampaignRow.id == DeliveryRow.campaign_id)
            .group_by(CampaignRow.name, DeliveryRow.purpose, DeliveryRow.state)
        ).all()
        oldest = session.scalar(
            select(func.min(DeliveryRow.due_at)).where(DeliveryRow.state == State.QUEUED)
        )
    waited = (service.now - oldest).total_seconds() if oldest else 0.0
    return Gauges(
        deliveries=[(name, purpose, state, count) for name, purpose, state, count in rows],
        oldest_due_seconds=max(0.0, waited),
    )


def _posted(row: DeliveryRow) -> Posted:
    return Posted(
        id=row.id,
        message_id=row.message_id,
        purpose=row.purpose,
        address=row.address,
        state=row.state,
        due_at=row.due_at,
        changed_at=row.changed_at,
        attempts=row.attempts,
        answer=row.answer or "",
    )
