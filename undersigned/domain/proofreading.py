"""Proofreading: what a careful secretary would mark in a list before it is printed.

Marks are advice; nothing is changed by them. Lists of 5,000 lines are read in seconds: whatever is
compared with everything else goes through a table, never through all pairs.
"""

import re
import unicodedata
from bisect import bisect_right
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from undersigned.domain.listing import Kind, Listing
from undersigned.domain.roster import party_key
from undersigned.domain.signatories import CATALOGUE, HEADINGS, Collation, Order


@dataclass(frozen=True, kw_only=True)
class Entry:
    """One line of a list, as it is printed or was typed."""

    kind: Kind
    #: The line exactly as it stands, stray spaces and all.
    text: str
    name: str
    title: str | None
    country: str | None
    #: Whether a coordinator chose its place.
    is_pinned: bool = False


@dataclass(frozen=True, kw_only=True)
class Remark:
    """One thing to look at."""

    #: A word of `REASONS`.
    reason: str
    #: The line it is about; "" for the whole list.
    line: str
    #: What it is, for a person.
    sentence: str


#: What is looked for, in the order in which it is told.
REASONS: Mapping[str, str] = {
    "person-under-organizations": "a person stands under Organizations",
    "organization-under-individuals": "an organization stands under Individuals",
    "no-country": "no country",
    "out-of-order": "a line is out of order",
    "stray-space": "a stray or doubled space",
    "twice": "one party stands twice",
    "wrong-count": "a count in the words is not the count printed",
}


# Reading a list.


def entry(listing: Listing, *, is_pinned: bool = False) -> Entry:
    """Give a listing as an entry."""
    return Entry(
        kind=listing.kind,
        text=listing.line,
        name=listing.name,
        title=listing.title,
        country=listing.country,
        is_pinned=is_pinned,
    )


def read(source: str) -> list[Entry]:
    r"""Give the entries of a list in plain text: headings, and `Name, Title / Country` a line.

    >>> [one] = read("Organizations\nHanVoice / Canada\n")
    >>> (one.kind, one.name, one.country)
    (<Kind.ORGANIZATION: 'organization'>, 'HanVoice', 'Canada')
    """
    kinds = {heading.casefold(): kind for kind, heading in HEADINGS.items()}
    kind = Kind.ORGANIZATION
    found: list[Entry] = []
    for line in source.removeprefix("\ufeff").splitlines():
        plain = " ".join(line.split())
        if plain.casefold().rstrip(":") in kinds:
            kind = kinds[plain.casefold().rstrip(":")]
        elif plain:
            found.append(_entry(kind, line, plain))
    return found


def _entry(kind: Kind, line: str, plain: str) -> Entry:
    who, slash, country = plain.rpartition(" / ")
    name, _, title = (who if slash else plain).partition(", ")
    return Entry(
        kind=kind, text=line, name=name, title=title or None, country=country if slash else None
    )


# The rules.


def remarks(
    entries: Sequence[Entry],
    *,
    words: str = "",
    order: Order = Order.NAME,
    collation: Collation = CATALOGUE,
) -> list[Remark]:
    """Give everything to look at in a list, and in the words that go with it."""
    found = [
        Remark(reason=reason, line=one.text.strip(), sentence=sentence)
        for one in entries
        for reason, rule in _RULES
        if (sentence := rule(one)) is not None
    ]
    found += _out_of_order(entries, order, collation)
    found += _twice(entries)
    found += _miscounted(entries, words)
    places = list(REASONS)
    return sorted(found, key=lambda one: places.index(one.reason))


#: What a person's title begins with, as printed after the name.
_TITLES = re.compile(
    r"(?:former|professor|prof\.?|director|president|vice|chair(?:man|woman|person)?|member|"
    r"ambassador|lawyer|attorney|advocate|journalist|author|writer|researcher|fellow|minister|"
    r"senator|mp|judge|justice|bishop|pastor|rev\.?|founder|co-founder|ceo|secretary|executive|"
    r"lecturer|scholar|activist|student|independent|special rapporteur|emeritus|emerita|dean)\b",
    re.IGNORECASE,
)
_HONORIFICS = re.compile(
    r"(?:dr|prof|mr|mrs|ms|miss|sir|dame|lord|lady|baroness|hon|rev|h\.e)\b\.?\s", re.IGNORECASE
)
#: "ARAKI Kazuhiro": a family name in capitals and a given name, and nothing else.
_CAPITALS = re.compile(r"[^\W\d_a-z]{2,} [^\W\d_][a-z]+(?:-[a-z]+)?")
_ORGANIZATIONS = re.compile(
    r"\b(?:associations?|committee|council|foundation|institute|institution|centre|center|union|"
    r"network|coalition|alliance|society|organi[sz]ation|campaign|watch|group|federation|league|"
    r"initiative|commission|corporation|inc|ltd|e\.v|ngo)\b|협회|연합|단체|센터|재단|協会|財団|委员会|协会",
    re.IGNORECASE,
)


def _is_person(one: Entry) -> str | None:
    if one.kind is not Kind.ORGANIZATION or _ORGANIZATIONS.search(one.name):
        return None
    looks_so = (
        (one.title is not None and _TITLES.match(one.title))
        or _HONORIFICS.match(one.name)
        or _CAPITALS.fullmatch(one.name)
    )
    return "This looks like a person, under Organizations." if looks_so else None


def _is_organization(one: Entry) -> str | None:
    if one.kind is not Kind.INDIVIDUAL or not _ORGANIZATIONS.search(one.name):
        return None
    return "This looks like an organization, under Individuals."


def _has_no_country(one: Entry) -> str | None:
    return None if one.country else "No country is printed."


_SPACES = re.compile(r"^\s|\s$|\s{2,}|[^\S ]|[\u200b-\u200d\u2060\ufeff]|\s[,;)]|\(\s")


def _has_stray_space(one: Entry) -> str | None:
    found = _SPACES.search(one.text)
    if found is None:
        return None
    strange = sorted({f"U+{ord(char):04X}" for char in found[0] if char not in " ,;()"})
    return f"There is a stray space ({', '.join(strange) or 'one too many'})."


#: Rules that look at one line: reason, and what gives the sentence.
_RULES: tuple[tuple[str, Callable[[Entry], str | None]], ...] = (
    ("person-under-organizations", _is_person),
    ("organization-under-individuals", _is_organization),
    ("no-country", _has_no_country),
    ("stray-space", _has_stray_space),
)


# Order.


def _out_of_order(entries: Sequence[Entry], order: Order, collation: Collation) -> Iterator[Remark]:
    """Mark the fewest lines without which the rest stands in order.

    People may be listed by the printed name or by its last word, the family name in many places:
    whichever marks less. A list by time of signing cannot be judged by its lines.
    """
    if order is Order.TIME:
        return
    for kind, heading in HEADINGS.items():
        group = [one for one in entries if one.kind is kind]
        keys: list[Callable[[Entry], Any]] = [lambda one: collation.key(one.name)]
        if kind is Kind.INDIVIDUAL:
            keys.append(lambda one: collation.key(one.name.split(" ")[-1]))
        if order is Order.COUNTRY:
            keys = [_by_country(key) for key in keys]
        for one in min((_misplaced(group, key) for key in keys), key=len):
            pinned = ", where it is pinned" if one.is_pinned else ""
            yield Remark(
                reason="out-of-order",
                line=one.text.strip(),
                sentence=f"It stands out of order under {heading}{pinned}.",
            )


def _by_country(key: Callable[[Entry], Any]) -> Callable[[Entry], Any]:
    return lambda one: (one.country is None, CATALOGUE.key(one.country or ""), key(one))


def _misplaced(group: Sequence[Entry], key: Callable[[Entry], Any]) -> list[Entry]:
    """Give the lines beside a longest run that is in order (patience sorting)."""
    keys = [key(one) for one in group]
    tops: list[Any] = []
    at: list[int] = []
    before: list[int | None] = [None] * len(group)
    for place, value in enumerate(keys):
        pile = bisect_right(tops, value)
        before[place] = at[pile - 1] if pile else None
        tops[pile : pile + 1] = [value]
        at[pile : pile + 1] = [place]
    kept: set[int] = set()
    here = at[-1] if at else None
    while here is not None:
        kept.add(here)
        here = before[here]
    return [one for place, one in enumerate(group) if place not in kept]


# One party twice.

_ACRONYM = re.compile(r"\(([^()\s]{2,12})\)")
_VARIANTS = (
    (re.compile(r"\bcentre\b"), "center"),
    (re.compile(r"\b(\w+i)s(ation)"), r"\1z\2"),
    (re.compile(r"\bdefence\b"), "defense"),
    (re.compile(r"\b(?:the|of|for|and|inc|ltd|llc|ev|a|an)\b"), " "),
)
#: Names shorter than this are too easily alike by chance.
_LONG_ENOUGH = 8


def _twice(entries: Sequence[Entry]) -> Iterator[Remark]:
    """Mark parties that stand twice: by one name, by two spellings of it, or by their acronym."""
    seen: dict[str, Entry] = {}
    for one in entries:
        other = next((seen[key] for key in _keys(one) if key in seen), None)
        if other is not None:
            yield Remark(
                reason="twice",
                line=one.text.strip(),
                sentence=f"This may be the same party as “{other.text.strip()}”.",
            )
        for key in _keys(one):
            seen.setdefault(key, one)


def _keys(one: Entry) -> set[str]:
    """Give what the line of the same party, spelt otherwise, would have in common with it."""
    acronyms = {f"={_bare(found)}" for found in _ACRONYM.findall(one.name)}
    name = _bare(_ACRONYM.sub(" ", one.name))
    keys = acronyms | {f"={name}"} if name else acronyms
    if len(name) >= _LONG_ENOUGH:
        # Two names one letter apart share what is left when each loses it. Numbers tell apart.
        letters = (place for place, char in enumerate(name) if not char.isdigit())
        keys |= {name[:place] + name[place + 1 :] for place in letters} | {name}
    return keys


def _bare(name: str) -> str:
    """Give a name without case, accents, marks, articles, and what is spelt in two ways."""
    plain = unicodedata.normalize("NFKD", party_key(name.replace("&", " and ")))
    plain = "".join(char for char in plain if not unicodedata.combining(char))
    for pattern, instead in _VARIANTS:
        plain = pattern.sub(instead, plain)
    return "".join(plain.split())


# Counts in the words.

_ONES = (
    *("zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine"),
    *("ten", "eleven", "twelve", "thirteen", "fourteen", "fifteen", "sixteen", "seventeen"),
    *("eighteen", "nineteen"),
)
_TENS = ("", "", "twenty", "thirty", "forty", "fifty", "sixty", "seventy", "eighty", "ninety")
_NUMBERS = {word: number for number, word in enumerate(_ONES)}
_NUMBERS |= {word: ten * 10 for ten, word in enumerate(_TENS) if word}
_NUMBERS |= {
    f"{ten}-{one}": 10 * place + number
    for place, ten in enumerate(_TENS)
    if ten
    for number, one in enumerate(_ONES[1:10], start=1)
}

_NOUNS: Mapping[str, Kind | None] = {
    "organization": Kind.ORGANIZATION,
    "organisation": Kind.ORGANIZATION,
    "group": Kind.ORGANIZATION,
    "ngo": Kind.ORGANIZATION,
    "individual": Kind.INDIVIDUAL,
    "expert": Kind.INDIVIDUAL,
    "signatorie": None,
    "signer": None,
    "undersigned": None,
}
#: A sentence that speaks of who signs.
_SIGNING = re.compile(r"undersigned|sign(?:ed|s|ing)?\b|signator|on behalf|\bwe, ", re.IGNORECASE)
_COUNT = re.compile(
    rf"\b(?P<number>\d[\d,]*|{'|'.join(sorted(_NUMBERS, key=len, reverse=True))})"
    r" (?:[\w’'-]+ ){0,4}?"
    r"(?P<noun>organi[sz]ation|group|ngo|individual|expert|signatorie|signer|undersigned)s?\b",
    re.IGNORECASE,
)


def _miscounted(entries: Iterable[Entry], words: str) -> Iterator[Remark]:
    counts: dict[Kind | None, int] = defaultdict(int)
    for one in entries:
        counts[one.kind] += 1
        counts[None] += 1
    for sentence in re.split(r"(?<=[.!?])\s+|\n\n", words):
        if not _SIGNING.search(sentence):
            continue
        for found in _COUNT.finditer(sentence):
            said = _number(found["number"])
            counted = counts[_NOUNS[found["noun"].lower()]]
            if said is not None and said != counted:
                yield Remark(
                    reason="wrong-count",
                    line="",
                    sentence=f"The words say “{found[0]}”; the list has {counted}.",
                )


def _number(text: str) -> int | None:
    plain = text.replace(",", "").lower()
    return int(plain) if plain.isdecimal() else _NUMBERS.get(plain)
