"""The roster beside campaign.toml: whom we invite (prospects.csv), and pinned places (pins.csv)."""

import re
import unicodedata
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass

from undersigned.domain.addresses import is_address, normalize
from undersigned.domain.fault import Fault
from undersigned.domain.listing import Kind
from undersigned.domain.party import Prospect
from undersigned.domain.table import Table

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


def prospects(
    source: str, *, styled: Styled, file: str = "prospects.csv", fields: Iterable[str] = ()
) -> tuple[list[Prospect], list[Fault]]:
    """Give the parties of a prospects.csv and every fault with its line.

    `fields` names the further columns that the templates need of every party.
    """
    table = Table(file=file, source=source)
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


def _prospect(table: Table, line: int, row: Mapping[str, str], styled: Styled) -> Prospect | None:
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


def _warn(table: Table, line: int, prospect: Prospect) -> None:
    if prospect.kind is Kind.ORGANIZATION and prospect.title:
        table.warn(
            line,
            f"{prospect.name} is an organization with a title ({prospect.title}).",
            "If a person is meant, write individual.",
        )
    if not prospect.country:
        table.warn(line, f"{prospect.name} has no country.", "It will be printed without one.")


def _require(table: Table, line: int, prospect: Prospect, fields: Iterable[str]) -> None:
    for name in fields:
        if name not in prospect.more:
            table.say(
                line,
                f"The templates use {name!r}, and {prospect.name} has none.",
                f"Fill the column {name!r}.",
            )


def pins(source: str, *, file: str = "pins.csv") -> tuple[list[Pin], list[Fault]]:
    """Give the pinned places of a pins.csv (kind, name, place) and every fault with its line."""
    table = Table(file=file, source=source)
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
