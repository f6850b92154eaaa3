"""Board: the frozen letter, and where it is on its way to each mission."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import groupby

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from undersigned.domain import board as sums
from undersigned.domain.campaign import Plan
from undersigned.domain.delivery import Purpose, State
from undersigned.domain.reply import ReplyState
from undersigned.service import Service
from undersigned.store import campaigns, freezes
from undersigned.store.tables import (
    AddresseeRow,
    CampaignRow,
    DeliveryRow,
    FreezeRow,
    MessageRow,
    ReplyRow,
)


@dataclass(frozen=True, kw_only=True)
class Posted:
    """A letter's way to one address."""

    code: str
    mission: str
    #: What the letter is sent for: "letter", "supplement", "correction".
    errand: str
    address: str
    header: str
    state: State
    #: The server's own last words.
    answer: str | None
    #: When a report last said that it is delayed.
    delayed_at: datetime | None
    changed_at: datetime
    message_id: str


@dataclass(frozen=True, kw_only=True)
class Mission:
    """One line of the dispatch board: a letter's way to a mission."""

    code: str
    mission: str
    errand: str
    state: State
    #: Accepted, and a report says that it is still under way.
    is_delayed: bool
    #: How many people of the mission answered, and when the last of them did.
    answers: int
    answered_at: datetime | None
    #: Vacation notices and receipts that came back.
    notices: int
    changed_at: datetime
    #: The server's own words about the address that counts.
    answer: str | None
    #: Cc addresses that were refused or bounced: the mission has its letter all the same.
    refused_cc: Sequence[str]
    addresses: Sequence[Posted]

    @property
    def word(self) -> str:
        """The state in one word."""
        if self.answers:
            return "answered"
        return "delayed" if self.is_delayed else self.state.value


def board(service: Service, name: str) -> list[Posted]:
    """Give every delivery of the letter, mission by mission."""
    with service.store.reading() as session:
        return _posted(session, campaigns.get(session, name))


def missions(service: Service, name: str) -> list[Mission]:
    """Give where the letter is on its way to each mission; one line a mission and errand."""
    with service.store.reading() as session:
        campaign = campaigns.get(session, name)
        return list(_missions(_posted(session, campaign), _answers(session, campaign)))


def _posted(session: Session, campaign: CampaignRow) -> list[Posted]:
    rows = session.execute(
        select(DeliveryRow, MessageRow, AddresseeRow, FreezeRow)
        .join(MessageRow, MessageRow.id == DeliveryRow.message_id)
        .join(AddresseeRow, AddresseeRow.id == MessageRow.addressee_id)
        .join(FreezeRow, FreezeRow.id == MessageRow.freeze_id)
        .where(
            DeliveryRow.campaign_id == campaign.id,
            DeliveryRow.purpose == Purpose.LETTER,
            FreezeRow.voided_at.is_(None),
        )
        .order_by(FreezeRow.number, AddresseeRow.code, DeliveryRow.id)
    ).all()
    return [
        Posted(
            code=addressee.code,
            mission=addressee.mission,
            errand=frozen.kind,
            address=delivery.address,
            header=delivery.header,
            state=State(delivery.state),
            answer=delivery.answer,
            delayed_at=delivery.delayed_at,
            changed_at=delivery.changed_at,
            message_id=message.message_id,
        )
        for delivery, message, addressee, frozen in rows
    ]


@dataclass(frozen=True, kw_only=True)
class _Answers:
    """What came back from one mission."""

    people: Sequence[datetime]
    machines: int


def _answers(session: Session, campaign: CampaignRow) -> dict[str, _Answers]:
    rows = session.execute(
        select(AddresseeRow.code, ReplyRow.state, ReplyRow.received_at)
        .join(ReplyRow, ReplyRow.addressee_id == AddresseeRow.id)
        .where(AddresseeRow.campaign_id == campaign.id)
        .order_by(AddresseeRow.code, ReplyRow.received_at)
    ).all()
    found: dict[str, _Answers] = {}
    for code, group in groupby(rows, key=lambda row: row.code):
        each = list(group)
        people = [row.received_at for row in each if row.state == ReplyState.FILED]
        found[code] = _Answers(people=people, machines=len(each) - len(people))
    return found


def _missions(posted: Sequence[Posted], answers: dict[str, _Answers]) -> Iterator[Mission]:
    for (errand, code), group in groupby(posted, key=lambda one: (one.errand, one.code)):
        each = list(group)
        to = [one for one in each if one.header == "to"] or each
        state = sums.of_mission(one.state for one in to)
        chief = next(one for one in to if one.state is state)
        back = answers.get(code, _Answers(people=(), machines=0))
        yield Mission(
            code=code,
            mission=chief.mission,
            errand=errand,
            state=state,
            is_delayed=state is State.ACCEPTED and chief.delayed_at is not None,
            answers=len(back.people),
            answered_at=max(back.people, default=None),
            notices=back.machines,
            changed_at=chief.changed_at,
            answer=chief.answer,
            refused_cc=[
                one.address
                for one in each
                if one.header == "cc" and one.state in (State.REFUSED, State.BOUNCED)
            ],
            addresses=each,
        )


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
    #: When the coordinators were last sent a test of it.
    tested_at: datetime | None

    def lines(self) -> list[str]:
        """Give it in sentences."""
        counts = ", ".join(f"{count} {kind}s" for kind, count in self.counts.items())
        lines = [
            f"Frozen on {self.frozen_at:%Y-%m-%d %H:%M} UTC by {self.frozen_by}: {counts}",
            f"Digest {self.digest}",
        ]
        for word, at in (
            ("Tested", self.tested_at),
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
        tested_at = session.scalar(
            select(func.max(MessageRow.created_at)).where(
                MessageRow.freeze_id == row.id, MessageRow.purpose == Purpose.TEST
            )
        )
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
        tested_at=tested_at,
    )
