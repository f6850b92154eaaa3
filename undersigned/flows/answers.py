"""Answers of addressees: filed to them, and brought to the coordinators."""

from datetime import datetime
from zoneinfo import ZoneInfo

from sqlalchemy.orm import Session

from undersigned.domain import instants
from undersigned.domain.campaign import Plan
from undersigned.domain.delivery import Purpose
from undersigned.domain.reply import ReplyState
from undersigned.flows import mint
from undersigned.store import journal, messages
from undersigned.store.tables import AddresseeRow, CampaignRow, MessageRow, ReplyRow

#: Lines of the answer that stand in the mail itself; the rest is in the attachment.
LINES = 60


def file(
    session: Session,
    reply: ReplyRow,
    letter: MessageRow,
    *,
    text: str,
    machine: str | None,
    now: datetime,
) -> None:
    """File a reply to the addressee of the letter that it answers; "yes" in it decides nothing.

    `machine` is the reason word where a machine wrote it (a vacation notice, a receipt): that is
    shown on the board and brought to nobody.
    """
    addressee = session.get_one(AddresseeRow, letter.addressee_id)
    reply.addressee_id = addressee.id
    reply.state = ReplyState.AUTOMATIC if machine else ReplyState.FILED
    reply.reason = machine or "addressee-answered"
    if not machine:
        _bring(session, reply, addressee, text, now)
    journal.write(
        session,
        "answered",
        f"addressee:{addressee.id}",
        actor="read",
        now=now,
        campaign_id=reply.campaign_id,
        mission=addressee.mission,
        reply=reply.id,
        automatic=machine is not None,
    )


def _bring(
    session: Session, reply: ReplyRow, addressee: AddresseeRow, text: str, now: datetime
) -> None:
    campaign = session.get_one(CampaignRow, addressee.campaign_id)
    plan = Plan.from_table(campaign.plan)
    lines = [line for line in text.splitlines() if line.strip()]
    name, address = reply.sender_name, reply.sender or "nobody"
    message = mint.message(
        campaign,
        Purpose.NOTICE,
        f"answer:{reply.id}",
        template="mission-answer",
        now=now,
        facts={
            "reply": reply.id,
            "campaign": campaign.name,
            "mission": addressee.mission,
            "sender": f"{name} <{address}>" if name else address,
            "about": reply.title or "(no subject)",
            "received": instants.shown(reply.received_at, ZoneInfo(plan.zone)),
            "answer": lines[:LINES],
        },
    )
    to = plan.desk
    messages.add(session, message, account=campaign.account, to=list(to), due_at=now)
