"""Decide: the one door through which a rule or a person changes the list."""

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from undersigned.domain.decision import Act, Position, fold
from undersigned.domain.delivery import Purpose
from undersigned.errors import Refused
from undersigned.flows import receipts, void
from undersigned.flows.word import Said, Word
from undersigned.store import campaigns, decisions, journal, messages, prospects
from undersigned.store.tables import (
    CampaignRow,
    DecisionRow,
    DeliveryRow,
    EditionRow,
    MessageRow,
    ReplyRow,
)


def apply(
    session: Session, campaign: CampaignRow, prospect_id: int, word: Word, *, now: datetime
) -> Position:
    """Record a word, fold the party's position anew, and make what follows from it.

    In the caller's transaction: the decision, the standing, the receipt in the outbox, the journal,
    reminders taken back, and a freeze made void whose list is no longer true.
    Raises `Refused` for a signature that is to be printed with nothing.
    """
    return apply_all(session, campaign, {prospect_id: word}, now=now)[0]


def apply_all(
    session: Session, campaign: CampaignRow, words: Mapping[int, Word], *, now: datetime
) -> list[Position]:
    """Do so with a word of each of several parties, by their ids, all at once.

    Raises ValueError where two of them turned out to be one party: its words hang together, and
    are applied one after another.
    """
    if any(one.act in (Act.SIGN, Act.AMEND) and not one.listings for one in words.values()):
        raise Refused("A signature needs at least one listing to be printed with.")
    held = prospects.lock_all(session, words)
    # Each may have been merged into another one meanwhile.
    said = [Said(party=held[one], word=word) for one, word in words.items()]
    by_party = {one.party.id: one for one in said}
    if len(by_party) < len(said):
        raise ValueError("two words of one party cannot be applied at once")
    earlier = decisions.of_all(session, by_party)
    _record(session, campaign, said, now)
    for one in said:
        one.before = fold(earlier[one.party.id])
    for number, words_now in decisions.of_all(session, by_party).items():
        by_party[number].position = fold(words_now)
    _stand(session, said, now)
    reasons = ", ".join(dict.fromkeys(one.word.reason for one in said))
    void.void_if_changed(session, campaign, reason=reasons, now=now)
    receipts.answer(session, campaign, said, now=now)
    for one in said:
        _enter(session, campaign, one, now)
    return [one.position for one in said]


def _stand(session: Session, said: Sequence[Said], now: datetime) -> None:
    """Let the parties stand where their words have put them."""
    for one in said:
        one.party.standing = one.position.standing
        one.party.answered_at = one.party.answered_at or one.word.received_at
    take_back_reminders(session, [one.party.id for one in said], now)
    session.flush()


def _enter(session: Session, campaign: CampaignRow, one: Said, now: datetime) -> None:
    journal.write(
        session,
        "decided",
        f"prospect:{one.party.id}",
        actor=one.word.by,
        now=now,
        campaign_id=campaign.id,
        act=one.word.act.value,
        reason=one.word.reason,
        reply=one.word.reply_id,
        was=one.before.standing.value,
        now_is=one.position.standing.value,
        listings=[listing.line for listing in one.word.listings],
    )


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
    _record(session, campaign, [Said(party=prospect, word=word)], now)
    prospect.standing = fold(decisions.of(session, prospect_id)).standing
    session.flush()
    void.void_if_changed(session, campaign, reason=word.reason, now=now)


def _record(session: Session, campaign: CampaignRow, said: Sequence[Said], now: datetime) -> None:
    """Write the decisions; on the same reply each takes the place of the one there was."""
    replies = [one.word.reply_id for one in said if one.word.reply_id is not None]
    if replies:
        earlier = session.scalars(
            select(DecisionRow).where(
                DecisionRow.reply_id.in_(replies), DecisionRow.replaced_at.is_(None)
            )
        )
        for row in earlier:
            row.replaced_at = now
        session.flush()
    rows = [_row(campaign, one, now) for one in said]
    session.add_all(rows)
    session.flush()
    for one, row in zip(said, rows, strict=True):
        one.decision_id = row.id


def _row(campaign: CampaignRow, one: Said, now: datetime) -> DecisionRow:
    word = one.word
    name, evidence = word.evidence or (None, None)
    return DecisionRow(
        campaign_id=campaign.id,
        prospect_id=one.party.id,
        reply_id=word.reply_id,
        act=word.act,
        listings=[decisions.listing_table(one) for one in word.listings],
        edition=word.edition,
        received_at=word.received_at,
        uidvalidity=word.uidvalidity,
        uid=word.uid,
        sender=word.sender,
        decided_by=word.by,
        reason=word.reason,
        evidence=evidence,
        evidence_name=name,
        at=now,
    )


def take_back_reminders(session: Session, prospect_ids: Collection[int], now: datetime) -> None:
    """Nobody who answered is reminded, not even by a reminder that waits in the outbox."""
    reminders = select(MessageRow.id).where(
        MessageRow.prospect_id.in_(list(prospect_ids)), MessageRow.purpose == Purpose.REMINDER
    )
    messages.cancel(session, DeliveryRow.message_id.in_(reminders), now=now)


def edition_answered(session: Session, reply: ReplyRow) -> int:
    """Give the number of the edition that a reply agrees to.

    That of the message it answers; where that is not known, the oldest that the party was sent.
    """
    answered = session.get(MessageRow, reply.answers_id) if reply.answers_id else None
    if answered is None:
        answered = session.scalar(
            select(MessageRow)
            .where(MessageRow.prospect_id == reply.prospect_id, MessageRow.edition_id.is_not(None))
            .order_by(MessageRow.id)
            .limit(1)
        )
    edition_id = answered.edition_id if answered else None
    return session.get_one(EditionRow, edition_id).number if edition_id is not None else 1
