"""What the words hold, and the party's own name among them."""

import pytest

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
