"""Days and instants as people read them, in their language and in a named zone."""

from datetime import UTC, date, datetime
from functools import lru_cache
from zoneinfo import ZoneInfo

from babel import Locale
from babel.dates import format_date as babel_date
from babel.dates import format_skeleton, get_timezone_location

#: English as the United Nations writes it: day before month, the day of 24 hours.
ENGLISH = "en_GB"

#: What stands between day and hour, where it is not a comma.
_PAUSE = {"ja": " ", "ko": " ", "zh": " ", "ar": "، "}


#: Words kept: one mail after the other names the same days.
KEPT = 1024


@lru_cache(KEPT)
def locale(language: str) -> Locale:
    """Give the CLDR locale of a language tag, e.g. "zh-Hant"; plain "en" is UN English."""
    return Locale.parse(ENGLISH if language == "en" else language.replace("-", "_"))


@lru_cache(KEPT)
def format_day(day: date, language: str = "en") -> str:
    """Give a date with the month in words.

    >>> from datetime import date
    >>> format_day(date(2022, 12, 5)), format_day(date(2022, 12, 5), "ko")
    ('5 December 2022', '2022년 12월 5일')
    """
    return str(babel_date(day, "long", locale=locale(language)))


@lru_cache(KEPT)
def format_instant(instant: datetime, zone: ZoneInfo, language: str = "en") -> str:
    """Give an instant in the zone, with its weekday, and in UTC.

    >>> from datetime import UTC, datetime
    >>> format_instant(datetime(2022, 12, 2, 22, tzinfo=UTC), ZoneInfo("America/New_York"))
    'Friday, 2 December 2022, 17:00 (New York; 22:00 UTC)'
    """
    words = locale(language)
    pause = _PAUSE.get(words.language, ", ")
    there, here = instant.astimezone(zone), instant.astimezone(UTC)
    day = babel_date(there, "full", locale=words)
    if zone.key in {"UTC", "Etc/UTC"}:
        return f"{day}{pause}{there:%H:%M} (UTC)"
    city = get_timezone_location(zone.key, locale=words, return_city=True)
    other_day = f"{format_skeleton('MMMd', here, locale=words)}{pause}"
    utc = f"{other_day if here.date() != there.date() else ''}{here:%H:%M} UTC"
    return f"{day}{pause}{there:%H:%M} ({city}; {utc})"
