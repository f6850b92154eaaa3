"""The letter as it is printed."""

from dataclasses import replace

from undersigned.domain.listing import Kind
from undersigned.writing.printed import PrintedLetter


def test_it_counts_what_it_prints(printed: PrintedLetter) -> None:
    """The covering words and the list cannot disagree."""
    assert printed.counts == {Kind.INDIVIDUAL: 5, Kind.ORGANIZATION: 46}


def test_it_prints_no_heading_over_nothing(printed: PrintedLetter) -> None:
    """A letter that only organizations sign has no empty “Individuals”."""
    only = replace(printed, groups={Kind.ORGANIZATION: ["Human Asia / South Korea"]})

    assert only.lists == (("Organizations", ["Human Asia / South Korea"]),)
    assert only.counts == {Kind.INDIVIDUAL: 0, Kind.ORGANIZATION: 1}


def test_it_bears_its_date_in_its_own_language(printed: PrintedLetter) -> None:
    """A Korean letter is dated in Korean."""
    assert replace(printed, language="ko").day == "2022년 12월 5일"
