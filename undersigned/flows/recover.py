"""Recover: sweep up what a killed process left, state by state."""

from sqlalchemy import update

from undersigned import marks
from undersigned.domain.delivery import GREATEST_AGE, State
from undersigned.domain.reply import ReplyState
from undersigned.service import Service
from undersigned.store import journal, leases, troubles
from undersigned.store.session import has_ended
from undersigned.store.tables import CampaignRow, DeliveryRow, ReplyRow


def recover(service: Service) -> int:
    """Free every row whose lease ran out; gives how many there were.

    A claimed delivery goes back to the queue: nothing was said to a server yet, or it is bulk mail
    under its own Message-ID. A letter cut after its mark is uncertain: no machine sends it again.
    """
    freed = (
        _sweep(service, State.CLAIMED, State.QUEUED)
        + _sweep(service, State.SENDING, State.UNCERTAIN)
        + _free_replies(service)
    )
    _tell_age(service)
    return freed


def _sweep(service: Service, state: State, to: State) -> int:
    now = service.now
    with service.store.writing() as session:
        rows = leases.expired(session, state, now, lease=service.settings.limits.lease)
        for row in rows:
            row.state, row.owner, row.lease_until = to, None, None
            row.fence += 1
            row.changed_at = row.due_at = now
            journal.write(
                session,
                "recovered",
                f"delivery:{row.id}",
                actor="recover",
                now=now,
                campaign_id=row.campaign_id,
                was=state.value,
                now_is=to.value,
            )
    if rows:
        marks.passed("recover.swept")
    return len(rows)


def _free_replies(service: Service) -> int:
    now = service.now
    with service.store.writing() as session:
        freed = session.scalars(
            update(ReplyRow)
            .where(
                ReplyRow.state == ReplyState.KEPT,
                has_ended(ReplyRow.lease_until, now, service.settings.limits.lease),
            )
            .values(owner=None, lease_until=None)
            .returning(ReplyRow.id)
            .execution_options(synchronize_session=False)
        ).all()
    return len(freed)


#: What a person reads when a delivery is older than its state allows.
_TOO_OLD: dict[State, str] = {
    State.QUEUED: "{count} messages have waited too long to leave. Is a worker running, and the "
    "account's server up? `undersigned status` names its trouble.",
    State.UNCERTAIN: "{count} letters were cut while the server took them: nobody knows whether "
    "they arrived. Ask the missions, or look into Sent, then `undersigned dispatch settle`.",
}


def _tell_age(service: Service) -> None:
    now = service.now
    with service.store.writing() as session:
        campaigns = session.query(CampaignRow).filter(CampaignRow.paused_at.is_(None)).all()
        for campaign in campaigns:
            for state, sentence in _TOO_OLD.items():
                since = DeliveryRow.due_at if state is State.QUEUED else DeliveryRow.changed_at
                count = (
                    session.query(DeliveryRow.id)
                    .filter(
                        DeliveryRow.campaign_id == campaign.id,
                        DeliveryRow.state == state,
                        since <= now - GREATEST_AGE[state],
                    )
                    .count()
                )
                key = f"{state.value}:{campaign.id}"
                if count:
                    troubles.tell(
                        session,
                        key,
                        sentence.format(count=count),
                        now=now,
                        campaign_id=campaign.id,
                    )
                else:
                    troubles.mend(session, key)
