"""Press: the bytes of a message, from its row and what it concerns."""

from collections.abc import Callable, Sequence
from datetime import datetime
from functools import cache
from zoneinfo import ZoneInfo

from sqlalchemy import select
from sqlalchemy.orm import Session

from undersigned.accounts import Account
from undersigned.domain.campaign import Plan
from undersigned.domain.delivery import Purpose
from undersigned.domain.letter import Letter
from undersigned.domain.listing import Listing
from undersigned.flows import manifest, sign
from undersigned.flows.manifest import Posting
from undersigned.service import Service
from undersigned.store import campaigns, decisions, freezes, prospects, replies
from undersigned.store.tables import (
    AddresseeRow,
    CampaignRow,
    DeliveryRow,
    EditionRow,
    FreezeRow,
    MessageRow,
    ProspectRow,
)
from undersigned.writing import context, emails
from undersigned.writing.compose import WHOLE_MESSAGE, Attachment, Headers, compose
from undersigned.writing.emails import Occasion, Recipient

#: Purposes that a machine sends because a message came in (RFC 3834).
ANSWERS = frozenset({Purpose.RECEIPT, Purpose.CLARIFICATION})
#: Purposes that a party may ask not to get any more (RFC 2369).
ASKING = frozenset({Purpose.INVITATION, Purpose.REMINDER})
#: Purposes whose mail goes to all parties at once and differs by their names; letters and receipts
#: are always rendered and built one by one.
MANY = frozenset({Purpose.INVITATION, Purpose.REMINDER, Purpose.RENEWAL})


def bounces(account: Account, plan: Plan) -> str:
    """Give the address, without a tag, that bounces of an account's mail come back to."""
    return plan.reply_address if account.tags_bounces else account.address or plan.reply_address


class Press:
    """Composes messages; what many of them share is loaded once."""

    def __init__(self, service: Service, session: Session) -> None:
        self.service = service
        self.session = session
        self.campaign = cache(self._campaign)
        self.edition = cache(self._edition)
        self._occasion = cache(self._make_occasion)
        self._language_of = cache(self._find_language)
        #: By id; those that `load` found.
        self._prospects: dict[int, ProspectRow] = {}
        #: By a message's id: the addresses in To and in Cc, where `load` found them.
        self._addresses: dict[int, tuple[list[str], list[str]]] = {}

    def load(self, messages: Sequence[MessageRow]) -> None:
        """Load what these messages concern, all at once."""
        wanted = {one.prospect_id for one in messages}
        self._prospects |= {
            row.id: row
            for row in self.session.scalars(select(ProspectRow).where(ProspectRow.id.in_(wanted)))
        }
        self._addresses |= {one.id: ([], []) for one in messages}
        rows = self.session.execute(
            select(DeliveryRow.message_id, DeliveryRow.header, DeliveryRow.address)
            .where(DeliveryRow.message_id.in_(self._addresses))
            .order_by(DeliveryRow.id)
        )
        for message_id, header, address in rows:
            self._addresses[message_id][header != "to"].append(address)

    def compose(self, message: MessageRow, *, to: Sequence[str] = ()) -> bytes:
        """Give the message's bytes. `to` stands in for deliveries that were never made."""
        if message.freeze_id is not None:
            return self._frozen(message)
        _, plan = self.campaign(message.campaign_id)
        body, attachments = _BUILDERS[message.template](self, message)
        language = self.language(message)
        addressed, copied = self._addressed(message) if not to else (list(to), [])
        headers = Headers(
            from_name=plan.sender_name,
            from_address=self._from(message),
            to_address=addressed[0],
            to_name=self._to_name(message),
            to_more=tuple(addressed[1:]),
            cc=tuple(copied),
            reply_to=None if "via" in message.facts else plan.answers_to(message.token),
            message_id=message.message_id,
            own_id=message.token,
            date=message.created_at,
            in_reply_to=message.facts.get("answers"),
            references=tuple(filter(None, [message.facts.get("answers")])),
            auto_replied=message.purpose in ANSWERS,
            list_unsubscribe=self._unsubscribe(plan, message),
            one_click=self._one_click(message),
        )
        if message.purpose in MANY:
            return self.service.bulk.compose(headers, message.template, body, language)
        rendered = self.service.templates.render(message.template, body, language)
        return compose(headers, rendered, attachments)

    def _frozen(self, message: MessageRow) -> bytes:
        """Give a letter's bytes: the words of its mission as they were frozen and approved."""
        frozen = self.session.get_one(FreezeRow, message.freeze_id)
        addressed, copied = self._addressed(message)
        posting = Posting(
            to=tuple(addressed),
            cc=tuple(copied),
            to_name=self._to_name(message),
            token=message.token,
            message_id=message.message_id,
            date=message.created_at,
            answers=message.facts.get("answers"),
            mark=message.facts.get("mark", ""),
        )
        row = freezes.copy(self.session, frozen.id, message.facts["code"])
        return manifest.mail(frozen.manifest, manifest.from_row(row), posting)

    def envelope_sender(self, message: MessageRow) -> str:
        """Give the reverse path: where bounces come back to.

        The message's own tagged address; where the provider lets mail leave under the account's
        alone, that: the headers that come back name the message too.
        """
        _, plan = self.campaign(message.campaign_id)
        account = self._account(message)
        if "via" in message.facts:
            return account.address
        return plan.answers_to(message.token) if account.tags_bounces else bounces(account, plan)

    def _account(self, message: MessageRow) -> Account:
        """Give the account that the message leaves by; an alarm's is not the campaign's own."""
        row, _ = self.campaign(message.campaign_id)
        return self.service.account(message.facts.get("via", row.account))

    def _from(self, message: MessageRow) -> str:
        _, plan = self.campaign(message.campaign_id)
        return self._account(message).address if "via" in message.facts else plan.sender_address

    def signed(self, message: MessageRow, raw: bytes) -> bytes:
        """Give the message as it leaves: with the account's own signatures, where it makes any."""
        account, at = self._account(message).name, message.created_at
        return sign.sign(self.service, account, raw, sender=self._from(message), at=at)

    def language(self, message: MessageRow) -> str:
        """Give the language that the message is written in."""
        return self._language_of(message.template, message.language, message.campaign_id)

    def _find_language(self, template: str, language: str, campaign_id: int) -> str:
        _, plan = self.campaign(campaign_id)
        return self.service.templates.language_for(template, language, plan.language)

    def _campaign(self, campaign_id: int) -> tuple[CampaignRow, Plan]:
        row = self.session.get_one(CampaignRow, campaign_id)
        return row, Plan.from_table(row.plan)

    def _edition(self, edition_id: int) -> Letter:
        return campaigns.words(self.session.get_one(EditionRow, edition_id))

    def _addressed(self, message: MessageRow) -> tuple[list[str], list[str]]:
        if message.id not in self._addresses:
            self.load([message])
        return self._addresses[message.id]

    def _prospect(self, message: MessageRow) -> ProspectRow:
        found = self._prospects.get(message.prospect_id or 0)
        return found or self.session.get_one(ProspectRow, message.prospect_id)

    def _to_name(self, message: MessageRow) -> str | None:
        if message.purpose in ANSWERS:
            return message.facts.get("to_name")
        if message.addressee_id is not None:
            return self.session.get_one(AddresseeRow, message.addressee_id).mission
        if message.prospect_id is not None:
            row = self._prospect(message)
            return row.contact or row.name
        return None

    @staticmethod
    def _unsubscribe(plan: Plan, message: MessageRow) -> str | None:
        if message.purpose not in ASKING:
            return None
        address = plan.answers_to(message.token)
        return f"mailto:{address}?subject=UNSUBSCRIBE"

    def _one_click(self, message: MessageRow) -> str | None:
        """Give the page on which one click unsubscribes, where the console is open to the world."""
        url = self.service.settings.console.url
        if message.purpose not in ASKING or not url.startswith("https:"):
            return None
        return f"{url}/unsubscribe/{message.token}"

    # What each template is told.

    def occasion(self, message: MessageRow) -> Occasion:
        """Give what all mails of the campaign have in common."""
        return self._occasion(message.campaign_id, message.edition_id)

    def _make_occasion(self, campaign_id: int, edition_id: int) -> Occasion:
        _, plan = self.campaign(campaign_id)
        return Occasion(
            campaign=plan.name,
            organizer=plan.organizer,
            sender=plan.sender_name,
            letter=self.edition(edition_id),
            letter_language=plan.language,
            cutoff=plan.cutoff_at,
            dispatch=plan.dispatch_at,
            zone=ZoneInfo(plan.zone),
        )

    def recipient(self, message: MessageRow) -> Recipient:
        """Give whom the message is for."""
        return Recipient(
            prospect=prospects.value(self._prospect(message)),
            language=self.language(message),
            reference=message.token,
        )

    def sent_at(self, message_id: str) -> datetime:
        """Give when an earlier message of ours was made."""
        return self.session.scalars(
            select(MessageRow.created_at).where(MessageRow.message_id == message_id)
        ).one()


def _listings(message: MessageRow) -> list[Listing]:
    return [decisions.listing(one) for one in message.facts["listings"]]


Built = tuple[object, Sequence[Attachment]]


def _invitation(press: Press, message: MessageRow) -> Built:
    return emails.invitation(press.occasion(message), press.recipient(message)), ()


def _reminder(press: Press, message: MessageRow) -> Built:
    invited_at = press.sent_at(message.facts["answers"])
    return (
        emails.reminder(press.occasion(message), press.recipient(message), invited_at=invited_at),
        (),
    )


def _renewal(press: Press, message: MessageRow) -> Built:
    body = emails.renewal(
        press.occasion(message),
        press.recipient(message),
        listings=_listings(message),
        until=datetime.fromisoformat(message.facts["until"]),
    )
    return body, ()


def _confirmation(press: Press, message: MessageRow) -> Built:
    body = emails.confirmation(
        press.occasion(message),
        press.recipient(message),
        listings=_listings(message),
        received_at=datetime.fromisoformat(message.facts["received_at"]),
        sender=message.facts["sender"],
    )
    return body, ()


def _receipt_signed(press: Press, message: MessageRow) -> Built:
    return (
        emails.receipt_signed(
            press.occasion(message), press.recipient(message), listings=_listings(message)
        ),
        (),
    )


def _receipt_amended(press: Press, message: MessageRow) -> Built:
    return (
        emails.receipt_amended(
            press.occasion(message), press.recipient(message), listings=_listings(message)
        ),
        (),
    )


def _receipt_declined(press: Press, message: MessageRow) -> Built:
    return emails.receipt_declined(press.occasion(message), press.recipient(message)), ()


def _receipt_withdrawn(press: Press, message: MessageRow) -> Built:
    left_at = datetime.fromisoformat(one) if (one := message.facts.get("left_at")) else None
    return (
        emails.receipt_withdrawn(
            press.occasion(message), press.recipient(message), left_at=left_at
        ),
        (),
    )


def _clarification(press: Press, message: MessageRow) -> Built:
    return (
        emails.clarification(
            press.occasion(message),
            press.recipient(message),
            received_at=datetime.fromisoformat(message.facts["received_at"]),
            note=message.facts.get("note"),
        ),
        (),
    )


def _mission_answer(press: Press, message: MessageRow) -> Built:
    facts = {**message.facts}
    answer = replies.whole(press.session, facts.pop("reply"))
    original = Attachment(filename="answer.eml", content=answer.raw, media_type=WHOLE_MESSAGE)
    return context.MissionAnswer(**facts), (original,)


def _coordinator_digest(_press: Press, message: MessageRow) -> Built:
    facts = {key: value for key, value in message.facts.items() if key != "via"}
    for key in ("counts", "due"):
        facts[key] = [tuple(one) for one in facts[key]]
    return context.CoordinatorDigest(**facts), ()


def _sign_in(_press: Press, message: MessageRow) -> Built:
    return context.SignIn(**message.facts), ()


def _loop_back(_press: Press, message: MessageRow) -> Built:
    return context.LoopBack(**message.facts), ()


#: What each template folder is filled with.
_BUILDERS: dict[str, Callable[[Press, MessageRow], Built]] = {
    "invitation": _invitation,
    "reminder": _reminder,
    "renewal": _renewal,
    "confirmation": _confirmation,
    "receipt-signed": _receipt_signed,
    "receipt-amended": _receipt_amended,
    "receipt-declined": _receipt_declined,
    "receipt-withdrawn": _receipt_withdrawn,
    "clarification": _clarification,
    "mission-answer": _mission_answer,
    "coordinator-digest": _coordinator_digest,
    "sign-in": _sign_in,
    "loop-back": _loop_back,
}
