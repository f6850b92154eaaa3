"""Ask: put a question back to whoever wrote a reply that waits for a person."""

from datetime import datetime, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from undersigned.domain.delivery import Purpose
from undersigned.errors import Refused
from undersigned.flows import mint, press
from undersigned.flows.samples import Sample, as_read
from undersigned.service import Service
from undersigned.store import campaigns, journal, messages
from undersigned.store.tables import CampaignRow, MessageRow, ProspectRow, ReplyRow, ReviewRow

#: The same question within this time is a button that was pressed twice.
REPETITION = timedelta(minutes=10)


def ask(service: Service, review_id: int, *, note: str, by: str) -> str:
    """Ask the sender of a reviewed reply what is meant; gives the address that is asked.

    The review stays open: the answer to the question is read like any other reply.
    Raises `Refused` where the party is not known, or a machine's mail would be answered.
    """
    now = service.now
    with service.store.writing() as session:
        campaign, reply, message = _question(service, session, review_id, note)
        _refuse_repetition(session, message.subject, note, now)
        asked = str(reply.sender)
        messages.add(session, message, account=campaign.account, to=[asked], due_at=now)
        journal.write(
            session,
            "asked",
            f"review:{review_id}",
            actor=by,
            now=now,
            campaign_id=campaign.id,
            note=note,
        )
    service.announce("deliver")
    return asked


def draft(service: Service, review_id: int, *, note: str) -> tuple[str, Sample]:
    """Give whom such a question would go to, and how it reads; nothing is written or sent."""
    with service.store.reading() as session:
        _, reply, message = _question(service, session, review_id, note)
        asked = str(reply.sender)
        return asked, as_read(press.Press(service, session).compose(message, to=[asked]))


def _question(
    service: Service, session: Session, review_id: int, note: str
) -> tuple[CampaignRow, ReplyRow, MessageRow]:
    """Give the question about a reply that waits, not added yet."""
    review = session.get(ReviewRow, review_id)
    if review is None or review.settled_at is not None:
        raise Refused(f"There is no open review {review_id}. See `undersigned review list`.")
    reply = session.get_one(ReplyRow, review.reply_id)
    if review.prospect_id is None or reply.campaign_id is None or not reply.sender:
        raise Refused("Nobody knows whose reply this is: it can be decided, and not asked.")
    if (reply.verdict or {}).get("intent") in ("auto_reply", "bounce"):
        raise Refused("A machine wrote this: it gets no answer from a machine.")
    campaign = session.get_one(CampaignRow, reply.campaign_id)
    prospect = session.get_one(ProspectRow, review.prospect_id)
    subject = f"reply:{reply.id}"
    message = mint.message(
        campaign,
        Purpose.CLARIFICATION,
        subject,
        number=messages.next_round(session, Purpose.CLARIFICATION, subject),
        template="clarification",
        now=service.now,
        language=prospect.language,
        facts={
            "to_name": reply.sender_name,
            "answers": reply.mail_id,
            "received_at": reply.received_at.isoformat(),
            "note": note or None,
        },
        prospect_id=prospect.id,
        edition_id=campaigns.edition(session, campaign.id).id,
    )
    return campaign, reply, message


def _refuse_repetition(session: Session, subject: str, note: str, now: datetime) -> None:
    """Refuse what a second press of the button asks: people press again where a page takes long."""
    before = session.scalars(
        select(MessageRow).where(
            MessageRow.purpose == Purpose.CLARIFICATION,
            MessageRow.subject == subject,
            MessageRow.created_at > now - REPETITION,
        )
    )
    if any(one.facts["note"] == (note or None) for one in before):
        raise Refused("They were asked this a moment ago: the answer comes as a reply.")
