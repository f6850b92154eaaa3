"""Where the sender's words end: signature blocks, disclaimers, the footers of phones and lists."""

import re
import unicodedata
from functools import lru_cache

from undersigned.reading.entry_sentences import leads
from undersigned.reading.language import form_labels
from undersigned.reading.mail_programs import mail_programs

_DASHES = re.compile(r"\s*(?:--|—|––|\u2014\u2014)\s*$")
_CONTACT = re.compile(
    r"(?:\+|\(0|\b0)\d[\d\s().\u2011/-]{6,}\d|\b\d{2,4}[-.\s]\d{3,4}[-.\s]\d{4}\b|www\.|https?://|\S@\S+\.\S"
    r"|\b(?:tel|phone|fax|mobile|mob|cell|telefon|tél|móvil|telp|тел|電話|전화|电话|電子郵件|هاتف|โทร)\b\.?\s*[:：]?\s*[\d+(]",
    re.IGNORECASE,
)
_LIST_FOOTER = re.compile(
    r"\s*(?:_{20,}|You received this message because you are subscribed to|To unsubscribe from this (?:group|list))"  # noqa: E501 - a pattern is read whole
)
_PGP = re.compile(r"-----(?:BEGIN|END) PGP [A-Z ]+-----|^Hash: SHA\d+\s*$")
_POSTSCRIPT = re.compile(r"\s*(?:p\.?\s?s\b|n\.?b\b|추신|追伸|附[:：]|又及|p\.?d\b)", re.IGNORECASE)
_NO_LETTERS = re.compile(r"[^\w]+")
#: Where no spaces stand between words a sentence has no words to count; a Thai one has no full
#: stop, and ends in a particle of courtesy.
_UNSPACED_SENTENCE = re.compile(
    r"[\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af]{2}[.!?。！？]+\s*$|(?:ครับ|ค่ะ|คะ)[\s.!]*$"
)
#: A signature block is short: a role, an organization, an address, a telephone number.
_BLOCK_LINES = 12
_BLOCK_LINE = 110
_DISCLAIMER_HITS = 2
#: Lawyers are never brief; counted in UTF-8, since Korean says as much in a third of the letters.
_DISCLAIMER_OCTETS = 60


def split(
    piece: str, sender_name: str, *, last: bool, below_quote: bool = False
) -> tuple[str, str]:
    r"""Give the words of one piece, and the signature, footers and disclaimer below them.

    Only the last piece can end in a signature block that nothing announces.

    >>> split("YES\\n\\n-- \\nAna Lima\\nDirector", "Ana Lima", last=True)
    ('YES', '-- \\nAna Lima\\nDirector')
    """
    lines = _without_wrapping(piece.split("\n"))
    end = _announced(lines, below_quote=below_quote)
    end = _without_footers(lines, end)
    end = _without_disclaimer(lines, end)
    end = _without_footers(lines, end)
    if last:
        end = _without_block(lines, end, sender_name)
    return "\n".join(lines[:end]).rstrip(), "\n".join(lines[end:])


def _without_wrapping(lines: list[str]) -> list[str]:
    """Drop what OpenPGP's clear signing and gateways put around the words."""
    programs = mail_programs()
    kept: list[str] = []
    for line in lines:
        if _PGP.match(line):
            if "BEGIN PGP SIGNATURE" in line:
                break
            continue
        if line[:24].strip() and programs.is_banner(line):
            continue
        kept.append(line)
    return kept


def _announced(lines: list[str], *, below_quote: bool) -> int:
    """Give the line at which "-- " or a list's footer begins."""
    for place, line in enumerate(lines):
        if _DASHES.match(line) and (place > 0 or len(lines) > 1):
            return place
        if _LIST_FOOTER.match(line) and (place > 0 or below_quote):
            return place
    return len(lines)


def _without_footers(lines: list[str], end: int) -> int:
    """Drop blank lines and the lines that a phone or a webmail adds, from the end upward."""
    is_footer = mail_programs().is_footer
    while end > 0:
        line = lines[end - 1]
        if line.strip() and not (len(line) < _BLOCK_LINE and is_footer(line)):
            return end
        end -= 1
    return end


def _without_disclaimer(lines: list[str], end: int) -> int:
    """Drop the paragraphs at the end that a legal department wrote."""
    pattern = mail_programs().disclaimer
    start = end
    while start > 0:
        top = start
        while top > 0 and lines[top - 1].strip():
            top -= 1
        paragraph = " ".join(lines[top:start])
        hits = len({match.group(0).lower() for match in pattern.finditer(paragraph[:4000])})
        if hits < _DISCLAIMER_HITS or len(paragraph.encode()) < _DISCLAIMER_OCTETS:
            return start
        start = top
        while start > 0 and not lines[start - 1].strip():
            start -= 1
    return start


def _without_block(lines: list[str], end: int, sender_name: str) -> int:
    """Drop a block of name, role and contact details that nothing announces."""
    for place in range(max(end - _BLOCK_LINES, 0), end):
        is_first = place == 0 or not lines[place - 1].strip()
        named = _same_name(lines[place], sender_name)
        if not (is_first or named) or not lines[place].strip():
            continue
        block = [line for line in lines[place:end] if line.strip()]
        named = named and (len(block) > 2 or "|" in lines[place] or _follows_closing(lines, place))  # noqa: PLR2004 - as below
        if place > 0 and _is_block(block, named=named) and not _is_introduced(lines, place):
            return _without_footers(lines, place)
    return end


def _is_introduced(lines: list[str], place: int) -> bool:
    """Say whether the words announce the block: "Please list me as", and then the listing.

    Two lines or more may be announced at once, unless a closing ("Regards,") stands between.
    """
    top = place
    while top > 0 and lines[top - 1].strip() and not lines[top - 1].rstrip().endswith(_COMMAS):
        top -= 1
        if lines[top].rstrip().endswith(_COLONS):
            return True
    before = next((line for line in reversed(lines[:top]) if line.strip()), "").rstrip()
    if before.endswith(_COLONS):
        return True
    above = next((line for line in reversed(lines[:place]) if line.strip()), "").rstrip()
    return any(one.end() == len(above) for one in leads("listing").finditer(above))


_COLONS, _COMMAS = (":", "："), (",", "،", "，")


def _follows_closing(lines: list[str], place: int) -> bool:
    """Say whether a closing ("Kind regards,") stands before the block, a blank line between."""
    before = place - 1
    while before >= 0 and not lines[before].strip():
        before -= 1
    return 0 <= before < place - 1 and len(lines[before].split()) <= 5 and len(lines[before]) < 40  # noqa: PLR2004


def _is_block(block: list[str], *, named: bool) -> bool:
    has_role = named and "|" in block[0]  # "Rebecca Stiles | Policy Adviser": nobody talks so
    if len(block) < 2 - has_role or any(len(line) > _BLOCK_LINE for line in block):
        return False
    if any(form_labels().match(line) or _is_entry(line) for line in block):
        return False
    contacts = sum(1 for line in block if _CONTACT.search(line))
    # What is said below a name is said: "PS: wait, please do not list us."
    if any(_is_sentence(line) or _POSTSCRIPT.match(line) for line in block):
        return False
    return named or (contacts > 0 and len(block) > 2)  # noqa: PLR2004 - name, role, contact


def _is_entry(line: str) -> bool:
    """Say whether the line may be how the sender wants to be listed: Name / Country."""
    has_country = re.search(r"\S\s+/(?:\s+\S|\s*$)|^\s*(?:[-*•]|\d[.)])\s", line) is not None
    return has_country and _CONTACT.search(line) is None


def _is_sentence(line: str) -> bool:
    return _UNSPACED_SENTENCE.search(line) is not None or (
        re.search(r"[.!?。！？]\s*$", line) is not None and len(line.split()) > 4  # noqa: PLR2004
    )


def _same_name(line: str, name: str) -> bool:
    """Say whether the line is the name in From, begins with it, or turns its words around."""
    if not name or not line.strip() or len(line) > _BLOCK_LINE:
        return False
    here, there = _plain(line), _plain(name)
    return here == there or here.startswith(there + " ") or _has_words(here.split(), there.split())


def _has_words(here: list[str], there: list[str]) -> bool:
    """Say whether a line is a name, turned around or with a title ("Mag. Theresa Moosbrugger")."""
    return len(there) > 1 and set(there) <= set(here) and len(here) <= len(there) + 2


@lru_cache(64)  # the sender's name is held against every line at the end of a piece
def _plain(text: str) -> str:
    letters = text.lower()
    if not text.isascii():
        letters = "".join(
            one
            for one in unicodedata.normalize("NFKD", text.casefold())
            if not unicodedata.combining(one)
        )
    return " ".join(_NO_LETTERS.sub(" ", letters).split())
