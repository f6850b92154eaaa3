"""What the words hold, and the party's own name among them."""

import pytest

from undersigned.reading.language import CODES, language
from undersigned.reading.signs import signs

NO_FENCE = "No Fence İzmir Kiş"


@pytest.mark.parametrize(
    "written",
    [
        "No Fence İzmir Kiş",
        "NO FENCE İZMİR KİŞ",
        "no fence izmir kiş",
        "NO FENCE IZMIR KIŞ",
        "no fence ızmır kış",
        "No Fence İzmir \u212aiş",  # the sign for Kelvin
    ],
)
def test_it_knows_the_party_in_whatever_case_it_is_written(written: str) -> None:
    """A name is never read for its words, however its letters are cased: it says no "no"."""
    held = signs(f"Yes, {written} signs this letter.", hint="en", party=[NO_FENCE])

    assert "consent" in held
    assert "unexplained_words" not in held


@pytest.mark.parametrize("code", CODES)
def test_no_phrase_ends_in_a_gap(code: str) -> None:
    """A phrase that ended in "…" would never be found: what comes behind it is no part of it."""
    ended = [
        phrase
        for phrases in language(code).words.values()
        for phrase in phrases
        if phrase.rstrip(" |)").endswith("…")
    ]

    assert ended == []
