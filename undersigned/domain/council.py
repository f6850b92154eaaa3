"""The members of the UN Security Council on a day, from dated terms.

Sources: Charter of the United Nations, Article 23; General Assembly resolution 1991 A (XVIII) on
the regional pattern; Provisional Rules of Procedure (S/96/Rev.7), rule 18, on the presidency.
The terms themselves stand in config/security_council.toml with their sources.
"""

import unicodedata
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum
from typing import Any

from undersigned.errors import Refused

FILE = "config/security_council.toml"

#: Article 23 (1) of the Charter.
PERMANENT = 5
#: The elected members by regional group; five for Africa and Asia together, three to two in
#: practice.
PATTERN: Mapping[str, int] = {
    "africa": 3,
    "asia-pacific": 2,
    "eastern-europe": 1,
    "latin-america": 2,
    "western-europe": 2,
}
SIZE = PERMANENT + sum(PATTERN.values())
#: Elected members observe meetings from 1 October before their term (S/2016/619).
OBSERVING_FROM_MONTH = 10
_DECEMBER = 12


class Seats(StrEnum):
    """Which members a letter is addressed to."""

    #: The fifteen of the day.
    SITTING = "sitting"
    #: The five elected for the next year, who observe from 1 October.
    INCOMING = "incoming"
    BOTH = "both"
    #: Another set altogether: a committee, a parliament.
    NONE = "none"


@dataclass(frozen=True, kw_only=True)
class Term:
    """One stay of one country on the Council, both days included."""

    country_code: str
    first: date
    last: date
    #: A regional group of `PATTERN`; None for permanent members.
    group: str | None

    @property
    def years(self) -> str | None:
        """The calendar years of an elected term, "2022-2023"; None for permanent members."""
        if self.group is None:
            return None
        first, last = self.first.year, self.last.year
        return str(first) if first == last else f"{first}-{last}"


@dataclass(frozen=True, kw_only=True)
class Member:
    """A member as it is addressed."""

    #: ISO 3166-1 alpha-2.
    country_code: str
    #: The name the United Nations uses, by which the presidency rotates.
    country: str
    #: The mission's own name.
    mission: str
    permanent: bool
    term: Term


@dataclass(frozen=True, kw_only=True)
class Country:
    """How a country and its mission are called at the United Nations."""

    name: str
    mission: str


@dataclass(frozen=True, kw_only=True)
class Council:
    """The dated terms, and the days for which they are complete."""

    first: date
    last: date
    terms: tuple[Term, ...]
    countries: Mapping[str, Country]
    #: Code of the country that presided in the month of `first`.
    first_president: str


def parse(table: Mapping[str, Any]) -> Council:
    """Give the council that the parsed file describes; raises Refused with every fault in it."""
    try:
        council = _council(table)
    except (KeyError, TypeError, AttributeError) as exc:
        raise Refused(f"{FILE} is not as it should be: {exc!r} is missing or wrong.") from exc
    found = faults(council)
    if found:
        raise Refused(f"{FILE} is wrong: {' '.join(found)}")
    return council


def _council(table: Mapping[str, Any]) -> Council:
    first, last = table["first"], table["last"]
    permanent = tuple(
        Term(country_code=code, first=first, last=last, group=None) for code in table["permanent"]
    )
    elected = tuple(
        Term(country_code=row["code"], first=row["first"], last=row["last"], group=row["group"])
        for row in table["term"]
    )
    countries = {
        code: Country(name=row["name"], mission=row["mission"])
        for code, row in table["country"].items()
    }
    return Council(
        first=first,
        last=last,
        terms=permanent + elected,
        countries=countries,
        first_president=table["first_president"],
    )


def faults(council: Council) -> list[str]:
    """Give what cannot be right in the terms, as sentences."""
    found = [
        f"{term.country_code} has no name."
        for term in council.terms
        if term.country_code not in council.countries
    ]
    found += [
        f"{term.country_code}: a term from {term.first} to {term.last} is not two calendar years."
        for term in council.terms
        if term.group is not None and not _is_regular(term)
    ]
    for day in _changes(council):
        found += _faults_on(council, day)
    first = {term.country_code for term in _sitting(council, council.first)}
    if council.first_president not in first:
        found.append(f"{council.first_president} cannot preside: no member on {council.first}.")
    return found


#: Italy and the Netherlands shared one term (A/70/PV.107).
_SHARED = {("IT", 2017), ("NL", 2018)}


def _is_regular(term: Term) -> bool:
    years = 1 if (term.country_code, term.first.year) in _SHARED else 2
    return (term.first, term.last) == (
        date(term.first.year, 1, 1),
        date(term.first.year + years - 1, _DECEMBER, 31),
    )


def _changes(council: Council) -> list[date]:
    """Give the days on which the membership may differ from that of the day before."""
    days = {council.first}
    for term in council.terms:
        days |= {term.first, term.last + timedelta(days=1)}
    return sorted(day for day in days if council.first <= day <= council.last)


def _faults_on(council: Council, day: date) -> list[str]:
    sitting = _sitting(council, day)
    groups = Counter(term.group for term in sitting)
    found = [
        f"On {day} there are {groups[group]} members for {group}, and not {seats}."
        for group, seats in PATTERN.items()
        if groups[group] != seats
    ]
    if groups[None] != PERMANENT or len(sitting) != SIZE:
        found.append(f"On {day} there are {len(sitting)} members, and not {SIZE}.")
    if len({term.country_code for term in sitting}) != len(sitting):
        found.append(f"On {day} a country sits twice.")
    return found


def members(council: Council, *, on: date) -> tuple[Member, ...]:
    """Give the fifteen members on a day, in English alphabetical order.

    Raises Refused outside the days for which the terms are complete.
    """
    if not council.first <= on <= council.last:
        raise Refused(
            f"The members of the Security Council are known here from {council.first} to "
            f"{council.last}, and not for {on}. Add the terms to {FILE}, or name the addressees in "
            f"a file of the campaign."
        )
    return _as_members(council, _sitting(council, on))


def incoming(council: Council, *, on: date) -> tuple[Member, ...]:
    """Give the members elected for the next year, from 1 October on; before that, none.

    They observe the Council's meetings already, so letters of the last quarter often go to them
    too. Raises Refused where the next year's terms are not known.
    """
    now = {term.country_code for term in _sitting(council, on)}
    if on.month < OBSERVING_FROM_MONTH:
        return ()
    next_year = members(council, on=date(on.year + 1, 1, 1))
    return tuple(one for one in next_year if one.country_code not in now)


def addressed(council: Council, *, on: date, seats: Seats) -> tuple[Member, ...]:
    """Give whom a letter of a day is addressed to, in English alphabetical order.

    Raises `Refused` as `members` does, and where incoming members are asked for before 1 October.
    """
    if seats is Seats.NONE:
        return ()
    if seats is Seats.SITTING:
        return members(council, on=on)
    coming = incoming(council, on=on)
    if not coming:
        raise Refused(
            f"On {on} nobody is incoming: the members elected for {on.year + 1} observe the "
            f"Council from 1 October {on.year}."
        )
    sitting = members(council, on=on) if seats is Seats.BOTH else ()
    return tuple(sorted((*sitting, *coming), key=lambda one: _alphabetical(one.country)))


def president(council: Council, *, on: date) -> Member:
    """Give the member that presides in the month of a day (rule 18: English alphabetical order).

    Raises Refused as `members` does.
    """
    present = members(council, on=on)
    presiding = _first_president(council)
    month = council.first.replace(day=1)
    while (month.year, month.month) < (on.year, on.month):
        month = (month + timedelta(days=31)).replace(day=1)
        presiding = _after(presiding, members(council, on=month))
    return next(one for one in present if one.country_code == presiding.country_code)


def _first_president(council: Council) -> Member:
    at_first = members(council, on=council.first)
    return next(one for one in at_first if one.country_code == council.first_president)


def _after(presiding: Member, present: tuple[Member, ...]) -> Member:
    """Give the next in the alphabet, whether or not the last one still sits."""
    later = (
        one for one in present if _alphabetical(one.country) > _alphabetical(presiding.country)
    )
    return next(later, present[0])


def _sitting(council: Council, day: date) -> list[Term]:
    return [term for term in council.terms if term.first <= day <= term.last]


def _as_members(council: Council, terms: Iterable[Term]) -> tuple[Member, ...]:
    found = [
        Member(
            country_code=term.country_code,
            country=council.countries[term.country_code].name,
            mission=council.countries[term.country_code].mission,
            permanent=term.group is None,
            term=term,
        )
        for term in terms
    ]
    return tuple(sorted(found, key=lambda one: _alphabetical(one.country)))


def _alphabetical(name: str) -> str:
    """Give the sort key of an English name: accents do not count."""
    plain = unicodedata.normalize("NFD", name.casefold())
    return "".join(letter for letter in plain if not unicodedata.combining(letter))
