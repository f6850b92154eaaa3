"""Conditions: what is unhealthy now, each in one sentence that says what to do."""

from datetime import datetime, timedelta
from functools import partial

from sqlalchemy.orm import Session

from undersigned.domain.delivery import Purpose, State
from undersigned.flows import ages, clock, sign
from undersigned.flows.untold import untold
from undersigned.service import Service
from undersigned.store import accounts, messages, replies, troubles
from undersigned.store.tables import CampaignRow
from undersigned.transport import broker

#: So many invitations must have come back before their share says anything.
FEW = 5
#: More than this share of a list that comes back makes providers take us for spammers.
BOUNCED_SHARE = 0.05
#: A mailbox that is polled every minute was read at least once in this time.
UNREAD = timedelta(minutes=15)


def unhealthy(service: Service, session: Session, campaign: CampaignRow) -> list[str]:
    """Give what is wrong for a campaign: what was told, and what shows only when one looks.

    The latter needs no worker: that none runs is a condition of its own.
    """
    told = {row.key: row.sentence for row in troubles.now_for(session, campaign.id)}
    now = service.now
    for key in ages.keys(campaign):  # told a while ago; look again
        told.pop(key, None)
    told |= ages.too_old(session, campaign, now)
    found = [*told.values()]
    if campaign.paused_at is not None:
        found.append(
            "The campaign is paused, so nothing leaves: `undersigned resume` lets it go on."
        )
    found.extend(_idle(service, session, campaign.account))
    if campaign.account in service.settings.accounts and (
        unsigned := sign.trouble(service, campaign.account)
    ):
        found.append(unsigned)
    if (missed := untold(session, campaign.id)) is not None:
        found.append(missed)
    if (bounced := _bounced(session, campaign)) is not None:
        found.append(bounced)
    if (wrong := clock.trouble(session, now)) is not None:
        found.append(wrong)
    unread = _unread(session, campaign, now)
    if unread is not None and f"imap:{campaign.account}" not in told:
        found.append(unread)
    return found


def silencing(
    service: Service, session: Session, campaign: CampaignRow, *, since: datetime
) -> list[str]:
    """Give what keeps a campaign's account from sending or from being read, since an instant."""
    name = campaign.account
    keys = {f"{what}:{name}" for what in ("smtp", "imap", "token", "sealed", "witness")}
    told = [
        row.sentence
        for row in troubles.now_for(session, campaign.id)
        if row.key in keys and row.since <= since
    ]
    unread = _unread(session, campaign, service.now)
    unsigned = sign.trouble(service, name) if name in service.settings.accounts else None
    return [*told, *filter(None, [unread if not told else None, unsigned])]


def _bounced(session: Session, campaign: CampaignRow) -> str | None:
    """Say that too many of the invitations came back."""
    counted = partial(messages.count, session, campaign.id, Purpose.INVITATION)
    back = counted(State.BOUNCED, State.REFUSED)
    if back < FEW:
        return None
    sent = back + counted(State.ACCEPTED, State.DELIVERED)
    if back <= sent * BOUNCED_SHARE:
        return None
    return (
        f"{back} of {sent} invitations came back: providers take senders of such lists for "
        "spammers. Correct the addresses (`undersigned prospects list --standing bounced`) before "
        "you invite more."
    )


def broker_away(service: Service) -> str | None:
    """Say that the broker does not answer, or None where it does or none is needed."""
    if broker.answers(service.settings.broker_url):
        return None
    return (
        "The broker (Redis) does not answer, so workers hear no ticks: nothing is lost, all waits. "
        "Start it again; its data is not needed."
    )


def _idle(service: Service, session: Session, name: str) -> list[str]:
    """Say that an account's permission was not used for so long that it will soon run out.

    It is used at every renewal, so this shows where no worker has run for months.
    """
    account = service.settings.accounts.get(name)
    known = service.settings.sign_ins.get(account.signs_in) if account else None
    renewed_at = accounts.renewed_at(session, name)
    if known is None or renewed_at is None:
        return []
    if service.now - renewed_at < timedelta(days=known["alarm_days"]):
        return []
    dies = renewed_at + timedelta(days=known["idle_days"])
    sentence = (
        f"The permission of account {name} was last used on {renewed_at:%Y-%m-%d} and runs out "
        f"unused on {dies:%Y-%m-%d}: start worker and beat, or `undersigned account test {name}`."
    )
    return [sentence]


def _unread(session: Session, campaign: CampaignRow, now: datetime) -> str | None:
    """Say that nobody has read the mailbox of an open campaign for a while."""
    if campaign.opened_at is None or now - campaign.opened_at < UNREAD:
        return None
    watermark = replies.watermark(session, campaign.account, now)
    if watermark is not None and now - watermark < UNREAD:
        return None
    since = f"since {watermark:%Y-%m-%d %H:%M} UTC" if watermark else "yet"
    return (
        f"The mailbox has not been read {since}: answers wait there. Are worker and beat running? "
        "Reminders, freeze and dispatch wait too."
    )
