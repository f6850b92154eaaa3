"""Overview: what a coordinator sees of a campaign at one glance."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import accumulate

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from undersigned.domain.campaign import Plan
from undersigned.domain.decision import Act
from undersigned.domain.party import Standing
from undersigned.flows import status as flow
from undersigned.flows.listed import still
from undersigned.flows.status import Glance
from undersigned.service import Service
from undersigned.store import campaigns as store
from undersigned.store import freezes
from undersigned.store.tables import CampaignRow, DecisionRow

#: Parties that nobody has written to, and those that turned out to be another one.
_NOT_ASKED = frozenset({Standing.PROSPECT, Standing.MERGED})


@dataclass(frozen=True, kw_only=True)
class Line:
    """A campaign in the list of all."""

    name: str
    title: str
    stage: str


@dataclass(frozen=True, kw_only=True)
class Day:
    """How many had signed by the end of a day (UTC)."""

    on: date
    signed: int


@dataclass(frozen=True, kw_only=True)
class Overview:
    """A campaign at one glance."""

    title: str
    plan: Plan
    status: Glance
    is_paused: bool
    #: What becomes of the invited: a word and a count, in the order of the funnel.
    funnel: Sequence[tuple[str, int]]
    #: From the first signature to today or the cut-off.
    curve: Sequence[Day]


def campaigns(service: Service) -> list[Line]:
    """Give every campaign, as a line."""
    with service.store.reading() as session:
        rows, editions = store.all_of(session), store.editions(session)
        frozen = freezes.current_of_all(session)
    return [
        Line(
            name=row.name,
            title=editions[row.id].title,
            stage=flow.stage(row, frozen.get(row.id)),
        )
        for row in rows
    ]


def overview(service: Service, name: str) -> Overview:
    """Give a campaign at one glance."""
    found = flow.glance(service, name)
    with service.store.reading() as session:
        campaign = store.get(session, name)
        title = store.edition(session, campaign.id).title
        curve = _curve(service, session, campaign)
    return Overview(
        title=title,
        plan=Plan.from_table(campaign.plan),
        status=found,
        is_paused=campaign.paused_at is not None,
        funnel=_funnel(found),
        curve=curve,
    )


def _funnel(status: Glance) -> list[tuple[str, int]]:
    standings = status.standings
    asked = {one: count for one, count in standings.items() if one not in _NOT_ASKED}
    return [
        ("invited", sum(asked.values())),
        ("signed", standings.get(Standing.SIGNED, 0)),
        ("silent", status.silent),
        ("waiting for a person", status.reviews),
        ("declined", standings.get(Standing.DECLINED, 0)),
        ("withdrawn", standings.get(Standing.WITHDRAWN, 0)),
        ("bounced", standings.get(Standing.BOUNCED, 0)),
        ("not invited yet", standings.get(Standing.PROSPECT, 0)),
    ]


def _curve(service: Service, session: Session, campaign: CampaignRow) -> list[Day]:
    """Give the signatures that stand at the end of each day; a withdrawal takes one away."""
    changes = still(service, session, campaign, "curve", lambda: _changes(session, campaign))
    if not changes:
        return []
    first = min(changes)
    last = min(service.now, Plan.from_table(campaign.plan).cutoff_at).date()
    days = [first + timedelta(days=step) for step in range(max(0, (last - first).days) + 1)]
    totals = accumulate(changes.get(one, 0) for one in days)
    return [Day(on=one, signed=total) for one, total in zip(days, totals, strict=True)]


def _changes(session: Session, campaign: CampaignRow) -> dict[date, int]:
    """Give how many more stood on the list after a day than before it."""
    day = func.date(DecisionRow.received_at)
    rows = session.execute(
        select(day, DecisionRow.act, func.count(DecisionRow.prospect_id.distinct()))
        .where(
            DecisionRow.campaign_id == campaign.id,
            DecisionRow.replaced_at.is_(None),
            DecisionRow.act.in_((Act.SIGN, Act.WITHDRAW)),
        )
        .group_by(day, DecisionRow.act)
    ).all()
    changes: dict[date, int] = {}
    for on, act, count in rows:
        here = on if isinstance(on, date) else date.fromisoformat(str(on)[:10])
        changes[here] = changes.get(here, 0) + (count if act == Act.SIGN else -count)
    return changes
