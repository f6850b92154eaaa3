"""What a careful secretary would mark in a list."""

from pathlib import Path

import pytest

from undersigned.domain.listing import Kind, Listing
from undersigned.domain.proofreading import REASONS, Remark, entry, read, remarks
from undersigned.domain.signatories import Collation, Order

EXAMPLE = Path(__file__).parents[2] / "examples" / "security-council-2022"


def marked(source: str, **more: object) -> list[tuple[str, str]]:
    """Give reason and line of every remark on a list."""
    return [(one.reason, one.line) for one in remarks(read(source), **more)]  # type: ignore[arg-type] # named below


def test_it_finds_what_the_example_letter_got_wrong() -> None:
    """One person under Organizations, three parties without a country, two lines out of order."""
    found = remarks(
        read((EXAMPLE / "expected_signatories.txt").read_text("utf-8")),
        words=(EXAMPLE / "letter.md").read_text("utf-8"),
    )

    counts = {reason: sum(one.reason == reason for one in found) for reason in REASONS}
    assert counts == {
        "person-under-organizations": 1,
        "organization-under-individuals": 0,
        "no-country": 3,
        "out-of-order": 2,
        "stray-space": 0,
        "twice": 0,
        "wrong-count": 0,
    }
    assert "ARAKI Kazuhiro" in found[0].line


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ("Organizations\nJane Doe, Professor, A University / UK\n", "person-under-organizations"),
        ("Organizations\nDr. Jane Doe / UK\n", "person-under-organizations"),
        ("Organizations\nARAKI Kazuhiro / Japan\n", "person-under-organizations"),
        ("Individuals\nHuman Rights Committee / UK\n", "organization-under-individuals"),
        ("Organizations\nArchive\n", "no-country"),
        ("Organizations\nArchive  House / UK\n", "stray-space"),
        ("Organizations\nArchive\u00a0House / UK\n", "stray-space"),
        ("Organizations\nArchive House / UK \n", "stray-space"),
        ("Organizations\nArchive\u200b House / UK\n", "stray-space"),
        ("Organizations\nArchive ( AH) / UK\n", "stray-space"),
        ("Individuals\nJane Doe , Professor / UK\n", "stray-space"),
        ("Organizations\nBell / UK\nArchive / UK\n", "out-of-order"),
        ("Organizations\nNK Rights (NKR) / UK\nNKR / UK\n", "twice"),
        ("Organizations\nPeople for Corean Unity / UK\nPeople for Korean Unity / UK\n", "twice"),
        ("Organizations\nRights Center / UK\nThe Rights Centre / UK\n", "twice"),
        ("Organizations\nWorld Organisation / UK\nWorld Organization / UK\n", "twice"),
        ("Organizations\nHana & Co / UK\nHana and Co / UK\n", "twice"),
    ],
)
def test_it_marks(source: str, expected: str) -> None:
    """Each fault is found by itself."""
    assert [reason for reason, _ in marked(source)] == [expected]


@pytest.mark.parametrize(
    "source",
    [
        "Individuals\nDavid Alton, Member / UK\nSonja Biserko / Serbia\nMarzuki Darusman / X\n",
        "Individuals\nAnna Zed / UK\nBert Young / UK\nCarl Xu / UK\n",
        "Organizations\n1969 KAL Families / UK\n“Archive” House / UK\nThe Bell / UK\n",
        "Organizations\nBranch 12 of the Union / UK\nBranch 13 of the Union / UK\n",
        "Organizations\nNo Chain / UK\nNo Fence / UK\n",
        "Organizations:\nBishops’ Association, Director’s Office / UK\n",
        "",
    ],
)
def test_it_leaves_a_sound_list_alone(source: str) -> None:
    """What is right is not marked: family names, articles and quotes, numbers, short names."""
    assert marked(source) == []


@pytest.mark.parametrize(
    ("words", "told"),
    [
        ("We, the undersigned 3 organizations, write to you.", "“3 organizations”"),
        ("It is signed by two human rights organisations and one expert.", "“one expert”"),
        ("We, the forty-six undersigned, write.", "“forty-six undersigned”"),
        ("On behalf of 1,200 signatories.", "“1,200 signatories”"),
        ("Signed by two groups. In 2014, 200 organizations met.", None),
        ("There are 46 organizations in the field.", None),
        ("We, many organizations, sign.", None),
    ],
)
def test_it_counts_what_the_words_count(words: str, told: str | None) -> None:
    """A number of signers in the words is the number that is printed."""
    source = "Organizations\nArchive / UK\nBell / UK\n"

    found = [one.sentence for one in remarks(read(source), words=words)]

    assert (found == []) if told is None else any(told in one for one in found)


def test_it_judges_by_the_order_of_the_campaign() -> None:
    """A list by country is judged by country, one by time not at all, exceptions count."""
    source = "Organizations\nBell / Chad\nArchive / Denmark\n"

    assert marked(source, order=Order.COUNTRY) == []
    assert marked(source, order=Order.TIME) == []
    assert marked(source, collation=Collation(exceptions={"Archive": "Zz"})) == []
    assert [one for one, _ in marked(source)] == ["out-of-order"]


def test_it_says_where_a_place_was_chosen() -> None:
    """A pinned line out of order is told as one that somebody wanted there."""
    listings = [
        Listing(kind=Kind.ORGANIZATION, name=name, country="UK") for name in ("Bell", "Archive")
    ]

    [found] = remarks([entry(one, is_pinned=True) for one in listings])

    assert found == Remark(
        reason="out-of-order",
        line=found.line,
        sentence="It stands out of order under Organizations, where it is pinned.",
    )


def test_it_passes_over_blank_lines() -> None:
    """An empty line between two names, or a heading with a colon, is no name."""
    found = read("\ufeffIndividuals:\n\nJane Doe / UK\n\nOrganizations:\nBell / UK\n")

    assert [(one.kind, one.name) for one in found] == [
        (Kind.INDIVIDUAL, "Jane Doe"),
        (Kind.ORGANIZATION, "Bell"),
    ]
