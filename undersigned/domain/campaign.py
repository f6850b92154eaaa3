"""A campaign's plan: the dates and people of one letter's run, as campaign.toml has them."""

import re
import tomllib
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from datetime import date, datetime, timedelta
from enum import StrEnum
from typing import Any, TypeVar
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from undersigned.domain import instants
from undersigned.domain.addressees import Greeting
from undersigned.domain.addresses import tagged
from undersigned.domain.campaign_keys import IGNORED, KEYS, KIND, SECTIONS, WORDS, Key
from undersigned.domain.council import Seats
from undersigned.domain.fault import Fault
from undersigned.domain.signatories import Collation, Order

FILE = "campaign.toml"

Choice = TypeVar("Choice", bound=StrEnum)


@dataclass(frozen=True, kw_only=True)
class Plan:
    """The dates and people of a campaign."""

    name: str
    #: The coalition or secretariat that speaks in every mail.
    organizer: str
    #: The named person whose From and Reply-To it is.
    sender_name: str
    sender_address: str
    #: Where answers go: every message carries it with its own token after a plus sign.
    reply_address: str
    #: Whether that mailbox gets such mail; else answers are known by the Message-ID they answer.
    tagged: bool = True
    #: Those who are told what waits for a person.
    coordinators: tuple[str, ...] = ()
    #: Those who approve the letter; they are told when what they approved is void.
    approvers: tuple[str, ...] = ()
    account: str = "default"
    #: BCP 47; parties whose language is not known are written to in it.
    language: str = "en"
    #: IANA name of the zone that people read and write times in.
    zone: str
    opens_at: datetime
    cutoff_at: datetime
    dispatch_at: datetime
    #: After an outage longer than this, nothing goes out by itself.
    latest_start_at: datetime
    reminders: tuple[datetime, ...] = ()
    #: ISO 3166 alpha-2 → the name that the list prints.
    countries: Mapping[str, str] = field(default_factory=dict)
    order: Order = Order.NAME
    #: The day whose Council members are addressed; None for the day of dispatch.
    council_on: date | None = None
    #: Which of the Council's members are meant.
    seats: Seats = Seats.SITTING
    #: The rule by which addressees are greeted.
    greeting: Greeting = Greeting.LETTER
    #: How names are compared, where the list is by name.
    collation: Collation = field(default_factory=Collation)
    #: "A4" or "Letter".
    paper: str = "A4"
    #: Whether somebody else must approve than who froze, and arm than who approved.
    second_person: bool = False
    #: Between one mission's letter and the next.
    spacing: timedelta = timedelta(0)
    #: Where the mailbox's server gives no verdicts: act on mail without proof of its sender.
    accept_unproven: bool = False

    @property
    def desk(self) -> tuple[str, ...]:
        """Addresses of the coordinators, or of the named person where there are none."""
        return self.coordinators or (self.sender_address,)

    def answers_to(self, token: str) -> str:
        """Give the address that answers to a message come to."""
        return tagged(self.reply_address, token) if self.tagged else self.reply_address

    def as_table(self) -> dict[str, Any]:
        """Give the plan as JSON values."""
        return {key: _plain(value) for key, value in asdict(self).items()}

    @classmethod
    def from_table(cls, table: Mapping[str, Any]) -> "Plan":
        """Give the plan back from `as_table`'s values."""
        moments = ("opens_at", "cutoff_at", "dispatch_at", "latest_start_at")
        on = table["council_on"]
        return cls(
            **{
                **table,
                **{key: datetime.fromisoformat(table[key]) for key in moments},
                "coordinators": tuple(table["coordinators"]),
                "approvers": tuple(table["approvers"]),
                "reminders": tuple(datetime.fromisoformat(one) for one in table["reminders"]),
                "order": Order(table["order"]),
                "council_on": date.fromisoformat(on) if on else None,
                "seats": Seats(table["seats"]),
                "greeting": Greeting(table["greeting"]),
                "collation": Collation(**table["collation"]),
                "spacing": timedelta(seconds=table["spacing"]),
            }
        )


def _plain(value: object) -> object:
    if isinstance(value, datetime | date):
        return value.isoformat()
    if isinstance(value, timedelta):
        return value.total_seconds()
    if isinstance(value, tuple):
        return [_plain(one) for one in value]
    return value


@dataclass(frozen=True, kw_only=True)
class Parsed:
    """What campaign.toml came to; `plan` is None where a fault stands in the way."""

    plan: Plan | None
    #: Names of the files beside it, by what they hold: "pins", "addressees".
    files: Mapping[str, str]
    faults: tuple[Fault, ...]


def parse(source: str) -> Parsed:
    """Give the plan that campaign.toml's text describes, and every fault with its line."""
    try:
        table = tomllib.loads(source)
    except tomllib.TOMLDecodeError as exc:
        found = re.search(r"at line (\d+)", str(exc))
        line = int(found[1]) if found else 0
        problem = f"This is not TOML: {exc}."
        return Parsed(
            plan=None,
            files={},
            faults=(_fault(line, problem, "Compare it with what `undersigned new` writes."),),
        )
    return _Reader(source, table).parsed()


def _fault(line: int, problem: str, remedy: str, *, is_warning: bool = False) -> Fault:
    return Fault(file=FILE, line=line, problem=problem, remedy=remedy, is_warning=is_warning)


class _Reader:
    """Reads one campaign.toml and gathers its faults."""

    def __init__(self, source: str, table: Mapping[str, Any]) -> None:
        self.lines = source.splitlines()
        self.table = table
        self.faults: list[Fault] = []

    def parsed(self) -> Parsed:
        self._refuse_unknown()
        values = {
            (key.section, key.key): value for key in KEYS if (value := self._value(key)) is not None
        }
        plan = None if self.faults else self._plan(values)
        if self.faults:
            plan = None
        files = {
            "pins": values.get(("list", "pins"), ""),
            "addressees": values.get(("addressees", "file"), ""),
        }
        return Parsed(
            plan=plan,
            files={what: name for what, name in files.items() if name},
            faults=tuple(self.faults),
        )

    def line(self, section: str, key: str) -> int:
        """Give the line on which a key stands, or its section, or 0."""
        at, here = 0, ""
        for number, text in enumerate(self.lines, start=1):
            if head := re.match(r"\s*\[([^\]]+)\]", text):
                here = head[1].strip()
                at = number if here == section else at
            elif here == section and re.match(rf"\s*{re.escape(key)}\s*=", text):
                return number
        return at

    def say(self, key: Key, problem: str, remedy: str) -> None:
        self.faults.append(_fault(self.line(key.section, key.key), problem, remedy))

    def _refuse_unknown(self) -> None:
        known = {(key.section, key.key) for key in KEYS}
        for section, values in self.table.items():
            if not isinstance(values, dict):
                if ("", section) not in known:
                    self._unknown("", section)
            elif section not in SECTIONS:
                self._unknown(section, "")
            elif section != "house_style":
                for key in values:
                    if (section, key) not in known:
                        self._unknown(section, key)

    def _unknown(self, section: str, key: str) -> None:
        place = f"[{section}] {key}".strip() if section else key
        self.faults.append(
            _fault(
                self.line(section, key),
                f"There is no setting {place}.",
                "See docs/tutorial.md for those there are.",
            )
        )

    def _value(self, key: Key) -> Any:
        holder = self.table.get(key.section, {}) if key.section else self.table
        value = holder.get(key.key) if isinstance(holder, Mapping) else None
        if value is None:
            if key.required:
                self.say(key, f"{key.path} is missing.", f"Write, for example: {key.example}")
            return None
        if type(value) is not key.type and not (key.type is datetime and type(value) is datetime):
            self.say(
                key,
                f"{key.path} should be {KIND[key.type]}, and is {value!r}.",
                f"Write, for example: {key.example or key.key + ' = …'}",
            )
            return None
        return value

    def _plan(self, values: Mapping[tuple[str, str], Any]) -> Plan | None:
        zone = self._zone(values["dates", "zone"])
        if zone is None:
            return None
        moment = self._moments(values, zone)
        self._check_words(values)
        if self.faults:
            return None
        optional: dict[str, Any] = {
            "account": values.get(("", "account")),
            "language": values.get(("", "language")),
            "council_on": values.get(("addressees", "council_on")),
            "seats": _chosen(Seats, values.get(("addressees", "council"))),
            "greeting": _chosen(Greeting, values.get(("addressees", "greeting"))),
            "paper": values.get(("letter", "paper")),
            "second_person": values.get(("approval", "second_person")),
            "accept_unproven": values.get(("consent", "accept_unproven")),
            "tagged": values.get(("sender", "tagged")),
        }
        return Plan(
            name=values["", "name"],
            organizer=values["", "organizer"].strip(),
            sender_name=values["sender", "name"].strip(),
            sender_address=values["sender", "address"],
            reply_address=values["sender", "reply"].lower(),
            coordinators=tuple(values.get(("sender", "coordinators"), ())),
            approvers=tuple(values.get(("approval", "people"), ())),
            zone=zone.key,
            opens_at=moment["opens"],
            cutoff_at=moment["cutoff"],
            dispatch_at=moment["dispatch"],
            latest_start_at=moment["latest_start"],
            reminders=tuple(
                moment[name] for name in sorted(moment) if name.startswith("reminder ")
            ),
            countries=dict(self.table.get("house_style", {}).get("countries", {})),
            order=Order(values.get(("list", "order"), Order.NAME)),
            collation=_collation(values),
            spacing=timedelta(seconds=values.get(("dispatch", "spacing_seconds"), 0)),
            **{name: value for name, value in optional.items() if value is not None},
        )

    def _zone(self, name: str) -> ZoneInfo | None:
        try:
            return ZoneInfo(name)
        except (ZoneInfoNotFoundError, ValueError):
            self.faults.append(
                _fault(
                    self.line("dates", "zone"),
                    f"There is no time zone {name!r}.",
                    "Write one of the IANA names, such as America/New_York or Asia/Seoul.",
                )
            )
            return None

    def _moments(
        self, values: Mapping[tuple[str, str], Any], zone: ZoneInfo
    ) -> dict[str, datetime]:
        named: dict[str, tuple[str, object]] = {
            name: (name, values["dates", name])
            for name in ("opens", "cutoff", "dispatch", "latest_start")
        }
        for number, local in enumerate(values.get(("dates", "reminders"), ()), start=1):
            named[f"reminder {number:02}"] = ("reminders", local)
        moments: dict[str, datetime] = {}
        for name, (key, local) in named.items():
            try:
                if not isinstance(local, datetime):
                    raise ValueError(f"{local!r} is not a date with a time")  # noqa: TRY301, TRY004 - told like the others
                moments[name] = instants.instant(local, zone)
            except ValueError as exc:
                self.faults.append(
                    _fault(self.line("dates", key), f"{name}: {exc}.", "Correct the time.")
                )
        if not self.faults:
            self._check_order(moments)
        return moments

    def _check_order(self, moments: Mapping[str, datetime]) -> None:
        chain = [(name, moments[name]) for name in ("opens", "cutoff", "dispatch", "latest_start")]
        reminders = [(name, moments[name]) for name in sorted(moments) if "reminder" in name]
        for earlier, later in (
            *instants.in_order(chain),
            *instants.in_order([chain[0], *reminders, chain[1]] if reminders else []),
        ):
            key = "reminders" if later.startswith("reminder") else later
            self.faults.append(
                _fault(
                    self.line("dates", key),
                    f"{later} ({moments[later]:%Y-%m-%d %H:%M} UTC) does not come after {earlier} "
                    f"({moments[earlier]:%Y-%m-%d %H:%M} UTC).",
                    "The order is opens, reminders, cutoff, dispatch, latest_start.",
                )
            )

    def _check_words(self, values: Mapping[tuple[str, str], Any]) -> None:
        for (section, key), is_right, what in WORDS:
            value = values.get((section, key))
            if value is not None and not is_right(value):
                self.faults.append(
                    _fault(self.line(section, key), f"{value!r} is not {what}.", "Correct it.")
                )
        for code, name in self.table.get("house_style", {}).get("countries", {}).items():
            if not re.fullmatch(r"[A-Z]{2}", code) or not isinstance(name, str):
                self.faults.append(
                    _fault(
                        self.line("house_style.countries", code),
                        f"{code} = {name!r} is no country's name.",
                        'Write the ISO 3166 code and the name, for example MM = "Burma".',
                    )
                )


def _chosen(choices: type[Choice], word: str | None) -> Choice | None:
    return None if word is None else choices(word)


def _collation(values: Mapping[tuple[str, str], Any]) -> Collation:
    ignored = values.get(("list", "ignore"), list(IGNORED))
    return Collation(
        ignores_articles="articles" in ignored,
        ignores_quotes="quotes" in ignored,
        exceptions=dict(values.get(("list", "sort_as"), {})),
    )
