"""Changes: what one text has become in another, paragraph by paragraph, to the word."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from enum import StrEnum
from itertools import zip_longest

#: A word with the space behind it, or one sign of a script that is written without spaces.
_WORD = re.compile(
    r"[\u0e00-\u0eff\u3040-\u30ff\u3400-\u9fff\uf900-\ufaff]\s*|[^\s\u0e00-\u0eff\u3040-\u30ff"
    r"\u3400-\u9fff\uf900-\ufaff]+\s*"
)
#: Two paragraphs that share less than this are not one that was changed.
_ALIKE = 0.5


class Change(StrEnum):
    """What became of some words."""

    SAME = "same"
    CAME = "came"
    WENT = "went"


@dataclass(frozen=True, kw_only=True)
class Piece:
    """Some words, and what became of them."""

    change: Change
    text: str


@dataclass(frozen=True, kw_only=True)
class Paragraph:
    """A paragraph of both texts, or of one of them."""

    pieces: Sequence[Piece]

    @property
    def is_changed(self) -> bool:
        """Whether anything in it came or went."""
        return any(one.change is not Change.SAME for one in self.pieces)


def changes(old: str, new: str) -> list[Paragraph]:
    """Give what the old text has become in the new one, in the order of the new one.

    >>> [(one.change.value, one.text) for one in changes("We write.", "We all write.")[0].pieces]
    [('same', 'We '), ('came', 'all '), ('same', 'write.')]
    """
    before, after = _paragraphs(old), _paragraphs(new)
    found: list[Paragraph] = []
    matcher = SequenceMatcher(a=before, b=after, autojunk=False)
    for what, old_from, old_to, new_from, new_to in matcher.get_opcodes():
        if what == "equal":
            found += [_whole(text, Change.SAME) for text in after[new_from:new_to]]
        else:
            found += _replaced(before[old_from:old_to], after[new_from:new_to])
    return found


def _paragraphs(text: str) -> list[str]:
    return [one.strip() for one in re.split(r"\n\s*\n", text) if one.strip()]


def _whole(text: str, change: Change) -> Paragraph:
    return Paragraph(pieces=[Piece(change=change, text=text)])


def _replaced(before: Sequence[str], after: Sequence[str]) -> Iterator[Paragraph]:
    for went, came in zip_longest(before, after):
        if went is not None and came is not None:
            yield from _both(went, came)
        elif went is not None:
            yield _whole(went, Change.WENT)
        else:
            yield _whole(came, Change.CAME)


def _both(went: str, came: str) -> Iterator[Paragraph]:
    """Mark the words of two paragraphs that are alike; else give one after the other."""
    old, new = _WORD.findall(went), _WORD.findall(came)
    matcher = SequenceMatcher(a=old, b=new, autojunk=False)
    if matcher.ratio() < _ALIKE:
        yield _whole(went, Change.WENT)
        yield _whole(came, Change.CAME)
        return
    pieces: list[Piece] = []
    for _, old_from, old_to, new_from, new_to in matcher.get_opcodes():
        gone, here = "".join(old[old_from:old_to]), "".join(new[new_from:new_to])
        if gone == here:
            pieces.append(Piece(change=Change.SAME, text=here))
            continue
        pieces += [Piece(change=Change.WENT, text=gone)] if gone else []
        pieces += [Piece(change=Change.CAME, text=here)] if here else []
    yield Paragraph(pieces=pieces)
