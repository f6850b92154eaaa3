"""The missions of a campaign: taken over from a file, compared, checked."""

import json
from datetime import date
from pathlib import Path

import pytest

from tests.campaigns import CAMPAIGN, NAME, Desk
from undersigned.domain.addressees import Post
from undersigned.domain.council import Seats
from undersigned.errors import Refused
from undersigned.flows import check, missions

ON = date(2026, 5, 20)


def bluebook(folder: Path, *, email: str = "new@un.example") -> Path:
    """Write a Blue Book that knows France alone, and Andorra beside it."""
    rows = [
        {
            "MC_EntityShort": name,
            "MC_Category": "1",
            "MC_Address": f"Permanent Mission of {name}",
            "MC_eMail": email,
        }
        for name in ("France", "Andorra")
    ]
    head = {
        "BB_Mission": "France",
        "BB_Status": "Active",
        "BB_Title": "H.E. Ms.",
        "BB_FirstName": "Ana",
        "BB_LastName": "Example",
        "BB_Function": "Permanent Representative",
    }
    path = folder / "data.json"
    path.write_text(json.dumps({"countries": rows, "bluebooks": [head]}), encoding="utf-8")
    return path


def test_it_fills_the_missions_from_the_blue_book(desk: Desk, tmp_path: Path) -> None:
    """Members that are due get mission, head, address and the day; nobody else is added."""
    draft = missions.from_bluebook(desk.service, desk.folder, bluebook(tmp_path), fetched_on=ON)

    assert "The Blue Book has no mission of GB." in draft.faults
    changed = {(one.code, one.field): one.new for one in draft.differences}
    assert changed["FR", "head"] == "H.E. Ms. Ana Example"
    assert changed["FR", "to"] == "new@un.example"
    assert changed["FR", "verified_on"] == "2026-05-20"
    assert {code for code, _ in changed} == {"FR"}

    missions.write(draft)
    desk.apply()
    france = next(one for one in missions.of(desk.service, NAME) if one.code == "FR")
    assert (france.post, france.to) == (Post.NAMED, ("new@un.example",))
    assert france.salutation == "Dear Ambassador,"


def test_it_keeps_an_address_that_the_book_has_not(desk: Desk, tmp_path: Path) -> None:
    """An empty field takes no address away, and does not count as verified."""
    file = bluebook(tmp_path, email="")

    draft = missions.from_bluebook(desk.service, desk.folder, file, fetched_on=ON)

    france = next(one for one in draft.new if one.code == "FR")
    assert france.to == ("fr@missions.example",)
    assert france.verified_on == date(2026, 6, 15)


def test_it_takes_missions_from_a_table(desk: Desk, tmp_path: Path) -> None:
    """A CSV of a person's own replaces the rows it has and leaves the others."""
    file = tmp_path / "mine.csv"
    file.write_text("country_code,mission,to\nFR,Mission de France,x@un.example\n", "utf-8")

    draft = missions.from_csv(desk.folder, file)

    assert len(draft.new) == 15
    assert {one.field for one in draft.differences} == {"mission", "to", "verified_on"}
    file.write_text("country_code,mission,to\nFR,,x@un.example\n", "utf-8")
    with pytest.raises(Refused, match="name is missing"):
        missions.from_csv(desk.folder, file)


def test_it_says_what_stops_the_arming(desk: Desk) -> None:
    """Stale and missing addresses are told before anybody tries to arm."""
    desk.write(
        "missions.csv", "country_code,mission,to,verified_on\nFR,M,a@fr.example,2026-01-02\n"
    )
    desk.write("campaign.toml", CAMPAIGN + 'council = "none"\n')
    desk.apply()

    found = missions.check(desk.service, NAME)

    assert [(one.code, one.stops) for one in found] == [("FR", True)]
    assert "2026-01-02" in found[0].sentence


def test_another_set_of_addressees_is_only_another_file(desk: Desk, tmp_path: Path) -> None:
    """A parliament's committee gets the same letter by the same way, without a Council."""
    desk.write("missions.csv", "code,mission,to\nchair,The Chair,chair@parliament.example\n")
    desk.write("campaign.toml", CAMPAIGN + 'council = "none"\n')
    desk.apply()

    assert [one.code for one in missions.of(desk.service, NAME)] == ["chair"]
    with pytest.raises(Refused, match="missions of states"):
        missions.from_bluebook(desk.service, desk.folder, bluebook(tmp_path), fetched_on=ON)


@pytest.mark.parametrize(
    ("old", "new", "told"),
    [
        (
            "council_on = 2022-12-05",
            "council_on = 2022-12-05",
            "From 1 October the members elected for 2023 observe the Council: Ecuador",
        ),
        ("council_on = 2022-12-05", "council_on = 2030-01-01", "known here from 2014-01-01"),
        (
            "council_on = 2022-12-05",
            'council = "incoming"\ncouncil_on = 2022-12-05',
            "Ecuador sits on the Council",
        ),
        (
            "latest_start = 2026-06-24",
            "latest_start = 2027-01-04",
            "on 1 January five members leave the Council",
        ),
    ],
)
def test_it_tells_what_the_calendar_means(desk: Desk, old: str, new: str, told: str) -> None:
    """A turn of the year, members elect, a day beyond the data: the coordinator is told."""
    text = CAMPAIGN.replace(old, new)
    if "2027" in new:
        text = text.replace("dispatch = 2026-06-24", "dispatch = 2027-01-04").replace(
            "cutoff = 2026-06-19", "cutoff = 2026-12-30"
        )
    desk.write("campaign.toml", text)

    faults = [str(one) for one in check.check(desk.service, desk.folder).faults]

    assert any(told in one for one in faults), faults


def test_it_gives_the_council_of_a_day(desk: Desk) -> None:
    """Whoever asks for a day gets its fifteen; with the incoming, twenty from October on."""
    assert len(missions.on(desk.service, date(2022, 12, 5), Seats.SITTING)) == 15
    assert len(missions.on(desk.service, date(2022, 12, 5), Seats.BOTH)) == 20
    presiding = missions.presidency(desk.service, 2022)
    assert (presiding[11][0], presiding[11][1].country) == (date(2022, 12, 1), "India")


def test_it_refuses_what_it_cannot_read(desk: Desk, tmp_path: Path) -> None:
    """A file that is not there, or not UTF-8, is refused by name."""
    latin = tmp_path / "latin.csv"
    latin.write_bytes("country_code,mission,to\nFR,Mission générale,\n".encode("latin-1"))

    with pytest.raises(Refused, match="cannot be read"):
        missions.from_csv(desk.folder, tmp_path / "none.csv")
    with pytest.raises(Refused, match="not UTF-8"):
        missions.from_csv(desk.folder, latin)
    desk.write("campaign.toml", CAMPAIGN.replace('file = "missions.csv"', ""))
    with pytest.raises(Refused, match="names no file"):
        missions.from_csv(desk.folder, latin)
    desk.write("campaign.toml", "name = 1")
    with pytest.raises(Refused, match="has faults"):
        missions.from_csv(desk.folder, latin)
