"""Unsubscribe: let an address not be asked any more, by mail, by a button, or by a person."""

from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from undersigned.domain.delivery import Purpose
from undersigned.domain.suppression import STOPPED, Scope
from undersigned.service import Service
from undersigned.store import campaigns, journal, messages, prospects, suppressions
from undersigned.store.tables import CampaignRow, DeliveryRow, MessageRow, ProspectRow


def stop(
    session: Session,
    campaign: CampaignRow,
    address: str,
    scope: Scope,
    *,
    by: str,
    now: datetime,
) -> None:
    """Close the gate for an address, and take back what waits in the outbox for it.

    A name on the list stays there: whoever wants it off says so.
    """
    if not suppressions.add(session, address, scope, campaign.id, now=now):
        return
    waiting = [
        DeliveryRow.address == address,
        DeliveryRow.purpose.in_([one.value for one in STOPPED[scope]]),
    ]
    parties = [ProspectRow.email == address]
    if scope is Scope.LETTER:
        waiting.append(DeliveryRow.campaign_id == campaign.id)
        parties.append(ProspectRow.campaign_id == campaign.id)
    messages.cancel(session, *waiting, now=now)
    rows = session.scalars(select(ProspectRow).where(*parties)).all()
    for row in rows:
        row.unsubscribed_at = row.unsubscribed_at or now
    journal.write(
        session,
        "unsubscribed",
        f"campaign:{campaign.name}",
        actor=by,
        now=now,
        campaign_id=campaign.id,
        scope=scope.value,
        parties=[row.id for row in rows],
    )


def press(service: Service, token: str, scope: Scope) -> None:
    """Do what the button under a link says; once more, or with a link of nobody, changes nothing.

    The token names the mail, and the mail the address: nobody signs in (RFC 8058 §3.2).
    """
    now = service.now
    with service.store.writing() as session:
        message = _asking(session, token)
        if message is None:
            return
        campaign = session.get_one(CampaignRow, message.campaign_id)
        addressed = select(DeliveryRow.address).where(DeliveryRow.message_id == message.id)
        for address in session.scalars(addressed).all():
            stop(session, campaign, address, scope, by="one-click", now=now)


def _asking(session: Session, token: str) -> MessageRow | None:
    found = messages.by_token(session, [token.lower()])
    asking = STOPPED[Scope.ALL]
    return found[0] if found and Purpose(found[0].purpose) in asking else None


def stop_party(service: Service, name: str, party: str, scope: Scope, *, by: str) -> str:
    """Close the gate for a party that asked a person; gives the address."""
    with service.store.writing() as session:
        campaign = campaigns.get(session, name)
        row = prospects.find(session, campaign.id, party)
        stop(session, campaign, row.email, scope, by=by, now=service.now)
        return row.email
