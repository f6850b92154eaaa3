"""The script of a rehearsal: what each party answers, to what, when, and with which mail program.

A campaign's `rehearsal.toml` holds it; a campaign without one is rehearsed with a mix that holds
some of everything.
"""

import re
import tomllib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any
from zoneinfo import ZoneInfo

from undersigned.domain.decision import Act
from undersigned.domain.party import Prospect
from undersigned.errors import Refused
from undersigned.rehearsal.machines import REPORTS, RESPONDERS
from undersigned.rehearsal.mail_programs import PROGRAMS

FILE = "rehearsal.toml"

_SPAN = re.compile(r"(?:(\d+)d)?\s*(?:(\d+)h)?\s*(?:(\d+)m)?")
_LANGUAGES = frozenset({"en", "es", "ja", "ko"})


class Occasion(StrEnum):
    """Which of our messages an answer answers."""

    INVITATION = "invitation"
    REMINDER = "reminder"
    #: A receipt or a clarification: anything that says a machine wrote it.
    RECEIPT = "receipt"


@dataclass(frozen=True, kw_only=True)
class ScriptedAnswer:
    """One answer of one party."""

    to: Occasion = Occasion.INVITATION
    #: How long after that message, in the campaign's time.
    after: timedelta = timedelta(hours=5)
    #: Not before this instant.
    not_before: datetime | None = None
    says: str = ""
    #: A mail program, or a machine: see `mail_programs.PROGRAMS` and `machines`.
    by: str = "gmail"
    #: Fields of the form in the invitation, filled in where they stand in the quote.
    form: Mapping[str, str] = field(default_factory=dict)
    #: Who writes, where it is not the invited address.
    name: str | None = None
    address: str | None = None


@dataclass(frozen=True, kw_only=True)
class Person:
    """One party's part in the rehearsal."""

    party: str
    #: The invited address.
    address: str
    name: str
    language: str
    #: In order: each is given only after the one before it.
    answers: tuple[ScriptedAnswer, ...]


@dataclass(frozen=True, kw_only=True)
class Ruling:
    """What the rehearsal's coordinator decides on a party's next reply that waits for a person."""

    party: str
    decide: Act
    reason: str


@dataclass(frozen=True, kw_only=True)
class Script:
    """Everyone's part."""

    people: tuple[Person, ...]
    rulings: tuple[Ruling, ...] = ()


def parse(source: str, prospects: Iterable[Prospect], zone: ZoneInfo) -> Script:
    """Give the script that rehearsal.toml's text describes; raises Refused for what is wrong.

    Local date-times are read in the campaign's zone. Parties without a part stay silent.
    """
    by_name = {prospect.name: prospect for prospect in prospects}
    try:
        table = tomllib.loads(source)
    except tomllib.TOMLDecodeError as exc:
        raise Refused(f"{FILE} is not TOML: {exc}.") from exc
    people = tuple(_person(row, by_name, zone) for row in table.get("signer", []))
    rulings = tuple(_ruling(row, by_name) for row in table.get("coordinator", []))
    return Script(people=people, rulings=rulings)


def _person(row: Mapping[str, Any], prospects: Mapping[str, Prospect], zone: ZoneInfo) -> Person:
    prospect = _prospect(row, prospects)
    language = row.get("language") or prospect.language or "en"
    answers = tuple(_answer(one, prospect.name, zone) for one in row.get("answer", []))
    return Person(
        party=prospect.name,
        address=prospect.email,
        name=row.get("name") or prospect.contact or prospect.name,
        language=language if language in _LANGUAGES else "en",
        answers=answers,
    )


def _prospect(row: Mapping[str, Any], prospects: Mapping[str, Prospect]) -> Prospect:
    party = row.get("party", "")
    if party not in prospects:
        raise Refused(f"{FILE}: {party!r} is no party of prospects.csv. Write its name as there.")
    return prospects[party]


def _answer(row: Mapping[str, Any], party: str, zone: ZoneInfo) -> ScriptedAnswer:
    unknown = set(row) - {"to", "after", "at", "says", "by", "form", "name", "address"}
    if unknown:
        raise Refused(f"{FILE}: an answer of {party} has {', '.join(sorted(unknown))}: unknown.")
    by = row.get("by", "gmail")
    if by not in {*PROGRAMS, *REPORTS, *RESPONDERS}:
        names = ", ".join((*PROGRAMS, *REPORTS, *RESPONDERS))
        raise Refused(f"{FILE}: {party} writes by {by!r}. There are: {names}.")
    if row.get("to", "invitation") not in set(Occasion):
        raise Refused(f"{FILE}: {party} answers {row['to']!r}. There are: {', '.join(Occasion)}.")
    at = row.get("at")
    return ScriptedAnswer(
        to=Occasion(row.get("to", "invitation")),
        after=span(row["after"]) if "after" in row else timedelta(hours=5),
        not_before=at.replace(tzinfo=zone) if isinstance(at, datetime) else None,
        says=row.get("says", "").strip(),
        by=by,
        form=row.get("form", {}),
        name=row.get("name"),
        address=row.get("address"),
    )


def _ruling(row: Mapping[str, Any], prospects: Mapping[str, Prospect]) -> Ruling:
    party = _prospect(row, prospects).name
    try:
        return Ruling(party=party, decide=Act(row["decide"]), reason=row["reason"])
    except (KeyError, ValueError) as exc:
        raise Refused(
            f"{FILE}: the coordinator's decision on {party} needs decide "
            f"({', '.join(Act)}) and reason."
        ) from exc


def span(text: str) -> timedelta:
    """Give a length of time.

    >>> span("2d 4h")
    datetime.timedelta(days=2, seconds=14400)
    """
    found = _SPAN.fullmatch(text.strip())
    if not found or not any(found.groups()):
        raise Refused(f'{FILE}: {text!r} is no length of time. Write, for example, "2d 4h".')
    days, hours, minutes = (int(number or 0) for number in found.groups())
    return timedelta(days=days, hours=hours, minutes=minutes)


#: The words of the default mix by language: a plain yes, and a no.
_WORDS: dict[str, tuple[str, str]] = {
    "en": ("Yes", "No, thank you. We will not sign this letter."),
    "es": ("Sí, firmamos.", "No firmaremos esta carta. Gracias."),
    "ja": ("賛同します。", "今回は賛同を見送ります。"),
    "ko": ("예, 서명합니다.", "이번에는 서명하지 않겠습니다."),
}

#: The default mix, party by party, over and over: what most do comes most often.
_MIX: tuple[ScriptedAnswer | None, ...] = (
    ScriptedAnswer(says="yes", by="gmail", after=timedelta(hours=3)),
    ScriptedAnswer(says="yes", by="outlook", after=timedelta(hours=20)),
    ScriptedAnswer(says="yes", by="iphone", after=timedelta(minutes=12)),
    ScriptedAnswer(says="yes", by="outlook-web", after=timedelta(days=2)),
    ScriptedAnswer(says="no", by="thunderbird", after=timedelta(days=1)),
    ScriptedAnswer(says="yes", by="apple-mail", to=Occasion.REMINDER),
    ScriptedAnswer(says="yes", by="mutt", after=timedelta(days=4)),
    None,
)


def default(prospects: Sequence[Prospect], *, longest: timedelta) -> Script:
    """Give the mix for a campaign without a script; nobody takes longer than `longest`."""
    people = []
    for number, prospect in enumerate(prospects):
        answer = _MIX[number % len(_MIX)]
        if answer is None:
            continue
        language = prospect.language if prospect.language in _LANGUAGES else "en"
        yes, no = _WORDS[language]
        says = yes if answer.says == "yes" else no
        people.append(
            Person(
                party=prospect.name,
                address=prospect.email,
                name=prospect.contact or prospect.name,
                language=language,
                answers=(replace(answer, says=says, after=min(answer.after, longest)),),
            )
        )
    return Script(people=tuple(people))
