"""The letter as plain text: 72 columns, as one reads it in a terminal."""

from undersigned.writing.markdown import as_text as body_text
from undersigned.writing.printed import PrintedLetter
from undersigned.writing.render import Templates
from undersigned.writing.wrapping import tidy

TEMPLATE = "letter/letter.txt"


def as_text(printed: PrintedLetter, templates: Templates) -> str:
    """Give the whole letter with its list, ending with one line feed."""
    return tidy(templates.document(TEMPLATE, printed=printed, body=body_text(printed.letter.text)))
