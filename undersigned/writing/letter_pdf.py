"""The letter as PDF: set by typst, tagged to PDF/UA-1, the same bytes for the same letter."""

import json
import re
import unicodedata
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime, time
from pathlib import Path

import typst
from markdown_it.tree import SyntaxTreeNode

from undersigned.errors import PermanentFailure
from undersigned.writing import fonts
from undersigned.writing.languages import chain, direction
from undersigned.writing.markdown import tree
from undersigned.writing.printed import PrintedLetter

#: Lists longer than this are printed in two columns, where the template does so.
COLUMNS_FROM = 60

PAPERS = {"A4": "a4", "Letter": "us-letter"}

#: typst's own words, under PDF/UA-1, for a character that no font has.
_NO_GLYPH = re.compile(r'the text `"(?P<text>(?:[^"\\]|\\.)*)"` could not be displayed')
_ESCAPE = re.compile(r"\\u\{(?P<code>[0-9a-f]+)\}")


def as_pdf(
    printed: PrintedLetter,
    template: Path,
    *,
    paper: str = "A4",
    font_folders: Iterable[Path] = (),
) -> bytes:
    """Give the letter as PDF/UA-1.

    `template` is a `letter.typ`; images that it names lie in its folder. `paper` is "A4" or
    "Letter". A character that no font has is a `PermanentFailure` that names it, and so is a
    template that typst cannot read: nothing is left out in silence.
    """
    try:
        pdf = typst.compile(
            str(template),
            root=str(template.parent),
            sys_inputs={"letter": json.dumps(data(printed, PAPERS[paper]), ensure_ascii=False)},
            font_paths=[str(folder) for folder in fonts.folders(font_folders)],
            ignore_system_fonts=True,
            format="pdf",
            pdf_standards="ua-1",
            timestamp=_midnight(printed),
        )
    except typst.TypstError as problem:
        raise _failure(problem, printed) from problem
    return bytes(pdf)


def data(printed: PrintedLetter, paper: str) -> dict[str, object]:
    """Give what the template reads as `sys.inputs.letter`, in values that JSON has."""
    letter = printed.letter
    tag = next((one for one in chain(printed.language) if one in fonts.REGIONS), "")
    home = fonts.REGIONS.get(tag, "jp")
    return {
        "title": letter.title,
        "subject": letter.subject,
        "salutation": printed.salutation,
        "organizer": printed.organizer,
        "addressee": list(printed.addressee),
        "day": printed.day,
        "date": {"year": letter.date.year, "month": letter.date.month, "day": letter.date.day},
        "lang": printed.language.split("-")[0],
        "territory": None,
        "direction": direction(printed.language),
        "region": home,
        "paper": paper,
        "columns_from": COLUMNS_FROM,
        "body": _nodes(tree(letter.text).children),
        "lists": [
            {
                "heading": heading,
                "lines": [
                    {
                        "text": line,
                        "region": fonts.region(line, home),
                        "direction": first_direction(line),
                    }
                    for line in lines
                ],
            }
            for heading, lines in printed.lists
        ],
    }


def first_direction(line: str) -> str:
    """Give the way the first letter of a line runs, "ltr" or "rtl" (UAX #9, rules P2 and P3)."""
    kinds = (unicodedata.bidirectional(char) for char in line)
    first = next((kind for kind in kinds if kind in {"L", "R", "AL"}), "L")
    return "ltr" if first == "L" else "rtl"


def _nodes(nodes: Sequence[SyntaxTreeNode]) -> list[dict[str, object]]:
    return [_node(node) for node in nodes]


def _node(node: SyntaxTreeNode) -> dict[str, object]:
    match node.type:
        case "text":
            return {"type": "text", "text": node.content}
        case "link":
            return {"type": "link", "href": node.attrs["href"], "children": _nodes(node.children)}
        case "heading":
            level = int(node.tag[1])
            return {"type": "heading", "level": level, "children": _nodes(node.children)}
        case "bullet_list" | "ordered_list":
            items = [_nodes(item.children) for item in node.children]
            return {"type": node.type, "start": node.attrs.get("start", 1), "items": items}
        case "paragraph":
            return {"type": node.type, "tight": node.hidden, "children": _nodes(node.children)}
        case _:
            return {"type": node.type, "children": _nodes(node.children)}


def _midnight(printed: PrintedLetter) -> int:
    """Give the letter's date as the document's time: the clock has no say in its bytes."""
    return int(datetime.combine(printed.letter.date, time(), tzinfo=UTC).timestamp())


def _failure(problem: typst.TypstError, printed: PrintedLetter) -> PermanentFailure:
    told = str(getattr(problem, "diagnostic", None) or problem)
    missing = sorted({_unescaped(match["text"]) for match in _NO_GLYPH.finditer(told)})
    if not missing:
        return PermanentFailure(
            f"The PDF of “{printed.letter.title}” cannot be made with its template: {problem}."
        )
    named = ", ".join(
        f"“{text}” ({' '.join(f'U+{ord(char):04X}' for char in text)})" for text in missing
    )
    return PermanentFailure(
        f"The PDF of “{printed.letter.title}” cannot be made: no font has {named}. "
        "Mend the name, or add a folder with a font that has it."
    )


def _unescaped(text: str) -> str:
    return _ESCAPE.sub(lambda match: chr(int(match["code"], 16)), text)
