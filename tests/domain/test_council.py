"""Who sits on the Security Council, and who presides over it."""

import tomllib
from copy import deepcopy
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest

from undersigned.domain.council import (
    Council,
    Seats,
    addressed,
    incoming,
    members,
    parse,
    president,
)
from undersigned.errors import Refused

CONFIG = Path(__file__).parents[2] / "config" / "security_council.toml"


@pytest.fixture(scope="module")
def table() -> dict[str, Any]:
    """Give the file that ships."""
    return tomllib.loads(CONFIG.read_text("utf-8"))


@pytest.fixture(scope="module")
def council(table: dict[str, Any]) -> Council:
    """Give the council of the file that ships."""
    return parse(table)


def test_it_has_fifteen_members_on_every_day(council: Council) -> None:
    """No letter goes to fourteen missions or sixteen, whatever its date."""
    days = (council.last - council.first).days + 1

    sizes = {
        len({one.country_code for one in members(council, on=council.first + timedelta(days=n))})
        for n in range(days)
    }

    assert sizes == {15}
    assert (council.first, council.last) == (date(2014, 1, 1), date(2027, 12, 31))


def test_it_knows_the_council_of_the_example_letter(council: Council) -> None:
    """The letter of 5 December 2022 goes to the fifteen that sat on that day."""
    codes = {one.country_code for one in members(council, on=date(2022, 12, 5))}

    assert codes == {
        "AL",
        "BR",
        "CN",
        "FR",
        "GA",
        "GH",
        "IN",
        "IE",
        "KE",
        "MX",
        "NO",
        "RU",
        "AE",
        "GB",
        "US",
    }


def test_it_calls_missions_as_they_call_themselves(council: Council) -> None:
    """Most are Permanent Missions of their country; the United States' is not."""
    missions = {one.country_code: one for one in members(council, on=date(2026, 11, 23))}

    assert missions["US"].mission == "United States Mission to the United Nations"
    assert missions["LV"].mission == (
        "Permanent Mission of the Republic of Latvia to the United Nations"
    )
    assert missions["CD"].country == "Democratic Republic of the Congo"
    assert missions["US"].permanent
    assert not missions["LV"].permanent


@pytest.mark.parametrize(
    ("on", "in_seat", "out_of_seat"),
    [
        (date(2017, 12, 31), "IT", "NL"),
        (date(2018, 1, 1), "NL", "IT"),
        (date(2026, 12, 31), "DK", "PT"),
        (date(2027, 1, 1), "PT", "DK"),
    ],
)
def test_it_changes_members_at_midnight_of_the_new_year(
    council: Council, on: date, in_seat: str, out_of_seat: str
) -> None:
    """A term ends on 31 December, and Italy handed its seat to the Netherlands after one year."""
    codes = {one.country_code for one in members(council, on=on)}

    assert in_seat in codes
    assert out_of_seat not in codes


@pytest.mark.parametrize("on", [date(2013, 12, 31), date(2028, 1, 1)])
def test_it_refuses_days_it_knows_nothing_of(council: Council, on: date) -> None:
    """A guessed council is worse than none: the coordinator is told what to do."""
    with pytest.raises(Refused, match=r"from 2014-01-01 to 2027-12-31, and not for"):
        members(council, on=on)


@pytest.mark.parametrize(
    ("on", "country"),
    [
        (date(2014, 1, 31), "Jordan"),
        (date(2016, 1, 1), "Uruguay"),
        (date(2018, 12, 5), "Côte d'Ivoire"),
        (date(2019, 3, 15), "France"),
        (date(2020, 4, 1), "Dominican Republic"),
        (date(2022, 2, 24), "Russian Federation"),
        (date(2022, 12, 5), "India"),
        (date(2024, 6, 30), "Republic of Korea"),
        (date(2026, 11, 30), "Latvia"),
        (date(2026, 12, 1), "Liberia"),
        (date(2027, 1, 1), "Portugal"),
    ],
)
def test_it_knows_who_presides(council: Council, on: date, country: str) -> None:
    """Letters often go to the President too, who changes every month."""
    assert president(council, on=on).country == country


def test_it_has_a_president_in_every_month(council: Council) -> None:
    """The rotation never leaves the members of the month."""
    months = [date(year, month, 1) for year in range(2014, 2028) for month in range(1, 13)]

    for month in months:
        assert president(council, on=month) in members(council, on=month)


def test_it_offers_the_incoming_five_from_october(council: Council) -> None:
    """Elected members observe meetings from 1 October, and a late letter may go to them too."""
    in_october = {one.country_code for one in incoming(council, on=date(2026, 10, 1))}

    assert in_october == {"AT", "KG", "PT", "TT", "ZW"}
    assert incoming(council, on=date(2026, 9, 30)) == ()


def test_it_refuses_incoming_members_that_are_not_elected_yet(council: Council) -> None:
    """Nobody is written to as a member before the data says so."""
    with pytest.raises(Refused, match="2028-01-01"):
        incoming(council, on=date(2027, 10, 1))


def _spoiled(table: dict[str, Any], **changes: Any) -> dict[str, Any]:
    spoiled = deepcopy(table)
    spoiled["term"][-1].update(changes)
    return spoiled


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"last": date(2027, 12, 31)}, "is not two calendar years"),
        ({"first": date(2027, 2, 1)}, "On 2027-01-01 there are 14 members, and not 15"),
        ({"group": "asia-pacific"}, "On 2027-01-01 there are 2 members for africa, and not 3"),
        ({"code": "XX"}, "XX has no name"),
        ({"code": "AT"}, "On 2027-01-01 a country sits twice"),
    ],
)
def test_it_refuses_terms_that_cannot_be_right(
    table: dict[str, Any], changes: dict[str, Any], sentence: str
) -> None:
    """A slip of the pen in the file is found before a letter is."""
    with pytest.raises(Refused, match=sentence):
        parse(_spoiled(table, **changes))


def test_it_refuses_a_president_who_is_no_member(table: dict[str, Any]) -> None:
    """The rotation must start from a member."""
    with pytest.raises(Refused, match="DK cannot preside"):
        parse({**table, "first_president": "DK"})


def test_it_refuses_a_file_that_lacks_something(table: dict[str, Any]) -> None:
    """A missing key is told by its name."""
    with pytest.raises(Refused, match="'permanent'"):
        parse({key: value for key, value in table.items() if key != "permanent"})


def test_every_month_has_its_president(council: Council) -> None:
    """For every month of the range somebody presides who sits on the Council in it."""
    months = [date(year, month, 1) for year in range(2014, 2028) for month in range(1, 13)]

    for month in months:
        sitting = {one.country_code for one in members(council, on=month)}
        assert president(council, on=month).country_code in sitting


@pytest.mark.parametrize(
    ("on", "seats", "count"),
    [
        (date(2026, 11, 23), Seats.SITTING, 15),
        (date(2026, 11, 23), Seats.INCOMING, 5),
        (date(2026, 11, 23), Seats.BOTH, 20),
        (date(2026, 11, 23), Seats.NONE, 0),
    ],
)
def test_it_adds_or_chooses_the_incoming(
    council: Council, on: date, seats: Seats, count: int
) -> None:
    """From 1 October a letter may go to those elected for the next year, too or instead."""
    found = addressed(council, on=on, seats=seats)

    assert len({one.country_code for one in found}) == count
    assert [one.country for one in found] == sorted(
        (one.country for one in found), key=lambda name: name.replace("ô", "o")
    )


def test_nobody_is_incoming_in_summer(council: Council) -> None:
    """Before 1 October nobody observes, whatever the coordinator asks for."""
    with pytest.raises(Refused, match="nobody is incoming"):
        addressed(council, on=date(2026, 9, 30), seats=Seats.BOTH)


def test_it_names_the_years_of_a_term(council: Council) -> None:
    """An elected member has its two years, Italy and the Netherlands one, a permanent one none."""
    found = {one.country_code: one.term.years for one in members(council, on=date(2017, 3, 1))}

    assert (found["SE"], found["IT"], found["FR"]) == ("2017-2018", "2017", None)
