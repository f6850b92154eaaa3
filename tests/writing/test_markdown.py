"""The letter's Markdown."""

import pytest

from undersigned.writing.markdown import as_html, as_text

CASES = [
    ("One\ntwo.\n\nThree.\n", "One two.\n\nThree."),
    ("A *word* and a **strong** one.", "A *word* and a *strong* one."),
    ("line  \nbreak", "line\nbreak"),
    ("[the report](https://reports.example/coi)", "the report <https://reports.example/coi>"),
    ("<https://reports.example/>", "https://reports.example/"),
    ("<office@letters.example>", "office@letters.example"),
    ("# Title\n\n## Part", "Title\n=====\n\nPart\n----"),
    ("- one\n- two", "- one\n- two"),
    ("- one\n\n- two", "- one\n\n- two"),
    ("9. nine\n10. ten\n    - inner", " 9. nine\n10. ten\n\n    - inner"),
    ("> quoted\n>\n> twice", "    quoted\n\n    twice"),
    ("---", "                                 * * *"),
    ("`code`", "`code`"),
    ("    indented", "indented"),
    ("![picture](https://x.example/p.png)", "!picture <https://x.example/p.png>"),
]


@pytest.mark.parametrize(("source", "text"), CASES)
def test_it_reads_as_plain_text(source: str, text: str) -> None:
    """A letter in a terminal shows its emphasis, its lists, and where its links lead."""
    assert as_text(source) == text


def test_it_wraps_within_the_columns_it_is_given() -> None:
    """A list in a list still fits the window."""
    text = as_text("> - " + "word " * 30)

    assert max(map(len, text.split("\n"))) <= 72


@pytest.mark.parametrize(
    ("source", "html"),
    [
        ("A *word*.", "<p>A <em>word</em>.</p>\n"),
        ("<script>alert(1)</script>", "<p>&lt;script&gt;alert(1)&lt;/script&gt;</p>\n"),
        ("a <b>b</b>", "<p>a &lt;b&gt;b&lt;/b&gt;</p>\n"),
        ("[x](javascript:alert)", "<p>[x](javascript:alert)</p>\n"),
    ],
)
def test_it_passes_no_html_of_the_writer(source: str, html: str) -> None:
    """A letter cannot carry a script into a mission's mail program."""
    assert as_html(source) == html
