"""What stands between the lines of a quoted message, and what of it is the sender's."""

import re
from functools import cache

from undersigned.reading import openings
from undersigned.reading.language import LABEL_ENDS, form_labels

#: How people mark a remark inside a quote that has no marks of its own: "[SB] ...", "HW: ...".
_REMARK = re.compile(
    r"\s*(?:\[[^\W\d_]{2,12}(?:[ :-][^\]\n]{0,20})?\]\s*\S|(?:>>>|<<<|@@|##|→|=>)\s*\S)"
)


def split(text: str) -> tuple[list[str], str]:
    r"""Give the sender's own pieces in order, and the quoted text.

    >>> split("On 5/26/26 10:05 AM, Hana wrote:\\n> Reply YES.\\n\\nNo thanks\\n")
    (['No thanks'], 'Reply YES.')
    """
    lines = text.split("\n")
    own: list[list[str]] = [[]]
    quoted: list[str] = []
    place = 0
    while place < len(lines):
        line = lines[place]
        if _is_quoted(lines, place):
            place = _marked(lines, place, own, quoted)
            continue
        if _is_escaped(lines, place):
            line = line[1:]
        length = openings.opening(lines, place)
        if length:
            place += length
            if not openings.is_marked(lines, place):
                _unmarked(lines[place:], own, quoted)
                break
            own.append([])
            continue
        own[-1].append(line)
        place += 1
    pieces = (_without_rule(piece) for piece in own)
    return [piece for piece in pieces if piece.strip()], "\n".join(quoted)


def _without_rule(piece: list[str]) -> str:
    """Give the piece less the rule that a program drew under it, above the quote."""
    lines = list(piece)
    while lines and (not lines[-1].strip() or openings.RULE.match(lines[-1])):
        lines.pop()
    return "\n".join(lines).strip("\n")


def _is_quoted(lines: list[str], place: int) -> bool:
    return (
        openings.MARK.match(lines[place]) is not None
        and not _is_escaped(lines, place)
        and not openings.is_heading(lines[place])
    )


def _is_escaped(lines: list[str], place: int) -> bool:
    """Say whether the mark was put by a mailbox format that cannot store a line with "From "."""
    neighbours = [*lines[max(place - 1, 0) : place], *lines[place + 1 : place + 2]]
    return lines[place].startswith(">From ") and not any(map(openings.MARK.match, neighbours))


def _marked(lines: list[str], place: int, own: list[list[str]], quoted: list[str]) -> int:
    """Take the run of marked lines that begins here; give the place after it."""
    run: list[str] = []
    while place < len(lines):
        line = lines[place]
        if openings.MARK.match(line):
            run.append(openings.MARKS.sub("", line))
        elif not _is_torn(lines, place):
            break
        else:
            run.append(line)
        place += 1
    quoted += run
    filled = _filled(run)
    own.append(filled)
    if filled:
        own.append([])
    return place


def _is_torn(lines: list[str], place: int) -> bool:
    """Say whether an unmarked line is the torn-off end of the marked line above it."""
    before, line = lines[place - 1], lines[place]
    after = lines[place + 1] if place + 1 < len(lines) else ""
    return (
        bool(line.strip())
        and openings.MARK.match(after) is not None
        and len(before) > 60  # noqa: PLR2004 - only a long line is torn
        and len(line) < 40  # noqa: PLR2004 - and its end is short
        and line[:1].islower()
    )


def _unmarked(lines: list[str], own: list[list[str]], quoted: list[str]) -> None:
    """Take a quote without marks: all that follows, but for a filled form and marked remarks."""
    filled = set(_filled(lines))
    for line in lines:
        if line in filled or _REMARK.match(line):
            if (own[-1] and line not in filled) or (
                line in filled and own[-1] and own[-1][-1] not in filled
            ):
                own.append([])
            own[-1].append(line)
        else:
            quoted.append(openings.MARKS.sub("", line))


def _filled(lines: list[str]) -> list[str]:
    """Give the lines of a form in the quote that somebody filled in.

    Our form is empty when it leaves: a value behind one of its labels is the signer's.
    """
    labels = form_labels()
    found = [
        line
        for line in lines
        if any(map(line.__contains__, LABEL_ENDS))
        and (match := labels.match(line))
        and line[match.end() :].strip()
    ]
    return found if any(_is_name_label(line) for line in found) or len(found) > 1 else []


@cache
def _name_label() -> re.Pattern[str]:
    return form_labels("name")


def _is_name_label(line: str) -> bool:
    return _name_label().match(line) is not None
