"""The tables beside campaign.toml."""

import pytest

from undersigned.domain import addressees, roster
from undersigned.domain.fault import Fault
from undersigned.domain.listing import Kind
from undersigned.domain.party import Prospect

HEAD = "kind,name,title,country,email,language,contact,city\n"


def styled(text: str) -> str | None:
    """Recognise two countries."""
    return {"UK": "UK", "대한민국": "South Korea"}.get(text)


def read(rows: str, fields: tuple[str, ...] = ()) -> tuple[list[Prospect], list[Fault]]:
    """Read a prospects.csv with the usual first line."""
    return roster.prospects(HEAD + rows, styled=styled, fields=fields)


def test_it_reads_a_party() -> None:
    """A line is a party; columns of the coordinator's own are kept for the templates."""
    found, faults = read(
        "organization, Example Watch (EW) ,,대한민국,Office@EW.example,ko,Ann,Seoul\n"
    )

    assert faults == []
    assert found == [
        Prospect(
            kind=Kind.ORGANIZATION,
            name="Example Watch (EW)",
            country="South Korea",
            email="office@ew.example",
            language="ko",
            contact="Ann",
            more={"city": "Seoul"},
        )
    ]
    assert found[0].listing.line == "Example Watch (EW) / South Korea"


@pytest.mark.parametrize(
    ("row", "problem"),
    [
        ("company,A,,UK,a@a.example,en,,\n", "not a kind of party"),
        ("organization,,,UK,a@a.example,en,,\n", "name is missing"),
        ("organization,A,,UK,,en,,\n", "There is no address"),
        ("organization,A,,UK,a@a,en,,\n", "not a mail address"),
        ("organization,A,,Atlantis,a@a.example,en,,\n", "not recognised as a country"),
        ("organization,A,,UK,a@a.example,English please,,\n", "not a language"),
        ("organization,A,,UK,a@a.example,en,,,extra\n", "more fields"),
    ],
)
def test_it_reports_a_fault_with_its_line(row: str, problem: str) -> None:
    """Each fault is told with file, line and remedy, and the line is not taken."""
    found, faults = read(row)

    assert found == []
    assert [fault.line for fault in faults] == [2]
    assert problem in str(faults[0])
    assert str(faults[0]).startswith("prospects.csv:2: ")


def test_it_knows_a_party_twice_under_two_spellings() -> None:
    """The same party under another spelling is told with the line of the first."""
    found, faults = read(
        "organization,Abductees’ Family Union,,,a@a.example,en,,\n"
        "organization,ABDUCTEES' FAMILY  UNION,,,b@b.example,en,,\n"
    )

    assert len(found) == 1
    assert any("stands on line 2 already" in str(fault) for fault in faults)


def test_it_lets_two_parties_share_an_address() -> None:
    """One office may answer for two organizations."""
    found, _ = read(
        "organization,A,,UK,office@a.example,en,,\norganization,B,,UK,office@a.example,en,,\n"
    )

    assert len(found) == 2


def test_it_warns_of_what_may_be_meant() -> None:
    """A title on an organization and a missing country are told, and taken."""
    found, faults = read("organization,A,Professor,,a@a.example,en,,\n")

    assert len(found) == 1
    assert all(fault.is_warning for fault in faults)
    assert len(faults) == 2
    assert "warning: " in str(faults[0])


def test_it_reports_a_field_that_the_templates_need() -> None:
    """A template that greets by city says which party has none."""
    _, faults = read(
        "organization,A,,UK,a@a.example,en,,\norganization,B,,UK,b@b.example,en,,Seoul\n", ("city",)
    )

    assert len(faults) == 1
    assert "templates use 'city'" in str(faults[0])


def test_it_names_a_missing_column() -> None:
    """A table without a needed column says which."""
    found, faults = roster.prospects("kind,name\norganization,A\n", styled=styled)

    assert found == []
    assert "'email'" in str(faults[0])


def test_it_reads_what_a_spreadsheet_wrote() -> None:
    """A byte order mark, empty lines and quoted commas are no faults."""
    found, faults = read('\n,,,,,,,\nindividual,Ann,"Professor, History",UK,a@a.example,,,\n')

    assert faults == []
    assert found[0].title == "Professor, History"
    assert roster.prospects("\ufeff" + HEAD, styled=styled) == ([], [])


def test_it_reads_pins() -> None:
    """A pin is a kind, a name and a place."""
    found, faults = roster.pins("kind,name,place\nindividual,Ann,1\norganization,B,2\n")

    assert faults == []
    assert [(pin.kind, pin.name, pin.place) for pin in found] == [
        (Kind.INDIVIDUAL, "Ann", 1),
        (Kind.ORGANIZATION, "B", 2),
    ]


@pytest.mark.parametrize(
    ("rows", "problem"),
    [
        ("company,A,1\n", "needs a kind and a name"),
        ("individual,,1\n", "needs a kind and a name"),
        ("individual,Ann,first\n", "not a place"),
        ("individual,Ann,0\n", "not a place"),
        ("individual,Ann,1\nindividual,Ann,2\n", "pinned twice"),
    ],
)
def test_it_reports_a_bad_pin(rows: str, problem: str) -> None:
    """A pin that cannot be meant is told."""
    _, faults = roster.pins("kind,name,place\n" + rows)

    assert any(problem in str(fault) for fault in faults)


MISSIONS = "country_code,mission,to,cc,verified_on\n"


def test_it_reads_missions_with_several_addresses() -> None:
    """Several To and Cc addresses stand in one field, set apart by semicolons."""
    found, faults = addressees.parse(
        MISSIONS + "FR,Mission of France,a@fr.example; b@fr.example,c@fr.example,2026-06-01\n",
        file="missions.csv",
    )

    assert faults == []
    assert found[0].to == ("a@fr.example", "b@fr.example")
    assert found[0].cc == ("c@fr.example",)
    assert str(found[0].verified_on) == "2026-06-01"
    assert found[0].country == "FR"


@pytest.mark.parametrize(
    ("row", "problem"),
    [
        ("France,Mission,a@fr.example,,\n", "not a country's code"),
        ("FR,,a@fr.example,,\n", "name is missing"),
        ("FR,Mission,a at fr,,\n", "not a mail address"),
        ("FR,Mission,a@fr.example,,June\n", "not a date"),
        ("FR,Mission,a@fr.example,,\nFR,Mission,a@fr.example,,\n", "here twice"),
        ("FR,Mission,,,\n", "has no address"),
    ],
)
def test_it_reports_a_bad_mission(row: str, problem: str) -> None:
    """No address is guessed, and none is taken that cannot be one."""
    _, faults = addressees.parse(MISSIONS + row, file="missions.csv")

    assert any(problem in str(fault) for fault in faults)
