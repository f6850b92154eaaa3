"""The roll: the parties of a campaign by pages, with a party's whole correspondence."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from undersigned.domain.decision import Position, fold
from undersigned.domain.party import Standing
from undersigned.domain.roster import party_key
from undersigned.errors import Refused
from undersigned.service import Service
from undersigned.store import campaigns, decisions, paging
from undersigned.store.paging import Page
from undersigned.store.tables import (
    DecisionRow,
    DeliveryRow,
    MessageRow,
    ProspectRow,
    ReplyRow,
)

#: Parties on one page.
PAGE = 50


def page(
    service: Service, name: str, *, standing: str = "", words: str = "", after: int = 0
) -> Page[ProspectRow]:
    """Give a page of the parties behind a number: of one standing, or with words in their name."""
    with service.store.reading() as session:
        campaign = campaigns.get(session, name)
        query = select(ProspectRow).where(ProspectRow.campaign_id == campaign.id)
        if standing:
            if standing not in set(Standing):
                raise Refused(f"{standing!r} is none of {', '.join(Standing)}.")
            query = query.where(ProspectRow.standing == standing)
        if words:
            query = query.where(
                ProspectRow.key.contains(party_key(words), autoescape=True)
                | ProspectRow.email.contains(words.lower(), autoescape=True)
            )
        page = paging.rising(session, query, ProspectRow.id, after=after, size=PAGE)
        return page.of(lambda row: row[0])


@dataclass(frozen=True, kw_only=True)
class Event:
    """Something that passed between a party and us."""

    at: datetime
    #: "out", "in" or "decision".
    way: str
    what: str
    state: str
    #: The server's last answer, or the reason.
    more: str
    #: Of the message or the reply.
    number: int | None = None


@dataclass(frozen=True, kw_only=True)
class Party:
    """A party with everything that passed."""

    row: ProspectRow
    position: Position
    events: Sequence[Event]


def party(service: Service, name: str, number: int) -> Party:
    """Give one party; raises `Refused` where the campaign has none of that number."""
    with service.store.reading() as session:
        campaign = campaigns.get(session, name)
        row = session.get(ProspectRow, number)
        if row is None or row.campaign_id != campaign.id:
            raise Refused(f"There is no party {number} in {name}.")
        events = [*_sent(session, number), *_came(session, number), *_decided(session, number)]
        return Party(
            row=row,
            position=fold(decisions.of(session, number)),
            events=sorted(events, key=lambda one: one.at),
        )


def _sent(session: Session, number: int) -> list[Event]:
    rows = session.execute(
        select(MessageRow, DeliveryRow)
        .join(DeliveryRow, DeliveryRow.message_id == MessageRow.id)
        .where(MessageRow.prospect_id == number)
    ).all()
    return [
        Event(
            at=message.created_at,
            way="out",
            what=f"{message.template} to {delivery.address}",
            state=delivery.state,
            more=delivery.answer or "",
            number=message.id,
        )
        for message, delivery in rows
    ]


def _came(session: Session, number: int) -> list[Event]:
    rows = session.scalars(select(ReplyRow).where(ReplyRow.prospect_id == number)).all()
    return [
        Event(
            at=row.received_at,
            way="in",
            what=f"{row.title or 'no subject'} from {row.sender or 'nobody'}",
            state=row.state,
            more=" ".join(str((row.verdict or {}).get("own_words", "")).split())[:200],
            number=row.id,
        )
        for row in rows
    ]


def _decided(session: Session, number: int) -> list[Event]:
    rows = session.scalars(select(DecisionRow).where(DecisionRow.prospect_id == number)).all()
    return [
        Event(
            at=row.at,
            way="decision",
            what=f"{row.act}, decided by {row.decided_by}",
            state="replaced" if row.replaced_at else "",
            more=row.reason,
        )
        for row in rows
    ]
