"""Ages: what has stood in one state for longer than it should, in sentences for a person."""

from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from undersigned.domain import delivery, reply
from undersigned.domain.delivery import State
from undersigned.domain.reply import ReplyState
from undersigned.store import messages
from undersigned.store.tables import CampaignRow, DeliveryRow, ReplyRow

#: What a person reads when deliveries are older than their state allows.
DELIVERIES: dict[State, str] = {
    State.QUEUED: "Mail that has waited too long to leave: {count}. Is a worker running, and the "
    "account's server up? `undersigned status` names its trouble.",
    State.CLAIMED: "Mail held by a worker that does not come back: {count}. Is a worker "
    "running? Its sweeper puts them back.",
    State.SENDING: "Letters marked as leaving that nobody settles: {count}. Is a worker "
    "running? Its sweeper makes them uncertain, and then a person decides.",
    State.UNCERTAIN: "Letters cut while the server took them: {count}. Nobody knows whether they "
    "arrived. Ask the missions, or look into Sent, then `undersigned dispatch settle`.",
}
#: The same for replies, which may belong to no campaign yet.
REPLIES: dict[ReplyState, str] = {
    ReplyState.KEPT: "Replies that wait to be read: {count}. Is a worker running?",
    ReplyState.QUARANTINED: "Replies that could not be read: {count}. Look at them with "
    "`undersigned replies list --state quarantined`, then `replies show N --raw`.",
}


def too_old(session: Session, campaign: CampaignRow, now: datetime) -> dict[str, str]:
    """Give a sentence, by its key, for every state in which rows are too old.

    While a campaign is paused its mail waits because a person said so.
    """
    told: dict[str, str] = {}
    for state, sentence in DELIVERIES.items():
        if state is State.QUEUED and campaign.paused_at is not None:
            continue
        if count := _deliveries(session, campaign.id, state, now):
            told[key(state, campaign)] = sentence.format(count=count)
    for read, sentence in REPLIES.items():
        if count := _replies(session, campaign, read, now):
            told[key(read, campaign)] = sentence.format(count=count)
    return told


def keys(campaign: CampaignRow) -> list[str]:
    """Give every key that `too_old` may tell of."""
    return [
        *(key(state, campaign) for state in DELIVERIES),
        *(key(state, campaign) for state in REPLIES),
    ]


def key(state: State | ReplyState, campaign: CampaignRow) -> str:
    """Give the key of the trouble of a state."""
    return f"{state.value}:{campaign.id}"


def _deliveries(session: Session, campaign_id: int, state: State, now: datetime) -> int:
    since = DeliveryRow.due_at if state is State.QUEUED else DeliveryRow.changed_at
    query = (
        select(func.count())
        .select_from(DeliveryRow)
        .where(
            DeliveryRow.account.in_(messages.accounts()),
            # The sum keeps databases off the campaign's own index, which has all that is queued.
            DeliveryRow.campaign_id + 0 == campaign_id,
            DeliveryRow.state == state,
            since <= now - delivery.GREATEST_AGE[state],
        )
    )
    return session.scalar(query) or 0


def _replies(session: Session, campaign: CampaignRow, state: ReplyState, now: datetime) -> int:
    """Count a campaign's, and those of its mailbox that belong to no campaign."""
    is_its = (ReplyRow.campaign_id == campaign.id) | (
        ReplyRow.campaign_id.is_(None) & (ReplyRow.account == campaign.account)
    )
    query = (
        select(func.count())
        .select_from(ReplyRow)
        .where(
            ReplyRow.state == state, ReplyRow.fetched_at <= now - reply.GREATEST_AGE[state], is_its
        )
    )
    return session.scalar(query) or 0
