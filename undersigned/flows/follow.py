"""Follow: a second letter in the thread of the first, with names that came, or that left."""

from datetime import date
from typing import Any
from zoneinfo import ZoneInfo

from undersigned.domain.campaign import Plan
from undersigned.domain.letter import Errand, Letter
from undersigned.errors import Refused, TemporaryFailure
from undersigned.flows import freeze, manifest
from undersigned.service import Service
from undersigned.store import campaigns, freezes, replies
from undersigned.store.tables import FreezeRow
from undersigned.writing.moments import format_day

#: What a follow-up says where the coordinator brings no words: title and text.
_WORDS: dict[Errand, tuple[str, str]] = {
    Errand.SUPPLEMENT: (
        "Supplement: {title}",
        (
            "We refer to our letter of {day}, “{title}”.\n\n"
            "Those named below have signed it since it was sent to you.\n"
        ),
    ),
    Errand.CORRECTION: (
        "Correction: {title}",
        (
            "We refer to our letter of {day}, “{title}”.\n\n"
            "Those named below no longer sign it. We would be grateful if it were read without "
            "their names.\n"
        ),
    ),
}
_NOBODY = {
    Errand.SUPPLEMENT: "Nobody has signed since the letter left",
    Errand.CORRECTION: "Every name that the letter bears still stands",
}


def follow(
    service: Service, name: str, errand: Errand, *, by: str, words: Letter | None = None
) -> FreezeRow:
    """Freeze a supplement or a correction; it is approved, armed and sent like the letter.

    `words` are the coordinator's own; without them the product's, in English. Raises `Refused`
    before the letter has left, where nobody would be named, or where the letter is in another
    language and there are no words.
    """
    with service.store.reading() as session:
        campaign = campaigns.get(session, name)
        plan = Plan.from_table(campaign.plan)
        first = freezes.left(session, campaign.id)
        if first is None:
            raise Refused(f"The letter of {name} has not left: change it instead of following it.")
        if unread := replies.waiting(session, campaign.account, service.now):
            raise TemporaryFailure(f"{unread} replies are being read: try again in a moment.")
        today = service.now.astimezone(ZoneInfo(plan.zone)).date()
        said = words or _usual(first.manifest, errand, today)
        made = manifest.content(session, campaign, said, errand=errand, first=first)
    if not sum(made["counts"].values()):
        raise Refused(f"{_NOBODY[errand]}: there is nothing to send.")
    return freeze.keep(service, name, made, by=by)


def _usual(first: dict[str, Any], errand: Errand, today: date) -> Letter:
    """Give the product's own words about the first letter."""
    language = first["language"]
    if language.split("-")[0] != "en":
        raise Refused(
            f"The letter is in {language}, and these words are known in English alone: write them "
            "in a file like letter.md and name it with --text."
        )
    letter = manifest.words(first)
    title, text = _WORDS[errand]
    values = {"title": letter.title, "day": format_day(letter.date, language)}
    return Letter(
        title=title.format(**values),
        date=today,
        subject=letter.subject,
        salutation=letter.salutation,
        text=text.format(**values),
    )
