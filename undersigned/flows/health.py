"""Health: how the mailbox, the outbox and the account are, in words, where nothing is wrong too."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy.orm import Session

from undersigned.accounts import Account
from undersigned.service import Service
from undersigned.store import accounts, messages, quota, replies
from undersigned.store.tables import CampaignRow

_SPANS = {
    timedelta(minutes=1): "this minute",
    timedelta(hours=1): "this hour",
    timedelta(hours=24): "in 24 hours",
}


@dataclass(frozen=True, kw_only=True)
class Sign:
    """One thing that shows whether all is well."""

    what: str
    how: str


def health(service: Service, session: Session, campaign: CampaignRow) -> list[Sign]:
    """Give what a coordinator asks first when something seems to stand still."""
    now = service.now
    account = service.settings.accounts.get(campaign.account)
    read_at = replies.watermark(session, campaign.account, now)
    due_at = messages.oldest_due(session, campaign.account)
    signs = [
        Sign(what="Mailbox read completely", how=_since(read_at, now) if read_at else "never yet"),
        Sign(what="Oldest mail that waits to leave", how=_waits(due_at, now)),
    ]
    if account is not None:
        signs.append(Sign(what="May still be sent", how=_left(session, account, now)))
        signs += _permission(service, session, account)
    return signs


def _since(at: datetime, now: datetime) -> str:
    return f"{at:%Y-%m-%d %H:%M} UTC, {_long(now - at)} ago"


def _long(span: timedelta) -> str:
    """Give a span in its greatest unit.

    >>> _long(timedelta(hours=5, minutes=50))
    '5 hours'
    """
    for unit, size in (("day", timedelta(days=1)), ("hour", timedelta(hours=1))):
        if span >= size:
            return f"{span // size} {unit}{'s' if span // size > 1 else ''}"
    minutes = max(0, span // timedelta(minutes=1))
    return f"{minutes} minute{'' if minutes == 1 else 's'}"


def _waits(due_at: datetime | None, now: datetime) -> str:
    if due_at is None:
        return "none waits"
    if due_at > now:
        return f"the first may leave on {due_at:%Y-%m-%d %H:%M} UTC"
    return f"due since {_since(due_at, now)}"


def _left(session: Session, account: Account, now: datetime) -> str:
    limits = account.limits
    if not limits:
        return "as much as one likes: no limit is set"
    left = quota.left(session, account.name, limits=limits, now=now)
    return "; ".join(
        f"{max(0, count)} of {limits[window]} {_SPANS[window]}" for window, count in left.items()
    )


def _permission(service: Service, session: Session, account: Account) -> Iterator[Sign]:
    """Say until when the account's permission lasts, where it has one that can run out."""
    known = service.settings.sign_ins.get(account.signs_in)
    renewed_at = accounts.renewed_at(session, account.name)
    if known is None or renewed_at is None:
        return
    ends = renewed_at + timedelta(days=known["idle_days"])
    yield Sign(
        what="Permission to use the account",
        how=f"used on {renewed_at:%Y-%m-%d}; each use renews it, unused it ends on {ends:%Y-%m-%d}",
    )
