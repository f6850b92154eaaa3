"""What stops a listing before it is printed: a person must look at it."""

import re
import unicodedata
from collections.abc import Sequence

from undersigned.domain.listing import Kind, Listing
from undersigned.domain.party import Prospect
from undersigned.reading.entry import Entry
from undersigned.reading.language import is_small_word, names_a_role
from undersigned.reading.names import shares_word
from undersigned.reading.signs import Signs
from undersigned.reading.signs import signs as signs_in

MAX_CHARACTERS = 200
_MAX_LISTINGS = 4
_LINK = re.compile(
    r"https?:|www\.|\w@\w|\b[\w-]+\.(?:com|org|net|example|info|ngo)\b", re.IGNORECASE
)
_HALF_READABLE = re.compile(r"\ufffd|\w\?+\w|\?{2,}|\w\?(?=[^\w\s]|$)|&#?\w+;|=[0-9A-F]{2}")


#: A remark in a listing: `(lower case, please)`, `(sans l'université)`; and a bar between parts.
#: Not what belongs to a name or a title: `(formerly Lamps)`, `(for identification only)`.
_BELONGS = (
    "formerly |previously |affiliation for|affiliation given|for identification|retired|ret\\."
    "|emerit|née |anciennement |antes |ehemals |früher "
    "|in (?:a|an|his|her|my|their) (?:personal|individual|private) capacity"
)
_ASIDE = re.compile(rf"[(（]\s*(?!{_BELONGS})[a-zà-ÿа-я]|\|")
#: The word behind a comma in a name: `Lamps (TL), with an s`.
_AFTER = re.compile(r",\s([a-zà-ÿ]+)")
_JOINING = frozenset(
    {"and", "of", "for", "the", "y", "e", "et", "und", "de", "für", "pour", "para"}
)

#: A dash and small letters behind it: a remark.
_REMARK = re.compile(r"\s[-–—]\s+[a-zà-ÿа-я]")
#: Small words in the names of people.
_PARTICLES = frozenset((
    "a", "af", "al", "ap", "av", "aw", "bin", "bint", "d", "da", "dal", "das", "de", "dei", "del",
    "della", "den", "der", "des", "di", "do", "dos", "du", "e", "el", "en", "i", "ibn", "la", "las",
    "le", "les", "los", "op", "os", "ten", "ter", "und", "van", "vom", "von", "y", "zu", "zum",
))  # fmt: skip


def doubt(  # noqa: PLR0911 - one check, one way out
    found: Sequence[Listing],
    entries: Sequence[Entry],
    prospect: Prospect,
    signs: Signs,
    contacts: Sequence[str],
) -> str | None:
    """Give the reason word of what a person must look at in the listings, or None."""
    if len(found) > _MAX_LISTINGS:
        return "too-many-listings"
    for listing in found:
        reason = unprintable(listing)
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
    is_swapped = any(one.source == "replacement" for one in entries)
    explained = signs.any("renamed", "both")
    # Of two, one was read.
    is_half = "both" in signs and (found[0].kind is not prospect.kind or bool(strangers))
    is_renamed = is_swapped or "renamed" in signs
    if len(found) == 1 and (is_half or (strangers and not is_renamed)):
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


def is_right(words: str, prospect: Prospect) -> bool:
    """Say whether words about a listing say that it is right as it stands, and nothing else."""
    said = _said_by(words, prospect)
    return "as_invited" in said and not said.any(*_CHANGES)


#: What a listing that is right as it stands has nothing of.
_CHANGES = ("amendment", "wants_change", "unexplained_not", "unexplained_but", "rest", "renamed")


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


def unprintable(listing: Listing) -> str | None:  # noqa: PLR0911 - one check, one way out
    """Give the reason word of what no list may print unseen."""
    line = listing.line
    if len(line) > MAX_CHARACTERS:
        return "listing-too-long"
    if any(character in line for character in "\n\r\t\v\f\u2028\u2029\x85"):
        return "listing-with-line-break"
    is_plain = line.isascii() and line.isprintable()
    if not is_plain and any(map(_is_control, line)):
        return "listing-with-control-character"
    if _LINK.search(line):
        return "listing-with-link"
    parts = [listing.name, listing.title or ""]
    if any(_HALF_READABLE.search(part) for part in parts):
        return "half-readable"
    if any(_is_mixed(part) for part in parts):
        return "mixed-script"
    return "listing-unclear" if _holds_more(listing) else None


def _is_control(character: str) -> bool:
    return unicodedata.category(character) in {"Cc", "Cf", "Co", "Cs", "Cn"}


def _holds_more(listing: Listing) -> bool:
    """Say whether more of the sentence than the listing was taken for one."""
    parts = [listing.name, listing.title or ""]
    return (
        _begins_midway(listing.title or "")
        or any(_ASIDE.search(part) for part in parts)
        or any(part.count("«") != part.count("»") or part.count('"') % 2 for part in parts)
        or any(map(_goes_on, _AFTER.findall(listing.name)))
        or (listing.kind is Kind.INDIVIDUAL and _is_spoken(listing.name))
        or _is_divided(listing)
        or not any(character.isalpha() for character in listing.name)
    )


def _is_divided(listing: Listing) -> bool:
    """Say whether a stroke stands in a listing, but for one between an organization's two names."""
    if " / " in (listing.title or ""):
        return True
    names = listing.name.split(" / ")
    return len(names) > 1 and not is_bilingual(listing.name)


#: A name in another language is a name, too: capitals, and more words than one.
_WHOLE_NAME = re.compile(r"[A-ZÀ-Þ][\w'’.-]*(?: [\w'’.()-]+)+")


def is_bilingual(name: str) -> bool:
    """Say whether a text is an organization's name in two languages, and no place behind one.

    Two languages share a word of it, or the second has the acronym.

    >>> is_bilingual("Harbour Light Initiative / Initiative Phare du Port (HLI)")
    True
    >>> is_bilingual("Harbour Light Initiative / Outer Atlantis")
    False
    """
    names = name.split(" / ")
    return (
        len(names) == _LANGUAGES
        and all(_WHOLE_NAME.fullmatch(one) and not names_a_role(one) for one in names)
        and (names[1].endswith(")") or shares_word(*names))
    )


#: So many names an organization gives at most.
_LANGUAGES = 2


def _goes_on(word: str) -> bool:
    """Say whether a word behind a comma goes on with the sentence, and not with the name."""
    return is_small_word(word) and word not in _JOINING


def _is_spoken(name: str) -> bool:
    """Say whether a person's name holds what only sentences have: "with", "- rest as before"."""
    return _REMARK.search(name) is not None or any(
        word.islower() and is_small_word(word) and word not in _PARTICLES
        for word in name.split()[1:]
    )


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
