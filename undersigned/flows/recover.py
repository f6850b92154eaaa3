"""Recover: sweep up what a killed process left, state by state."""

from datetime import timedelta

from undersigned import marks
from undersigned.domain.delivery import State
from undersigned.flows import ages
from undersigned.service import Service
from undersigned.store import campaigns, journal, leases, replies, troubles

#: How long a mailbox that numbered its messages anew is told of.
REMEMBERED = timedelta(days=1)


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
    lease = service.settings.limits.lease
    with service.store.writing() as session:
        rows = leases.expired(session, state, service.clock, lease=lease)
        now = service.now
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
    lease = service.settings.limits.lease
    with service.store.writing() as session:
        freed = replies.expired(session, service.clock, lease=lease)
        for row in freed:
            row.owner, row.lease_until = None, None
    return len(freed)


def _tell_age(service: Service) -> None:
    now = service.now
    with service.store.writing() as session:
        for campaign in campaigns.all_of(session):
            told = ages.too_old(session, campaign, now)
            for key in ages.keys(campaign):
                if key in told:
                    troubles.tell(session, key, told[key], now=now, campaign_id=campaign.id)
                else:
                    troubles.mend(session, key)
        troubles.forget(session, "uidvalidity:", before=now - REMEMBERED)
        troubles.forget(session, "answers:", before=now - REMEMBERED)
