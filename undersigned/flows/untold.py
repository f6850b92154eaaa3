"""Untold: signers whose receipt did not reach them, so that nobody told them how they stand."""

from sqlalchemy import ScalarSelect, func, select
from sqlalchemy.orm import Session, aliased

from undersigned.domain.delivery import Purpose, State
from undersigned.store.tables import DeliveryRow, MessageRow, ProspectRow

#: How many stand in the sentence by name.
NAMED = 5


def untold(session: Session, campaign_id: int) -> str | None:
    """Say whose last receipt came back or was refused, and what to do; None where nobody's did."""
    rows = session.execute(
        select(ProspectRow.name, DeliveryRow.address)
        .join(MessageRow, MessageRow.id == DeliveryRow.message_id)
        .join(ProspectRow, ProspectRow.id == MessageRow.prospect_id)
        .where(
            DeliveryRow.campaign_id == campaign_id,
            DeliveryRow.purpose == Purpose.RECEIPT,
            DeliveryRow.state.in_((State.BOUNCED, State.REFUSED)),
            MessageRow.id == _last_receipt(),
        )
        .order_by(DeliveryRow.id)
    ).all()
    if not rows:
        return None
    named = ", ".join(f"{name} at {address}" for name, address in rows[:NAMED])
    more = f" and {len(rows) - NAMED} more" if len(rows) > NAMED else ""
    return (
        f"Receipts that did not arrive: {named}{more}. They do not know how they are listed: tell "
        "them another way, and correct the address with `undersigned prospects edit`."
    )


def _last_receipt() -> ScalarSelect[int]:
    """Select the newest receipt of the party in question: an earlier one was made good."""
    other = aliased(MessageRow)
    return (
        select(func.max(other.id))
        .where(other.prospect_id == MessageRow.prospect_id, other.purpose == Purpose.RECEIPT)
        .correlate(MessageRow)
        .scalar_subquery()
    )
