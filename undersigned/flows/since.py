"""Since: what the letter has become since it was last frozen, or since its last edition."""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session

from undersigned.domain import letter
from undersigned.flows import manifest
from undersigned.flows.listed import listed
from undersigned.service import Service
from undersigned.store import campaigns, freezes
from undersigned.store.tables import CampaignRow, EditionRow


@dataclass(frozen=True, kw_only=True)
class Since:
    """What changed since an earlier state of the letter."""

    #: That state: "the freeze of 2026-06-19 22:00 UTC", "edition 1".
    what: str
    #: Lines of the text, with "-" before what went and "+" before what came.
    text: list[str]
    #: Printed lines that came and went.
    names_in: list[str]
    names_out: list[str]

    def lines(self) -> list[str]:
        """Give it for a person; a sentence where nothing changed."""
        changed = [
            *self.text,
            *(f"+ {line}" for line in self.names_in),
            *(f"- {line}" for line in self.names_out),
        ]
        if not changed:
            return [f"Nothing changed since {self.what}."]
        return [f"Changed since {self.what}:", *changed]


def last(service: Service, name: str) -> Since | None:
    """Give what changed since the last freeze, else since the last edition; None for the first."""
    with service.store.reading() as session:
        campaign = campaigns.get(session, name)
        return _since_freeze(service, session, campaign) or _since_edition(session, campaign)


def _since_freeze(service: Service, session: Session, campaign: CampaignRow) -> Since | None:
    row = freezes.latest_letter(session, campaign.id)
    if row is None:
        return None
    new = campaigns.words(campaigns.edition(session, campaign.id))
    before = [line for group in row.manifest["list"].values() for line in group]
    now = [one.signatory.listing.line for one in listed(service, session, campaign).lines]
    return Since(
        what=f"the freeze of {row.frozen_at:%Y-%m-%d %H:%M} UTC",
        text=letter.differences(manifest.words(row.manifest), new),
        names_in=_beyond(now, before),
        names_out=_beyond(before, now),
    )


def _beyond(some: Sequence[str], others: Sequence[str]) -> list[str]:
    known = set(others)
    return [line for line in some if line not in known]


def _since_edition(session: Session, campaign: CampaignRow) -> Since | None:
    rows = session.scalars(
        select(EditionRow)
        .where(EditionRow.campaign_id == campaign.id)
        .order_by(EditionRow.number.desc())
        .limit(2)
    ).all()
    if len(rows) < 2:  # noqa: PLR2004 - this one and the one before
        return None
    new, old = rows
    return Since(
        what=f"edition {old.number}",
        text=letter.differences(campaigns.words(old), campaigns.words(new)),
        names_in=[],
        names_out=[],
    )
