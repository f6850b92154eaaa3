"""Instants: local times that name one moment, and how people read them."""

from collections.abc import Sequence
from datetime import UTC, datetime
from itertools import pairwise
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from undersigned.errors import Refused

#: The zone that the addressees live in; every instant is shown in it too.
NEW_YORK = ZoneInfo("America/New_York")


def instant(local: datetime, zone: ZoneInfo) -> datetime:
    """Give the moment (UTC) that a local time names.

    Raises ValueError where the clocks change and it names none, or two, with the choices there are.
    """
    if local.tzinfo is not None:
        return local.astimezone(UTC)
    first, second = (local.replace(tzinfo=zone, fold=fold).astimezone(UTC) for fold in (0, 1))
    if first == second:
        return first
    choices = " or ".join(
        one.astimezone(zone).isoformat(sep=" ", timespec="minutes")
        for one in sorted((first, second))
    )
    what = "happens twice" if first < second else "does not exist"
    raise ValueError(
        f"{local:%Y-%m-%d %H:%M} {what} in {zone.key}, the clocks change: write {choices}"
    )


def zone(name: str) -> ZoneInfo:
    """Give the zone of an IANA name; raises `Refused` where there is none."""
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError) as exc:
        raise Refused(
            f"There is no time zone {name!r}: write an IANA name, such as America/New_York."
        ) from exc


def parse(text: str, place: ZoneInfo) -> datetime:
    """Give the moment that a person typed, in a zone.

    Raises `Refused` where it is no time, or where the clocks change and it names none or two.
    """
    try:
        local = datetime.fromisoformat(text)
    except ValueError as exc:
        raise Refused(f"{text!r} is not a time: write it as 2026-06-24T09:00.") from exc
    try:
        return instant(local, place)
    except ValueError as exc:
        raise Refused(f"{exc}.") from exc


def shown(moment: datetime, zone: ZoneInfo) -> str:
    """Give the moment in the zone, in New York and in UTC, each once, for a person.

    >>> shown(datetime(2022, 12, 5, 14, tzinfo=UTC), ZoneInfo("Asia/Seoul"))
    '2022-12-05 23:00 KST (09:00 EST in New York, 14:00 UTC)'
    """
    local, york, utc = moment.astimezone(zone), moment.astimezone(NEW_YORK), moment.astimezone(UTC)
    others = [] if zone.key == NEW_YORK.key else [f"{_beside(york, local)} {york:%Z} in New York"]
    if local.utcoffset() != utc.utcoffset():
        others.append(f"{_beside(utc, local)} UTC")
    beside = f" ({', '.join(others)})" if others else ""
    return f"{local:%Y-%m-%d %H:%M %Z}{beside}"


def _beside(moment: datetime, other: datetime) -> str:
    return f"{moment:%H:%M}" if moment.date() == other.date() else f"{moment:%Y-%m-%d %H:%M}"


def in_order(named: Sequence[tuple[str, datetime]]) -> list[tuple[str, str]]:
    """Give each pair of neighbouring names whose instants stand in the wrong order."""
    return [(earlier[0], later[0]) for earlier, later in pairwise(named) if earlier[1] >= later[1]]
