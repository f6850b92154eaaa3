"""Void: undo a freeze whose list is no longer true, until the first letter's bytes leave."""

from collections.abc import Collection, Sequence
from datetime import datetime

from sqlalchemy import ColumnElement, select, update
from sqlalchemy.orm import Session

from undersigned.domain.delivery import Purpose, State
from undersigned.domain.letter import Errand
from undersigned.flows import manifest, notify
from undersigned.store import campaigns, freezes, journal
from undersigned.store.tables import CampaignRow, DeliveryRow, FreezeRow, MessageRow

#: States of a letter whose bytes have not begun to leave.
_STILL_HERE = (State.QUEUED, State.CLAIMED)

_VOIDED = (
    "The list changed ({reason}), so the frozen letter is void and nothing will be sent. Freeze "
    "and approve it again with `undersigned letter freeze --approve`, then schedule it."
)


def void_if_changed(session: Session, campaign: CampaignRow, *, reason: str, now: datetime) -> None:
    """Undo the freeze if its list or text is no longer true.

    Until the first letter's bytes leave, the freeze and its approval become void, letters in the
    outbox are taken back, and the coordinators and approvers are told at once. A supplement or a
    correction that waits becomes void in the same way; the letter before it has left.
    """
    frozen = freezes.lock_current(session, campaign.id)
    if frozen is None or not _differs(session, campaign, frozen):
        return
    if frozen.started_at is not None and not _take_back(session, frozen, now):
        return
    frozen.voided_at, frozen.void_reason = now, reason
    journal.write(
        session,
        "voided",
        f"freeze:{frozen.number}",
        actor="decide",
        now=now,
        campaign_id=campaign.id,
        reason=reason,
        was_approved=frozen.approved_at is not None,
    )
    notify.approvers(
        session,
        campaign,
        f"voided:{frozen.id}",
        [_VOIDED.format(reason=reason)],
        now=now,
    )


def begun(session: Session, campaign: CampaignRow) -> Sequence[FreezeRow]:
    """Give the letters that have begun to leave, corrections left out, oldest first."""
    return session.scalars(
        select(FreezeRow)
        .where(
            FreezeRow.campaign_id == campaign.id,
            FreezeRow.voided_at.is_(None),
            FreezeRow.started_at.is_not(None),
            FreezeRow.kind != Errand.CORRECTION,
        )
        .order_by(FreezeRow.number)
    ).all()


def left_with(
    session: Session, letters: Sequence[FreezeRow], lines: Collection[str]
) -> datetime | None:
    """Give when one of the letters left that bears one of the printed lines, or None."""
    for one in letters if lines else ():
        printed = {line for group in one.manifest["list"].values() for line in group}
        if printed.intersection(lines) and _has_left(session, one):
            return one.started_at
    return None


def _differs(session: Session, campaign: CampaignRow, frozen: FreezeRow) -> bool:
    """Say whether a letter frozen now would be another one."""
    edition = campaigns.edition(session, campaign.id)
    if frozen.edition_id != edition.id:
        return True
    errand = Errand(frozen.kind)
    is_letter = errand is Errand.LETTER
    words = campaigns.words(edition) if is_letter else manifest.words(frozen.manifest)
    first = session.get(FreezeRow, frozen.first_id) if frozen.first_id else None
    now = manifest.content(
        session, campaign, words, errand=errand, first=first, below=frozen.number
    )
    return manifest.differs(frozen.manifest, now)


def _letters(frozen: FreezeRow) -> ColumnElement[bool]:
    """Say in SQL that a delivery is one of this freeze's letters."""
    return DeliveryRow.message_id.in_(
        select(MessageRow.id).where(
            MessageRow.freeze_id == frozen.id, MessageRow.purpose == Purpose.LETTER
        )
    )


def _has_left(session: Session, frozen: FreezeRow) -> bool:
    """Say whether the bytes of a first letter may have left."""
    away = DeliveryRow.state.not_in((*_STILL_HERE, State.CANCELLED))
    return session.scalar(select(DeliveryRow.id).where(_letters(frozen), away).limit(1)) is not None


def _take_back(session: Session, frozen: FreezeRow, now: datetime) -> bool:
    """Take the letters of a begun dispatch back; False where the first bytes may have left.

    Row by row the statement meets the mark of a worker: whichever comes first wins.
    """
    nested = session.begin_nested()
    session.execute(
        update(DeliveryRow)
        .where(_letters(frozen), DeliveryRow.state.in_(_STILL_HERE))
        .values(
            state=State.CANCELLED,
            fence=DeliveryRow.fence + 1,
            owner=None,
            lease_until=None,
            changed_at=now,
        )
        .execution_options(synchronize_session=False)
    )
    if _has_left(session, frozen):
        nested.rollback()
        return False
    nested.commit()
    return True
