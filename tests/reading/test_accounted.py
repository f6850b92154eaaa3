"""What stands beside a listing and was not read: a person looks before anything is printed."""

import pytest

from tests.reading.accuracy import countries
from undersigned.domain.listing import Kind, Listing
from undersigned.domain.party import Prospect
from undersigned.domain.verdict import Verdict
from undersigned.reading import Question, parse, read
from undersigned.reading.accounted import breaks_off

KNOWN = countries()
WATCH = Prospect(
    kind=Kind.ORGANIZATION,
    name="Les Veilleurs de l'Est",
    country="France",
    email="odile@veilleurs.example",
    contact="Odile Garrigue",
    language="fr",
)
EDITOR = Prospect(
    kind=Kind.INDIVIDUAL,
    name="Ada Byron",
    title="Editor",
    country="Canada",
    email="ada@lark.example",
    language="en",
)


def verdict(words: str, party: Prospect, name: str = "") -> Verdict:
    """Give what is made of a reply of the party's own address."""
    raw = f"From: {name} <{party.email}>\r\nSubject: Re\r\n\r\n{words}".encode()
    return read(
        parse(raw),
        Question(prospect=party, signed=False, countries=KNOWN, public_providers=frozenset()),
    )


@pytest.mark.parametrize(
    "words",
    [
        "Yes, please sign me as:\nName: Ada Byron\nOnce: editor of Lark\nCountry: Canada",
        "Yes, please sign me.\n\nPseudonym: Grace Lamb\nTitle: Author\nCountry: Canada",
        "Yes.\n\nAda Byron, former editor\nCountry: Canada",
    ],
)
def test_a_line_of_a_form_that_nobody_reads_is_held(words: str) -> None:
    """What stands under an unknown label may be what they want printed, or not printed."""
    assert not verdict(words, EDITOR).automatic


def test_two_lines_that_each_name_a_country_are_two_entries() -> None:
    """An association and its president ask for two places, and get both."""
    words = (
        "Oui, nous signons. Merci d'inscrire :\n\nLes Veilleurs de l'Est – France\n"
        "Odile Garrigue, présidente des Veilleurs de l'Est – France\n\nBien cordialement,"
    )

    found = verdict(words, WATCH, name="Odile Garrigue")

    assert [(one.name, one.title, one.country) for one in found.listings] == [
        ("Les Veilleurs de l'Est", None, "France"),
        ("Odile Garrigue", "présidente des Veilleurs de l'Est", "France"),
    ]


@pytest.mark.parametrize(
    ("name", "title", "expected"),
    [
        ("Ada Byron", "Author of", True),
        ("Ada Byron", "Fellow, Country: Canada", True),
        ("Ada Byron, Title: Fellow", None, True),
        ("Ada Byron", "Author of “The Last Ferry”", False),
        ("Lark: A Project for Everyone", None, False),
        ("Movement", "Fellow of the House", False),
    ],
)
def test_it_sees_where_a_listing_breaks_off(name: str, title: str | None, expected: bool) -> None:  # noqa: FBT001 - a table
    """A title that ends in "of", or holds the next line of a form, was not read whole."""
    listing = Listing(kind=Kind.INDIVIDUAL, name=name, title=title, country=None)

    assert breaks_off(listing) is expected
