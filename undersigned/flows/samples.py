"""Samples: any mail to any party in any language, as it would be written now."""

import email
import email.policy
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from undersigned.domain.addresses import normalize
from undersigned.domain.campaign import Plan
from undersigned.domain.delivery import Purpose
from undersigned.errors import Refused
from undersigned.flows import mint, press, sign_in
from undersigned.reading.language import CODES
from undersigned.service import Service
from undersigned.store import campaigns, decisions, messages, prospects
from undersigned.store.tables import CampaignRow, MessageRow, ProspectRow

#: The mails that a party may get, and what each is for.
MAILS: Mapping[str, Purpose] = {
    "invitation": Purpose.INVITATION,
    "reminder": Purpose.REMINDER,
    "confirmation": Purpose.CONFIRMATION,
    "receipt-signed": Purpose.RECEIPT,
    "receipt-amended": Purpose.RECEIPT,
    "receipt-declined": Purpose.RECEIPT,
    "receipt-withdrawn": Purpose.RECEIPT,
    "clarification": Purpose.CLARIFICATION,
}


#: The languages that our mails are written in.
LANGUAGES = (*CODES, "zh-Hant")


@dataclass(frozen=True, kw_only=True)
class Sample:
    """A mail as its reader would see it."""

    subject: str
    text: str
    html: str
    language: str


def sample(
    service: Service, name: str, template: str, *, party: str = "", language: str = ""
) -> Sample:
    """Give a mail to a party, the first where none is named; nothing is written or sent.

    Raises `Refused` for a mail that parties do not get, and where there is no party.
    """
    return as_read(octets(service, name, template, party=party, language=language))


def as_read(octets: bytes) -> Sample:
    """Give a mail of ours as its reader would see it."""
    raw = email.message_from_bytes(octets, policy=email.policy.default)
    text, html = raw.get_body(("plain",)), raw.get_body(("html",))
    return Sample(
        subject=str(raw["Subject"]),
        text=text.get_content() if text else "",
        html=html.get_content() if html else "",
        language=str(raw["Content-Language"] or ""),
    )


def octets(
    service: Service, name: str, template: str, *, party: str = "", language: str = ""
) -> bytes:
    """Give the bytes of such a mail. An answer to it would be known to nobody."""
    if template not in MAILS or (language and language not in LANGUAGES):
        raise Refused(f"{template!r} in {language!r} is no mail that a party gets.")
    with service.store.reading() as session:
        campaign = campaigns.get(session, name)
        row = _party(session, campaign, party)
        message = _message(session, service, campaign, row, template, language)
        return press.Press(service, session).compose(message, to=[row.email])


def send(
    service: Service, name: str, template: str, address: str, *, party: str = "", language: str = ""
) -> None:
    """Send such a mail to one of our own people, marked as a sample.

    It is kept as a message about nobody: whatever is answered to it decides nothing.
    Raises `Refused` for an address that is nobody's of ours.
    """
    if template not in MAILS or (language and language not in LANGUAGES):
        raise Refused(f"{template!r} in {language!r} is no mail that a party gets.")
    with service.store.writing() as session:
        campaign = campaigns.get(session, name)
        if address not in ours(service, campaign):
            raise Refused(f"{address} is nobody's of ours: samples go to coordinators alone.")
        row = _party(session, campaign, party)
        shown = _message(session, service, campaign, row, template, language)
        raw = press.Press(service, session).compose(shown, to=[address])
        copy = mint.message(
            campaign,
            Purpose.TEST,
            f"sample:{shown.token}",
            template=template,
            now=service.now,
            language=shown.language,
        )
        copy.token, copy.message_id, copy.raw = shown.token, shown.message_id, marked(raw)
        messages.add(session, copy, account=campaign.account, to=[address], due_at=service.now)
    service.announce("deliver")


def ours(service: Service, campaign: CampaignRow) -> set[str]:
    """Give the addresses of a campaign's coordinators, and of who may sign in to the console."""
    plan = Plan.from_table(campaign.plan)
    return {normalize(one) for one in plan.desk} | set(sign_in.people(service))


def marked(raw: bytes) -> bytes:
    r"""Give a mail's bytes with the mark before its subject.

    >>> marked(b"From: a@letters.example\r\nSubject: Hello\r\n\r\nHello")
    b'From: a@letters.example\r\nSubject: [SAMPLE] Hello\r\n\r\nHello'
    """
    return raw.replace(b"\nSubject: ", b"\nSubject: [SAMPLE] ", 1)


def _party(session: Session, campaign: CampaignRow, words: str) -> ProspectRow:
    if words:
        return prospects.find(session, campaign.id, words)
    row = session.query(ProspectRow).filter_by(campaign_id=campaign.id).order_by("id").first()
    if row is None:
        raise Refused(f"{campaign.name} has no party yet.")
    return row


def _message(
    session: Session,
    service: Service,
    campaign: CampaignRow,
    row: ProspectRow,
    template: str,
    language: str,
) -> MessageRow:
    now = service.now
    listing = decisions.listing_table(prospects.value(row).listing)
    invited = session.scalar(
        select(MessageRow.message_id)
        .where(MessageRow.prospect_id == row.id, MessageRow.purpose == Purpose.INVITATION)
        .order_by(MessageRow.id.desc())
        .limit(1)
    )
    if template == "reminder" and invited is None:
        raise Refused(f"{row.name} was not invited yet, so there is nothing to remind of.")
    facts: dict[str, Any] = {
        "listings": [listing],
        "to": row.email,
        "to_name": row.contact or row.name,
        "subject": None,
        "answers": invited,
        "left_at": None,
        "received_at": now.isoformat(),
        "sender": row.email,
        "note": None,
    }
    return mint.message(
        campaign,
        MAILS[template],
        "sample",
        template=template,
        now=now,
        language=language or row.language,
        facts=facts,
        prospect_id=row.id,
        edition_id=campaigns.edition(session, campaign.id).id,
    )
