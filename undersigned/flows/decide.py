"""Decide: the one door through which a rule or a person changes the list."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from undersigned.domain.decision import Act, Position, fold
from undersigned.domain.delivery import Purpose
from undersigned.domain.listing import Listing
from undersigned.domain.party import Standing
from undersigned.errors import Refused
from undersigned.flows import gone, mint, renew, void
from undersigned.store import campaigns, decisions, journal, messages, prospects
from undersigned.store.tables import (
    CampaignRow,
    DecisionRow,
    DeliveryRow,
    EditionRow,
    MessageRow,
    ProspectRow,
    ReplyRow,
)

#: The receipt that each act is answered with. A note is answered with none.
RECEIPTS: dict[Act, str] = {
    Act.SIGN: "receipt-signed",
    Act.AMEND: "receipt-amended",
    Act.DECLINE: "receipt-declined",
    Act.WITHDRAW: "receipt-withdrawn",
}


@dataclass(frozen=True, kw_only=True)
class Word:
    """One word of one party, about to be recorded."""

    act: Act
    listings: tuple[Listing, ...] = ()
    #: Number of the edition agreed to.
    edition: int
    received_at: datetime
    uid: int = 0
    #: The address it came from; "" where it was given elsewhere.
    sender: str = ""
    #: "rule:<reason>", or a coordinator's name.
    by: str
    reason: str
    #: The reply it was read in; None for a word given by telephone or on paper.
    reply_id: int | None = None
    #: Name and bytes of what a person laid before us.
    evidence: tuple[str, bytes] | None = None
    #: How long the receipt waits, so that whoever ruled may take it back.
    grace: timedelta = timedelta(0)


def apply(
    session: Session, campaign: CampaignRow, prospect_id: int, word: Word, *, now: datetime
) -> Position:
    """Record a word, fold the party's position anew, and make what follows from it.

    In the caller's transaction: the decision, the standing, the receipt in the outbox, the journal,
    reminders taken back, and a freeze made void whose list is no longer true.
    Raises `Refused` for a signature that is to be printed with nothing.
    """
    if word.act in (Act.SIGN, Act.AMEND) and not word.listings:
        raise Refused("A signature needs at least one listing to be printed with.")
    prospect = prospects.lock(session, prospect_id)
    prospect_id = prospect.id  # it may have been merged into another one meanwhile
    before = fold(decisions.of(session, prospect_id))
    decision = _record(session, campaign, prospect, word, now)
    position = fold(decisions.of(session, prospect_id))
    prospect.standing = position.standing
    prospect.answered_at = prospect.answered_at or word.received_at
    take_back_reminders(session, prospect_id, now)
    session.flush()
    void.void_if_changed(session, campaign, reason=word.reason, now=now)
    left_at = void.left_with(session, campaign, [one.line for one in before.listings])
    if left_at and position.standing is not Standing.SIGNED:
        gone.tell(session, campaign, before, decision.id, now=now)
    if word.act in (Act.SIGN, Act.AMEND) and renew.is_outdated(session, campaign, position):
        _ask_again(session, campaign, prospect, word, position, now=now)
    else:
        _make_receipt(session, campaign, prospect, word, decision.id, left_at=left_at, now=now)
    journal.write(
        session,
        "decided",
        f"prospect:{prospect_id}",
        actor=word.by,
        now=now,
        campaign_id=campaign.id,
        act=word.act.value,
        reason=word.reason,
        reply=word.reply_id,
        was=before.standing.value,
        now_is=position.standing.value,
        listings=[one.line for one in word.listings],
    )
    return position


def take_off(
    session: Session, campaign: CampaignRow, prospect_id: int, *, by: str, now: datetime
) -> None:
    """Take a party that is erased off the list; nobody gets a receipt of it."""
    prospect = prospects.lock(session, prospect_id)
    word = Word(
        act=Act.WITHDRAW,
        edition=campaigns.edition(session, campaign.id).number,
        received_at=now,
        by=by,
        reason="erased",
    )
    _record(session, campaign, prospect, word, now)
    prospect.standing = fold(decisions.of(session, prospect_id)).standing
    session.flush()
    void.void_if_changed(session, campaign, reason=word.reason, now=now)


def _record(
    session: Session, campaign: CampaignRow, prospect: ProspectRow, word: Word, now: datetime
) -> DecisionRow:
    """Write the decision; on the same reply it takes the place of the one there was."""
    if word.reply_id is not None:
        earlier = session.scalars(
            select(DecisionRow).where(
                DecisionRow.reply_id == word.reply_id, DecisionRow.replaced_at.is_(None)
            )
        )
        for row in earlier:
            row.replaced_at = now
        session.flush()
    name, evidence = word.evidence or (None, None)
    decision = DecisionRow(
        campaign_id=campaign.id,
        prospect_id=prospect.id,
        reply_id=word.reply_id,
        act=word.act,
        listings=[decisions.listing_table(one) for one in word.listings],
        edition=word.edition,
        received_at=word.received_at,
        uid=word.uid,
        sender=word.sender,
        decided_by=word.by,
        reason=word.reason,
        evidence=evidence,
        evidence_name=name,
        at=now,
    )
    session.add(decision)
    session.flush()
    return decision


def take_back_reminders(session: Session, prospect_id: int, now: datetime) -> None:
    """Nobody who answered is reminded, not even by a reminder that waits in the outbox."""
    reminders = select(MessageRow.id).where(
        MessageRow.prospect_id == prospect_id, MessageRow.purpose == Purpose.REMINDER
    )
    messages.cancel(session, DeliveryRow.message_id.in_(reminders), now=now)


def _ask_again(
    session: Session,
    campaign: CampaignRow,
    prospect: ProspectRow,
    word: Word,
    position: Position,
    *,
    now: datetime,
) -> None:
    """Answer a yes to a text that has changed since with the question about the new one.

    A receipt would say that the name is on the list, and it is not printed.
    """
    subject = f"reply:{word.reply_id}" if word.reply_id else f"party:{prospect.id}"
    answered = session.get(ReplyRow, word.reply_id) if word.reply_id else None
    renew.ask(
        session,
        campaign,
        prospect,
        position,
        subject=subject,
        number=messages.next_round(session, Purpose.RENEWAL, subject),
        now=now,
        answers=answered.mail_id if answered else None,
    )


def _make_receipt(
    session: Session,
    campaign: CampaignRow,
    prospect: ProspectRow,
    word: Word,
    decision_id: int,
    *,
    left_at: datetime | None,
    now: datetime,
) -> None:
    """Answer the word once: the sender, and the invited address where that is another."""
    template = RECEIPTS.get(word.act)
    subject = f"reply:{word.reply_id}" if word.reply_id else f"decision:{decision_id}"
    if template is None:
        return
    # A person may decide the same reply anew: what the first receipt said no longer holds.
    number = messages.next_round(session, Purpose.RECEIPT, subject)
    answered = session.get(ReplyRow, word.reply_id) if word.reply_id else None
    sender = word.sender or prospect.email
    message = mint.message(
        campaign,
        Purpose.RECEIPT,
        subject,
        number=number,
        template=template,
        now=now,
        language=prospect.language,
        facts={
            "listings": [decisions.listing_table(one) for one in word.listings],
            "to": sender,
            "to_name": answered.sender_name if answered else prospect.contact,
            "subject": answered.title if answered else None,
            "answers": answered.mail_id if answered else None,
            "left_at": left_at.isoformat() if left_at else None,
        },
        prospect_id=prospect.id,
        edition_id=campaigns.edition(session, campaign.id).id,
    )
    copies = [prospect.email] if prospect.email != sender else []
    due = now + word.grace
    messages.add(session, message, account=campaign.account, to=[sender], cc=copies, due_at=due)


def edition_answered(session: Session, reply: ReplyRow) -> int:
    """Give the number of the edition that a reply agrees to.

    That of the message it answers; where that is not known, the oldest that the party was sent.
    """
    query = select(EditionRow.number).join(MessageRow, MessageRow.edition_id == EditionRow.id)
    if reply.answers_id is not None:
        found = session.scalar(query.where(MessageRow.id == reply.answers_id))
    else:
        found = session.scalar(
            query.where(MessageRow.prospect_id == reply.prospect_id)
            .order_by(MessageRow.id)
            .limit(1)
        )
    return found or 1
