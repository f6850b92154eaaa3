"""One listing as a sender wrote it, and how `Name, Title / Country` is taken apart."""

import re
from dataclasses import dataclass

from undersigned.domain.house_style import Countries
from undersigned.domain.listing import Kind

#: A name with a place in the list is not longer; beyond it a person looks (see listings).
MAX_CHARACTERS = 400
BULLET = re.compile(r"^\s*(?:[-*•·–—▪●◦‣]\s+|[①-⑳・･]\s*|\(?\d{1,2}[.)]\s+|[a-c][.)]\s+|>\s*)")
QUOTED = re.compile(
    r"[\"“„”]([^\"“”„\n]{2,200})[\"”“]|«\s*([^«»\n]{2,200}?)\s*»|「([^「」\n]{2,200})」|『([^『』\n]{2,200})』"
    r"|(?<!\w)[‘']([^‘’'\n]{6,200})[’'](?!\w)|《([^《》\n]{2,200})》"
)
_SLASH = re.compile(
    r"^(?P<left>.+?)\s*(?:\s/\s*|/\s+|／|\s\|\s|(?<=[)）])/|/(?=[^\x00-\x7f]))\s*(?P<country>[^/／|]{2,60})$"
)
_PARENTHESES = re.compile(r"^(?P<left>.+?)\s*[(（](?P<country>[^()（）]{2,60})[)）]$")
_COMMA = re.compile(r"^(?P<left>.+?)\s*[,，、]\s*(?P<country>[^,，、]{2,60})$")
_DASH = re.compile(r"^(?P<left>.+?)\s+[-–—]\s+(?P<country>[^-–—]{2,60})$")
ENDS = " \t.;,。；，、\"'“”«»"


@dataclass(frozen=True, kw_only=True)
class Entry:
    """A listing, or the parts of one, as the sender wrote them; None where they say nothing."""

    kind: Kind | None = None
    name: str | None = None
    title: str | None = None
    #: In house style.
    country: str | None = None
    #: What stands before the country, comma and all: an organization's name may hold a comma.
    whole: str | None = None
    #: A country was named that nobody knows.
    strange_country: str | None = None
    #: Where it was found: "form", "line", "sentence", "quotation", "field", "replacement".
    source: str
    #: The text it was read from, to be left out when the rest is read.
    words: str = ""

    @property
    def is_remark(self) -> bool:
        """Whether what was taken for a name begins as no name does: "our name is | correct"."""
        return self.source == "field" and self.name is not None and self.name[:1].islower()


def cleaned(text: str) -> str:
    """Give a value less its bullet, quotation marks and closing punctuation."""
    text = BULLET.sub("", text).strip()
    for _ in range(2):
        match = QUOTED.fullmatch(text)
        if match:
            text = next(group for group in match.groups() if group).strip()
        text = text.strip().rstrip(";,，、；").strip("*_ ")
    return text


def entry_of(text: str, countries: Countries, *, loose: bool) -> Entry | None:
    """Read `Name, Title / Country`; where `loose`, also `Name (Country)` and `Name, Country`."""
    text = text.strip()
    for pattern in (_SLASH, _PARENTHESES, _COMMA, _DASH) if loose else (_SLASH,):
        match = pattern.match(text) or pattern.match(text.rstrip(ENDS))
        if match is None:
            continue
        country = countries.styled(match["country"].strip(ENDS))
        left = cleaned(match["left"])
        if country is None or len(left) < 2 or len(left) > MAX_CHARACTERS:  # noqa: PLR2004 - a letter is no name
            continue
        if pattern is not _SLASH and left[:1].islower():
            continue
        return Entry(whole=left, country=country, source="line", words=text)
    return None
