"""How the party is to be printed: what the sender spelt out, joined to the invited entry."""

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass

from undersigned.domain.listing import Kind, Listing
from undersigned.domain.party import Prospect
from undersigned.reading import doubts
from undersigned.reading.entry import Entry
from undersigned.reading.entry_names import bare
from undersigned.reading.language import names_a_role
from undersigned.reading.names import folded_words, shares_word
from undersigned.reading.signs import Signs

_SUFFIX = re.compile(
    r"^(?:Jr|Sr|II|III|IV|Ph\.?\s?D|M\.?D|Esq|KC|QC|MP|OBE|MBE|CBE|LL\.?[BM]|J\.?D)\.?$",
    re.IGNORECASE,
)


@dataclass(frozen=True, kw_only=True)
class Reading:
    """The listings that a reply asks for, and why a person should look at them."""

    listings: tuple[Listing, ...]
    #: They spell a listing out, or a part that differs from the invitation's.
    is_given: bool = False
    #: A reason word, or None where nothing is doubtful.
    doubt: str | None = None


def listings(
    entries: Sequence[Entry], prospect: Prospect, signs: Signs, *, contacts: Sequence[str] = ()
) -> Reading:
    """Give what is to be printed: what an entry leaves unsaid stays as invited.

    `contacts` are names that the sender may go by: the contact's and the one in From.
    """
    invited = prospect.listing
    entries = [one for one in entries if not _is_praise(one, prospect)]
    whole = [one for one in entries if one.whole or one.name]
    parts = [one for one in entries if not (one.whole or one.name)]
    if not whole:
        return _parts_only(parts, invited, signs)
    found: list[Listing] = []
    for one in whole:
        if one.is_remark:
            return _unclear(invited)  # "our name is on the website"
        if one.source in _SPOKEN and one.title and not _names_title(one.title, invited):
            return _unclear(invited)  # "the title is fine"
        listing = _listing(one, prospect, signs, contacts)
        if listing not in found:
            found.append(listing)
    for one in parts:
        found[0] = Listing(
            kind=found[0].kind,
            name=found[0].name,
            title=one.title or found[0].title,
            country=one.country or found[0].country,
        )
    doubt = doubts.doubt(found, whole, prospect, signs, contacts)
    return Reading(listings=tuple(found), is_given=True, doubt=doubt)


#: Where an entry was cut out of a sentence.
_SPOKEN = frozenset({"field", "replacement"})


def _is_praise(one: Entry, prospect: Prospect) -> bool:
    """Say whether a field says that the name is right: "our name is | correctly spelt"."""
    is_alone = one.is_remark and not (one.title or one.country)
    return is_alone and doubts.is_right(one.words, prospect)


def _parts_only(parts: Sequence[Entry], invited: Listing, signs: Signs) -> Reading:
    title = None if "drop_title" in signs else invited.title
    country = None if "drop_country" in signs else invited.country
    doubt = None
    for part in parts:
        said = _less_name(part.title, invited) if part.title else None
        if said and (not _names_title(said, invited) or _is_torn(said, invited)):
            doubt = "listing-unclear"
        title = said or title
        country = part.country or country
        if part.strange_country:
            doubt = "country-unknown"
    name = bare(invited.name) if "drop_acronym" in signs else invited.name
    listing = Listing(kind=invited.kind, name=name, title=title, country=country)
    is_given = listing != invited
    if not is_given and not doubt and "wants_change" in signs:
        doubt = "listing-unclear"
    if not doubt:
        doubt = doubts.unprintable(listing)
    return Reading(listings=(listing,), is_given=is_given, doubt=doubt)


def _less_name(title: str, invited: Listing) -> str:
    """Give a title less the name before it: `my title is now: Ada Byron, Fellow`."""
    return re.sub(rf"{re.escape(invited.name)}\s*[,，、/|:–-]\s*", "", title, count=1)


def _unclear(invited: Listing) -> Reading:
    return Reading(listings=(invited,), is_given=True, doubt="listing-unclear")


def _is_torn(title: str, invited: Listing) -> bool:
    """Say whether a title is a piece of the invited one, its office gone: "the institute stays"."""
    known = invited.title or ""
    return title in known and title != known and not names_a_role(title)


def _names_title(text: str, invited: Listing) -> bool:
    """Say whether words taken from a sentence are a person's title, and no more of the sentence."""
    return invited.kind is Kind.INDIVIDUAL and (
        not text[:1].islower()
        or names_a_role(text)
        or (invited.title is not None and shares_word(text, invited.title))
    )


def _listing(one: Entry, prospect: Prospect, signs: Signs, contacts: Sequence[str]) -> Listing:
    invited = prospect.listing
    text = one.whole or one.name or invited.name
    kind = one.kind or _kind(text, one, prospect, contacts)
    name, title = (text, one.title) if kind is Kind.ORGANIZATION else _person(text, one.title)
    if (
        kind is invited.kind
        and title is None
        and "drop_title" not in signs
        and kind is Kind.INDIVIDUAL
    ):
        title = invited.title
    if "drop_title" in signs and one.title is None and kind is Kind.INDIVIDUAL:
        title = title if title != invited.title else None
    country = one.country or (None if "drop_country" in signs else invited.country)
    return Listing(
        kind=kind, name=_composed(name), title=_composed(title) if title else None, country=country
    )


def _composed(text: str) -> str:
    return unicodedata.normalize("NFC", " ".join(text.split(" ")).strip())


def _kind(text: str, one: Entry, prospect: Prospect, contacts: Sequence[str]) -> Kind:  # noqa: PLR0911 - one check, one way out
    """Tell a person from an organization by what the entry has in common with whom we invited."""
    first, _, rest = text.partition(", ")
    if prospect.kind is Kind.INDIVIDUAL:
        if shares_word(first, prospect.name):
            return Kind.INDIVIDUAL
        if prospect.title and shares_word(first, prospect.title):
            return Kind.ORGANIZATION
        return Kind.INDIVIDUAL
    people = [one for one in contacts if one and not _is_part(one, prospect.name)]
    if any(_same_person(first, person) for person in people):
        return Kind.INDIVIDUAL
    if shares_word(first, prospect.name):
        return Kind.ORGANIZATION
    if (rest and shares_word(rest, prospect.name)) or (
        one.title and shares_word(one.title, prospect.name)
    ):
        return Kind.INDIVIDUAL
    is_person = names_a_role(rest) and 1 < len(first.split()) <= _PERSON
    return Kind.INDIVIDUAL if is_person else Kind.ORGANIZATION


#: A person's name has so many words at most.
_PERSON = 4


def _is_part(one: str, other: str) -> bool:
    """Say whether a name in From is the organization's own, whole or in part."""
    return set(folded_words(one)) <= set(folded_words(other))


def _same_person(one: str, other: str) -> bool:
    here, there = set(folded_words(one)), set(folded_words(other))
    return bool(there) and len(here & there) >= min(2, len(there)) and len(here) <= len(there) + 2


def _person(text: str, title: str | None) -> tuple[str, str | None]:
    """Split `Name, title, more title` at the first comma that no suffix of the name follows.

    >>> _person("Ada Byron, PhD, Fellow, Lark Institute", None)
    ('Ada Byron, PhD', 'Fellow, Lark Institute')
    """
    if title is not None:
        return text, title
    pieces = re.split(r"\s*[,،，、]\s*", text)
    count = 1
    while count < len(pieces) and _SUFFIX.match(pieces[count]):
        count += 1
    separator = ", "
    rest = text
    for piece in pieces[:count]:
        rest = rest[rest.index(piece) + len(piece) :]
    return separator.join(pieces[:count]), re.sub(r"^\s*[,،，、]\s*", "", rest).strip() or None
