"""The letter as plain text."""

from dataclasses import replace
from pathlib import Path

from undersigned.writing.letter_text import as_text
from undersigned.writing.printed import PrintedLetter
from undersigned.writing.render import Templates
from undersigned.writing.wrapping import width


def test_it_is_the_golden_text(printed: PrintedLetter, templates: Templates, golden: Path) -> None:
    """The example letter reads exactly so in a terminal."""
    assert as_text(printed, templates).encode() == (golden / "letter.txt").read_bytes()


def test_it_fits_72_columns(printed: PrintedLetter, templates: Templates) -> None:
    """No name and no line of the letter runs out of the window."""
    wide = replace(printed, salutation="각하, " * 30)

    assert max(width(line) for line in as_text(wide, templates).split("\n")) <= 72


def test_it_holds_every_line_of_the_list(printed: PrintedLetter, templates: Templates) -> None:
    """Whatever the wrapping does, every name can be read as it was printed."""
    flat = " ".join(as_text(printed, templates).split())

    assert all(line in flat for lines in printed.groups.values() for line in lines)


def test_it_says_to_whom_it_goes(printed: PrintedLetter, templates: Templates) -> None:
    """The copy of a mission bears its address above the greeting."""
    own = replace(printed, addressee=["H.E. Ms. Ana Example", "Permanent Mission of Example"])

    text = as_text(own, templates)

    assert "H.E. Ms. Ana Example\nPermanent Mission of Example\n\nJoint Open" in text
