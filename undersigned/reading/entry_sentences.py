"""Entries inside running text, as in `please list us as X / Country`."""

import re
from collections.abc import Iterator
from dataclasses import replace
from functools import cache

from undersigned.domain.house_style import Countries
from undersigned.reading import tokens as texts
from undersigned.reading.entry import ENDS, QUOTED, Entry, cleaned, entry_of
from undersigned.reading.language import CODES, UNSPACED, language

_SENTENCE = re.compile(r"(?<=[\w)\]”\"»])[.!?。！？]\s+(?=\S)|[。！？]|[!?]\s+")
_ABBREVIATION = re.compile(
    r"(?<!\w)(?:[^\W\d_]|em|hon|ret|Emer|Mag|Dipl|Ing|Dra|Sra|Inc|Ltd|Co|Corp|Dr|Prof|Mr|Mrs|Ms|St|Jr|Sr|Rev|Hon|vs|No|e\.\s?V|gGmbH|Ltda|Gen|Assoc|Ass|Bros|Univ|Dept|S\.\s?A|A\.\s?C"
    r"|Lic|Abg|Abog|Arq|Mtra|Mtro|Dña|Hna|Hno|Pbro|Profa|Eng|Adv|Exmo|Exma|Mgr|Mme|Mlle|habil|phil|theol|pol|nat|Hr|Fr|Stv"
    r"|проф|доц|акад|канд|докт|юр|наук)\.$"
)


def sentences(text: str, countries: Countries) -> list[Entry]:
    """Give the entries inside running text: `… list us as X / Country.`."""
    found: list[Entry] = []
    for line in text.split("\n"):
        for piece in sentences_of(line):
            content = after_lead(piece)
            if content is None and not re.search(r"\s/\s", piece):
                continue
            entry = entry_of(
                cleaned((content or piece).rstrip(ENDS + "!?")),
                countries,
                loose=content is not None,
            )
            if entry is None and content is not None:
                entry = _quoted_entry(content, countries)
            if entry is not None and entry.whole and len(entry.whole.split()) < 30:  # noqa: PLR2004 - a sentence, no name
                found.append(replace(entry, source="sentence", words=piece))
    return found


def _quoted_entry(content: str, countries: Countries) -> Entry | None:
    """Read `« Name » / Country, and more words`."""
    match = re.match(
        r"\s*" + QUOTED.pattern + r"\s*(?:[/／,(（]\s*([^,.;/()（）]{2,40}))?", content
    )
    if match is None or not match.group(match.re.groups):
        return None
    name = next(group for group in match.groups()[:-1] if group)
    country = countries.styled(match.group(match.re.groups).strip(ENDS))
    return Entry(whole=name.strip(), country=country, source="sentence") if country else None


def sentences_of(line: str) -> Iterator[str]:
    """Give the sentences of a line; an abbreviation's full stop ends none."""
    start = 0
    for match in _SENTENCE.finditer(line):
        if _ABBREVIATION.search(line[start : match.start() + 1]):
            continue
        yield line[start : match.end()].strip()
        start = match.end()
    yield line[start:].strip()


#: `texts.plain` folds these; here they are found in the text as it was typed.
_ARABIC = str.maketrans({"ا": "[اأإآٱ]", "ي": "[يى]", "ه": "[هة]"})


@cache
def leads(field: str) -> re.Pattern[str]:
    """Give the pattern of what introduces a listing or one of its parts."""
    found: set[str] = set()
    for code in CODES:
        for phrase in language(code).inline.get(field, ()):
            pattern = (
                re.escape(texts.plain(phrase))
                .replace(r"\(", "(?:")
                .replace(r"\)", ")")
                .replace(r"\|", "|")
            )
            pattern = (
                pattern.replace(r"\*", r"\w*")
                .replace(r"\.\.\.", ".{0,40}?")  # an ellipsis, in its compatibility form
                .replace(r")\ \?", ")")  # the way before it ends in a space where it is taken
                .replace(r"\ \?", r"\ ?")
                .replace(r"\?", "?")
                .replace(r"\ ", r"\s+")
            )
            pattern = pattern.translate(_ARABIC)
            if code not in UNSPACED and not phrase.endswith((":", "*")):
                pattern += r"(?![^\W\u0e00-\uffff])"
            # A space beside a way that may be empty: "sign (us |me |)as", "sign (us|me|) as".
            found.add(re.sub(r"\\s\+(?=[|)])|(?<=[)])\\s\+", lambda _: r"\s*", pattern))
    return re.compile(
        r"(?<![^\W\u0e00-\uffff])(?:" + "|".join(sorted(found, key=len, reverse=True)) + ")",
        re.IGNORECASE,
    )


#: The colon of a smile introduces nothing.
_SMILES = re.compile(r"(?<!\S)[:;]-?[)(DP]+(?!\S)")


def after_lead(piece: str) -> str | None:
    """Give what stands behind the last words that introduce a listing, or behind a colon."""
    piece = _SMILES.sub(" ", piece)
    colon = max(piece.rfind(": "), piece.rfind("："), piece.rfind(" :"))
    if (
        colon > 0
        and len(piece) > colon + 3
        and not piece[: colon + 1].rstrip().endswith(("http:", "https:"))
    ):
        return (
            piece[colon + 2 :].strip()
            if piece[colon + 1 : colon + 2] in {" ", ":"}
            else piece[colon + 1 :].strip()
        )
    last = None
    for match in leads("listing").finditer(piece):
        if match.end() < len(piece) - 3:
            last = match
    return piece[last.end() :].strip(" :,，：") if last else None
