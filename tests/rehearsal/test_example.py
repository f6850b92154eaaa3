"""The example campaign: that its files agree with each other."""

import csv
import tomllib
from datetime import date
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from undersigned.domain import council
from undersigned.domain.listing import Kind
from undersigned.domain.party import Prospect
from undersigned.rehearsal.mail_programs import PROGRAMS
from undersigned.rehearsal.script import Script, parse

ROOT = Path(__file__).parents[2]
EXAMPLE = ROOT / "examples" / "security-council-2022"


def rows(name: str) -> list[dict[str, str]]:
    """Give the rows of a table of the example."""
    with (EXAMPLE / name).open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


@pytest.fixture(scope="module")
def prospects() -> list[Prospect]:
    """Give the parties of the example."""
    return [
        Prospect(
            kind=Kind(row["kind"]),
            name=row["name"],
            title=row["title"] or None,
            country=row["country"] or None,
            email=row["email"],
            language=row["language"],
        )
        for row in rows("prospects.csv")
    ]


@pytest.fixture(scope="module")
def script(prospects: list[Prospect]) -> Script:
    """Give the script of the example."""
    source = (EXAMPLE / "rehearsal.toml").read_text("utf-8")
    return parse(source, prospects, ZoneInfo("America/New_York"))


def expected() -> list[str]:
    """Give the printed lines, without the headings."""
    text = (EXAMPLE / "expected_signatories.txt").read_text("utf-8")
    return [line for line in text.splitlines() if line not in ("Individuals", "Organizations")]


def test_it_invites_the_51_of_2022_and_ten_others(prospects: list[Prospect]) -> None:
    """The 51 stand in the list as they are invited; none of the ten does."""
    lines = [prospect.listing.line for prospect in prospects]

    assert lines[:51] == expected()
    assert len(lines[51:]) == 10
    assert not set(lines[51:]) & set(expected())


def test_it_pins_every_line_where_it_was_printed() -> None:
    """The coordinator of 2022 arranged the list by hand."""
    pins = [(row["kind"], int(row["place"])) for row in rows("pins.csv")]

    assert pins == [("individual", n) for n in range(1, 6)] + [
        ("organization", n) for n in range(1, 47)
    ]


def test_it_gives_everyone_a_part(script: Script, prospects: list[Prospect]) -> None:
    """Nobody of the 61 was forgotten, and nobody plays twice."""
    assert [person.party for person in script.people] == [one.name for one in prospects]


def test_it_uses_every_mail_program_and_machine(script: Script) -> None:
    """The demo shows replies as they come in life."""
    used = {answer.by for person in script.people for answer in person.answers}

    assert used == {*PROGRAMS, "failure", "delay", "away", "ticket"}


def test_it_lets_the_51_say_nothing_but_yes(script: Script) -> None:
    """What is spelt out by one of the 51 is a line of the printed list, or corrected into one."""
    for person in script.people[:51]:
        spelt = [line for line in person.answers[-1].says.splitlines() if " / " in line]
        assert all(line in expected() for line in spelt)
        assert all(answer.by in PROGRAMS for answer in person.answers)


def test_it_has_a_decision_for_what_needs_a_person(script: Script) -> None:
    """The demo's coordinator decides on three of the ten, and prints none of them."""
    invented = {person.party for person in script.people[51:]}

    assert {ruling.party for ruling in script.rulings} <= invented
    assert {ruling.decide.value for ruling in script.rulings} == {"decline", "note"}


def test_it_addresses_the_council_of_the_day() -> None:
    """Fifteen missions, each as it calls itself, on reserved domains."""
    table = tomllib.loads((ROOT / "config" / "security_council.toml").read_text("utf-8"))
    sitting = council.members(council.parse(table), on=date(2022, 12, 5))

    missions = {row["country_code"]: row for row in rows("missions.csv")}

    assert set(missions) == {one.country_code for one in sitting}
    assert {code: row["mission"] for code, row in missions.items()} == {
        one.country_code: one.mission for one in sitting
    }
    assert len({row["to"] for row in missions.values()}) == 15


def test_it_writes_to_nobody_in_the_world() -> None:
    """Every address is on a reserved domain (RFC 6761)."""
    addresses = [row["email"] for row in rows("prospects.csv")]
    addresses += [row["to"] for row in rows("missions.csv")]

    assert all(address.endswith(".example") for address in addresses)
    assert len(set(addresses)) == len(addresses)
