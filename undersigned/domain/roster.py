"""The tables beside campaign.toml: prospects.csv, pins.csv and the addressees' file."""

import csv
import re
import unicodedata
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date

from undersigned.domain.addresses import is_address, normalize
from undersigned.domain.fault import Fault
from undersigned.domain.listing import Kind
from undersigned.domain.party import Prospect

#: The columns that mean something to us; all others are kept for the templates.
COLUMNS = ("kind", "name", "title", "country", "email", "language", "contact")

_LANGUAGE = re.compile(r"[A-Za-z]{2,3}(-[A-Za-z0-9]{2,8})*")

#: Gives a country's name in house style, in whatever language or form it was written; None if it
#: is not recognised.
Styled = Callable[[str], str | None]


def party_key(name: str) -> str:
    """Give what two spellings of a party's name share: letters and digits, case and width folded.

    >>> party_key("Abductees’ Family  Union") == party_key("ABDUCTEES' FAMILY UNION")
    True
    """
    folded = unicodedata.normalize("NFKC", name).casefold()
    return " ".join(re.findall(r"\w+", folded.replace("’", "'").replace("'", "")))


@dataclass(frozen=True, kw_only=True)
class Pin:
    """A place in the list that the coordinator chose, counted from 1 under its heading."""

    kind: Kind
    name: str
    place: int


@dataclass(frozen=True, kw_only=True)
class Addressee:
    """Whom the letter goes to; people read "mission"."""

    code: str
    country: str
    mission: str
    head: str | None = None
    title: str | None = None
    to: tuple[str, ...] = ()
    cc: tuple[str, ...] = ()
    salutation: str | None = None
    verified_on: date | None = None
    source: str | None = None


@dataclass(kw_only=True)
class _Table:
    """One CSV file: its rows, and the faults found in them."""

    file: str
    source: str
    faults: list[Fault] = field(default_factory=list)

    def rows(self, required: Iterable[str]) -> Iterator[tuple[int, dict[str, str]]]:
        """Give each row that is not empty with its line; says so where a column is missing."""
        reader = csv.DictReader(self.source.removeprefix("\ufeff").splitlines(keepends=True))
        columns = [(name or "").strip().lower() for name in reader.fieldnames or ()]
        reader.fieldnames = columns
        for name in required:
            if name not in columns:
                self.say(1, f"The column {name!r} is missing.", "Add it to the first line.")
        if self.faults:
            return
        for row in reader:
            if None in row:
                self.say(
                    reader.line_num,
                    "The line has more fields than the first line names.",
                    "Put fields that hold a comma in double quotes.",
                )
                continue
            values = {
                key: unicodedata.normalize("NFC", value or "").strip() for key, value in row.items()
            }
            if any(values.values()):
                yield reader.line_num, values

    def say(self, line: int, problem: str, remedy: str) -> None:
        self.faults.append(Fault(file=self.file, line=line, problem=problem, remedy=remedy))

    def warn(self, line: int, problem: str, remedy: str) -> None:
        self.faults.append(
            Fault(file=self.file, line=line, problem=problem, remedy=remedy, is_warning=True)
        )


def prospects(
    source: str, *, styled: Styled, file: str = "prospects.csv", fields: Iterable[str] = ()
) -> tuple[list[Prospect], list[Fault]]:
    """Give the parties of a prospects.csv and every fault with its line.

    `fields` names the further columns that the templates need of every party.
    """
    table = _Table(file=file, source=source)
    found: list[Prospect] = []
    seen: dict[tuple[Kind, str], int] = {}
    for line, row in table.rows(("kind", "name", "email")):
        prospect = _prospect(table, line, row, styled)
        if prospect is None:
            continue
        key = (prospect.kind, party_key(prospect.name))
        if key in seen:
            table.say(
                line,
                f"{prospect.name} stands on line {seen[key]} already.",
                "Remove one of the two lines, or tell the parties apart by their names.",
            )
            continue
        seen[key] = line
        _require(table, line, prospect, fields)
        found.append(prospect)
    return found, table.faults


def _prospect(table: _Table, line: int, row: Mapping[str, str], styled: Styled) -> Prospect | None:
    before = len(table.faults)
    if row["kind"].lower() not in set(Kind):
        table.say(
            line,
            f"{row['kind']!r} is not a kind of party.",
            "Write individual or organization.",
        )
    if not row["name"]:
        table.say(line, "The name is missing.", "Write it as it should be printed.")
    if not is_address(row["email"]):
        table.say(
            line,
            f"{row['email']!r} is not a mail address." if row["email"] else "There is no address.",
            "Write one address, such as office@party.example.",
        )
    country = styled(row["country"]) if row.get("country") else None
    if row.get("country") and country is None:
        table.say(
            line,
            f"{row['country']!r} is not recognised as a country in any language.",
            "Correct it, or leave it empty to print none.",
        )
    if row.get("language") and not _LANGUAGE.fullmatch(row["language"]):
        table.say(
            line, f"{row['language']!r} is not a language.", "Write a code such as en, ko or ja."
        )
    if len(table.faults) > before:
        return None
    prospect = Prospect(
        kind=Kind(row["kind"].lower()),
        name=row["name"],
        title=row.get("title") or None,
        country=country,
        email=normalize(row["email"]),
        contact=row.get("contact") or None,
        language=row.get("language") or None,
        more={key: value for key, value in row.items() if key not in COLUMNS and value},
    )
    _warn(table, line, prospect)
    return prospect


def _warn(table: _Table, line: int, prospect: Prospect) -> None:
    if prospect.kind is Kind.ORGANIZATION and prospect.title:
        table.warn(
            line,
            f"{prospect.name} is an organization with a title ({prospect.title}).",
            "If a person is meant, write individual.",
        )
    if not prospect.country:
        table.warn(line, f"{prospect.name} has no country.", "It will be printed without one.")


def _require(table: _Table, line: int, prospect: Prospect, fields: Iterable[str]) -> None:
    for name in fields:
        if name not in prospect.more:
            table.say(
                line,
                f"The templates use {name!r}, and {prospect.name} has none.",
                f"Fill the column {name!r}.",
            )


def pins(source: str, *, file: str = "pins.csv") -> tuple[list[Pin], list[Fault]]:
    """Give the pinned places of a pins.csv (kind, name, place) and every fault with its line."""
    table = _Table(file=file, source=source)
    found: dict[tuple[Kind, str], Pin] = {}
    for line, row in table.rows(("kind", "name", "place")):
        if row["kind"].lower() not in set(Kind) or not row["name"]:
            table.say(line, "A pin needs a kind and a name.", "Write both as the list prints them.")
        elif not row["place"].isdecimal() or int(row["place"]) < 1:
            table.say(
                line,
                f"{row['place']!r} is not a place.",
                "Count from 1 under each heading.",
            )
        else:
            pin = Pin(kind=Kind(row["kind"].lower()), name=row["name"], place=int(row["place"]))
            if (pin.kind, pin.name) in found:
                table.say(line, f"{pin.name} is pinned twice.", "Remove one of the two lines.")
            found[pin.kind, pin.name] = pin
    return list(found.values()), table.faults


def addressees(source: str, *, file: str) -> tuple[list[Addressee], list[Fault]]:
    """Give the addressees of a CSV file and every fault with its line.

    Columns: country_code, mission, to; and country, head, title, cc, salutation, verified_on,
    source where they are known. Several addresses in one field are set apart by semicolons.
    """
    table = _Table(file=file, source=source)
    found: dict[str, Addressee] = {}
    for line, row in table.rows(("country_code", "mission", "to")):
        one = _addressee(table, line, row)
        if one is None:
            continue
        if one.code in found:
            table.say(line, f"{one.code} stands here twice.", "Remove one of the two lines.")
        found[one.code] = one
    return list(found.values()), table.faults


def _addressee(table: _Table, line: int, row: Mapping[str, str]) -> Addressee | None:
    before = len(table.faults)
    to, cc = _addresses(row["to"]), _addresses(row.get("cc", ""))
    if not re.fullmatch(r"[A-Z]{2}", row["country_code"]):
        table.say(
            line, f"{row['country_code']!r} is not a country's code.", "Write ISO 3166, e.g. FR."
        )
    if not row["mission"]:
        table.say(line, "The mission's name is missing.", "Write it as the mission does.")
    for address in (*to, *cc):
        if not is_address(address):
            table.say(line, f"{address!r} is not a mail address.", "Correct it.")
    verified_on = _date(table, line, row.get("verified_on", ""))
    if len(table.faults) > before:
        return None
    if not to:
        table.warn(
            line,
            f"{row['mission']} has no address.",
            "The letter cannot be scheduled until it has one.",
        )
    return Addressee(
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


def _addresses(text: str) -> tuple[str, ...]:
    return tuple(normalize(one) for one in re.split(r"[;\s]+", text) if one)


def _date(table: _Table, line: int, text: str) -> date | None:
    try:
        return date.fromisoformat(text) if text else None
    except ValueError:
        table.say(line, f"{text!r} is not a date.", "Write it as 2026-06-24.")
        return None
