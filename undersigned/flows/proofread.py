"""Proofread: what to look at in the list before it is printed."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy.orm import Session

from undersigned.domain import letter, proofreading
from undersigned.domain.campaign import Plan
from undersigned.domain.listing import Kind
from undersigned.domain.proofreading import Remark
from undersigned.domain.signatories import Collation, Order, Signatory
from undersigned.errors import Refused
from undersigned.flows import arrange
from undersigned.service import Service
from undersigned.store import campaigns
from undersigned.store.tables import CampaignRow


def campaign(service: Service, name: str) -> list[Remark]:
    """Give the remarks on a campaign's list as it would be printed now, and on its words."""
    with service.store.reading() as session:
        row = campaigns.get(session, name)
        return proofs(session, row).remarks(arrange.arranged(session, row))


@dataclass(frozen=True, kw_only=True)
class Proofs:
    """What a list is held against."""

    #: The letter's own, where it may say how many sign.
    words: str
    pinned: frozenset[tuple[Kind, str]]
    order: Order
    collation: Collation

    def remarks(self, groups: Mapping[Kind, Sequence[Signatory]]) -> list[Remark]:
        """Give the remarks on a list."""
        entries = [
            proofreading.entry(
                one.listing, is_pinned=(one.listing.kind, one.listing.name) in self.pinned
            )
            for group in groups.values()
            for one in group
        ]
        return proofreading.remarks(
            entries, words=self.words, order=self.order, collation=self.collation
        )


def proofs(session: Session, campaign: CampaignRow) -> Proofs:
    """Give what a campaign's list is held against now."""
    plan = Plan.from_table(campaign.plan)
    return Proofs(
        words=_all_of(campaigns.words(campaigns.edition(session, campaign.id))),
        pinned=frozenset(
            (Kind(pin.kind), pin.name) for pin in campaigns.pins(session, campaign.id)
        ),
        order=plan.order,
        collation=plan.collation,
    )


def files(names: Path, words: Path | None) -> list[Remark]:
    """Give the remarks on a list in a text file, and on the letter in a file beside it."""
    said = _all_of(letter.parse(_text(words))) if words else ""
    return proofreading.remarks(proofreading.read(_text(names)), words=said)


def _all_of(words: letter.Letter) -> str:
    return f"{words.title}\n\n{words.subject}\n\n{words.text}"


def _text(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError) as exc:
        raise Refused(f"{path} cannot be read as text in UTF-8.") from exc
