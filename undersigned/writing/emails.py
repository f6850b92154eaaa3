"""Builders: from the domain's values to what an email says, in the reader's language."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import TypedDict
from zoneinfo import ZoneInfo

from markupsafe import Markup

from undersigned.domain.letter import Errand, Letter
from undersigned.domain.listing import Kind, Listing
from undersigned.domain.party import Prospect
from undersigned.writing import context, letter_html, letter_text, markdown
from undersigned.writing.languages import direction
from undersigned.writing.moments import format_day, format_instant
from undersigned.writing.printed import PrintedLetter
from undersigned.writing.render import Templates

#: One and many, for the sentence that says who signed.
_COUNTED: dict[Kind, tuple[str, str]] = {
    Kind.INDIVIDUAL: ("individual", "individuals"),
    Kind.ORGANIZATION: ("organization", "organizations"),
}


@dataclass(frozen=True, kw_only=True)
class Occasion:
    """What all emails of one campaign have in common."""

    #: The campaign's short name.
    campaign: str
    organizer: str
    #: The named person whose From and Reply-To it is.
    sender: str
    letter: Letter
    #: The letter's own language.
    letter_language: str = "en"
    cutoff: datetime
    dispatch: datetime
    #: The zone in which the campaign names its times.
    zone: ZoneInfo


@dataclass(frozen=True, kw_only=True)
class Recipient:
    """Whom one email is for."""

    prospect: Prospect
    #: The language it will be written in: what `Templates.language_for` gave.
    language: str = "en"
    #: The reply token of this very message.
    reference: str


def invitation(occasion: Occasion, recipient: Recipient) -> context.Invitation:
    """Give what an invitation says."""
    return context.Invitation(**_with_letter(occasion, recipient))


def reminder(occasion: Occasion, recipient: Recipient, *, invited_at: datetime) -> context.Reminder:
    """Give what a reminder says; `invited_at` is when the invitation went out."""
    return context.Reminder(
        **_with_letter(occasion, recipient), invited_on=_day(occasion, recipient, invited_at)
    )


def renewal(
    occasion: Occasion, recipient: Recipient, *, listings: Iterable[Listing], until: datetime
) -> context.Renewal:
    """Give what a signer is asked when the text has changed; `until` is when the list closes."""
    lines = [listing.line for listing in listings]
    closes = replace(occasion, cutoff=until)
    return context.Renewal(**_with_letter(closes, recipient), listings=lines)


def confirmation(
    occasion: Occasion,
    recipient: Recipient,
    *,
    listings: Iterable[Listing],
    received_at: datetime,
    sender: str,
) -> context.Confirmation:
    """Give what an invited address is asked about a yes that `sender` wrote in its name."""
    return context.Confirmation(
        **_with_letter(occasion, recipient),
        received_on=_day(occasion, recipient, received_at),
        answered_from=sender,
        listings=[listing.line for listing in listings],
    )


def receipt_signed(
    occasion: Occasion, recipient: Recipient, *, listings: Iterable[Listing]
) -> context.ReceiptSigned:
    """Give what the receipt of a signature says."""
    lines = [listing.line for listing in listings]
    return context.ReceiptSigned(**_to_party(occasion, recipient), listings=lines)


def receipt_amended(
    occasion: Occasion, recipient: Recipient, *, listings: Iterable[Listing]
) -> context.ReceiptAmended:
    """Give what the receipt of a changed listing says."""
    lines = [listing.line for listing in listings]
    return context.ReceiptAmended(**_to_party(occasion, recipient), listings=lines)


def receipt_declined(occasion: Occasion, recipient: Recipient) -> context.ReceiptDeclined:
    """Give what the receipt of a no says."""
    return context.ReceiptDeclined(**_to_party(occasion, recipient))


def receipt_withdrawn(
    occasion: Occasion, recipient: Recipient, *, left_at: datetime | None = None
) -> context.ReceiptWithdrawn:
    """Give what the receipt of a withdrawal says; `left_at` is when the letter left, if it has."""
    left_on = format_instant(left_at, occasion.zone, recipient.language) if left_at else None
    return context.ReceiptWithdrawn(**_to_party(occasion, recipient), left_on=left_on)


def clarification(
    occasion: Occasion, recipient: Recipient, *, received_at: datetime, note: str | None = None
) -> context.Clarification:
    """Give what a question back to a signer says."""
    return context.Clarification(
        **_to_party(occasion, recipient),
        received_on=_day(occasion, recipient, received_at),
        listing=recipient.prospect.listing.line,
        note=note,
    )


@dataclass(frozen=True, kw_only=True)
class Follows:
    """The letter that a supplement or a correction follows, and what it is sent for."""

    errand: Errand
    title: str
    date: date


def letter_to_mission(
    printed: PrintedLetter, templates: Templates, *, sender: str, follows: Follows | None = None
) -> context.LetterToMission:
    """Give what the mail to an addressee says: the letter, whole."""
    return context.LetterToMission(
        errand=(follows.errand if follows else Errand.LETTER).value,
        first_title=follows.title if follows else printed.letter.title,
        first_day=format_day(follows.date if follows else printed.letter.date, printed.language),
        organizer=printed.organizer,
        sender=sender,
        letter_title=printed.letter.title,
        salutation=printed.salutation,
        signed_by=signed_by(printed.counts),
        names=sum(printed.counts.values()),
        letter_text=letter_text.as_text(printed, templates),
        letter_html=letter_html.as_fragment(printed, templates),
    )


def signed_by(counts: Mapping[Kind, int]) -> str:
    """Give the counts in words, in the order of the letter, naught left out.

    >>> signed_by({Kind.INDIVIDUAL: 1, Kind.ORGANIZATION: 46})
    '1 individual and 46 organizations'
    """
    return " and ".join(
        f"{count} {_COUNTED[kind][count != 1]}" for kind, count in counts.items() if count
    )


class _ToParty(TypedDict):
    campaign: str
    organizer: str
    sender: str
    letter_title: str
    letter_date: str
    cutoff: str
    dispatch: str
    person: str | None
    party: str
    individual: bool
    prospect: Prospect
    reference: str


class _WithLetter(_ToParty):
    listing: str
    letter_day: str
    letter_subject: str
    letter_salutation: str
    letter_text: str
    letter_html: Markup
    letter_language: str
    letter_direction: str


def _to_party(occasion: Occasion, recipient: Recipient) -> _ToParty:
    prospect, language = recipient.prospect, recipient.language
    person = prospect.contact or (prospect.name if prospect.kind is Kind.INDIVIDUAL else None)
    return {
        "campaign": occasion.campaign,
        "organizer": occasion.organizer,
        "sender": occasion.sender,
        "letter_title": occasion.letter.title,
        "letter_date": _day(occasion, recipient, occasion.dispatch),
        "cutoff": format_instant(occasion.cutoff, occasion.zone, language),
        "dispatch": format_instant(occasion.dispatch, occasion.zone, language),
        "person": person,
        "party": prospect.name,
        "individual": prospect.kind is Kind.INDIVIDUAL,
        "prospect": prospect,
        "reference": recipient.reference,
    }


def _with_letter(occasion: Occasion, recipient: Recipient) -> _WithLetter:
    letter = occasion.letter
    return {
        **_to_party(occasion, recipient),
        "listing": recipient.prospect.listing.line,
        "letter_day": format_day(letter.date, occasion.letter_language),
        "letter_subject": letter.subject,
        "letter_salutation": letter.salutation,
        "letter_text": markdown.as_text(letter.text),
        "letter_html": markdown.as_html(letter.text),
        "letter_language": occasion.letter_language,
        "letter_direction": direction(occasion.letter_language),
    }


def _day(occasion: Occasion, recipient: Recipient, instant: datetime) -> str:
    day: date = instant.astimezone(occasion.zone).date()
    return format_day(day, recipient.language)
