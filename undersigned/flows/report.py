"""Report: write what a delivery report says to the delivery it is about."""

from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from undersigned.domain.delivery import Purpose, State, is_allowed
from undersigned.domain.party import Standing
from undersigned.flows import notify, retry
from undersigned.reading import BounceReport
from undersigned.store import journal, messages, prospects
from undersigned.store.tables import AddresseeRow, CampaignRow, DeliveryRow, MessageRow


def note(session: Session, report: BounceReport, *, now: datetime) -> MessageRow | None:
    """Write a report to its delivery and give the message; None where it is about none of ours.

    Without a message of ours in the returned headers it is no proof: anybody can forge it.
    """
    found = messages.by_token(session, report.tokens) or messages.by_message_id(
        session, report.message_ids
    )
    if len(found) != 1:
        return None
    delivery = _delivery(session, found[0], report.recipient)
    new = _state(report)
    if delivery is not None and report.action == "delayed":
        delivery.delayed_at = now
    if delivery is not None and new is not None and is_allowed(State(delivery.state), new):
        _write(session, found[0], delivery, new, report=report, now=now)
    return found[0]


def _delivery(session: Session, message: MessageRow, recipient: str | None) -> DeliveryRow | None:
    """Give the delivery to the reported recipient; where there is only one it is meant anyway."""
    query = select(DeliveryRow).where(DeliveryRow.message_id == message.id)
    rows = session.scalars(query.order_by(DeliveryRow.id)).all()
    named = [row for row in rows if row.address == (recipient or "").lower()]
    if named:
        return named[0]
    return rows[0] if len(rows) == 1 else None


def _state(report: BounceReport) -> State | None:
    """Give the state that a report makes of a delivery; a delay or a relay makes none."""
    if report.action == "delivered":
        return State.DELIVERED
    return State.BOUNCED if report.action == "failed" and report.permanent else None


def _write(
    session: Session,
    message: MessageRow,
    delivery: DeliveryRow,
    new: State,
    *,
    report: BounceReport,
    now: datetime,
) -> None:
    delivery.state, delivery.changed_at = new, now
    delivery.enhanced, delivery.answer = report.status, report.diagnostic
    goes_again = new is State.BOUNCED and retry.retry(session, message, delivery, report, now=now)
    is_invitation = message.purpose == Purpose.INVITATION
    if new is State.BOUNCED and not goes_again and is_invitation and message.prospect_id:
        prospect = prospects.lock(session, message.prospect_id)
        if prospect.standing == Standing.INVITED:
            prospect.standing = Standing.BOUNCED
    if new is State.BOUNCED and message.purpose == Purpose.LETTER:
        _tell(session, message, delivery, report, now)
    journal.write(
        session,
        new.value,
        f"delivery:{delivery.id}",
        actor="read",
        now=now,
        campaign_id=message.campaign_id,
        status=report.status,
        said=report.diagnostic,
    )


def _tell(
    session: Session,
    message: MessageRow,
    delivery: DeliveryRow,
    report: BounceReport,
    now: datetime,
) -> None:
    """Tell the coordinators at once that a mission does not have its letter."""
    addressee = session.get_one(AddresseeRow, message.addressee_id)
    sentence = (
        f"The letter to {addressee.mission} came back from {delivery.address} "
        f"({report.status or 'no status'} {report.diagnostic}). Find the right address, then "
        f"`undersigned dispatch send-again {addressee.code} --to ADDRESS --reason …`."
    )
    campaign = session.get_one(CampaignRow, message.campaign_id)
    notify.coordinators(session, campaign, f"bounced:{delivery.id}", [sentence], now=now)
