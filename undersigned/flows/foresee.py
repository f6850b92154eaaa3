"""Foresee: when the invitations will be done at an account's limits, and what the letter has."""

from collections import Counter
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from undersigned.accounts import Account
from undersigned.domain import addresses, pace
from undersigned.domain.campaign import Plan
from undersigned.domain.delivery import CAUTIOUS, State
from undersigned.flows import invite
from undersigned.service import Service
from undersigned.store import bookings, campaigns, quota
from undersigned.store.tables import CampaignRow, DeliveryRow


@dataclass(frozen=True, kw_only=True)
class Window:
    """One limit of the account, at the letter's minute."""

    span: timedelta
    limit: int
    #: What other mail will have left of it.
    left: int


@dataclass(frozen=True, kw_only=True)
class Forecast:
    """What will have left by when, if nothing else is written meanwhile."""

    campaign: str
    account: str
    #: Parties that are not invited yet.
    invitations: int
    #: Other mail that waits in the account's outbox, also of other campaigns.
    other: int
    begins_at: datetime
    #: When the last of them leaves; None where none waits.
    done_at: datetime | None
    #: When the list closes.
    cutoff_at: datetime
    #: The campaign's zone, in which people read times.
    zone: str
    #: Recipients of the letter, and when it is to leave; 0 and None where it has left.
    letter: int
    letter_at: datetime | None
    #: None of them where the account has no limit.
    windows: list[Window]

    @property
    def is_in_time(self) -> bool:
        """Whether all are invited before the list closes."""
        return self.done_at is None or self.done_at < self.cutoff_at

    @property
    def has_room(self) -> bool:
        """Whether the whole letter may leave at once."""
        return all(self.letter <= one.left for one in self.windows)


def foresee(service: Service, name: str) -> Forecast:
    """Give what will have left by when; changes nothing."""
    with service.store.reading() as session:
        campaign = campaigns.get(session, name)
        plan = Plan.from_table(campaign.plan)
        account = service.account(campaign.account)
        invited = [row.email for row in invite.to_invite(session, campaign)]
        other = _waiting(session, account.name)
        start = max(service.now, plan.opens_at)
        left = _departures(service, session, account, [*other, *invited], start)
        letter_at, letter = _letter(session, campaign, service.now)
        return Forecast(
            campaign=name,
            account=account.name,
            invitations=len(invited),
            other=len(other),
            begins_at=start,
            done_at=left[-1] if left else None,
            cutoff_at=plan.cutoff_at,
            zone=plan.zone,
            letter=letter,
            letter_at=letter_at,
            windows=_windows(service, session, account, left, letter_at or start),
        )


def _waiting(session: Session, account: str) -> list[str]:
    return list(
        session.scalars(
            select(DeliveryRow.address).where(
                DeliveryRow.account == account,
                DeliveryRow.state == State.QUEUED,
                DeliveryRow.purpose.not_in(CAUTIOUS),
            )
        )
    )


def _departures(
    service: Service, session: Session, account: Account, to: list[str], start: datetime
) -> list[datetime]:
    """Give when each mail leaves: by the limits, and one after the other to each domain."""
    now = service.now
    longest = max(account.limits, default=timedelta(0))
    found = pace.times(
        quota.sent(session, account.name, longest, now),
        limits=account.limits,
        bookings=bookings.bookings(session, account.name, now),
        start=start,
        count=len(to),
    )
    most = max(Counter(map(addresses.domain, to)).values(), default=1)
    last = start + (most - 1) * account.domain_spacing
    return [*found[:-1], max(found[-1], last)] if found else []


def _letter(session: Session, campaign: CampaignRow, now: datetime) -> tuple[datetime | None, int]:
    at = next(bookings.instants(session, campaign, now), None)
    return at, bookings.recipients(session, campaign.id) if at is not None else 0


def _windows(
    service: Service, session: Session, account: Account, left: list[datetime], at: datetime
) -> list[Window]:
    """Give what each window has left at an instant, by what left and what will."""
    return [
        Window(
            span=span,
            limit=most,
            left=most
            - sum(
                at - span < one <= at
                for one in (*quota.sent(session, account.name, span, service.now), *left)
            ),
        )
        for span, most in account.limits.items()
    ]
