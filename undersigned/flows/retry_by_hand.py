"""Retry by hand: a person sends once more what came back or was refused; never a letter."""

from sqlalchemy import select
from sqlalchemy.orm import Session

from undersigned.domain.campaign import Plan
from undersigned.domain.delivery import Purpose, State
from undersigned.domain.party import Standing
from undersigned.errors import Refused
from undersigned.flows import retry
from undersigned.service import Service
from undersigned.store import campaigns, journal, prospects
from undersigned.store.tables import CampaignRow, DeliveryRow, MessageRow, ProspectRow

#: What did not arrive, as far as anybody knows.
FAILED = frozenset({State.REFUSED, State.BOUNCED})
#: Why some mail is not sent again by this door.
ELSEWHERE: dict[Purpose, str] = {
    Purpose.LETTER: "A letter is sent again from the dispatch board alone, at a corrected address.",
    Purpose.TEST: "Send another test of the letter.",
    Purpose.SIGN_IN: "Ask for a new link on the sign-in page.",
}
#: What asks for a signature: no use to who has answered, or when the list is closed.
ASKING = frozenset({Purpose.INVITATION, Purpose.REMINDER})


def retry_by_hand(
    service: Service, name: str, number: int, *, to: str = "", reason: str, by: str
) -> str:
    """Make the message of a failed delivery anew; gives the address that it goes to.

    `to` is the address that it was for, or where that was corrected meanwhile the party's present
    one, which is taken where none is named. The delivery that failed stays as it is.
    Raises `Refused` for what did not fail, was tried again already, or makes no sense any more.
    """
    if not reason.strip():
        raise Refused("Say why it should arrive this time: the reason goes into the journal.")
    with service.store.writing() as session:
        campaign = campaigns.lock(session, campaigns.get(session, name).id)
        delivery, message = _failed(session, campaign, number)
        party = prospects.lock(session, message.prospect_id) if message.prospect_id else None
        address = _address(delivery, party, to)
        _refuse_what_is_late(service, campaign, message, party)
        again = retry.anew(
            session, campaign, message, delivery, to=address, due_at=service.now, now=service.now
        )
        if message.purpose == Purpose.INVITATION and party is not None:
            party.standing = Standing.INVITED
        journal.write(
            session,
            "tried-again",
            f"delivery:{delivery.id}",
            actor=by,
            now=service.now,
            campaign_id=campaign.id,
            to=address,
            reason=reason,
            message=again.id,
        )
    service.announce("deliver")
    return address


def may_be_tried(purpose: str, state: str) -> bool:
    """Say whether a delivery is of the kind that a person may send again here."""
    return purpose not in ELSEWHERE and state in FAILED


def _failed(session: Session, campaign: CampaignRow, number: int) -> tuple[DeliveryRow, MessageRow]:
    delivery = session.get(DeliveryRow, number)
    if delivery is None or delivery.campaign_id != campaign.id:
        raise Refused(f"There is no delivery {number} in {campaign.name}.")
    if (why := ELSEWHERE.get(Purpose(delivery.purpose))) is not None:
        raise Refused(why)
    if delivery.state not in FAILED:
        raise Refused(f"Delivery {number} is {delivery.state}: only what failed is tried again.")
    message = session.get_one(MessageRow, delivery.message_id)
    later = session.scalar(
        select(MessageRow.id).where(
            MessageRow.purpose == message.purpose,
            MessageRow.subject == message.subject,
            MessageRow.round > message.round,
        )
    )
    if later is not None:
        raise Refused(f"It was made again already, as message {later}: look at that one.")
    return delivery, message


def _address(delivery: DeliveryRow, party: ProspectRow | None, to: str) -> str:
    present = party.email if party else delivery.address
    wanted = to.strip().lower() or present
    known = {present} if delivery.purpose == Purpose.INVITATION else {present, delivery.address}
    if wanted not in known:
        raise Refused(
            f"{wanted} is neither the address that it was for nor the party's present one. Correct "
            "the party first, then try again."
        )
    return wanted


def _refuse_what_is_late(
    service: Service, campaign: CampaignRow, message: MessageRow, party: ProspectRow | None
) -> None:
    if message.purpose not in ASKING:
        return
    if party is not None and party.answered_at is not None:
        raise Refused(f"{party.name} has answered meanwhile: nobody asks again.")
    if service.now >= Plan.from_table(campaign.plan).cutoff_at:
        raise Refused("The list is closed: nobody is asked any more.")
