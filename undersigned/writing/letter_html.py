"""The letter as HTML: one self-contained file for the web, or a part of a mail."""

from markupsafe import Markup

from undersigned.writing.languages import direction
from undersigned.writing.markdown import as_html as body_html
from undersigned.writing.printed import PrintedLetter
from undersigned.writing.render import Templates

TEMPLATE = "letter/letter.html"
FRAGMENT = "letter/fragment.html"


def as_html(printed: PrintedLetter, templates: Templates) -> str:
    """Give a whole document: no file beside it, no script, readable aloud, fit to print."""
    return _made_of(TEMPLATE, printed, templates)


def as_fragment(printed: PrintedLetter, templates: Templates) -> Markup:
    """Give the letter with its list as part of a mail: styles stand on the elements."""
    return Markup(_made_of(FRAGMENT, printed, templates))  # noqa: S704 - the template escapes


def _made_of(template: str, printed: PrintedLetter, templates: Templates) -> str:
    html = templates.document(
        template,
        printed=printed,
        body=body_html(printed.letter.text),
        direction=direction(printed.language),
    )
    return html.strip() + "\n"
