"""Pace: how fast mail may leave, and what is kept free for the letter."""

from bisect import bisect_left, bisect_right, insort
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

#: From a length of time to how many recipients any such stretch may see.
Limits = Mapping[timedelta, int]


@dataclass(frozen=True, kw_only=True)
class Booking:
    """A letter that is to leave: its place in the quota is nobody else's."""

    at: datetime
    recipients: int


def kept(bookings: Iterable[Booking], window: timedelta, now: datetime) -> int:
    """Give how many places of a window other mail must leave free.

    What leaves now still counts when a letter leaves less than a window later.
    """
    return sum(one.recipients for one in bookings if one.at < now + window)


def times(
    sent: Sequence[datetime],
    *,
    limits: Limits,
    bookings: Iterable[Booking],
    start: datetime,
    count: int,
) -> list[datetime]:
    """Give when each of `count` mails leaves from `start` on, as early as the limits let them.

    `sent` is what left already, in order; letters that are booked have their places.
    """
    taken = sorted([*sent, *(one.at for one in bookings for _ in range(one.recipients))])
    found: list[datetime] = []
    at = start
    for _ in range(count):
        at = _next(taken, limits, at)
        insort(taken, at)
        found.append(at)
    return found


def _next(taken: Sequence[datetime], limits: Limits, at: datetime) -> datetime:
    """Give the first instant from `at` on that fits into every window."""
    while (later := max((_fits(taken, *one, at) for one in limits.items()), default=at)) > at:
        at = later
    return at


def _fits(taken: Sequence[datetime], window: timedelta, most: int, at: datetime) -> datetime:
    """Give `at` where a window around it has room; else when enough of what is in it has passed."""
    first, end = bisect_right(taken, at - window), bisect_left(taken, at + window)
    return at if end - first < most else taken[end - most] + window
