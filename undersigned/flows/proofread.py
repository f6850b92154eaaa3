"""Proofread: what to look at in the list before it is printed."""

from pathlib import Path

from undersigned.domain import letter, proofreading
from undersigned.domain.campaign import Plan
from undersigned.domain.listing import Kind
from undersigned.domain.proofreading import Remark
from undersigned.errors import Refused
from undersigned.flows import arrange
from undersigned.service import Service
from undersigned.store import campaigns


def campaign(service: Service, name: str) -> list[Remark]:
    """Give the remarks on a campaign's list as it would be printed now, and on its words."""
    with service.store.reading() as session:
        row = campaigns.get(session, name)
        plan = Plan.from_table(row.plan)
        words = campaigns.words(campaigns.edition(session, row.id))
        pinned = {(Kind(pin.kind), pin.name) for pin in campaigns.pins(session, row.id)}
        groups = arrange.arranged(session, row)
    entries = [
        proofreading.entry(one.listing, is_pinned=(one.listing.kind, one.listing.name) in pinned)
        for group in groups.values()
        for one in group
    ]
    return proofreading.remarks(
        entries, words=_all_of(words), order=plan.order, collation=plan.collation
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
