"""The letter as HTML."""

from dataclasses import replace
from pathlib import Path

from undersigned.domain.listing import Kind
from undersigned.writing import letter_html
from undersigned.writing.letter_html import Page, as_fragment, as_html
from undersigned.writing.printed import PrintedLetter
from undersigned.writing.render import Templates


def test_it_is_the_golden_page(printed: PrintedLetter, templates: Templates, golden: Path) -> None:
    """The example letter is exactly this page."""
    assert as_html(printed, templates).encode() == (golden / "letter.html").read_bytes()


def test_it_stands_alone(printed: PrintedLetter, templates: Templates) -> None:
    """The page loads nothing and runs nothing: it can be kept, mailed and printed."""
    page = as_html(printed, templates)

    assert not any(sign in page for sign in ("src=", "href=", "url(", "@import", "<script", "http"))


def test_it_says_its_language_title_and_parts(printed: PrintedLetter, templates: Templates) -> None:
    """A screen reader announces the letter properly."""
    page = as_html(printed, templates)

    assert '<html lang="en" dir="ltr">' in page
    assert "<title>Joint Open Letter to UN Security Council Member States</title>" in page
    assert page.count("<h1>") == page.count("<main>") == 1
    assert page.count("<h2>") == 2
    assert page.count("<li>") == 51


def test_it_stands_on_the_right_in_arabic(printed: PrintedLetter, templates: Templates) -> None:
    """A letter in Arabic runs from right to left."""
    assert '<html lang="ar" dir="rtl">' in as_html(replace(printed, language="ar"), templates)


def test_a_name_is_never_markup(printed: PrintedLetter, templates: Templates) -> None:
    """A signer whose name holds a tag prints as typed."""
    hostile = replace(
        printed,
        groups={Kind.INDIVIDUAL: ['<img src=x> "A" & Co / <b>']},
        addressee=["<i>H.E.</i>", "Mission"],
    )

    page = as_html(hostile, templates)

    assert "&lt;img src=x&gt; &#34;A&#34; &amp; Co" in page
    assert "/ &lt;b&gt;" in page
    assert "&lt;i&gt;H.E.&lt;/i&gt;<br>Mission" in page


def test_a_part_of_a_mail_brings_its_styles(printed: PrintedLetter, templates: Templates) -> None:
    """A mail program that drops style sheets still shows a letter."""
    part = as_fragment(printed, templates)

    assert part.startswith('<div lang="en" dir="ltr">')
    assert "class=" not in part
    assert part.count("<li style=") == 51


def test_it_comes_piece_by_piece(printed: PrintedLetter, templates: Templates) -> None:
    """A list of any length is never held in one string, and the pieces are the page."""
    names = [f"Association number {number} / Japan" for number in range(2000)]
    long = replace(printed, groups={Kind.ORGANIZATION: names})

    pieces = list(letter_html.as_pieces(long, templates))

    assert "".join(pieces).strip() + "\n" == letter_html.as_html(long, templates)
    assert max(map(len, pieces)) < 20_000


def test_the_page_says_what_it_is_to_those_who_share_it(
    printed: PrintedLetter, templates: Templates
) -> None:
    """Open Graph names title and subject, the other forms lie beside it, and nothing runs."""
    page = letter_html.as_page(printed, templates, Page(url="https://letters.example/"))

    assert f'<meta property="og:title" content="{printed.letter.title}">' in page
    assert '<link rel="canonical" href="https://letters.example/">' in page
    assert '<link rel="alternate" type="application/pdf" href="letter.pdf">' in page
    assert "<script" not in page
    assert "og:url" not in letter_html.as_page(printed, templates, Page())
