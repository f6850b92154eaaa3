"""What the e-Blue Book's file says of missions."""

import json
from datetime import date
from typing import Any

import pytest

from undersigned.domain.bluebook import Read, parse
from undersigned.errors import Refused

CODES = {"France": "FR", "United States of America": "US", "Malta": "MT", "Latvia": "LV"}
ON = date(2026, 6, 15)


def country(name: str, **more: str) -> dict[str, str]:
    """Give a row of `countries`."""
    return {
        "MC_Entity": name,
        "MC_EntityBB": name.upper(),
        "MC_EntityShort": name,
        "MC_Category": "1",
        "MC_Address": f"Permanent Mission of {name}\r\nOne Street\r\nNew York, NY",
        "MC_eMail": "mission@un.example",
        **more,
    }


def person(mission: str, function: str, **more: str) -> dict[str, str]:
    """Give a row of `bluebooks`."""
    return {
        "BB_Mission": mission,
        "BB_Status": "Active",
        "BB_Title": "h.e.  MS",
        "BB_FirstName": "Ana",
        "BB_LastName": "Example",
        "BB_NameOrder": "",
        "BB_Function": function,
        **more,
    }


def read(countries: list[Any], people: list[Any]) -> Read:
    """Read a file that holds these rows."""
    source = json.dumps({"countries": countries, "bluebooks": people})
    return parse(source, code_of=CODES.get, on=ON, origin="Blue Book")


def test_it_reads_a_mission_with_its_head() -> None:
    """Name of the mission, head with form of address and title, addresses, day and source."""
    found = read(
        [country("France", MC_eMail=" A@un.example ; b@un.example/c@un.example")],
        [
            person("FRANCE", "Deputy Permanent Representative", BB_LastName="Deputy"),
            person("FRANCE", "Ambassador Extraordinary, PERMANENT REPRESENTATIVE"),
        ],
    ).addressees["FR"]

    assert found.mission == "Permanent Mission of France"
    assert (found.head, found.title) == ("H.E. Ms. Ana Example", "Permanent Representative")
    assert found.to == ("a@un.example", "b@un.example", "c@un.example")
    assert (found.verified_on, found.source) == (ON, "Blue Book")


@pytest.mark.parametrize(
    ("function", "more", "head", "title"),
    [
        ("Representative", {}, "H.E. Ms. Ana Example", "Representative"),
        (
            "Minister, Chargé d'affaires, a.i.",
            {"BB_Title": "Mr"},
            "Mr. Ana Example",
            "Chargé d’affaires a.i.",
        ),
        ("Counsellor", {}, None, "vacant"),
        ("Alternate Representative", {}, None, "vacant"),
        ("Permanent Representative", {"BB_Status": "Departed"}, None, "vacant"),
        (
            "Permanent Representative",
            {"BB_NameOrder": "Last First"},
            "H.E. Ms. Example Ana",
            "Permanent Representative",
        ),
    ],
)
def test_it_finds_who_heads_a_mission(
    function: str, more: dict[str, str], head: str | None, title: str
) -> None:
    """A representative, else a chargé, else the post is vacant; a deputy is none of them."""
    found = read([country("Malta")], [person("Malta", function, **more)]).addressees["MT"]

    assert (found.head, found.title) == (head, title)


def test_a_head_goes_before_a_charge() -> None:
    """While both stand in the book, the letter goes to the permanent representative."""
    people = [
        person("Malta", "Chargé d'affaires a.i.", BB_LastName="Other"),
        person("Malta", "Permanent Representative"),
    ]

    assert read([country("Malta")], people).addressees["MT"].head == "H.E. Ms. Ana Example"


def test_it_tells_what_it_cannot_read() -> None:
    """A bad address is not taken, a nameless mission and an unknown country are told."""
    found = read(
        [
            country("Malta", MC_eMail="call us"),
            country("Latvia", MC_Address="", MC_eMail=""),
            country("Atlantis"),
            country("France", MC_Category="2"),
        ],
        [],
    )

    assert set(found.addressees) == {"MT", "LV"}
    assert found.addressees["MT"].to == ()
    assert found.addressees["LV"].mission == "Latvia"
    told = " ".join(found.faults)
    assert "'call' is not a mail address" in told
    assert "does not begin with its name" in told
    assert "'Atlantis'" in told


@pytest.mark.parametrize("source", ["", "[]", "{}", '{"countries": [1], "bluebooks": []}'])
def test_it_refuses_another_file(source: str) -> None:
    """A file that is no Blue Book changes nothing."""
    with pytest.raises(Refused, match="no Blue Book"):
        parse(source, code_of=CODES.get, on=ON, origin="data.json")
