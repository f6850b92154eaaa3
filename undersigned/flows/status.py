"""Status: where a campaign stands, what is due next, what waits for a person, what is wrong."""

from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from undersigned.domain import instants
from undersigned.domain.campaign import Plan
from undersigned.domain.delivery import Purpose, State
from undersigned.domain.party import Standing
from undersigned.domain.reply import ReplyState
from undersigned.flows import conditions
from undersigned.flows.health import Sign, health
from undersigned.service import Service
from undersigned.store import campaigns, freezes, messages, prospects, replies
from undersigned.store.tables import CampaignRow, FreezeRow, ProspectRow, ReplyRow


@dataclass(frozen=True, kw_only=True)
class Due:
    """Something that will happen by itself, and when."""

    what: str
    at: datetime
    #: The instant in the campaign's zone, New York and UTC.
    shown: str


@dataclass(frozen=True, kw_only=True)
class Glance:
    """What one sees of a campaign at a glance."""

    name: str
    #: A sentence: not open, open, paused, frozen, armed, sent.
    stage: str
    standings: dict[Standing, int]
    #: Invited parties that have not said a word.
    silent: int
    #: Replies that belong to no campaign.
    strays: int
    reviews: int
    troubles: list[str]
    due: list[Due]
    health: list[Sign]
    #: When the mailbox was last read completely.
    watermark: datetime | None


@dataclass(frozen=True, kw_only=True)
class Status(Glance):
    """Everything about a campaign that fits on one page."""

    deliveries: dict[tuple[Purpose, State], int]
    replies: dict[ReplyState, int]


def status(service: Service, name: str) -> Status:
    """Give the status of a campaign."""
    seen = glance(service, name)
    with service.store.reading() as session:
        campaign = campaigns.get(session, name)
        return Status(
            **vars(seen),
            deliveries=messages.states(session, campaign.id),
            replies=replies.states(session, campaign.id),
        )


def glance(service: Service, name: str) -> Glance:
    """Give the status of a campaign, without counting every mail."""
    away = conditions.broker_away(service)
    with service.store.reading() as session:
        campaign = campaigns.get(session, name)
        plan = Plan.from_table(campaign.plan)
        frozen = freezes.current(session, campaign.id)
        standings = prospects.standings(session, campaign.id)
        return Glance(
            name=name,
            stage=stage(campaign, frozen),
            standings=standings,
            silent=standings[Standing.INVITED] - _answered(session, campaign.id),
            strays=_strays(session),
            reviews=replies.count_open(session, campaign.id),
            troubles=[
                *([away] if away else []),
                *conditions.unhealthy(service, session, campaign),
            ],
            due=due(campaign, plan, frozen, service.now),
            health=health(service, session, campaign),
            watermark=replies.watermark(session, campaign.account, service.now),
        )


def stage_of(service: Service, name: str) -> str:
    """Give where a campaign stands, in a sentence."""
    with service.store.reading() as session:
        campaign = campaigns.get(session, name)
        frozen = freezes.current(session, campaign.id)
    return stage(campaign, frozen)


def stage(campaign: CampaignRow, frozen: FreezeRow | None) -> str:
    """Give it from the rows, in a sentence."""
    plan = Plan.from_table(campaign.plan)
    zone = ZoneInfo(plan.zone)
    if frozen is not None and frozen.started_at is not None:
        found = f"the letter left on {instants.shown(frozen.started_at, zone)}"
    elif frozen is not None and frozen.armed_at is not None and frozen.dispatch_at is not None:
        found = f"armed: the letter leaves on {instants.shown(frozen.dispatch_at, zone)}"
    elif frozen is not None and frozen.approved_at is not None:
        found = "frozen and approved; schedule it with `undersigned dispatch schedule`"
    elif frozen is not None:
        found = "frozen; approve it with `undersigned dispatch approve`"
    elif campaign.opened_at is not None:
        found = f"open until {instants.shown(plan.cutoff_at, zone)}"
    else:
        found = "not open yet; `undersigned open` opens it"
    return f"paused; {found}" if campaign.paused_at is not None else found


def _answered(session: Session, campaign_id: int) -> int:
    """Count the invited who said something that decided nothing yet: few, unlike the silent."""
    return (
        session.scalar(
            select(func.count())
            .select_from(ProspectRow)
            .where(
                ProspectRow.campaign_id == campaign_id,
                ProspectRow.standing == Standing.INVITED,
                ProspectRow.answered_at.is_not(None),
            )
        )
        or 0
    )


def _strays(session: Session) -> int:
    query = select(func.count()).select_from(ReplyRow)
    return (
        session.scalar(
            query.where(ReplyRow.campaign_id.is_(None), ReplyRow.state != ReplyState.KEPT)
        )
        or 0
    )


def due(campaign: CampaignRow, plan: Plan, frozen: FreezeRow | None, now: datetime) -> list[Due]:
    """Give what will happen by itself, soonest first."""
    planned = [
        ("invitations may leave", plan.opens_at),
        *((f"reminder {number}", at) for number, at in enumerate(plan.reminders, start=1)),
        ("the list closes", plan.cutoff_at),
    ]
    if frozen is not None and frozen.armed_at is not None and frozen.dispatch_at is not None:
        planned.append(("the letter leaves", frozen.dispatch_at))
    else:
        planned.append(("the letter is planned to leave", plan.dispatch_at))
    zone = ZoneInfo(plan.zone)
    ahead = [(what, at) for what, at in planned if at > now] if campaign.opened_at else planned
    return [
        Due(what=what, at=at, shown=instants.shown(at, zone))
        for what, at in sorted(ahead, key=lambda one: one[1])
    ]
