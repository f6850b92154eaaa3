"""The plan of a campaign, as campaign.toml has it."""

from datetime import UTC, date, datetime

import pytest

from undersigned.domain.campaign import Plan, parse
from undersigned.domain.signatories import Order

SOUND = """name = "my-letter"
organizer = "The Coalition"

[sender]
name = "Hana Whitfield"
address = "hana@letters.example"
reply = "Sign@letters.example"
coordinators = ["desk@letters.example"]

[dates]
zone = "America/New_York"
opens = 2026-05-26T09:00:00
reminders = [2026-06-09T09:00:00]
cutoff = 2026-06-19T18:00:00
dispatch = 2026-06-24T09:00:00
latest_start = 2026-06-24T15:00:00

[list]
order = "country"
pins = "pins.csv"

[house_style.countries]
MM = "Burma"

[addressees]
file = "missions.csv"
council_on = 2026-06-24
"""


def plan() -> Plan:
    """Give the sound plan."""
    found = parse(SOUND).plan
    assert found is not None
    return found


def test_it_reads_a_sound_plan() -> None:
    """Everything that a coordinator wrote is understood, local times as moments."""
    found = plan()

    assert found.cutoff_at == datetime(2026, 6, 19, 22, tzinfo=UTC)
    assert found.reminders == (datetime(2026, 6, 9, 13, tzinfo=UTC),)
    assert found.reply_address == "sign@letters.example"
    assert found.order is Order.COUNTRY
    assert found.countries == {"MM": "Burma"}
    assert found.council_on == date(2026, 6, 24)
    assert parse(SOUND).files == {"pins": "pins.csv", "addressees": "missions.csv"}


def test_it_comes_back_from_the_database_as_it_went_in() -> None:
    """What is stored is what was planned."""
    assert Plan.from_table(plan().as_table()) == plan()


def test_it_needs_few_lines() -> None:
    """What may be left out has a sensible value."""
    few = "\n".join(
        line
        for line in SOUND.splitlines()
        if not line.startswith(("reminders", "order", "pins", "MM", "council_on", "coordinators"))
    )
    found = parse(few).plan

    assert found is not None
    assert found.reminders == ()
    assert found.order is Order.NAME
    assert found.language == "en"
    assert found.desk == ("hana@letters.example",)
    assert Plan.from_table(found.as_table()) == found


@pytest.mark.parametrize(
    ("old", "new", "line", "problem"),
    [
        ('name = "my-letter"', 'name = "My Letter"', 1, "lower-case letters"),
        ('organizer = "The Coalition"', "", 0, "organizer is missing"),
        ('organizer = "The Coalition"', 'organizer = " "', 2, "an organizer's name"),
        ('organizer = "The Coalition"', "organizer = 7", 2, "a text in quotes"),
        ("hana@letters.example", "hana at letters", 6, "a mail address"),
        ("Sign@letters.example", "sign+x@letters.example", 7, "without a plus sign"),
        ('["desk@letters.example"]', "[7]", 8, "a list of mail addresses"),
        ("America/New_York", "New York", 11, "no time zone"),
        ("opens = 2026-05-26T09:00:00", "opens = 2026-05-26", 12, "a date with a time"),
        ("opens = 2026-05-26T09:00:00", "opens = 2026-03-08T02:30:00", 12, "does not exist"),
        ("[2026-06-09T09:00:00]", "[2026-07-09T09:00:00]", 14, "cutoff"),
        ("[2026-06-09T09:00:00]", "[2026-05-01T09:00:00]", 13, "reminder 01"),
        ("[2026-06-09T09:00:00]", '["soon"]', 13, "not a date with a time"),
        ("cutoff = 2026-06-19T18:00:00", "cutoff = 2026-06-29T18:00:00", 15, "dispatch"),
        ('order = "country"', 'order = "colour"', 19, "one of name, country, time"),
        ('MM = "Burma"', 'Myanmar = "Burma"', 23, "no country's name"),
        ('file = "missions.csv"', 'fiel = "missions.csv"', 26, "no setting"),
        ("[addressees]", "[adressees]", 25, "no setting [adressees]"),
        ('name = "my-letter"', 'name = "my-letter"\ncolour = "red"', 2, "no setting colour"),
        ('name = "my-letter"', "name = my-letter", 1, "not TOML"),
    ],
)
def test_it_reports_a_fault_with_its_line(old: str, new: str, line: int, problem: str) -> None:
    """Each fault is told with the line it stands on, and what is wrong."""
    found = parse(SOUND.replace(old, new, 1))

    assert found.plan is None
    assert any(problem in str(fault) for fault in found.faults), [str(f) for f in found.faults]
    assert line in {fault.line for fault in found.faults}


def test_it_reports_toml_that_ends_too_early() -> None:
    """A fault without a line of its own is told all the same."""
    assert parse('name = "my').plan is None
