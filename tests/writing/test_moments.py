"""Days and instants in words."""

from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

import pytest

from undersigned.writing.moments import format_day, format_instant

INSTANT = datetime(2022, 12, 2, 22, tzinfo=UTC)
NEW_YORK = ZoneInfo("America/New_York")


@pytest.mark.parametrize(
    ("language", "words"),
    [
        ("en", "Friday, 2 December 2022, 17:00 (New York; 22:00 UTC)"),
        ("ko", "2022년 12월 2일 금요일 17:00 (뉴욕; 22:00 UTC)"),
        ("ja", "2022年12月2日金曜日 17:00 (ニューヨーク; 22:00 UTC)"),
        ("zh-Hant", "2022年12月2日 星期五 17:00 (紐約; 22:00 UTC)"),
        ("de", "Freitag, 2. Dezember 2022, 17:00 (New York; 22:00 UTC)"),
        ("ar", "الجمعة، 2 ديسمبر 2022، 17:00 (نيويورك; 22:00 UTC)"),
    ],
)
def test_it_names_zone_and_utc(language: str, words: str) -> None:
    """A signer in Seoul and one in New York read the same minute."""
    assert format_instant(INSTANT, NEW_YORK, language) == words


def test_it_names_the_other_day_where_utc_has_another() -> None:
    """Late on Friday in New York is Saturday in UTC, and says so."""
    late = datetime(2022, 12, 3, 3, tzinfo=UTC)

    words = format_instant(late, NEW_YORK)

    assert words == "Friday, 2 December 2022, 22:00 (New York; 3 Dec, 03:00 UTC)"


def test_it_says_utc_once() -> None:
    """A campaign that runs on UTC shows no second time."""
    assert format_instant(INSTANT, ZoneInfo("UTC")) == "Friday, 2 December 2022, 22:00 (UTC)"


@pytest.mark.parametrize(
    ("language", "words"),
    [("en", "5 December 2022"), ("es", "5 de diciembre de 2022"), ("th", "5 ธันวาคม ค.ศ. 2022")],
)
def test_it_writes_the_month_in_words(language: str, words: str) -> None:
    """Nobody wonders whether 5/12 is May."""
    assert format_day(date(2022, 12, 5), language) == words
