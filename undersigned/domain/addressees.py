"""Addressees: whom the letter goes to, how each is called, and how each is greeted.

People read "mission". Sources for the forms: UN Manual of Protocol (ST/SG/4/Rev.9), and the letters
that missions are known to have received: "Your Excellency," is the most formal greeting, "Dear
Ambassador," the usual one. A chargé d'affaires is greeted as neither an excellency nor by a gender.
"""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, fields
from datetime import date, timedelta
from enum import StrEnum

from undersigned.domain.addresses import is_address, normalize
from undersigned.domain.fault import Fault
from undersigned.domain.table import Table

#: An address that nobody has looked up for longer than this stops the arming.
VERIFIED_WITHIN = timedelta(days=30)

#: The columns of the addressees' file, in the order in which it is written.
COLUMNS = (
    "country_code",
    "country",
    "mission",
    "head",
    "title",
    "to",
    "cc",
    "salutation",
    "verified_on",
    "source",
)

_COUNTRY_CODE = re.compile(r"[A-Z]{2}")
#: What a set that is not made of countries calls its members, such as "committee-chair".
_ANY_CODE = re.compile(r"[A-Za-z0-9][A-Za-z0-9.-]{0,31}")

_CHARGE = re.compile(r"charg[eé]\s+d['’]\s*affaires", re.IGNORECASE)
_VACANT = re.compile(r"\bvacant\b", re.IGNORECASE)


class Post(StrEnum):
    """Who heads an addressee."""

    #: A person who is named.
    NAMED = "named"
    #: Nobody wrote down who it is; the letter goes to whoever holds the post.
    UNNAMED = "unnamed"
    #: A chargé d'affaires a.i., whose title says so.
    CHARGE = "chargé"
    #: Nobody holds the post.
    VACANT = "vacant"


class Greeting(StrEnum):
    """The rule by which a campaign greets its addressees."""

    #: The greeting that letter.md has.
    LETTER = "letter"
    EXCELLENCY = "excellency"
    AMBASSADOR = "ambassador"


_GREETINGS: Mapping[Greeting, str] = {
    Greeting.EXCELLENCY: "Your Excellency,",
    Greeting.AMBASSADOR: "Dear Ambassador,",
}

#: For those to whom neither title belongs.
_OTHERWISE: Mapping[Post, str] = {
    Post.CHARGE: "Dear Chargé d’Affaires,",
    Post.VACANT: "Dear Permanent Representative,",
}


@dataclass(frozen=True, kw_only=True)
class Addressee:
    """Whom the letter goes to; people read "mission"."""

    #: ISO 3166 alpha-2 of a mission's country, or the set's own code.
    code: str
    country: str
    #: The mission's name as it calls itself.
    mission: str
    #: The head's name with its form of address, as the mission writes it: "H.E. Ms. …".
    head: str | None = None
    #: What the head is, e.g. "Permanent Representative" or "Chargé d'affaires a.i."; or "vacant".
    title: str | None = None
    to: tuple[str, ...] = ()
    cc: tuple[str, ...] = ()
    #: Its own greeting, where the rule's is not meant.
    salutation: str | None = None
    #: The day on which a person last looked the addresses up, and where.
    verified_on: date | None = None
    source: str | None = None

    @property
    def post(self) -> Post:
        """Who heads it, as far as head and title say."""
        title = self.title or ""
        if _VACANT.search(title):
            return Post.VACANT
        if _CHARGE.search(title):
            return Post.CHARGE
        return Post.NAMED if self.head else Post.UNNAMED

    @property
    def block(self) -> tuple[str, ...]:
        """The lines that stand above the greeting: who, as what, where."""
        if self.post is Post.VACANT:
            return ("The Permanent Representative", self.mission)
        if self.head is None:
            return (f"The {self.title}", self.mission) if self.title else (self.mission,)
        return tuple(filter(None, (self.head, self.title, self.mission)))


def salutation(addressee: Addressee, *, rule: Greeting, own: str) -> str:
    """Give an addressee's greeting: its own, else the rule's. `own` is the letter's.

    >>> one = Addressee(code="FR", country="France", mission="M", title="Chargé d'affaires a.i.")
    >>> salutation(one, rule=Greeting.EXCELLENCY, own="Dear Ambassador,")
    'Dear Chargé d’Affaires,'
    """
    if addressee.salutation:
        return addressee.salutation
    wanted = _GREETINGS.get(rule, own)
    is_title = rule is not Greeting.LETTER or _is_excellency(own)
    return _OTHERWISE.get(addressee.post, wanted) if is_title else wanted


def _is_excellency(greeting: str) -> bool:
    return "excellenc" in greeting.casefold()


def doubts(addressee: Addressee) -> list[str]:
    """Give what a coordinator should look at again before the letter is armed, as sentences."""
    found = []
    if addressee.post is Post.VACANT:
        found.append(f"The post at {addressee.mission} is vacant: see whether a chargé is named.")
    if addressee.post is Post.CHARGE and _is_excellency(addressee.salutation or ""):
        found.append(f"{addressee.mission} has a chargé d'affaires, who is no Excellency.")
    if addressee.head and not addressee.title:
        found.append(f"{addressee.head} ({addressee.mission}) has no title.")
    return found


def unfit(addressee: Addressee, *, on: date) -> str | None:
    """Give why the letter may not be armed for this addressee on a day, or None."""
    if not addressee.to:
        return f"{addressee.mission} has no address."
    if addressee.verified_on is None:
        return f"Nobody noted when the address of {addressee.mission} was verified."
    if on - addressee.verified_on > VERIFIED_WITHIN:
        return (
            f"The address of {addressee.mission} was last verified on {addressee.verified_on}, "
            f"more than {VERIFIED_WITHIN.days} days ago."
        )
    return None


@dataclass(frozen=True, kw_only=True)
class Difference:
    """One thing that two lists of addressees do not say alike."""

    code: str
    mission: str
    #: A field of `Addressee`, or "" for a mission that only one of them has.
    field: str
    old: str
    new: str

    def __str__(self) -> str:
        if not self.field:
            return f"{self.mission}: {'is new' if self.new else 'is not there any more'}"
        old, new = self.old or "none", self.new or "none"
        return f"{self.mission}, {self.field}: {old} → {new}"


def differences(old: Iterable[Addressee], new: Iterable[Addressee]) -> list[Difference]:
    """Give what changed from one list to the other, by code and then by field."""
    before, after = {one.code: one for one in old}, {one.code: one for one in new}
    found: list[Difference] = []
    for code in sorted({*before, *after}):
        was, now = before.get(code), after.get(code)
        if was is None or now is None:
            one = was or now
            assert one is not None  # noqa: S101 - the code came from one of the two
            found.append(
                Difference(
                    code=code,
                    mission=one.mission,
                    field="",
                    old="" if was is None else code,
                    new="" if now is None else code,
                )
            )
            continue
        found += [
            Difference(code=code, mission=now.mission, field=name, old=one, new=another)
            for name, one, another in _texts(was, now)
            if one != another
        ]
    return found


def _texts(was: Addressee, now: Addressee) -> Iterable[tuple[str, str, str]]:
    for one in fields(Addressee):
        if one.name != "code":
            yield one.name, _text(getattr(was, one.name)), _text(getattr(now, one.name))


def _text(value: object) -> str:
    if isinstance(value, tuple):
        return "; ".join(value)
    return "" if value is None else str(value)


# The file.


def parse(
    source: str, *, file: str, by_country: bool = True
) -> tuple[list[Addressee], list[Fault]]:
    """Give the addressees of a CSV file and every fault with its line.

    Columns: country_code (or code), mission, to; and those of `COLUMNS` that are known. Several
    addresses in one field are set apart by semicolons. `by_country` asks for ISO 3166 codes.
    """
    table = Table(file=file, source=_with_code(source))
    found: dict[str, Addressee] = {}
    for line, row in table.rows(("country_code", "mission", "to")):
        one = _addressee(table, line, row, by_country=by_country)
        if one is None:
            continue
        if one.code in found:
            table.say(line, f"{one.code} stands here twice.", "Remove one of the two lines.")
        found[one.code] = one
    return list(found.values()), table.faults


def _with_code(source: str) -> str:
    """Give the source with its column `code` under the name that sets of countries use."""
    head, feed, rest = source.removeprefix("\ufeff").partition("\n")
    return re.sub(r"(^|,)\s*\"?code\"?\s*(?=,|\r?$)", r"\1country_code", head) + feed + rest


def _addressee(
    table: Table, line: int, row: Mapping[str, str], *, by_country: bool
) -> Addressee | None:
    before = len(table.faults)
    to, cc = addresses(row["to"]), addresses(row.get("cc", ""))
    if not (_COUNTRY_CODE if by_country else _ANY_CODE).fullmatch(row["country_code"]):
        what, remedy = (
            ("country's code", "Write ISO 3166, e.g. FR.")
            if by_country
            else ("code", "Write letters, digits, hyphens.")
        )
        table.say(line, f"{row['country_code']!r} is not a {what}.", remedy)
    if not row["mission"]:
        table.say(line, "The mission's name is missing.", "Write it as the mission does.")
    for address in (*to, *cc):
        if not is_address(address):
            table.say(line, f"{address!r} is not a mail address.", "Correct it.")
    verified_on = _date(table, line, row.get("verified_on", ""))
    if len(table.faults) > before:
        return None
    one = Addressee(
        code=row["country_code"],
        country=row.get("country") or row["country_code"],
        mission=row["mission"],
        head=row.get("head") or None,
        title=row.get("title") or None,
        to=to,
        cc=cc,
        salutation=row.get("salutation") or None,
        verified_on=verified_on,
        source=row.get("source") or None,
    )
    if not to:
        table.warn(
            line,
            f"{one.mission} has no address.",
            "The letter cannot be scheduled until it has one.",
        )
    for sentence in doubts(one):
        table.warn(line, sentence, "Look it up in the Blue Book, or ask the mission.")
    return one


def addresses(text: str) -> tuple[str, ...]:
    """Give the addresses of one field, each once, normalized."""
    found = (normalize(one.strip("<>")) for one in re.split(r"[;,\s]+", text) if one)
    return tuple(dict.fromkeys(found))


def _date(table: Table, line: int, text: str) -> date | None:
    try:
        return date.fromisoformat(text) if text else None
    except ValueError:
        table.say(line, f"{text!r} is not a date.", "Write it as 2026-06-24.")
        return None


def as_row(addressee: Addressee) -> list[str]:
    """Give the fields of `COLUMNS`, which `parse` reads back to the same addressee."""
    names = ("code" if name == "country_code" else name for name in COLUMNS)
    return [_text(getattr(addressee, name)) for name in names]
