"""The UN's electronic Blue Book: missions, their addresses and their heads, from its JSON.

The file is the one that the Blue Book's own page loads; the coordinator fetches and supplies it,
nothing is downloaded here. Its fields (`MC_*` of `countries`, `BB_*` of `bluebooks`) are typed by
hand at the missions: case and spaces vary, an address may be missing, or several stand in one
field. Nothing is guessed: what cannot be read is left out and told.
"""

import json
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from undersigned.domain.addressees import Addressee, addresses
from undersigned.domain.addresses import is_address
from undersigned.errors import Refused

#: `MC_Category` of a member state; observers and organizations have others.
MEMBER_STATE = "1"

#: Functions of a head, in the order of precedence. A deputy is none.
_HEAD = re.compile(r"^(?!.*\bdeputy\b).*\b(?:permanent )?representative\b", re.IGNORECASE)
_NO_HEAD = re.compile(r"\b(?:alternate|assistant|adviser|special)\b", re.IGNORECASE)
_CHARGE = re.compile(r"charg[eé]\s+d['’]\s*affaires", re.IGNORECASE)

#: Forms of address as the Manual of Protocol writes them, by their letters alone.
_FORMS = {
    "he": "H.E.",
    "hrh": "H.R.H.",
    "mr": "Mr.",
    "mrs": "Mrs.",
    "ms": "Ms.",
    "miss": "Miss",
    "dr": "Dr.",
    "prof": "Prof.",
    "sir": "Sir",
    "dame": "Dame",
}


@dataclass(frozen=True, kw_only=True)
class Read:
    """What a Blue Book file came to."""

    #: Member states alone, by their ISO 3166 code.
    addressees: Mapping[str, Addressee]
    #: What could not be read, one sentence each.
    faults: Sequence[str]


def parse(source: str, *, code_of: Callable[[str], str | None], on: date, origin: str) -> Read:
    """Give the missions that the file describes.

    `code_of` gives the code of the country that a text names; `on` is the day on which the file was
    fetched, and `origin` says where from. Raises `Refused` for a file that is no Blue Book.
    """
    try:
        table = json.loads(source)
        countries, people = table["countries"], table["bluebooks"]
        rows = [row for row in countries if str(row.get("MC_Category", "")) == MEMBER_STATE]
    except (ValueError, KeyError, TypeError, AttributeError) as exc:
        raise Refused(f"{origin} is no Blue Book: it needs `countries` and `bluebooks`.") from exc
    found: dict[str, Addressee] = {}
    faults: list[str] = []
    staff = _by_mission(people)
    for row in rows:
        names = [_clean(row.get(field)) for field in _NAMES]
        code = next(filter(None, map(code_of, names)), None)
        if code is None:
            faults.append(f"No country is known by the name {names[0]!r}.")
            continue
        of_it = [person for name in names for person in staff.get(key(name), ())]
        one, wrong = _addressee(code, row, of_it, on=on, origin=origin)
        found[code] = one
        faults += wrong
    return Read(addressees=found, faults=faults)


_NAMES = ("MC_EntityShort", "MC_Entity", "MC_EntityBB")


def key(name: str) -> str:
    """Give what two spellings of a country's name in the file share."""
    return re.sub(r"[\W_]+", " ", name.casefold()).strip()


def _by_mission(people: Iterable[Mapping[str, Any]]) -> dict[str, list[Mapping[str, Any]]]:
    found: dict[str, list[Mapping[str, Any]]] = {}
    for person in people:
        if _clean(person.get("BB_Status")).casefold() == "active":
            found.setdefault(key(_clean(person.get("BB_Mission"))), []).append(person)
    return found


def _addressee(
    code: str,
    row: Mapping[str, Any],
    people: Sequence[Mapping[str, Any]],
    *,
    on: date,
    origin: str,
) -> tuple[Addressee, list[str]]:
    mission = _clean(str(row.get("MC_Address") or "").strip().splitlines()[:1])
    country = _clean(row.get("MC_EntityShort")) or _clean(row.get("MC_Entity"))
    given = addresses(str(row.get("MC_eMail") or "").replace("/", " "))
    right = tuple(one for one in given if is_address(one))
    faults = [f"{country}: {one!r} is not a mail address." for one in given if one not in right]
    if not mission:
        faults.append(f"{country}: the mission's address does not begin with its name.")
    head, title = _head(people)
    return (
        Addressee(
            code=code,
            country=country,
            mission=mission or country,
            head=head,
            title=title,
            to=right,
            verified_on=on,
            source=origin,
        ),
        faults,
    )


def _head(people: Sequence[Mapping[str, Any]]) -> tuple[str | None, str]:
    """Give name and title of the head; a chargé where there is none, "vacant" without either."""
    for is_head in (_is_head, _is_charge):
        for person in people:
            function = _clean(person.get("BB_Function"))
            if is_head(function):
                return _name(person), _first(function, is_head)
    return None, "vacant"


def _is_head(function: str) -> bool:
    return any(_HEAD.search(one) and not _NO_HEAD.search(one) for one in _parts(function))


def _is_charge(function: str) -> bool:
    return _CHARGE.search(function) is not None


def _parts(function: str) -> list[str]:
    return [one.strip() for one in re.split(r"[;,/]", function) if one.strip()]


def _first(function: str, is_head: Any) -> str:
    """Give the function in words as they are written: of several, the one that makes the head."""
    if is_head is _is_charge:
        return "Chargé d’affaires a.i."
    words = next(one for one in _parts(function) if _is_head(one))
    return words.title() if words.isupper() or words.islower() else words


def _name(person: Mapping[str, Any]) -> str:
    first, last = _clean(person.get("BB_FirstName")), _clean(person.get("BB_LastName"))
    order = key(_clean(person.get("BB_NameOrder")))
    names = (last, first) if order.startswith(("l", "family", "sur")) else (first, last)
    return " ".join(filter(None, (_form(_clean(person.get("BB_Title"))), *names)))


def _form(title: str) -> str:
    """Give a form of address as the Manual writes it.

    >>> _form("h.e.  MR")
    'H.E. Mr.'
    """
    words = re.sub(r"\b([hH])\.?\s*([eE])\b\.?", "HE ", title).split()
    return " ".join(_FORMS.get(re.sub(r"\W", "", word).casefold(), word) for word in words)


def _clean(value: object) -> str:
    """Give a field's text without stray spaces."""
    text = " ".join(map(str, value)) if isinstance(value, list) else str(value or "")
    return " ".join(text.split())
