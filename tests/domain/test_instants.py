"""Instants: local times that name one moment."""

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest

from undersigned.domain import instants
from undersigned.errors import Refused

YORK = ZoneInfo("America/New_York")
SEOUL = ZoneInfo("Asia/Seoul")


def test_it_reads_a_local_time_in_its_zone() -> None:
    """Nine in the morning in New York is one moment, whatever the season."""
    winter = instants.instant(datetime(2022, 12, 5, 9), YORK)  # noqa: DTZ001 - a local time
    summer = instants.instant(datetime(2022, 7, 5, 9), YORK)  # noqa: DTZ001 - as above

    assert winter == datetime(2022, 12, 5, 14, tzinfo=UTC)
    assert summer == datetime(2022, 7, 5, 13, tzinfo=UTC)


def test_it_keeps_a_time_that_has_its_own_zone() -> None:
    """A time written with an offset means what it says."""
    assert instants.instant(datetime(2022, 12, 5, 9, tzinfo=UTC), YORK).hour == 9


@pytest.mark.parametrize(
    ("local", "what"),
    [
        (datetime(2026, 3, 8, 2, 30), "does not exist"),  # noqa: DTZ001 - a local time
        (datetime(2026, 11, 1, 1, 30), "happens twice"),  # noqa: DTZ001 - as above
    ],
)
def test_it_refuses_an_hour_that_the_clocks_skip_or_double(local: datetime, what: str) -> None:
    """Where the clocks change, a coordinator says which of the two is meant."""
    with pytest.raises(ValueError, match=what) as caught:
        instants.instant(local, YORK)

    assert "-04:00" in str(caught.value)
    assert "-05:00" in str(caught.value)


@pytest.mark.parametrize(
    ("moment", "zone", "expected"),
    [
        (datetime(2022, 12, 5, 14, tzinfo=UTC), YORK, "2022-12-05 09:00 EST (14:00 UTC)"),
        (
            datetime(2022, 12, 5, 14, tzinfo=UTC),
            SEOUL,
            "2022-12-05 23:00 KST (09:00 EST in New York, 14:00 UTC)",
        ),
        (
            datetime(2022, 12, 5, 16, tzinfo=UTC),
            SEOUL,
            "2022-12-06 01:00 KST (2022-12-05 11:00 EST in New York, 2022-12-05 16:00 UTC)",
        ),
        (
            datetime(2022, 12, 5, 14, tzinfo=UTC),
            ZoneInfo("UTC"),
            "2022-12-05 14:00 UTC (09:00 EST in New York)",
        ),
    ],
)
def test_it_shows_a_moment_in_three_zones(moment: datetime, zone: ZoneInfo, expected: str) -> None:
    """Nobody has to count hours: the zone of the author, New York and UTC, each once.

    T33: knadh/listmonk#2585, #58, mail at once or never for a zone mistaken.
    """
    assert instants.shown(moment, zone) == expected


def test_it_names_what_stands_in_the_wrong_order() -> None:
    """Each pair of neighbours in the wrong order is named."""
    early, late = datetime(2026, 1, 1, tzinfo=UTC), datetime(2026, 1, 2, tzinfo=UTC)

    assert instants.in_order([("a", early), ("b", late)]) == []
    assert instants.in_order([("a", late), ("b", early)]) == [("a", "b")]


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("2027-03-14T02:30", "2027-03-14 01:30-05:00 or 2027-03-14 03:30-04:00"),
        ("2026-11-01T01:30", "2026-11-01 01:30-04:00 or 2026-11-01 01:30-05:00"),
        ("tomorrow", "is not a time"),
    ],
)
def test_it_refuses_an_hour_that_names_no_moment(text: str, told: str) -> None:
    """A skipped or doubled hour is refused with the two choices there are."""
    with pytest.raises(Refused) as refused:
        instants.parse(text, instants.zone("America/New_York"))

    assert told in str(refused.value)


def test_it_takes_a_typed_time() -> None:
    """An hour in a zone, or with its offset, names one moment."""
    york = instants.zone("America/New_York")

    assert instants.parse("2026-06-24T09:00", york) == datetime(2026, 6, 24, 13, tzinfo=UTC)
    assert instants.parse("2026-11-01T01:30-05:00", york) == datetime(
        2026, 11, 1, 6, 30, tzinfo=UTC
    )
    with pytest.raises(Refused, match="no time zone"):
        instants.zone("Mars/Olympus")
