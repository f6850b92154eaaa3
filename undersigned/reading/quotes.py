"""Where the quoted message begins and what stands between its lines."""

import re
from functools import cache

from undersigned.reading.language import LABEL_ENDS, form_labels
from undersigned.reading.mail_programs import mail_programs

#: An attribution line is wrapped over this many lines at most.
_WRAPPED = 4
_ATTRIBUTION_CHARACTERS = 400
#: A quoted header block has its rows within so many lines.
_HEADER_LINES = 7
_RULE = re.compile(r"\s*[_\u2500\u2014=]{10,}\s*$|\s*-{20,}\s*$|\s*\*{10,}\s*$")
_MARK = re.compile(r"\s{0,3}(?:[>＞]|\|(?=\s)|&gt;)")
_MARKS = re.compile(r"^(?:\s{0,3}(?:[>＞|]|&gt;))+ ?")
_DATED = re.compile(r"\d{1,2}[:.h時시]\s?\d{2}|(?:19|20)\d\d|\d{1,2}[./-]\d{1,2}[./-]\d{2}")
#: Marks of writing direction, which Hebrew and Arabic programs put around names.
_DIRECTIONS = dict.fromkeys([0x200E, 0x200F, *range(0x202A, 0x202F), *range(0x2066, 0x206A)])
_STAMP = re.compile(r"[^\n]{2,60},[^\n]{4,30}\d{1,2}:\d{2}(?:\s?[AP]M)?(?:\s[A-Z+0-9:]{2,10})?")
_ADDRESS = re.compile(r"\S@\S")
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
        if _MARK.match(line) and not _is_escaped(lines, place):
            place = _marked(lines, place, own, quoted)
            continue
        if _is_escaped(lines, place):
            line = line[1:]
        length = _opening(lines, place)
        if length:
            place += length
            if not _is_marked(lines, place):
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
    while lines and (not lines[-1].strip() or _RULE.match(lines[-1])):
        lines.pop()
    return "\n".join(lines).strip("\n")


def _is_escaped(lines: list[str], place: int) -> bool:
    """Say whether the mark was put by a mailbox format that cannot store a line with "From "."""
    neighbours = [*lines[max(place - 1, 0) : place], *lines[place + 1 : place + 2]]
    return lines[place].startswith(">From ") and not any(map(_MARK.match, neighbours))


def _is_marked(lines: list[str], place: int) -> bool:
    """Say whether the quote that begins here has marks before its lines."""
    for line in lines[place : place + 4]:
        if line.strip():
            return _MARK.match(line) is not None
    return False


def _marked(lines: list[str], place: int, own: list[list[str]], quoted: list[str]) -> int:
    """Take the run of marked lines that begins here; give the place after it."""
    run: list[str] = []
    while place < len(lines):
        line = lines[place]
        if _MARK.match(line):
            run.append(_MARKS.sub("", line))
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
        and _MARK.match(after) is not None
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
            quoted.append(_MARKS.sub("", line))


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


def _opening(lines: list[str], place: int) -> int:
    """Give how many lines from here announce a quote; 0 where none do."""
    line = lines[place]
    if not line.strip():
        return 0
    programs = mail_programs()
    if programs.separator.match(line.strip()) and _announces(lines, place):
        return 1 + _header_block(lines, place + 1)
    if _RULE.match(line):
        block = _header_block(lines, place + 1) or _stamp(lines, place + 1)
        return 1 + block if block else 0
    return _header_block(lines, place) or _attribution(lines, place)


def _announces(lines: list[str], place: int) -> bool:
    """Say whether what follows a separator is a message and not a mere ornament."""
    below = [line for line in lines[place + 1 : place + 5] if line.strip()]
    if any(_MARK.match(line) or mail_programs().row(line) for line in below[:2]):
        return True
    words = lines[place].strip(" -_=*[]:")
    return mail_programs().separator.match(words) is not None


def _header_block(lines: list[str], place: int) -> int:
    """Give the length of the From/Sent/To/Subject block that begins here, with blank lines.

    Three rows of different kinds, or two of which one is From with an address: a form of ours never
    looks like that.
    """
    start = place
    while place < len(lines) and place < start + 3 and not lines[place].strip(" >"):
        place += 1
    kinds: set[str] = set()
    has_address = False
    last = place
    for here in range(place, min(place + _HEADER_LINES, len(lines))):
        line = _MARKS.sub("", lines[here])
        kind = mail_programs().row(line)
        if kind is None:
            if not line.strip() or not kinds:
                break
            continue  # a long subject or list of recipients, wrapped
        if _MARK.match(lines[here]) and not _MARK.match(lines[place]):
            break
        kinds.add(kind)
        has_address = has_address or _ADDRESS.search(line) is not None
        last = here
    enough = len(kinds) > 2 or (len(kinds) == 2 and "from" in kinds and has_address)  # noqa: PLR2004
    if not enough or _MARK.match(lines[place]):
        return 0
    while last + 1 < len(lines) and lines[last + 1].strip() and last - place < _HEADER_LINES:
        last += 1  # the end of a wrapped row
    return last + 1 - start


def _stamp(lines: list[str], place: int) -> int:
    """Give the length of a help desk's heading below a rule: "Hana, May 26, 2026, 14:05"."""
    return int(place < len(lines) and _STAMP.fullmatch(lines[place].strip()) is not None)


def _attribution(lines: list[str], place: int) -> int:
    """Give the length of the attribution line that begins here, wrapped or not; 0 for none."""
    programs = mail_programs()
    joined = ""
    for length in range(1, _WRAPPED + 1):
        if place + length > len(lines) or not lines[place + length - 1].strip():
            return 0
        joined = f"{joined} {lines[place + length - 1].strip()}".translate(_DIRECTIONS).strip()
        if len(joined) > _ATTRIBUTION_CHARACTERS:
            return 0
        if _is_attribution(joined, lines, place + length) and (
            programs.opens.match(joined) or length == 1 or _DATED.search(lines[place])
        ):
            return length if length == 1 or _begins_here(lines, place, length) else 0
    return 0


def _begins_here(lines: list[str], place: int, length: int) -> bool:
    """Say whether the attribution truly begins on this line and not on a later one."""
    later = " ".join(line.strip() for line in lines[place + 1 : place + length])
    return not (
        _is_attribution(later, lines, place + length)
        and _DATED.search(later)
        and mail_programs().opens.match(later)
    )


def _is_attribution(joined: str, lines: list[str], after: int) -> bool:
    colon = joined.endswith((":", "："))
    if not colon and "@" not in joined:
        return False
    dated = _DATED.search(joined) is not None
    addressed = _ADDRESS.search(joined) is not None
    wrote = mail_programs().wrote(joined)
    if wrote and (colon or addressed) and (dated or addressed):
        return True
    if colon and addressed and dated:
        return True
    if colon and (wrote or addressed or dated) and _is_marked(lines, after):
        return True
    # "El 26 may 2026, a las 16:05, Hana escribió" and German "Am … schrieb Hana <…>:"
    programs = mail_programs()
    return bool(colon and dated and programs.opens.match(joined) and programs.inside.search(joined))
