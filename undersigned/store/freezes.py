"""Freezes: the letter as it will leave."""

from collections.abc import Sequence

from sqlalchemy import func, select
from sqlalchemy.orm import Session, defer, undefer

from undersigned.domain.letter import Errand
from undersigned.store.paper_tables import CopyRow
from undersigned.store.session import READ_ANEW
from undersigned.store.tables import FreezeRow


def current(session: Session, campaign_id: int) -> FreezeRow | None:
    """Give the newest freeze that was not voided, or None."""
    return session.scalar(
        select(FreezeRow)
        .where(FreezeRow.campaign_id == campaign_id, FreezeRow.voided_at.is_(None))
        .order_by(FreezeRow.number.desc())
        .limit(1)
    )


def current_of_all(session: Session) -> dict[int, FreezeRow]:
    """Give the same of every campaign, by its number, without what was frozen."""
    rows = session.scalars(
        select(FreezeRow)
        .where(FreezeRow.voided_at.is_(None))
        .order_by(FreezeRow.number)
        .options(defer(FreezeRow.manifest, raiseload=True))
    )
    return {row.campaign_id: row for row in rows}


def lock_current(session: Session, campaign_id: int) -> FreezeRow | None:
    """Give the same, held against other writers until the transaction ends."""
    return session.scalar(
        select(FreezeRow)
        .where(FreezeRow.campaign_id == campaign_id, FreezeRow.voided_at.is_(None))
        .order_by(FreezeRow.number.desc())
        .limit(1)
        .with_for_update(key_share=True)
        .execution_options(**READ_ANEW)
    )


def latest_letter(session: Session, campaign_id: int) -> FreezeRow | None:
    """Give the newest freeze of the letter itself, voided or not, or None."""
    return session.scalar(
        select(FreezeRow)
        .where(FreezeRow.campaign_id == campaign_id, FreezeRow.kind == Errand.LETTER)
        .order_by(FreezeRow.number.desc())
        .limit(1)
    )


def following(session: Session, first_id: int, *, below: int | None) -> Sequence[FreezeRow]:
    """Give the supplements and corrections that left after a letter, below a number if any."""
    query = select(FreezeRow).where(
        FreezeRow.first_id == first_id,
        FreezeRow.voided_at.is_(None),
        FreezeRow.started_at.is_not(None),
    )
    if below is not None:
        query = query.where(FreezeRow.number < below)
    return session.scalars(query.order_by(FreezeRow.number)).all()


def left(session: Session, campaign_id: int) -> FreezeRow | None:
    """Give the letter that has left, or None."""
    return session.scalar(
        select(FreezeRow)
        .where(
            FreezeRow.campaign_id == campaign_id,
            FreezeRow.kind == Errand.LETTER,
            FreezeRow.voided_at.is_(None),
            FreezeRow.started_at.is_not(None),
        )
        .order_by(FreezeRow.number.desc())
        .limit(1)
    )


def count(session: Session, campaign_id: int) -> int:
    """Count all freezes there were, voided ones too."""
    query = select(func.count()).select_from(FreezeRow)
    return session.scalar(query.where(FreezeRow.campaign_id == campaign_id)) or 0


def with_pdf(session: Session, freeze_id: int) -> FreezeRow:
    """Give a freeze with its PDF."""
    return session.scalars(
        select(FreezeRow).where(FreezeRow.id == freeze_id).options(undefer(FreezeRow.pdf))
    ).one()


def copy(session: Session, freeze_id: int | None, code: str) -> CopyRow:
    """Give a frozen letter as an addressee gets it."""
    return session.scalars(
        select(CopyRow).where(CopyRow.freeze_id == freeze_id, CopyRow.code == code)
    ).one()


def copies(session: Session, freeze_id: int) -> Sequence[CopyRow]:
    """Give a frozen letter as each addressee gets it, in the order of their codes."""
    return session.scalars(
        select(CopyRow).where(CopyRow.freeze_id == freeze_id).order_by(CopyRow.code)
    ).all()
