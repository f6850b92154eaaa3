"""Merge: two parties that are one become one; what either said and got follows."""

from dataclasses import dataclass

from sqlalchemy import func, or_, select, update
from sqlalchemy.orm import Session

from undersigned.domain.decision import Position, fold
from undersigned.domain.delivery import Purpose
from undersigned.domain.party import Standing
from undersigned.errors import Refused
from undersigned.flows import void
from undersigned.flows.decide import take_back_reminders
from undersigned.service import Service
from undersigned.store import campaigns, decisions, journal, messages, prospects
from undersigned.store.tables import (
    CampaignRow,
    DecisionRow,
    DeliveryRow,
    MessageRow,
    ProspectRow,
    ReplyRow,
    ReviewRow,
)

#: Whose word holds where both have answered, and not the same.
WORDS = ("keep", "other")
#: What is known of the other one is taken where nothing is known of the one that is kept.
_FILLED = ("title", "country", "contact", "language")
#: Where no decision says how they stand together: the first of these that either is.
_ORDER = (Standing.INVITED, Standing.BOUNCED, Standing.PROSPECT)


@dataclass(frozen=True, kw_only=True)
class Side:
    """One of two parties that may be one."""

    row: ProspectRow
    position: Position
    replies: int
    messages: int


@dataclass(frozen=True, kw_only=True)
class Pair:
    """Two parties beside each other."""

    keep: Side
    other: Side

    @property
    def differs(self) -> bool:
        """Whether both have answered, and not the same: a person says whose word holds."""
        return _differ(self.keep.position, self.other.position)


def look(service: Service, name: str, keep: str, other: str) -> Pair:
    """Show what would be merged; nothing is changed."""
    with service.store.reading() as session:
        campaign = campaigns.get(session, name)
        first, second = _both(session, campaign, keep, other)
        return Pair(keep=_side(session, first), other=_side(session, second))


def merge(
    service: Service, name: str, keep: str, other: str, *, word: str = "", reason: str, by: str
) -> ProspectRow:
    """Make one party of two: decisions, replies and correspondence of the other follow.

    `word` says whose answer holds where both have answered, and not the same: "keep" or "other".
    The other one's row stays, and says into which it went: its name is not added again, and what
    comes from its address is the kept one's.
    Raises `Refused` without a reason, and where both have answered differently and no word is said.
    """
    if not reason.strip():
        raise Refused("Say how you know that they are one: the reason goes into the journal.")
    if word and word not in WORDS:
        raise Refused(f"{word!r} is none of {', '.join(WORDS)}.")
    with service.store.writing() as session:
        found = _both(session, campaigns.get(session, name), keep, other)
        _hold_replies(session, found[1])  # before the campaign, as a reader does
        campaign = campaigns.lock(session, found[0].campaign_id)
        first, second = _locked(session, *found)
        _choose(service, session, (first, second), word)
        _join(first, second)
        _move(service, session, first, second)
        _stand(session, first, second)
        void.void_if_changed(session, campaign, reason="merged", now=service.now)
        journal.write(
            session,
            "merged",
            f"prospect:{first.id}",
            actor=by,
            now=service.now,
            campaign_id=campaign.id,
            other=second.id,
            name=second.name,
            word=word,
            reason=reason,
        )
        return first


def _both(
    session: Session, campaign: CampaignRow, keep: str, other: str
) -> tuple[ProspectRow, ProspectRow]:
    first = prospects.find(session, campaign.id, keep)
    second = prospects.find(session, campaign.id, other)
    if first.id == second.id:
        raise Refused(f"{first.name} (#{first.id}) is one party already.")
    return first, second


def _side(session: Session, row: ProspectRow) -> Side:
    def count(table: type[ReplyRow | MessageRow]) -> int:
        query = select(func.count()).select_from(table).where(table.prospect_id == row.id)
        return session.scalar(query) or 0

    return Side(
        row=row,
        position=fold(decisions.of(session, row.id)),
        replies=count(ReplyRow),
        messages=count(MessageRow),
    )


def _differ(one: Position, other: Position) -> bool:
    if one.decision is None or other.decision is None:
        return False
    lines = [sorted(listing.line for listing in each.listings) for each in (one, other)]
    return one.standing is not other.standing or lines[0] != lines[1]


def _hold_replies(session: Session, other: ProspectRow) -> None:
    query = select(ReplyRow.id).where(ReplyRow.prospect_id == other.id).order_by(ReplyRow.id)
    session.execute(query.with_for_update(key_share=True)).all()


def _locked(
    session: Session, first: ProspectRow, second: ProspectRow
) -> tuple[ProspectRow, ProspectRow]:
    """Lock both in the order of their numbers; somebody may have merged one meanwhile."""
    held = {one: prospects.lock(session, one) for one in sorted((first.id, second.id))}
    if any(row.id != number for number, row in held.items()):
        raise Refused("One of them was merged meanwhile: look again.")
    return held[first.id], held[second.id]


def _choose(
    service: Service, session: Session, both: tuple[ProspectRow, ProspectRow], word: str
) -> None:
    """Let one party's word hold: the decisions of the other one stay on record, replaced."""
    if not _differ(*(fold(decisions.of(session, one.id)) for one in both)):
        return
    if not word:
        raise Refused(
            f"{both[0].name} (#{both[0].id}) and {both[1].name} (#{both[1].id}) have both "
            "answered, and not the same: say whose word holds, keep or other."
        )
    loser = both[1] if word == "keep" else both[0]
    session.execute(
        update(DecisionRow)
        .where(DecisionRow.prospect_id == loser.id, DecisionRow.replaced_at.is_(None))
        .values(replaced_at=service.now)
    )


def _move(service: Service, session: Session, first: ProspectRow, second: ProspectRow) -> None:
    """Let everything of the second be the first's; what still asks the second is taken back."""
    asking = MessageRow.purpose.in_((Purpose.INVITATION, Purpose.REMINDER))
    theirs = select(MessageRow.id).where(MessageRow.prospect_id == second.id, asking)
    messages.cancel(session, DeliveryRow.message_id.in_(theirs), now=service.now)
    twice = select(DecisionRow.reply_id).where(
        DecisionRow.prospect_id == first.id,
        DecisionRow.replaced_at.is_(None),
        DecisionRow.reply_id.is_not(None),
    )
    session.execute(  # one reply that was decided for both holds once
        update(DecisionRow)
        .where(
            DecisionRow.prospect_id == second.id,
            DecisionRow.replaced_at.is_(None),
            DecisionRow.reply_id.in_(twice),
        )
        .values(replaced_at=service.now)
        .execution_options(synchronize_session=False)
    )
    for table in (DecisionRow, ReplyRow, ReviewRow, MessageRow):
        session.execute(
            update(table)
            .where(table.prospect_id == second.id)
            .values(prospect_id=first.id)
            .execution_options(synchronize_session=False)
        )
    if first.answered_at is not None:
        take_back_reminders(session, [first.id], service.now)


def _join(first: ProspectRow, second: ProspectRow) -> None:
    for field in _FILLED:
        if getattr(first, field) is None:
            setattr(first, field, getattr(second, field))
    for field in ("answered_at", "unsubscribed_at"):
        known = [at for at in (getattr(first, field), getattr(second, field)) if at]
        setattr(first, field, min(known, default=None))


def _stand(session: Session, first: ProspectRow, second: ProspectRow) -> None:
    """Say how the one stands now, and of the other, and of those merged into it, where they are."""
    position = fold(decisions.of(session, first.id))
    was = {Standing(first.standing), Standing(second.standing)}
    if position.decision is not None:
        first.standing = position.standing
    else:
        first.standing = next((one for one in _ORDER if one in was), Standing.INVITED)
    session.execute(
        update(ProspectRow)
        .where(or_(ProspectRow.merged_into == second.id, ProspectRow.id == second.id))
        .values(merged_into=first.id, standing=Standing.MERGED)
    )
