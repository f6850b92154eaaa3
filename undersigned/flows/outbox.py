"""The outbox by pages: what left, what waits, and the exact bytes of each."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Select, false, func, select, union_all
from sqlalchemy.orm import undefer

from undersigned.domain.delivery import Purpose, State
from undersigned.errors import Refused
from undersigned.flows import press
from undersigned.flows.retry_by_hand import may_be_tried
from undersigned.service import Service
from undersigned.store import campaigns, messages, paging
from undersigned.store.paging import Page
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

    @property
    def may_be_tried(self) -> bool:
        """Whether a person may send it again."""
        return may_be_tried(self.purpose, self.state)

    @property
    def may_be_settled(self) -> bool:
        """Whether it waits for what a person knows of it; a letter does so elsewhere."""
        return self.state == State.UNCERTAIN and self.purpose != Purpose.LETTER


@dataclass(frozen=True, kw_only=True)
class Told:
    """One message with everything that servers said of it."""

    id: int
    mail_id: str
    template: str
    language: str
    purpose: str
    #: The party that it was for, if any.
    prospect_id: int | None
    deliveries: Sequence[Posted]
    attempts: Sequence[AttemptRow]


@dataclass(frozen=True, kw_only=True)
class Outbox:
    """A page of the outbox, and what there is in all."""

    #: By purpose and state.
    counts: Sequence[tuple[str, str, int]]
    page: Page[Posted]


def page(
    service: Service, name: str, *, purpose: str = "", state: str = "", before: int = 0
) -> Outbox:
    """Give a page of deliveries, the newest first, those before a number."""
    if (purpose and purpose not in set(Purpose)) or (state and state not in set(State)):
        raise Refused("There is no such purpose or state.")
    with service.store.reading() as session:
        campaign = campaigns.get(session, name)
        counts = messages.states(session, campaign.id)
        groups = [
            (one.value, other.value)
            for one, other in counts
            if purpose in ("", one) and state in ("", other)
        ]
        query = _newest(campaign.id, groups, before)
        found = paging.falling(session, query, DeliveryRow.id, before=before, size=PAGE)
    return Outbox(
        counts=sorted((one.value, other.value, count) for (one, other), count in counts.items()),
        page=found.of(lambda row: _posted(row[0])),
    )


def _newest(
    campaign_id: int, groups: Sequence[tuple[str, str]], before: int
) -> Select[DeliveryRow]:
    """Give the query of the newest deliveries of each group: one that is rare is found at once.

    A single condition would walk past every newer delivery of the other groups.
    """
    each = [
        select(DeliveryRow.id)
        .where(
            DeliveryRow.campaign_id == campaign_id,
            DeliveryRow.purpose == purpose,
            DeliveryRow.state == state,
            *([DeliveryRow.id < before] if before else []),
        )
        .order_by(DeliveryRow.id.desc())
        .limit(PAGE + 1)
        .subquery()
        for purpose, state in groups
    ]
    newest = [select(one.c.id) for one in each]
    within = union_all(*newest).subquery() if newest else None
    fits = DeliveryRow.id.in_(select(within.c.id)) if within is not None else false()
    return select(DeliveryRow).where(fits)


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
            prospect_id=row.prospect_id,
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


def reach(service: Service) -> None:
    """Ask the database for something; raises `DatabaseAwayError` where it does not answer."""
    with service.store.reading() as session:
        session.scalar(select(CampaignRow.id).limit(1))


def gauges(service: Service) -> Gauges:
    """Count the outbox of all campaigns."""
    with service.store.reading() as session:
        rows = session.execute(
            select(CampaignRow.name, DeliveryRow.purpose, DeliveryRow.state, func.count())
            .join(CampaignRow, CampaignRow.id == DeliveryRow.campaign_id)
            .group_by(CampaignRow.name, DeliveryRow.purpose, DeliveryRow.state)
        ).all()
        oldest = messages.oldest_due(session)
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
