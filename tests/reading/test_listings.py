"""How people say how they wish to be listed, and what is printed for it."""

import tomllib
from pathlib import Path
from typing import Any

import pytest

from tests.reading.test_words import verdict
from undersigned.domain.listing import Kind

TABLE = tomllib.loads((Path(__file__).parent / "listings.toml").read_text("utf-8"))


@pytest.mark.parametrize("case", TABLE["case"], ids=lambda case: case["text"][:40])
def test_it_lists_as_asked(case: dict[str, Any]) -> None:
    """Names stand exactly as their owner writes them, countries in house style."""
    invited = dict(case.get("invited", {}))
    if "kind" in invited:
        invited["kind"] = Kind(invited["kind"])

    found = verdict(case["text"], case["language"], signed=case.get("signed", False), **invited)

    listed = [
        [one.kind.value, one.name, one.title or "", one.country or ""] for one in found.listings
    ]
    assert sorted(listed) == sorted(case["listings"])
    assert found.automatic, found.reason


@pytest.mark.parametrize("text", TABLE["held"])
def test_it_leaves_a_doubtful_name_to_a_person(text: str) -> None:
    """Nothing is printed that was only half understood."""
    assert not verdict(text, "en").automatic


@pytest.mark.parametrize("text", TABLE["held_of_person"])
def test_it_prints_no_name_or_title_that_it_only_guesses(text: str) -> None:
    """Who says something of their name or title is listed as they meant it, or by a person."""
    invited = {
        "kind": Kind.INDIVIDUAL,
        "name": "Tomas Berg",
        "title": "Professor of Law, University of Elm",
        "country": "Norway",
    }

    assert not verdict(text, "en", **invited).automatic
