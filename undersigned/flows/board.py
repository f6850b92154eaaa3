"""Board: the frozen letter, and where it is on its way to each mission."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select

from undersigned.domain.campaign import Plan
from undersigned.domain.delivery import Purpose, State
from undersigned.service import Service
from undersigned.store import campaigns, freezes
from undersigned.store.tables import AddresseeRow, DeliveryRow, MessageRow


@dataclass(frozen=True, kw_only=True)
class Posted:
    """One line of the dispatch board."""

    code: str
    mission: str
    address: str
    header: str
    state: State
    #: The server's own last words.
    answer: str | None
    changed_at: datetime
    message_id: str


def board(service: Service, name: str) -> list[Posted]:
    """Give every delivery of the letter, mission by mission."""
    with service.store.reading() as session:
        campaign = campaigns.get(session, name)
        rows = session.execute(
            select(DeliveryRow, MessageRow, AddresseeRow)
            .join(MessageRow, MessageRow.id == DeliveryRow.message_id)
            .join(AddresseeRow, AddresseeRow.id == MessageRow.addressee_id)
            .where(DeliveryRow.campaign_id == campaign.id, DeliveryRow.purpose == Purpose.LETTER)
            .order_by(AddresseeRow.code, DeliveryRow.id)
        ).all()
    return [
        Posted(
            code=addressee.code,
            mission=addressee.mission,
            address=delivery.address,
            header=delivery.header,
            state=State(delivery.state),
            answer=delivery.answer,
            changed_at=delivery.changed_at,
            message_id=message.message_id,
        )
        for delivery, message, addressee in rows
    ]


def planned(service: Service, name: str) -> tuple[Plan, int]:
    """Give the plan, and to how many missions the letter would go."""
    with service.store.reading() as session:
        campaign = campaigns.get(session, name)
        return Plan.from_table(campaign.plan), len(campaigns.addressees(session, campaign.id))


@dataclass(frozen=True, kw_only=True)
class Frozen:
    """The frozen letter and what was done with it."""

    digest: str
    counts: dict[str, int]
    frozen_at: datetime
    frozen_by: str
    approved_at: datetime | None
    approved_by: str | None
    armed_at: datetime | None
    dispatch_at: datetime | None
    started_at: datetime | None
    finished_at: datetime | None

    def lines(self) -> list[str]:
        """Give it in sentences."""
        counts = ", ".join(f"{count} {kind}s" for kind, count in self.counts.items())
        lines = [
            f"Frozen on {self.frozen_at:%Y-%m-%d %H:%M} UTC by {self.frozen_by}: {counts}",
            f"Digest {self.digest}",
        ]
        for word, at in (
            ("Approved", self.approved_at),
            ("Armed", self.armed_at),
            ("Leaves", self.dispatch_at),
            ("Left", self.started_at),
            ("Finished", self.finished_at),
        ):
            if at is not None:
                lines.append(f"{word} on {at:%Y-%m-%d %H:%M} UTC")
        return lines


def frozen(service: Service, name: str) -> Frozen | None:
    """Give the frozen letter, or None."""
    with service.store.reading() as session:
        row = freezes.current(session, campaigns.get(session, name).id)
    if row is None:
        return None
    return Frozen(
        digest=row.digest,
        counts={kind: len(lines) for kind, lines in row.manifest["list"].items()},
        frozen_at=row.frozen_at,
        frozen_by=row.frozen_by,
        approved_at=row.approved_at,
        approved_by=row.approved_by,
        armed_at=row.armed_at,
        dispatch_at=row.dispatch_at,
        started_at=row.started_at,
        finished_at=row.finished_at,
    )
