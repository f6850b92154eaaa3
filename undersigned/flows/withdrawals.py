"""Withdrawals that nobody has decided yet: they stop the start."""

from sqlalchemy import select
from sqlalchemy.orm import Session

from undersigned.domain.party import Standing
from undersigned.domain.verdict import Intent
from undersigned.store.tables import ProspectRow, ReplyRow, ReviewRow

#: What a signer's reply that waits for a person may say without taking anything back.
_HARMLESS = frozenset({Intent.SIGN, Intent.AMEND})
#: What anybody's reply says that takes a name off.
_AGAINST = frozenset({Intent.WITHDRAW, Intent.DECLINE, Intent.UNSUBSCRIBE})


def possible(session: Session, campaign_id: int) -> list[int]:
    """Give the open reviews that may be a withdrawal of a name that prints.

    Whatever a signer wrote that is not plainly another yes or a correction; whatever somebody
    unknown wrote that says no; and what could not be read at all.
    """
    rows = session.execute(
        select(ReviewRow.id, ReplyRow.verdict, ProspectRow.standing)
        .join(ReplyRow, ReplyRow.id == ReviewRow.reply_id)
        .outerjoin(ProspectRow, ProspectRow.id == ReviewRow.prospect_id)
        .where(
            (ReviewRow.campaign_id == campaign_id) | ReviewRow.campaign_id.is_(None),
            ReviewRow.settled_at.is_(None),
        )
        .order_by(ReviewRow.id)
    )
    return [
        review
        for review, verdict, standing in rows
        if _may_withdraw((verdict or {}).get("intent"), standing)
    ]


def _may_withdraw(intent: str | None, standing: str | None) -> bool:
    if intent is None:
        return standing in (None, Standing.SIGNED)
    if standing is None:
        return intent in _AGAINST
    return standing == Standing.SIGNED and intent not in _HARMLESS
