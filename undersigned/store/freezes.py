"""Freezes: the letter as it will leave."""

from sqlalchemy import func, select
from sqlalchemy.orm import Session, undefer

from undersigned.store.tables import FreezeRow


def current(session: Session, campaign_id: int) -> FreezeRow | None:
    """Give the newest freeze that was not voided, or None."""
    return session.scalar(
        select(FreezeRow)
        .where(FreezeRow.campaign_id == campaign_id, FreezeRow.voided_at.is_(None))
        .order_by(FreezeRow.number.desc())
        .limit(1)
    )


def lock_current(session: Session, campaign_id: int) -> FreezeRow | None:
    """Give the same, held against other writers until the transaction ends."""
    return session.scalar(
        select(FreezeRow)
        .where(FreezeRow.campaign_id == campaign_id, FreezeRow.voided_at.is_(None))
        .order_by(FreezeRow.number.desc())
        .limit(1)
        .with_for_update(key_share=True)
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
