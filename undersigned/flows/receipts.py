"""Receipts: what a party is answered when its word was recorded."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy.orm import Session

from undersigned.domain.decision import Act
from undersigned.domain.delivery import Purpose
from undersigned.domain.party import Standing
from undersigned.flows import gone, mint, renew, void
from undersigned.flows.word import Said
from undersigned.store import campaigns, decisions, messages
from undersigned.store.messages import Addressed
from undersigned.store.tables import CampaignRow, EditionRow, MessageRow, ReplyRow

#: The receipt that each act is answered with. A note is answered with none.
RECEIPTS: dict[Act, str] = {
    Act.SIGN: "receipt-signed",
    Act.AMEND: "receipt-amended",
    Act.DECLINE: "receipt-declined",
    Act.WITHDRAW: "receipt-withdrawn",
}


def answer(session: Session, campaign: CampaignRow, said: Sequence[Said], *, now: datetime) -> None:
    """Answer words that were recorded, each once.

    Where a name was taken back that a letter bore already, the coordinators are told so too.
    """
    consented = campaigns.consented_edition(session, campaign.id)
    begun = void.begun(session, campaign)
    answered: list[tuple[Said, datetime | None]] = []
    for one in said:
        left_at = void.left_with(session, begun, [listing.line for listing in one.before.listings])
        if left_at and one.position.standing is not Standing.SIGNED:
            gone.tell(session, campaign, one.before, one.decision_id, now=now)
        is_yes = one.word.act in (Act.SIGN, Act.AMEND)
        if is_yes and renew.is_outdated(one.position, consented):
            _ask_again(session, campaign, one, now=now)
        elif one.word.act in RECEIPTS:
            answered.append((one, left_at))
    _make_receipts(session, campaign, answered, now=now)


def _ask_again(session: Session, campaign: CampaignRow, one: Said, *, now: datetime) -> None:
    """Answer a yes to a text that has changed since with the question about the new one.

    A receipt would say that the name is on the list, and it is not printed.
    """
    reply_id = one.word.reply_id
    subject = f"reply:{reply_id}" if reply_id else f"party:{one.party.id}"
    answered = session.get(ReplyRow, reply_id) if reply_id else None
    renew.ask(
        session,
        campaign,
        one.party,
        one.position,
        subject=subject,
        number=messages.next_round(session, Purpose.RENEWAL, subject),
        now=now,
        answers=answered.mail_id if answered else None,
    )


def _make_receipts(
    session: Session,
    campaign: CampaignRow,
    answered: Sequence[tuple[Said, datetime | None]],
    *,
    now: datetime,
) -> None:
    """Answer the sender of each word, and the invited address where that is another."""
    if not answered:
        return
    edition = campaigns.edition(session, campaign.id)
    # A person may decide the same reply anew: what the first receipt said no longer holds.
    subjects = [_subject(one) for one, _ in answered]
    numbers = messages.next_rounds(session, Purpose.RECEIPT, subjects)
    made: list[Addressed] = []
    for one, left_at in answered:
        number = numbers[_subject(one)]
        message = _receipt(session, campaign, one, edition, number=number, left_at=left_at, now=now)
        sender, invited = message.facts["to"], one.party.email
        copies = [invited] if invited != sender else []
        due_at = now + one.word.grace
        made.append(Addressed(message=message, to=[sender], cc=copies, due_at=due_at))
    messages.add_all(session, made, account=campaign.account)


def _subject(one: Said) -> str:
    return f"reply:{one.word.reply_id}" if one.word.reply_id else f"decision:{one.decision_id}"


def _receipt(
    session: Session,
    campaign: CampaignRow,
    one: Said,
    edition: EditionRow,
    *,
    number: int,
    left_at: datetime | None,
    now: datetime,
) -> MessageRow:
    word, party = one.word, one.party
    answered = session.get(ReplyRow, word.reply_id) if word.reply_id else None
    return mint.message(
        campaign,
        Purpose.RECEIPT,
        _subject(one),
        number=number,
        template=RECEIPTS[word.act],
        now=now,
        language=party.language,
        facts={
            "listings": [decisions.listing_table(listing) for listing in word.listings],
            "to": word.sender or party.email,
            "to_name": answered.sender_name if answered else party.contact,
            "subject": answered.title if answered else None,
            "answers": answered.mail_id if answered else None,
            "left_at": left_at.isoformat() if left_at else None,
        },
        prospect_id=party.id,
        edition_id=edition.id,
    )
