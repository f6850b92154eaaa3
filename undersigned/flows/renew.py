"""Renew: ask those who agreed to an earlier text whether they agree to the new one."""

from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from undersigned.domain.campaign import Plan
from undersigned.domain.decision import Position
from undersigned.domain.delivery import Purpose
from undersigned.domain.party import Standing
from undersigned.flows import mint
from undersigned.store import campaigns, decisions, messages, prospects
from undersigned.store.tables import CampaignRow, DeliveryRow, MessageRow, ProspectRow


def ask_all(session: Session, campaign: CampaignRow, *, now: datetime) -> int:
    """Ask every signer of an earlier edition, once for the present one; gives how many.

    What still waits in the outbox about an edition between is taken back.
    """
    edition = campaigns.edition(session, campaign.id)
    older = select(MessageRow.id).where(
        MessageRow.campaign_id == campaign.id, MessageRow.purpose == Purpose.RENEWAL
    )
    messages.cancel(session, DeliveryRow.message_id.in_(older), now=now)
    consented = campaigns.consented_edition(session, campaign.id)
    asked = 0
    for prospect_id, position in sorted(decisions.positions(session, campaign.id).items()):
        if is_outdated(position, consented):
            prospect = prospects.lock(session, prospect_id)
            ask(
                session,
                campaign,
                prospect,
                position,
                subject=f"prospect:{prospect_id}",
                number=edition.number,
                now=now,
            )
            asked += 1
    return asked


def is_outdated(position: Position, consented: int) -> bool:
    """Say whether a party agreed to a text that has changed in substance since.

    `consented` is the number of the last edition of substance.
    """
    return (
        position.standing is Standing.SIGNED
        and position.edition is not None
        and position.edition < consented
    )


def ask(
    session: Session,
    campaign: CampaignRow,
    prospect: ProspectRow,
    position: Position,
    *,
    subject: str,
    number: int,
    now: datetime,
    answers: str | None = None,
) -> None:
    """Ask one signer, who agreed and whoever was invited, with the new text below the question.

    `answers` is the Message-ID of the reply that this one answers, where there is one.
    """
    plan = Plan.from_table(campaign.plan)
    sender = (position.decision.sender if position.decision else "") or prospect.email
    message = mint.message(
        campaign,
        Purpose.RENEWAL,
        subject,
        number=number,
        template="renewal",
        now=now,
        language=prospect.language,
        facts={
            "listings": [decisions.listing_table(one) for one in position.listings],
            "until": (plan.cutoff_at if now < plan.cutoff_at else plan.dispatch_at).isoformat(),
            "answers": answers,
        },
        prospect_id=prospect.id,
        edition_id=campaigns.edition(session, campaign.id).id,
    )
    copies = [prospect.email] if prospect.email != sender else []
    messages.add(session, message, account=campaign.account, to=[sender], cc=copies, due_at=now)
