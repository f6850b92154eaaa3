"""The list: who is printed, under which heading, in which order."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from functools import cache

from pyuca import Collator

from undersigned.domain.listing import Kind, Listing

#: Leading words that the order ignores, as library catalogues do.
ARTICLES = (
    "the ",
    "a ",
    "an ",
    "la ",
    "le ",
    "les ",
    "el ",
    "los ",
    "las ",
    "der ",
    "die ",
    "das ",
    "o ",
    "os ",
)
_NO_QUOTES = dict.fromkeys(map(ord, "\"'“”‘’«»„‚「」『』"))

#: The headings, in the order of the letter.
HEADINGS: dict[Kind, str] = {Kind.INDIVIDUAL: "Individuals", Kind.ORGANIZATION: "Organizations"}


class Order(StrEnum):
    """What the list is sorted by."""

    NAME = "name"
    COUNTRY = "country"
    TIME = "time"


@dataclass(frozen=True, kw_only=True)
class Signatory:
    """A party on the list, with one listing. A party with two listings is two signatories."""

    prospect_id: int
    listing: Listing
    #: When the party came on the list.
    signed_at: datetime
    #: The edition it agreed to.
    edition: int


@dataclass(frozen=True, kw_only=True)
class Collation:
    """How names are compared: by the Unicode collation algorithm in root order (UTS #10).

    The campaign says what does not count, and names the exceptions.
    """

    #: Whether a leading article is passed over, as library catalogues do.
    ignores_articles: bool = True
    #: Whether quotation marks are passed over.
    ignores_quotes: bool = True
    #: A printed name, and what it stands under instead.
    exceptions: Mapping[str, str] = field(default_factory=dict)

    def key(self, name: str) -> tuple[int, ...]:
        """Give the sort key of a name.

        >>> Collation().key("The Beacon") < Collation().key("“Court” Watch")
        True
        """
        plain = self.exceptions.get(name, name)
        if self.ignores_quotes:
            plain = plain.translate(_NO_QUOTES).strip() or plain
        if self.ignores_articles:
            plain = _without_article(plain)
        return _root_key(plain)


@cache
def _root_key(text: str) -> tuple[int, ...]:
    return tuple(_collator().sort_key(text))


@cache
def _collator() -> Collator:
    return Collator()


def _without_article(text: str) -> str:
    folded = text.lower()
    found = next((one for one in ARTICLES if folded.startswith(one)), "")
    return text[len(found) :].lstrip() or text


#: The order of a campaign that says nothing about it.
CATALOGUE = Collation()


def arrange(
    signatories: Iterable[Signatory],
    *,
    order: Order = Order.NAME,
    pins: Mapping[tuple[Kind, str], int] | None = None,
    collation: Collation = CATALOGUE,
) -> dict[Kind, list[Signatory]]:
    """Give the signatories under their headings, in the order of the letter; total and stable.

    `pins` maps (kind, name) to a place counted from 1; a pinned signatory stands there and the
    others fill the places between. Where two are pinned to one place, or a place lies beyond the
    end, the next free one is taken.
    """
    by_kind: dict[Kind, list[Signatory]] = {kind: [] for kind in HEADINGS}
    for signatory in signatories:
        by_kind[signatory.listing.kind].append(signatory)
    return {
        kind: _pin(sorted(group, key=lambda one: _sort_key(one, order, collation)), pins or {})
        for kind, group in by_kind.items()
    }


def _sort_key(signatory: Signatory, order: Order, collation: Collation) -> tuple[object, ...]:
    listing = signatory.listing
    name = (collation.key(listing.name), listing.name, listing.line, signatory.prospect_id)
    match order:
        case Order.COUNTRY:
            return (listing.country is None, CATALOGUE.key(listing.country or ""), *name)
        case Order.TIME:
            return (signatory.signed_at, *name)
        case _:
            return name


def _pin(ordered: Sequence[Signatory], pins: Mapping[tuple[Kind, str], int]) -> list[Signatory]:
    pinned = {
        id(one): pins[key]
        for one in ordered
        if (key := (one.listing.kind, one.listing.name)) in pins
    }
    places: dict[int, Signatory] = {}
    for one in sorted(
        (one for one in ordered if id(one) in pinned), key=lambda one: pinned[id(one)]
    ):
        place = pinned[id(one)]
        while place in places:
            place += 1
        places[place] = one
    free = iter([one for one in ordered if id(one) not in pinned])
    result: list[Signatory] = []
    while len(result) < len(ordered):
        here = places.pop(len(result) + 1, None) or next(free, None)
        if here is None:  # only pins beyond the end are left
            here = places.pop(min(places))
        result.append(here)
    return result


def as_text(groups: Mapping[Kind, Sequence[Signatory]]) -> str:
    """Give the list as plain text: headings, and a line a signatory; no empty heading."""
    lines: list[str] = []
    for kind, heading in HEADINGS.items():
        if groups.get(kind):
            lines += [heading, *(one.listing.line for one in groups[kind])]
    return "".join(f"{line}\n" for line in lines)
