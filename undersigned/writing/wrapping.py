"""Lines of plain text: measured as a terminal shows them, broken where a reader expects it.

Han and kana are two columns wide and break between any two characters, save before closing and
after opening marks (a small part of UAX #14 and of the Japanese rules in JIS X 4051). Hangul is
wide too, but breaks at its spaces, as printed Korean does. Thai breaks at its spaces.
"""

import re
import unicodedata
from collections.abc import Iterator, Sequence
from functools import lru_cache

#: Columns of a line of mail: 72 leaves room for the quote marks of two answers within 78
#: (RFC 5322 §2.1.1).
COLUMNS = 72

#: Marks that do not begin a line, and marks that do not end one.
_CLOSING = (
    "、。，．・：；？！）］｝〉》」』】〕〗〙”’…,.:;?!)]}ー々ぁぃぅぇぉっゃゅょァィゥェォッャュョ"
)
_OPENING = "（［｛〈《「『【〔〖〘“‘([{"

_HAN = (
    "[\u2e80-\u303f\u3040-\u30ff\u31f0-\u31ff\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff"
    "\uff00-\uffef\U00020000-\U0003ffff]"
)
#: Stands for a space that must not break; a private character that is one column wide.
_TIE = "\ue000"

#: White space at which a line may break: not the two spaces that are there to prevent it.
_TIES = "\u00a0\u202f"
_SPACE = r"[^\S\u00a0\u202f]"

_PIECE = re.compile(rf"{_HAN}|(?:(?!{_HAN}|{_SPACE}).)+|{_SPACE}+", re.DOTALL)
_ANY_HAN = re.compile(_HAN)
_GAP = re.compile(rf"{_SPACE}+")


def width(text: str) -> int:
    """Give the number of columns that a terminal needs for the text (UAX #11).

    >>> width("서울"), width("Seoul")
    (4, 5)
    """
    return len(text) if text.isascii() else sum(map(_columns, text))


@lru_cache(4096)  # more than any language but Chinese has
def _columns(char: str) -> int:
    if unicodedata.combining(char) or unicodedata.category(char) in {"Mn", "Me", "Cf"}:
        return 0
    return 2 if unicodedata.east_asian_width(char) in {"W", "F"} else 1


def wrap(text: str, columns: int = COLUMNS, *, first: str = "", rest: str = "") -> str:
    r"""Give the paragraph in lines of at most that many columns; a word too long stays whole.

    `first` and `rest` stand before the first and the other lines. White space of any kind counts
    as one space, so a paragraph may be broken at will in a template.

    >>> wrap("one two  three", 9, first="- ", rest="  ")
    '- one two\n  three'
    """
    if _ANY_HAN.search(text) is None:
        return "\n".join(_lines(_spaced(text), columns, first, rest))
    lines = [first]
    used = 0  # columns of the last line after its mark
    room = columns - width(first)
    for word, spaced in _words(text):
        gap = " " if spaced and used else ""
        wide = width(word)
        if used and used + len(gap) + wide > room:
            lines.append(rest + word)
            used, room = wide, columns - width(rest)
        else:
            lines[-1] += gap + word
            used += len(gap) + wide
    return "\n".join(line.rstrip() for line in lines)


def _spaced(text: str) -> list[str]:
    """Give the words of a text in which spaces alone part them."""
    if any(tie in text for tie in _TIES):
        return _GAP.split(text.strip())
    return text.split()


def _lines(words: Sequence[str], columns: int, first: str, rest: str) -> Iterator[str]:
    """Give the lines of words that a space stands between."""
    begun, used = 0, -1  # `used` counts a space before each word
    mark, room = first, columns - width(first)
    for place, word in enumerate(words):
        used += 1 + (len(word) if word.isascii() else width(word))
        if used > room and place > begun:
            yield f"{mark}{' '.join(words[begun:place])}".rstrip()
            begun, used = place, len(word) if word.isascii() else width(word)
            mark, room = rest, columns - width(rest)
    yield f"{mark}{' '.join(words[begun:])}".rstrip()


def wrap_entry(line: str, *, first: str = "", rest: str = "") -> str:
    r"""Give a line of the list wrapped, its country kept whole beside the slash where it fits.

    >>> wrap_entry("Network for Democracy and Human Rights in the Region (NDHRR) / South Korea")
    'Network for Democracy and Human Rights in the Region (NDHRR)\n/ South Korea'
    """
    name, slash, country = line.rpartition(" / ")
    if not slash or width(country) > COLUMNS // 2:
        return wrap(line, first=first, rest=rest)
    whole = f"{name} /{_TIE}{country.replace(' ', _TIE)}"
    return wrap(whole, first=first, rest=rest).replace(_TIE, " ")


def _words(text: str) -> Iterator[tuple[str, bool]]:
    """Give the unbreakable words, each with whether a space stands before it."""
    word, spaced, gap = "", False, False
    for piece in _PIECE.findall(text.strip()):
        if piece[0].isspace() and piece[0] not in _TIES:
            gap = True
            continue
        if word and not gap and _is_joined(word, piece):
            word += piece
            continue
        if word:
            yield word, spaced
        word, spaced, gap = piece, gap, False
    if word:
        yield word, spaced


def _is_joined(left: str, right: str) -> bool:
    return left[-1] in _OPENING or right[0] in _CLOSING


def indent(text: str, margin: str) -> str:
    """Give the text with the margin before every line that is not empty."""
    return "\n".join(margin + line if line else line for line in text.split("\n"))


def tidy(text: str) -> str:
    """Give the text without trailing spaces or doubled blank lines, ending with one line feed."""
    lines: list[str] = []
    for line in text.strip("\n").split("\n"):
        if line.strip() or (lines and lines[-1]):
            lines.append(line.rstrip())
    return "\n".join(lines) + "\n"
