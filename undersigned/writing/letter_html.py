"""The letter as HTML: one self-contained file, the page of the web, or a part of a mail."""

from collections.abc import Iterator
from dataclasses import dataclass

from markupsafe import Markup

from undersigned.writing.languages import direction
from undersigned.writing.markdown import as_html as body_html
from undersigned.writing.printed import PrintedLetter
from undersigned.writing.render import Templates

TEMPLATE = "letter/letter.html"
FRAGMENT = "letter/fragment.html"
PAGE = "letter/page.html"


@dataclass(frozen=True, kw_only=True)
class Page:
    """What the page of the web has beside the letter; the other forms lie next to it."""

    #: Where it will stand; "" where that is not known.
    url: str = ""
    pdf: str = "letter.pdf"
    text: str = "letter.txt"
    table: str = "signatories.json"


def as_html(printed: PrintedLetter, templates: Templates) -> str:
    """Give a whole document: no file beside it, no script, readable aloud, fit to print."""
    return templates.document(TEMPLATE, **_values(printed)).strip() + "\n"


def as_pieces(printed: PrintedLetter, templates: Templates) -> Iterator[str]:
    """Give the same document piece by piece, for lists too long to be held twice."""
    return templates.pieces(TEMPLATE, **_values(printed))


def as_page(printed: PrintedLetter, templates: Templates, page: Page) -> str:
    """Give the page of the web: the document, with what those who share it need (Open Graph)."""
    return templates.document(PAGE, page=page, **_values(printed)).strip() + "\n"


def as_fragment(printed: PrintedLetter, templates: Templates) -> Markup:
    """Give the letter with its list as part of a mail: styles stand on the elements."""
    html = templates.document(FRAGMENT, **_values(printed))
    return Markup(html.strip() + "\n")  # noqa: S704 - the template escapes


def _values(printed: PrintedLetter) -> dict[str, object]:
    return {
        "printed": printed,
        "body": body_html(printed.letter.text),
        "direction": direction(printed.language),
    }
