"""The rehearsal's clock."""

from datetime import UTC, datetime, timedelta, timezone

import pytest

from undersigned.rehearsal.clock import JumpingClock

START = datetime(2022, 11, 10, 14, 0, tzinfo=UTC)


def test_it_starts_where_it_is_told_and_runs() -> None:
    """Between jumps it goes as fast as any clock."""
    clock = JumpingClock(START)

    first, second = clock(), clock()

    assert START <= first <= second < START + timedelta(minutes=5)
    assert first.tzinfo is UTC


def test_it_jumps_forward() -> None:
    """Weeks pass in a moment."""
    clock = JumpingClock(START)

    clock.jump_to(START + timedelta(days=25))

    assert timedelta(days=25) <= clock() - START < timedelta(days=25, minutes=5)


def test_it_never_goes_back() -> None:
    """An instant that is past already changes nothing."""
    clock = JumpingClock(START)
    clock.jump_to(START + timedelta(days=2))

    clock.jump_to(START + timedelta(days=1))

    assert clock() >= START + timedelta(days=2)


def test_it_gives_utc_whatever_its_start_is_written_in() -> None:
    """Times are one zone inside."""
    clock = JumpingClock(START.astimezone(timezone(timedelta(hours=9))))

    assert clock().utcoffset() == timedelta(0)


def test_it_refuses_a_start_without_a_zone() -> None:
    """A naive time means nothing."""
    with pytest.raises(ValueError, match="time zone"):
        JumpingClock(START.replace(tzinfo=None))
