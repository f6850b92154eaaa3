"""The list: who stands where."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from undersigned.domain.listing import Kind, Listing
from undersigned.domain.signatories import Collation, Order, Signatory, arrange, as_text

DAY = datetime(2026, 6, 1, tzinfo=UTC)


def signatory(
    name: str, *, country: str | None = None, kind: Kind = Kind.ORGANIZATION, day: int = 0
) -> Signatory:
    """Give a signatory with a name, and what a test needs beside it."""
    return Signatory(
        prospect_id=sum(map(ord, name)),
        listing=Listing(kind=kind, name=name, country=country),
        signed_at=DAY + timedelta(days=day),
        edition=1,
    )


def names(
    *args: Signatory, order: Order = Order.NAME, pins: dict[str, int] | None = None
) -> list[str]:
    """Give the names under Organizations in their order."""
    pinned = {(Kind.ORGANIZATION, name): place for name, place in (pins or {}).items()}
    return [one.listing.name for one in arrange(args, order=order, pins=pinned)[Kind.ORGANIZATION]]


@pytest.mark.parametrize(
    ("given_names", "expected"),
    [
        (["Zebra", "apple", "Éclair", "Ecru"], ["apple", "Éclair", "Ecru", "Zebra"]),
        (["The Beacon", "Archive", "Court"], ["Archive", "The Beacon", "Court"]),
        (["“Light” Trust", "Lamp", "Lark"], ["Lamp", "Lark", "“Light” Trust"]),
        (["한빛", "Beacon", "山川"], ["Beacon", "한빛", "山川"]),
    ],
)
def test_it_sorts_as_a_catalogue_does(given_names: list[str], expected: list[str]) -> None:
    """Accents and case do not tear names apart; a leading article or quote does not count."""
    assert names(*(signatory(name) for name in given_names)) == expected


def test_it_sorts_by_country_with_none_at_the_end() -> None:
    """A list by country keeps those without one together."""
    found = names(
        signatory("A"),
        signatory("B", country="UK"),
        signatory("C", country="Burma"),
        order=Order.COUNTRY,
    )

    assert found == ["C", "B", "A"]


def test_it_sorts_by_time_of_signing() -> None:
    """Who signed first stands first, where the campaign wants it so."""
    assert names(signatory("B", day=1), signatory("A", day=2), order=Order.TIME) == ["B", "A"]


@pytest.mark.parametrize(
    ("pins", "expected"),
    [
        ({"C": 1}, ["C", "A", "B"]),
        ({"A": 3}, ["B", "C", "A"]),
        ({"A": 2, "B": 2}, ["C", "A", "B"]),  # two on one place: the next free one
        ({"A": 9}, ["B", "C", "A"]),  # beyond the end
        ({"A": 7, "B": 5, "C": 9}, ["B", "A", "C"]),
        ({"Z": 1}, ["A", "B", "C"]),  # a pin of nobody on the list
    ],
)
def test_it_lets_pinned_places_win(pins: dict[str, int], expected: list[str]) -> None:
    """A coordinator's pin wins over the order, and nobody is lost by it."""
    assert names(signatory("A"), signatory("B"), signatory("C"), pins=pins) == expected


@given(
    st.lists(st.text("abcdé 한", min_size=1, max_size=4), unique=True, max_size=8),
    st.randoms(use_true_random=False),
    st.dictionaries(st.text("abcdé 한", min_size=1, max_size=4), st.integers(1, 12), max_size=4),
)
def test_it_orders_totally(given_names: list[str], random: object, pins: dict[str, int]) -> None:
    """The order does not depend on the order of processing, and keeps every name once."""
    group = [signatory(name) for name in given_names]
    shuffled = list(group)
    random.shuffle(shuffled)  # type: ignore[attr-defined] # hypothesis gives a Random

    assert names(*shuffled, pins=pins) == names(*group, pins=pins)
    assert sorted(names(*group, pins=pins)) == sorted(given_names)


def test_it_writes_headings_only_over_names() -> None:
    """The text has a line a name, under the headings of the letter."""
    groups = arrange([signatory("Archive", country="UK"), signatory("Bell")])

    assert as_text(groups) == "Organizations\nArchive / UK\nBell\n"


def test_it_does_not_take_a_whole_name_for_an_article() -> None:
    """A name that is nothing but an article still has a key."""
    assert Collation().key("The ") != ()


def test_it_passes_over_what_the_campaign_says() -> None:
    """Articles and quotes count where the campaign wants them to, and an exception wins."""
    strict = Collation(ignores_articles=False, ignores_quotes=False)
    named = Collation(exceptions={"Ägir": "Zz"})

    assert strict.key("The Beacon") > Collation().key("Court")
    assert strict.key("“Zebra”") < strict.key("Archive")
    assert named.key("Ägir") > named.key("Yes")
    assert Collation().key("“”") != ()
