"""Lines of plain text."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from undersigned.writing.wrapping import indent, width, wrap, wrap_entry


@pytest.mark.parametrize(
    ("text", "columns", "lines"),
    [
        ("", 10, [""]),
        ("one two three", 7, ["one two", "three"]),
        ("one\n  two\tthree", 72, ["one two three"]),
        ("a-word-that-is-too-long it", 8, ["a-word-that-is-too-long", "it"]),
        ("서울 대학교 인권", 11, ["서울 대학교", "인권"]),  # Hangul breaks at spaces alone
        ("国連安全保障理事会", 8, ["国連安全", "保障理事", "会"]),
        ("理事会へ。書簡を", 6, ["理事会", "へ。書", "簡を"]),  # no line begins with a full stop
        ("書簡「題名」を", 6, ["書簡", "「題", "名」を"]),  # no line ends with an opening mark
        ("à « Titre »", 5, ["à", "«\u00a0Titre\u00a0»"]),
    ],
)
def test_it_breaks_lines_where_a_reader_expects_it(
    text: str, columns: int, lines: list[str]
) -> None:
    """A mail reads well in a terminal in every script."""
    text = text.replace("« ", "«\u00a0").replace(" »", "\u00a0»")

    assert wrap(text, columns).split("\n") == lines


def test_it_hangs_a_paragraph_from_its_mark() -> None:
    """The second line of an item stands under the first's text."""
    assert wrap("one two three", 9, first="- ", rest="  ") == "- one two\n  three"


@given(st.text(max_size=200), st.integers(2, 80))
def test_it_loses_nothing_but_white_space(text: str, columns: int) -> None:
    """Whatever is wrapped can be read whole."""
    kept = "".join(wrap(text, columns).split())

    assert kept == "".join(text.split())


@given(st.lists(st.text("abcdefghij국国", min_size=1, max_size=8), max_size=30))
def test_it_keeps_within_its_columns(words: list[str]) -> None:
    """No line runs out of the window where its words are short enough."""
    assert all(width(line) <= 20 for line in wrap(" ".join(words), 20).split("\n"))


@pytest.mark.parametrize(
    ("text", "columns"),
    [
        ("Seoul", 5),
        ("서울", 4),
        ("\uff35\uff2e", 4),
        ("e\u0301", 1),
        ("ไทย", 3),
        ("ที่", 1),
        ("\u2068a\u2069", 1),
    ],
)
def test_it_measures_as_a_terminal_does(text: str, columns: int) -> None:
    """Wide letters count twice, marks above and below not at all."""
    assert width(text) == columns


@pytest.mark.parametrize(
    ("line", "wrapped"),
    [
        ("Human Asia / South Korea", "Human Asia / South Korea"),
        ("x" * 60 + " / South Korea", "x" * 60 + "\n    / South Korea"),
        ("x" * 60 + " yyyyyyyy zzzzzzz", "x" * 60 + " yyyyyyyy\n    zzzzzzz"),
        (
            "A / " + "long country name " * 4,
            "A / " + ("long country name " * 3) + "long country\n    name",
        ),
    ],
)
def test_it_keeps_a_country_whole(line: str, wrapped: str) -> None:
    """“South Korea” is not torn in two at the end of a line."""
    assert wrap_entry(line.strip(), rest="    ").split() == wrapped.split()
    assert wrap_entry(line.strip(), rest="    ") == wrapped


def test_it_indents_lines_that_have_words() -> None:
    """A quotation has no trailing spaces on its blank lines."""
    assert indent("a\n\nb", "  ") == "  a\n\n  b"
