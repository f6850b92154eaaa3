"""How the party is to be printed: what the sender spelt out, joined to the invited entry."""

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass

from undersigned.domain.listing import Kind, Listing
from undersigned.domain.party import Prospect
from undersigned.reading.entry import Entry
from undersigned.reading.language import is_small_word, names_a_role
from undersigned.reading.names import folded_words, shares_word
from undersigned.reading.signs import Signs
from undersigned.reading.signs import signs as signs_in

MAX_CHARACTERS = 200
_MAX_LISTINGS = 4
_SUFFIX = re.compile(
    r"^(?:Jr|Sr|II|III|IV|Ph\.?\s?D|M\.?D|Esq|KC|QC|MP|OBE|MBE|CBE|LL\.?[BM]|J\.?D)\.?$",
    re.IGNORECASE,
)
_LINK = re.compile(
    r"https?:|www\.|\w@\w|\b[\w-]+\.(?:com|org|net|example|info|ngo)\b", re.IGNORECASE
)
_HALF_READABLE = re.compile(r"\ufffd|\w\?+\w|\?{2,}|\w\?(?=[^\w\s]|$)|&#?\w+;|=[0-9A-F]{2}")


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
    whole = [one for one in entries if one.whole or one.name]
    parts = [one for one in entries if not (one.whole or one.name)]
    if not whole:
        return _parts_only(parts, invited, signs)
    found: list[Listing] = []
    for one in whole:
        if one.source == "field" and one.name and one.name[:1].islower():
            return _unclear(invited)  # "our name is on the website"
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
    doubt = _doubt(found, whole, prospect, signs, contacts)
    return Reading(listings=tuple(found), is_given=True, doubt=doubt)


def _parts_only(parts: Sequence[Entry], invited: Listing, signs: Signs) -> Reading:
    title = None if "drop_title" in signs else invited.title
    country = None if "drop_country" in signs else invited.country
    doubt = None
    for part in parts:
        if part.title and not _is_title(part.title, invited):
            doubt = "listing-unclear"
        title = part.title or title
        country = part.country or country
        if part.strange_country:
            doubt = "country-unknown"
    listing = Listing(kind=invited.kind, name=invited.name, title=title, country=country)
    is_given = listing != invited
    if not is_given and not doubt and "wants_change" in signs:
        doubt = "listing-unclear"
    if not doubt:
        doubt = _unprintable(listing)
    return Reading(listings=(listing,), is_given=is_given, doubt=doubt)


def _unclear(invited: Listing) -> Reading:
    return Reading(listings=(invited,), is_given=True, doubt="listing-unclear")


def _is_title(text: str, invited: Listing) -> bool:
    """Say whether words taken from a sentence are a title, and no more of the sentence."""
    return (
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
    return Kind.ORGANIZATION


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
    pieces = re.split(r"\s*[,，、]\s*", text)
    count = 1
    while count < len(pieces) and _SUFFIX.match(pieces[count]):
        count += 1
    separator = ", "
    rest = text
    for piece in pieces[:count]:
        rest = rest[rest.index(piece) + len(piece) :]
    return separator.join(pieces[:count]), re.sub(r"^\s*[,，、]\s*", "", rest).strip() or None


# ------------------------------------------------------------------ doubts

_SALUTED = frozenset({"mr", "mrs", "ms", "herr", "frau", "m", "mme", "sr", "sra"})


def names_otherwise(text: str, prospect: Prospect) -> bool:
    """Say whether a person gives their name in a sentence, and not as they were invited.

    A closing line is no sentence: there people write what their friends call them.
    """
    if prospect.kind is not Kind.INDIVIDUAL:
        return False
    invited = folded_words(prospect.name)
    if len(invited) < 2 or not prospect.name.isascii():  # noqa: PLR2004 - a given name and a surname
        return False
    surname = re.escape(prospect.name.split()[-1])
    named = re.compile(rf"(?:[^\W\d_a-z][\w'.-]*\s+){{1,4}}{surname}\b")
    for line in text.split("\n"):
        for match in named.finditer(line):
            words = set(folded_words(match[0]))
            is_closing = len(line.split()) <= len(match[0].split()) + 1
            if not is_closing and words - set(invited) - _SALUTED:
                return True
    return False


def _doubt(  # noqa: PLR0911 - one check, one way out
    found: Sequence[Listing],
    entries: Sequence[Entry],
    prospect: Prospect,
    signs: Signs,
    contacts: Sequence[str],
) -> str | None:
    if len(found) > _MAX_LISTINGS:
        return "too-many-listings"
    for listing in found:
        reason = _unprintable(listing)
        if reason:
            return reason
        if listing.name != prospect.name and _said_by(listing.name, prospect).any(*_SENTENCE_SIGNS):
            return "listing-unclear"
    if any(one.strange_country for one in entries):
        return "country-unknown"
    known = [prospect.name, prospect.title or "", *contacts]
    strangers = [
        one for one in found if not any(shares_word(one.name, name) for name in known if name)
    ]
    explained = signs.any("renamed", "both")
    if len(found) == 1 and strangers and "renamed" not in signs:
        return "another-party"
    if len(found) > 1 and not _belong_together(found, strangers, prospect, explained=explained):
        return "another-party"
    if len({(one.kind, one.name) for one in found}) < len(found):
        return "listings-contradict"
    if sum(one.kind is Kind.ORGANIZATION for one in found) > 1 and not explained:
        return "listings-contradict"
    return None


#: What no name says: words of an answer were taken for a part of it.
_SENTENCE_SIGNS = (
    "consent", "list_us", "bare_yes", "unclear_yes", "not_no", "refusal", "as_invited", "amendment",
)  # fmt: skip


def _said_by(name: str, prospect: Prospect) -> Signs:
    """Give what a name would say, were it a sentence."""
    return signs_in(name, hint=prospect.language)


def _belong_together(
    found: Sequence[Listing], strangers: Sequence[Listing], prospect: Prospect, *, explained: bool
) -> bool:
    """Say whether several listings are the invited party and its own people or bodies."""
    if len(strangers) == len(found):
        return False
    for one in strangers:
        is_its_person = (
            one.kind is Kind.INDIVIDUAL and one.title and shares_word(one.title, prospect.name)
        )
        if not is_its_person and not explained:
            return False
    return True


def _unprintable(listing: Listing) -> str | None:  # noqa: PLR0911 - one check, one way out
    """Give the reason word of what no list may print unseen."""
    text = listing.line
    if len(text) > MAX_CHARACTERS:
        return "listing-too-long"
    if any(character in text for character in "\n\r\t\v\f\u2028\u2029\x85"):
        return "listing-with-line-break"
    if any(unicodedata.category(character) in {"Cc", "Cf", "Co", "Cs", "Cn"} for character in text):
        return "listing-with-control-character"
    if _LINK.search(text):
        return "listing-with-link"
    if _HALF_READABLE.search(listing.name) or (
        listing.title and _HALF_READABLE.search(listing.title)
    ):
        return "half-readable"
    if _is_mixed(listing.name) or (listing.title is not None and _is_mixed(listing.title)):
        return "mixed-script"
    if listing.title is not None and _begins_midway(listing.title):
        return "listing-unclear"
    if " / " in text.removesuffix(f" / {listing.country}") or not any(
        character.isalpha() for character in listing.name
    ):
        return "listing-unclear"
    return None


def _begins_midway(title: str) -> bool:
    """Say whether a title begins in the middle of a sentence ("would be Professor …")."""
    first = title.partition(" ")[0]
    return first.islower() and is_small_word(first)


def _is_mixed(text: str) -> bool:
    """Say whether one word mixes Latin with Cyrillic or Greek lookalikes (UTS 39)."""
    for word in re.findall(r"\w+", text):
        scripts = {_script(character) for character in word if character.isalpha()} - {""}
        if len(scripts) > 1:
            return True
    return False


def _script(character: str) -> str:
    if character.isascii():
        return "LATIN"
    name = unicodedata.name(character, "").partition(" ")[0]
    return name if name in {"LATIN", "CYRILLIC", "GREEK", "ARMENIAN", "CHEROKEE", "COPTIC"} else ""
