"""The keys of campaign.toml: where each stands, and what its value must be."""

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from undersigned.domain.addressees import Greeting
from undersigned.domain.addresses import is_address
from undersigned.domain.council import Seats
from undersigned.domain.signatories import Order

#: What the order of the list may pass over.
IGNORED = ("articles", "quotes")
PAPERS = ("A4", "Letter")
#: In seconds. More would spread fifteen letters over more than a day.
LONGEST_SPACING = 3600

#: A campaign's name is part of subjects and file names.
_NAME = re.compile(r"[a-z0-9][a-z0-9-]{0,63}")


def _are_addresses(many: list[Any]) -> bool:
    return all(isinstance(one, str) and is_address(one) for one in many)


@dataclass(frozen=True, kw_only=True)
class Key:
    """One key of campaign.toml: where it stands, and what its value must be."""

    section: str
    key: str
    type: type
    required: bool = True
    #: What to write, for the remedy.
    example: str = ""

    @property
    def path(self) -> str:
        """How messages name it."""
        return f"[{self.section}] {self.key}" if self.section else self.key


#: Every key there is, in the order in which `undersigned new` writes them.
KEYS: tuple[Key, ...] = (
    Key(section="", key="name", type=str, example='name = "my-letter"'),
    Key(section="", key="organizer", type=str, example='organizer = "The Coalition"'),
    Key(section="", key="account", type=str, required=False),
    Key(section="", key="language", type=str, required=False),
    Key(section="sender", key="name", type=str, example='name = "Hana Whitfield"'),
    Key(section="sender", key="address", type=str, example='address = "hana@letters.example"'),
    Key(section="sender", key="reply", type=str, example='reply = "sign@letters.example"'),
    Key(section="sender", key="coordinators", type=list, required=False),
    Key(section="sender", key="tagged", type=bool, required=False),
    Key(section="dates", key="zone", type=str, example='zone = "America/New_York"'),
    Key(section="dates", key="opens", type=datetime, example="opens = 2026-05-26T09:00:00"),
    Key(section="dates", key="cutoff", type=datetime, example="cutoff = 2026-06-19T18:00:00"),
    Key(section="dates", key="dispatch", type=datetime, example="dispatch = 2026-06-24T09:00:00"),
    Key(
        section="dates",
        key="latest_start",
        type=datetime,
        example="latest_start = 2026-06-24T15:00:00",
    ),
    Key(section="dates", key="reminders", type=list, required=False),
    Key(section="list", key="order", type=str, required=False),
    Key(section="list", key="pins", type=str, required=False),
    Key(section="list", key="ignore", type=list, required=False, example='ignore = ["articles"]'),
    Key(section="list", key="sort_as", type=dict, required=False),
    Key(section="letter", key="paper", type=str, required=False, example='paper = "Letter"'),
    Key(section="addressees", key="council", type=str, required=False),
    Key(section="addressees", key="greeting", type=str, required=False),
    Key(section="addressees", key="council_on", type=date, required=False),
    Key(section="addressees", key="file", type=str, required=False),
    Key(section="approval", key="second_person", type=bool, required=False),
    Key(section="approval", key="people", type=list, required=False),
    Key(section="dispatch", key="spacing_seconds", type=int, required=False),
    Key(section="consent", key="accept_unproven", type=bool, required=False),
)

#: [house_style.countries] holds ISO codes, so its keys are not listed above.
SECTIONS = {key.section for key in KEYS} | {"house_style"}

KIND: dict[type, str] = {
    str: "a text in quotes",
    list: "a list in brackets",
    bool: "true or false",
    int: "a whole number",
    dict: "a table in braces",
    date: "a date such as 2026-06-24",
    datetime: "a date with a time such as 2026-06-24T09:00:00",
}

#: What a value must be besides its type: key, test, and the word for it.
WORDS: tuple[tuple[tuple[str, str], Callable[[Any], bool], str], ...] = (
    (
        ("", "name"),
        lambda name: _NAME.fullmatch(name) is not None,
        "a name of lower-case letters, digits and hyphens",
    ),
    (("", "organizer"), lambda name: bool(name.strip()), "an organizer's name"),
    (("sender", "name"), lambda name: bool(name.strip()), "a person's name"),
    (("sender", "address"), is_address, "a mail address"),
    (
        ("sender", "reply"),
        lambda one: is_address(one) and "+" not in one,
        "a mail address without a plus sign",
    ),
    (("sender", "coordinators"), _are_addresses, "a list of mail addresses"),
    (("approval", "people"), _are_addresses, "a list of mail addresses"),
    (("list", "order"), lambda word: word in set(Order), f"one of {', '.join(Order)}"),
    (
        ("list", "ignore"),
        lambda many: all(one in IGNORED for one in many),
        f"a list of some of {', '.join(IGNORED)}",
    ),
    (
        ("list", "sort_as"),
        lambda table: all(isinstance(one, str) for one in table.values()),
        "a table of printed names and what they stand under",
    ),
    (("letter", "paper"), lambda word: word in PAPERS, f"one of {', '.join(PAPERS)}"),
    (("addressees", "council"), lambda word: word in set(Seats), f"one of {', '.join(Seats)}"),
    (
        ("addressees", "greeting"),
        lambda word: word in set(Greeting),
        f"one of {', '.join(Greeting)}",
    ),
    (
        ("dispatch", "spacing_seconds"),
        lambda number: 0 <= number <= LONGEST_SPACING,
        "0 to 3600 seconds",
    ),
)
