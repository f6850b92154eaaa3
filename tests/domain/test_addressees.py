"""Whom the letter goes to, how each is called and greeted."""

from dataclasses import replace
from datetime import date

import pytest

from undersigned.domain.addressees import (
    COLUMNS,
    Addressee,
    Greeting,
    Post,
    as_row,
    differences,
    doubts,
    parse,
    salutation,
    unfit,
)

FRANCE = Addressee(
    code="FR",
    country="France",
    mission="Permanent Mission of France to the United Nations",
    head="H.E. Ms. Claire Example",
    title="Permanent Representative",
    to=("fr@missions.example",),
    verified_on=date(2026, 6, 1),
)
CHARGE = replace(FRANCE, head="Mr. Paul Example", title="Chargé d'affaires a.i.")
VACANT = replace(FRANCE, head=None, title="vacant")


@pytest.mark.parametrize(
    ("addressee", "rule", "own", "greeting"),
    [
        (FRANCE, Greeting.LETTER, "Dear Ambassador,", "Dear Ambassador,"),
        (FRANCE, Greeting.EXCELLENCY, "Dear Ambassador,", "Your Excellency,"),
        (FRANCE, Greeting.AMBASSADOR, "Dear friends,", "Dear Ambassador,"),
        (CHARGE, Greeting.EXCELLENCY, "Dear Ambassador,", "Dear Chargé d’Affaires,"),
        (CHARGE, Greeting.AMBASSADOR, "Dear friends,", "Dear Chargé d’Affaires,"),
        (CHARGE, Greeting.LETTER, "Excellency,", "Dear Chargé d’Affaires,"),
        (CHARGE, Greeting.LETTER, "Dear friends,", "Dear friends,"),
        (VACANT, Greeting.EXCELLENCY, "Dear Ambassador,", "Dear Permanent Representative,"),
        (
            replace(CHARGE, salutation="Dear Mr. Example,"),
            Greeting.EXCELLENCY,
            "Dear Ambassador,",
            "Dear Mr. Example,",
        ),
    ],
)
def test_it_greets_by_rule(addressee: Addressee, rule: Greeting, own: str, greeting: str) -> None:
    """A chargé is no Excellency, an empty post is nobody's, and a mission's own greeting wins."""
    assert salutation(addressee, rule=rule, own=own) == greeting


def test_it_never_guesses_a_gender() -> None:
    """No greeting by rule says Sir or Madam."""
    all_of_them = {
        salutation(one, rule=rule, own="Dear Ambassador,")
        for one in (FRANCE, CHARGE, VACANT, replace(FRANCE, head=None, title=None))
        for rule in Greeting
    }

    assert not any(word in one for one in all_of_them for word in ("Sir", "Madam", "Mr", "Ms"))


@pytest.mark.parametrize(
    ("addressee", "post", "block"),
    [
        (
            FRANCE,
            Post.NAMED,
            ("H.E. Ms. Claire Example", "Permanent Representative", FRANCE.mission),
        ),
        (
            CHARGE,
            Post.CHARGE,
            ("Mr. Paul Example", "Chargé d'affaires a.i.", FRANCE.mission),
        ),
        (VACANT, Post.VACANT, ("The Permanent Representative", FRANCE.mission)),
        (
            replace(FRANCE, head=None),
            Post.UNNAMED,
            ("The Permanent Representative", FRANCE.mission),
        ),
        (replace(FRANCE, head=None, title=None), Post.UNNAMED, (FRANCE.mission,)),
    ],
)
def test_it_writes_to_the_post_where_nobody_is_named(
    addressee: Addressee, post: Post, block: tuple[str, ...]
) -> None:
    """The lines above the greeting name the person, or whoever holds the post."""
    assert addressee.post is post
    assert addressee.block == block


@pytest.mark.parametrize(
    ("addressee", "told"),
    [
        (FRANCE, None),
        (replace(FRANCE, to=()), "has no address"),
        (replace(FRANCE, verified_on=None), "Nobody noted"),
        (replace(FRANCE, verified_on=date(2026, 5, 1)), "more than 30 days ago"),
    ],
)
def test_an_address_is_fresh_or_stops_the_arming(addressee: Addressee, told: str | None) -> None:
    """A letter goes only where somebody looked the address up within thirty days."""
    found = unfit(addressee, on=date(2026, 7, 1))

    assert (found is None) if told is None else (told in (found or ""))


@pytest.mark.parametrize(
    ("addressee", "told"),
    [
        (VACANT, "vacant"),
        (replace(CHARGE, salutation="Your Excellency,"), "no Excellency"),
        (replace(FRANCE, title=None), "has no title"),
    ],
)
def test_it_says_what_to_look_at_again(addressee: Addressee, told: str) -> None:
    """What is unlikely to be meant is told before the letter is armed."""
    assert told in doubts(addressee)[0]
    assert doubts(FRANCE) == []


def test_it_tells_what_changed_between_two_lists() -> None:
    """A changed head and a changed address are seen, and so are missions that came and went."""
    changed = replace(FRANCE, head="H.E. Mr. Luc Example", to=("new@missions.example",))
    malta = replace(FRANCE, code="MT", mission="Mission of Malta")

    found = [str(one) for one in differences([FRANCE, malta], [changed])]

    assert found == [
        f"{FRANCE.mission}, head: H.E. Ms. Claire Example → H.E. Mr. Luc Example",
        f"{FRANCE.mission}, to: fr@missions.example → new@missions.example",
        "Mission of Malta: is not there any more",
    ]
    assert str(differences([], [malta])[0]) == "Mission of Malta: is new"
    assert "none → Dear X," in str(differences([malta], [replace(malta, salutation="Dear X,")])[0])


def test_another_set_has_codes_of_its_own() -> None:
    """A committee's members are addressed by the same file, under codes of their own."""
    source = "code,mission,to\nchair-1,The Chair of the Committee,chair@parliament.example\n"

    found, faults = parse(source, file="members.csv", by_country=False)

    assert faults == []
    assert found[0].code == "chair-1"
    _, faults = parse(source.replace("chair-1", "?"), file="members.csv", by_country=False)
    assert "is not a code" in str(faults[0])


def test_it_takes_each_address_once() -> None:
    """Two spellings of one address make one delivery."""
    found, _ = parse("country_code,mission,to\nFR,M,A@fr.example; a@FR.example\n", file="m.csv")

    assert found[0].to == ("a@fr.example",)


def test_what_is_written_is_read_back() -> None:
    """The file that an import writes holds the same missions when it is read."""
    lines = [COLUMNS, as_row(FRANCE), as_row(VACANT)]
    source = "\n".join(",".join(f'"{field}"' for field in line) for line in lines)

    found, faults = parse(source.replace('"FR"', '"MT"', 1), file="missions.csv")

    assert [one for one in faults if not one.is_warning] == []
    assert found == [replace(FRANCE, code="MT"), VACANT]


def test_it_says_what_is_to_be_looked_at_in_the_file() -> None:
    """A vacant post is a warning with its line."""
    _, faults = parse("country_code,mission,to,title\nFR,M,a@fr.example,vacant\n", file="m.csv")

    assert [(one.line, one.is_warning) for one in faults] == [(2, True)]
