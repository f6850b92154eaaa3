"""Clearance: whether the first invitation of a campaign may leave."""

from collections.abc import Collection, Sequence

from sqlalchemy import select
from sqlalchemy.orm import Session

from undersigned.domain.campaign import Plan
from undersigned.domain.delivery import Purpose
from undersigned.domain.findings import NEVER, Line, standing
from undersigned.errors import Refused
from undersigned.service import Service
from undersigned.store import campaigns, journal
from undersigned.store.tables import CampaignRow, MessageRow

_ACTION = "preflighted"


def keep(service: Service, name: str, lines: Sequence[Line], *, by: str) -> None:
    """Write down how a preflight went."""
    with service.store.writing() as session:
        campaign = campaigns.get(session, name)
        journal.write(
            session,
            _ACTION,
            f"campaign:{name}",
            actor=by,
            now=service.now,
            campaign_id=campaign.id,
            failed=[one.what for one in lines if not one.is_well],
            sender=_sender(campaign),
        )


def demand(
    service: Service, session: Session, campaign: CampaignRow, despite: Collection[str]
) -> None:
    """Raise `Refused` where the first invitation would leave without a preflight that went well.

    `despite` names what the coordinator knows to fail. Whom a campaign has begun to invite it goes
    on to invite; an account that delivers nowhere needs no preflight.
    """
    if service.account(campaign.account).carrier == "nobody" or _has_begun(session, campaign):
        return
    last = journal.latest(session, campaign.id, _ACTION)
    if last is None or last.detail["sender"] != _sender(campaign):
        if standing([NEVER], despite):
            since = "" if last is None else " since the sender or the account changed"
            raise Refused(
                f"No preflight of {campaign.name} was made{since}: `undersigned preflight -c "
                f"{campaign.name}` says whether answers will be found and mail be believed. To "
                f"invite all the same: `undersigned invite --despite {NEVER}`."
            )
        return
    if open_ones := standing(last.detail["failed"], despite):
        words = " ".join(f"--despite {one}" for one in open_ones)
        raise Refused(
            f"The preflight of {last.at:%Y-%m-%d %H:%M} UTC found not well: "
            f"{', '.join(open_ones)}. Do what `undersigned preflight -c {campaign.name}` says; to "
            f"invite all the same: `undersigned invite {words}`."
        )


def _sender(campaign: CampaignRow) -> list[str]:
    """Give what a preflight is about: another account or address needs another one."""
    plan = Plan.from_table(campaign.plan)
    return [campaign.account, plan.sender_address, plan.reply_address]


def _has_begun(session: Session, campaign: CampaignRow) -> bool:
    query = select(MessageRow.id).where(
        MessageRow.campaign_id == campaign.id, MessageRow.purpose == Purpose.INVITATION
    )
    return session.scalar(query.limit(1)) is not None
