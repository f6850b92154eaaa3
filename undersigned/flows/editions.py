"""Editions: the letter's texts one after the other, and what each changed to the word."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select

from undersigned.domain.changes import Paragraph, changes
from undersigned.domain.letter import Letter
from undersigned.errors import Refused
from undersigned.service import Service
from undersigned.store import campaigns
from undersigned.store.tables import EditionRow


@dataclass(frozen=True, kw_only=True)
class Edition:
    """A text of the letter, as a line."""

    number: int
    created_at: datetime
    #: Whether those who had signed were asked again.
    substance: bool


def editions(service: Service, name: str) -> list[Edition]:
    """Give the editions of a letter, the newest first."""
    with service.store.reading() as session:
        campaign = campaigns.get(session, name)
        rows = session.execute(
            select(EditionRow.number, EditionRow.created_at, EditionRow.substance)
            .where(EditionRow.campaign_id == campaign.id)
            .order_by(EditionRow.number.desc())
        ).all()
    return [
        Edition(number=row.number, created_at=row.created_at, substance=row.substance)
        for row in rows
    ]


def changed(service: Service, name: str, number: int) -> Sequence[Paragraph]:
    """Give what an edition changed in the one before it; all of the first one came.

    Raises `Refused` where the letter has no edition of that number.
    """
    with service.store.reading() as session:
        campaign = campaigns.get(session, name)
        rows = {
            row.number: campaigns.words(row)
            for row in session.scalars(
                select(EditionRow).where(
                    EditionRow.campaign_id == campaign.id,
                    EditionRow.number.in_((number - 1, number)),
                )
            )
        }
    if number not in rows:
        raise Refused(f"The letter of {name} has no edition {number}.")
    before = rows.get(number - 1)
    return changes(_all_of(before) if before else "", _all_of(rows[number]))


def _all_of(words: Letter) -> str:
    head = (words.title, words.date.isoformat(), words.subject, words.salutation)
    return "\n\n".join((*head, words.text))
