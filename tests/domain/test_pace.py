"""How fast mail may leave, and what is kept free for the letter."""

from datetime import UTC, datetime, timedelta

from undersigned.domain import pace
from undersigned.domain.pace import Booking

NOON = datetime(2026, 5, 26, 12, tzinfo=UTC)
MINUTE, DAY = timedelta(minutes=1), timedelta(hours=24)


def after(times: list[datetime]) -> list[float]:
    """Give the minutes after noon."""
    return [(one - NOON) / MINUTE for one in times]


def test_it_sends_all_at_once_without_a_limit() -> None:
    """An account that knows no limit is not slowed."""
    found = pace.times([], limits={}, bookings=[], start=NOON, count=3)

    assert after(found) == [0, 0, 0]


def test_it_sends_no_more_in_any_minute_than_allowed() -> None:
    """Two a minute means the third a minute after the first."""
    found = pace.times([], limits={MINUTE: 2}, bookings=[], start=NOON, count=5)

    assert after(found) == [0, 0, 1, 1, 2]


def test_it_counts_what_left_before() -> None:
    """The day's share that is used up comes back a day later."""
    found = pace.times(
        [NOON - DAY + MINUTE, NOON - MINUTE], limits={DAY: 2}, bookings=[], start=NOON, count=2
    )

    assert after(found) == [1, 24 * 60 - 1]


def test_it_leaves_the_letter_its_places() -> None:
    """What would still count when the letter leaves waits until after it."""
    letter = Booking(at=NOON + timedelta(hours=2), recipients=2)

    found = pace.times([], limits={DAY: 3}, bookings=[letter], start=NOON, count=2)

    assert after(found) == [0, 24 * 60]


def test_it_keeps_places_for_letters_of_the_window_alone() -> None:
    """A letter of next week takes no place of today's."""
    soon = Booking(at=NOON + timedelta(hours=2), recipients=15)
    late = Booking(at=NOON + timedelta(days=7), recipients=15)

    assert pace.kept([soon, late], DAY, NOON) == 15
    assert pace.kept([soon, late], MINUTE, NOON) == 0
