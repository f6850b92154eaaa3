"""How mail programs announce the message that they quote."""

import re

from undersigned.reading.mail_programs import mail_programs

#: An attribution line is wrapped over this many lines at most.
_WRAPPED = 4
_ATTRIBUTION_CHARACTERS = 400
#: A quoted header block has its rows within so many lines.
_HEADER_LINES = 7
#: The same where labels and values stand on lines of their own, blank ones between.
_BARE_LINES = 14
#: A line that a program draws.
RULE = re.compile(r"\s*[_\u2500\u2014=]{10,}\s*$|\s*-{20,}\s*$|\s*\*{10,}\s*$")
#: What stands before a quoted line.
MARK = re.compile(r"\s{0,3}(?:[>＞]|\|(?=\s)|&gt;)")
#: All that stands before it, where quotes are quoted.
MARKS = re.compile(r"^(?:\s{0,3}(?:[>＞|]|&gt;))+ ?")
_DATED = re.compile(r"\d{1,2}[:.h時시]\s?\d{2}|(?:19|20)\d\d|\d{1,2}[./-]\d{1,2}[./-]\d{2}")
#: Marks of writing direction, which Hebrew and Arabic programs put around names.
_DIRECTIONS = dict.fromkeys([0x200E, 0x200F, *range(0x202A, 0x202F), *range(0x2066, 0x206A)])
_STAMP = re.compile(r"[^\n]{2,60},[^\n]{4,30}\d{1,2}:\d{2}(?:\s?[AP]M)?(?:\s[A-Z+0-9:]{2,10})?")
_ADDRESS = re.compile(r"\S@\S")
#: GroupWise: ">>> Hana <a@b.example> 26/05/2026 16:05 >>>".
_HEADING = re.compile(r">>> [^\n]{0,150}\d[^\n]{0,100}>>>\s*$")


def is_marked(lines: list[str], place: int) -> bool:
    """Say whether the quote that begins here has marks before its lines."""
    for line in lines[place : place + 4]:
        if line.strip():
            return MARK.match(line) is not None
    return False


def opening(lines: list[str], place: int) -> int:
    """Give how many lines from here announce a quote; 0 where none do."""
    line = lines[place]
    if not line.strip():
        return 0
    programs = mail_programs()
    if programs.separator.match(line.strip()) and _announces(lines, place):
        return 1 + _header_block(lines, place + 1)
    if is_heading(line):
        return 1
    if RULE.match(line):
        block = _header_block(lines, place + 1) or _stamp(lines, place + 1)
        return 1 + block if block else 0
    return (
        _header_block(lines, place)
        or _attribution(lines, place)
        or int(_is_header_line(line))
        or _bare_block(lines, place)
    )


def is_heading(line: str) -> bool:
    """Say whether the line looks like a quoted one, and announces a quote without marks."""
    return _HEADING.match(line) is not None


def _is_header_line(line: str) -> bool:
    """Say whether a whole header block stands on one line: "From: … Sent: … To: … Subject: …"."""
    programs = mail_programs()
    if "@" not in line or programs.row(line) != "from":
        return False
    words = (piece.split() for piece in re.split("[:：]", line[:600])[1:-1])
    kinds = {programs.row(" ".join(one[-count:]) + ":") for one in words for count in (1, 2) if one}
    return len(kinds & {"sent", "to", "subject"}) > 1


def _bare_block(lines: list[str], place: int) -> int:
    """Give the length of a block whose labels stand alone, as Notes writes it; 0 for none.

    An address and a date, then "To", the recipient, "Subject", the subject, a line each.
    """
    if "@" not in lines[place] or not _DATED.search(" ".join(lines[place : place + 2])):
        return 0
    kinds: set[str] = set()
    for here in range(place + 1, min(place + _BARE_LINES, len(lines))):
        label = lines[here].strip()
        kind = mail_programs().rows.get(label.lower()) if label and len(label) < 30 else None  # noqa: PLR2004 - no label is longer
        kinds |= {kind} if kind else set()
        if kind == "subject":
            return here + 2 - place if "to" in kinds else 0
    return 0


def _announces(lines: list[str], place: int) -> bool:
    """Say whether what follows a separator is a message and not a mere ornament."""
    below = [line for line in lines[place + 1 : place + 5] if line.strip()]
    if any(MARK.match(line) or mail_programs().row(line) for line in below[:2]):
        return True
    words = lines[place].strip(" -_=*[]:")
    return mail_programs().separator.match(words) is not None


def _header_block(lines: list[str], place: int) -> int:
    """Give the length of the From/Sent/To/Subject block that begins here, with blank lines.

    Three rows of different kinds, or two with an address, and one of them is From: a form of ours
    never looks like that, nor does a receipt that names the message which was read.
    """
    start = place
    while place < len(lines) and place < start + 3 and not lines[place].strip(" >"):
        place += 1
    kinds: set[str] = set()
    has_address = False
    last = place
    for here in range(place, min(place + _HEADER_LINES, len(lines))):
        line = MARKS.sub("", lines[here])
        kind = mail_programs().row(line)
        if kind is None:
            if not line.strip() or not kinds:
                break
            continue  # a long subject or list of recipients, wrapped
        if MARK.match(lines[here]) and not MARK.match(lines[place]):
            break
        kinds.add(kind)
        has_address = has_address or _ADDRESS.search(line) is not None
        last = here
    enough = len(kinds) > 2 or (len(kinds) == 2 and has_address)  # noqa: PLR2004
    if not enough or "from" not in kinds or MARK.match(lines[place]):
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
    joined = joined.strip("-=_ ")  # Zoho: "---- On … wrote ---"
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
    if colon and (wrote or addressed or dated) and is_marked(lines, after):
        return True
    # "El 26 may 2026, a las 16:05, Hana escribió" and German "Am … schrieb Hana <…>:"
    programs = mail_programs()
    if colon and addressed and programs.quoting.match(joined):
        return True
    return bool(colon and dated and programs.opens.match(joined) and programs.inside.search(joined))
