"""What notes in a mailbox say about a database that finds them."""

from datetime import UTC, datetime

import pytest

from undersigned.domain.witness import Doubt, Kind, Note, is_dispatched, judge


def note(
    key: str, *, epoch: int = 1, kind: Kind = Kind.AT_WORK, campaigns: tuple[str, ...] = ("letter",)
) -> Note:
    """Give a note."""
    at = datetime(2026, 5, 26, tzinfo=UTC)
    return Note(key=key, instance="i", epoch=epoch, kind=kind, campaigns=campaigns, at=at)


@pytest.mark.parametrize(
    ("notes", "doubt"),
    [
        ([], None),
        ([note("ours"), note("ours", epoch=9)], None),
        ([note("strange")], Doubt.ANOTHER),
        ([note("strange", epoch=2)], Doubt.LATER_EPOCH),
        ([note("strange", epoch=0)], None),
        ([note("strange", campaigns=("another-letter",))], None),
        ([note("strange"), note("more", epoch=2)], Doubt.LATER_EPOCH),
    ],
)
def test_it_doubts_what_it_does_not_know(notes: list[Note], doubt: Doubt | None) -> None:
    """An unknown note of this epoch or a later one, for a letter of ours, stops everything."""
    assert judge(notes, known={"ours"}, epoch=1, campaigns=["letter"]) is doubt


@pytest.mark.parametrize(
    ("found", "is_gone"),
    [
        (note("strange", kind=Kind.DISPATCHED, epoch=0), True),
        (note("ours", kind=Kind.DISPATCHED), False),
        (note("strange"), False),
        (note("strange", kind=Kind.DISPATCHED, campaigns=("another-letter",)), False),
    ],
)
def test_it_knows_a_letter_that_left_from_elsewhere(found: Note, is_gone: bool) -> None:  # noqa: FBT001 - a table of inputs
    """A letter that another database sent, in whatever epoch, is never sent from here."""
    assert is_dispatched([found], "letter", known={"ours"}) is is_gone
