"""Digest: what coordinators are told when they are written to."""

from collections import Counter
from collections.abc import Sequence
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from undersigned.domain import instants
from undersigned.domain.campaign import Plan
from undersigned.domain.decision import Act
from undersigned.domain.delivery import Purpose
from undersigned.flows import replies, status
from undersigned.store import freezes, prospects
from undersigned.store.tables import CampaignRow, DecisionRow, MessageRow

#: What each act is called in the news, one and many.
_NEWS: dict[Act, tuple[str, str]] = {
    Act.SIGN: ("signature", "signatures"),
    Act.AMEND: ("changed entry", "changed entries"),
    Act.DECLINE: ("no", "noes"),
    Act.WITHDRAW: ("withdrawal", "withdrawals"),
}


def facts(
    session: Session, campaign: CampaignRow, alarms: Sequence[str], now: datetime
) -> dict[str, Any]:
    """Give the facts of a coordinator-digest as they stand now."""
    plan = Plan.from_table(campaign.plan)
    standings = prospects.standings(session, campaign.id)
    waiting = replies.every_waiting(session, campaign)
    due = status.due(campaign, plan, freezes.current(session, campaign.id), now)
    return {
        "campaign": plan.name,
        "as_of": instants.shown(now, ZoneInfo(plan.zone)),
        "alarms": list(alarms),
        "counts": [(word.value, str(count)) for word, count in standings.items() if count],
        "news": _news(session, campaign.id),
        "reviews": [
            f"{one.id}: {one.party or one.sender}, {one.reason}: {one.words}" for one in waiting
        ],
        "due": [(one.what, one.shown) for one in due],
    }


def _news(session: Session, campaign_id: int) -> list[str]:
    """Count what was decided since coordinators were last written to."""
    last = session.scalar(
        select(func.max(MessageRow.created_at)).where(
            MessageRow.campaign_id == campaign_id, MessageRow.purpose == Purpose.NOTICE
        )
    )
    query = select(DecisionRow.act).where(
        DecisionRow.campaign_id == campaign_id, DecisionRow.replaced_at.is_(None)
    )
    acts = Counter(session.scalars(query if last is None else query.where(DecisionRow.at > last)))
    return [
        f"{acts[act]} {one if acts[act] == 1 else many}"
        for act, (one, many) in _NEWS.items()
        if acts[act]
    ]
