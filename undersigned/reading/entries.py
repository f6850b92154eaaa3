"""How to be listed, where the sender spells it out: forms, lines, corrections in a sentence."""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from functools import cache

from undersigned.domain.house_style import Countries
from undersigned.domain.listing import Kind
from undersigned.reading.language import CODES, form_labels, language

#: A name with a place in the list is not longer; beyond it a person looks (see listings).
MAX_CHARACTERS = 400

_BULLET = re.compile(r"^\s*(?:[-*•·–—▪●◦]\s+|[①-⑳]\s*|\(?\d{1,2}[.)]\s+|[a-c][.)]\s+|>\s*)")
_QUOTED = re.compile(
    r"[\"“„”]([^\"“”„\n]{2,200})[\"”“]|«\s*([^«»\n]{2,200}?)\s*»|「([^「」\n]{2,200})」|『([^『』\n]{2,200})』"
    r"|(?<!\w)[‘']([^‘’'\n]{6,200})[’'](?!\w)|《([^《》\n]{2,200})》"
)
_SLASH = re.compile(r"^(?P<left>.+?)\s*(?:\s/\s*|/\s+|／|\s\|\s)\s*(?P<country>[^/／|]{2,60})$")
_PARENTHESES = re.compile(r"^(?P<left>.+?)\s*[(（](?P<country>[^()（）]{2,60})[)）]$")
_COMMA = re.compile(r"^(?P<left>.+?)\s*[,，、]\s*(?P<country>[^,，、]{2,60})$")
_DASH = re.compile(r"^(?P<left>.+?)\s+[-–—]\s+(?P<country>[^-–—]{2,60})$")
_ENDS = " \t.;,。；，、\"'“”«»"
_SENTENCE = re.compile(r"(?<=[\w)\]”\"»])[.!?。！？]\s+(?=\S)|[。！？]|[!?]\s+")
_ABBREVIATION = re.compile(
    r"\b(?:[A-Za-z]|Inc|Ltd|Co|Corp|Dr|Prof|Mr|Mrs|Ms|St|Jr|Sr|Rev|Hon|vs|No|e\.\s?V|gGmbH|Ltda|Gen|Assoc|Ass|Bros|Univ|Dept|S\.\s?A|A\.\s?C)\.$"
)
_LATIN_RUN = re.compile(
    r"[A-Za-zÀ-ɏḀ-ỿ][A-Za-zÀ-ɏḀ-ỿ0-9'’&.\-–/ ]*(?:,\s[A-Za-zÀ-ɏḀ-ỿ0-9'’&.\-–/ ]+)*(?:\s?\([^()\n]{1,60}\))?[A-Za-zÀ-ɏḀ-ỿ0-9'’&.\-–/ ]*"  # noqa: E501 - a pattern is read whole
)
_UNSPACED = re.compile(
    "[\u0e00-\u0e7f\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af\u0400-\u04ff\u0600-\u06ff]"
)


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


def entries(text: str, invited_name: str, countries: Countries) -> list[Entry]:
    r"""Give every entry that the text spells out, the surest source first.

    >>> countries = Countries.from_table({"names": {"NL": "Netherlands"}})
    >>> text = "Yes.\n\nEntry: Open Archive (OAC) / Netherlands"
    >>> found = entries(text, "Open Archive", countries)
    >>> found[0].whole, found[0].country
    ('Open Archive (OAC)', 'Netherlands')
    """
    text = unwrapped(text)
    found = [*_forms(text, countries), *_lines(text, countries)]
    if any(one.name or one.whole for one in found):
        return found
    sentence = _sentences(text, countries)
    if sentence:
        return [*found, *sentence]
    quoted = list(_quotations(text, invited_name, countries))
    fields = list(_fields(text, invited_name, countries))
    return [*found, *quoted, *fields]


def unwrapped(text: str) -> str:
    """Join the lines that a mail program wrapped: the next word would not have fitted."""
    lines: list[str] = []
    before = 0
    for line in text.split("\n"):
        if lines and _is_torn(before, line):
            lines[-1] = f"{lines[-1]} {line.strip()}"
        else:
            lines.append(line)
        before = len(line)
    return "\n".join(lines)


def _is_torn(before: int, line: str) -> bool:
    """Say whether a line continues one of so many characters."""
    first = line.lstrip().split(" ", 1)[0]
    fits = before + 1 + len(first) <= 70  # noqa: PLR2004 - programs wrap at 70 to 78 columns
    if fits or not first or not 55 <= before <= 80:  # noqa: PLR2004 - as above
        return False
    return _BULLET.match(line) is None and form_labels().match(line) is None


def _clean(text: str) -> str:
    text = _BULLET.sub("", text).strip()
    for _ in range(2):
        match = _QUOTED.fullmatch(text)
        if match:
            text = next(group for group in match.groups() if group).strip()
        text = text.strip().rstrip(";,，、；").strip("*_ ")
    return text


@cache
def _nothing() -> frozenset[str]:
    return frozenset(word for code in CODES for word in language(code).nothing)


def _is_nothing(value: str) -> bool:
    return value.strip(" .").casefold() in _nothing() or not value.strip(" -–—.:/")


# ------------------------------------------------------------------ forms


@cache
def _label_patterns() -> tuple[tuple[str, re.Pattern[str]], ...]:
    return tuple(
        (kind, form_labels(kind))
        for kind in ("entry", "organization", "individual", "name", "title", "country", "answer")
    )


def _label(line: str) -> tuple[str, str] | None:
    """Give the field that the line's label names, and the value behind it."""
    best: tuple[int, str, str] | None = None
    for kind, pattern in _label_patterns():
        match = pattern.match(line)
        if match and (best is None or match.end() > best[0]):
            best = (match.end(), kind, line[match.end() :].strip())
    return None if best is None else (best[1], best[2])


def _forms(text: str, countries: Countries) -> list[Entry]:
    """Give the entries of filled form blocks; a new name begins a new entry."""
    blocks: list[dict[str, str]] = []
    words: list[list[str]] = []
    for line in text.split("\n"):
        labelled = _label(line)
        if labelled is None:
            if line.strip() and blocks and blocks[-1]:
                blocks.append({})
                words.append([])
            continue
        kind, value = labelled
        if kind in {"entry", "answer"}:
            continue
        if kind in {"organization", "individual"} and _ending_country(value, countries):
            continue  # a whole entry behind a heading: read as a line
        if not blocks or kind in blocks[-1] or (kind == "name" and "organization" in blocks[-1]):
            blocks.append({})
            words.append([])
        blocks[-1][kind] = value
        words[-1].append(line)
    return [
        entry
        for block, lines in zip(blocks, words, strict=True)
        if (entry := _form(block, "\n".join(lines), countries)) is not None
    ]


def _form(block: dict[str, str], words: str, countries: Countries) -> Entry | None:
    given = {kind: value for kind, value in block.items() if not _is_nothing(value)}
    if not given:
        return None
    name, kind = given.get("name"), None
    title = given.get("title")
    if "individual" in given:
        name, kind = name or given["individual"], Kind.INDIVIDUAL
    if "organization" in given:
        if name and title is None and kind is None and "title" in block:
            title = given["organization"]
        elif not name:
            name, kind = given["organization"], kind or Kind.ORGANIZATION
    country = given.get("country")
    styled = countries.styled(country.strip(_ENDS)) if country else None
    name = _clean(name) if name else None
    return Entry(
        kind=kind,
        name=name,
        whole=name,
        title=_clean(title) if title else None,
        country=styled,
        strange_country=country if country and styled is None else None,
        source="form",
        words=words,
    )


# ------------------------------------------------------------------ lines


def _lines(text: str, countries: Countries) -> list[Entry]:
    """Give the entries that stand on lines of their own."""
    found: list[Entry] = []
    lines = text.split("\n")
    for place, line in enumerate(lines):
        if not line.strip() or len(line) > MAX_CHARACTERS + 80:
            continue
        labelled = _label(line)
        kind: Kind | None = None
        content = line
        has_label = False
        if labelled is not None:
            name, content = labelled
            if name in {"name", "title", "country", "answer"}:
                continue
            has_label = True
            kind = {"organization": Kind.ORGANIZATION, "individual": Kind.INDIVIDUAL}.get(name)
        alone = has_label or _BULLET.match(line) is not None or _stands_alone(lines, place)
        entry = _entry(_clean(content), countries, loose=alone)
        if entry is not None and _is_one(content):
            found.append(replace(entry, kind=kind, source="line", words=line))
    return found


def _is_one(content: str) -> bool:
    """Say whether a line is an entry and not a sentence that ends in one."""
    return len(list(_split(content.strip()))) == 1 and (
        _after_lead(content) is None or _LED.match(content) is None
    )


#: A sentence around an entry: a colon or words of asking stand before the name.
_LED = re.compile(r".*?(?:[:：]\s|\b(?:please|list|print|write|enter)\b)", re.IGNORECASE)


def _stands_alone(lines: list[str], place: int) -> bool:
    before = lines[place - 1].strip() if place else ""
    after = lines[place + 1].strip() if place + 1 < len(lines) else ""
    return (
        (not before or before.endswith((":", "：", "."))) and (not after or place + 1 == len(lines))
    ) or (lines[place].startswith(("  ", "\t")))


def _ending_country(text: str, countries: Countries) -> bool:
    return _entry(_clean(text), countries, loose=True) is not None


def _entry(text: str, countries: Countries, *, loose: bool) -> Entry | None:
    """Read `Name, Title / Country`; where `loose`, also `Name (Country)` and `Name, Country`."""
    text = text.strip()
    for pattern in (_SLASH, _PARENTHESES, _COMMA, _DASH) if loose else (_SLASH,):
        match = pattern.match(text) or pattern.match(text.rstrip(_ENDS))
        if match is None:
            continue
        country = countries.styled(match["country"].strip(_ENDS))
        left = _clean(match["left"])
        if country is None or len(left) < 2 or len(left) > MAX_CHARACTERS:  # noqa: PLR2004 - a letter is no name
            continue
        if pattern is not _SLASH and left[:1].islower():
            continue
        return Entry(whole=left, country=country, source="line", words=text)
    return None


# ------------------------------------------------------------------ sentences


def _sentences(text: str, countries: Countries) -> list[Entry]:
    """Give the entries inside running text: `… list us as X / Country.`."""
    found: list[Entry] = []
    for line in text.split("\n"):
        for piece in _split(line):
            content = _after_lead(piece)
            if content is None and not re.search(r"\s/\s", piece):
                continue
            entry = _entry(
                _clean((content or piece).rstrip(_ENDS + "!?")),
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
        r"\s*" + _QUOTED.pattern + r"\s*(?:[/／,(（]\s*([^,.;/()（）]{2,40}))?", content
    )
    if match is None or not match.group(match.re.groups):
        return None
    name = next(group for group in match.groups()[:-1] if group)
    country = countries.styled(match.group(match.re.groups).strip(_ENDS))
    return Entry(whole=name.strip(), country=country, source="sentence") if country else None


def _split(line: str) -> Iterator[str]:
    start = 0
    for match in _SENTENCE.finditer(line):
        if _ABBREVIATION.search(line[start : match.start() + 1]):
            continue
        yield line[start : match.end()].strip()
        start = match.end()
    yield line[start:].strip()


@cache
def _leads(field: str) -> re.Pattern[str]:
    """Give the pattern of what introduces a listing or one of its parts."""
    from undersigned.reading import tokens as texts  # noqa: PLC0415 - only here, and once

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
                .replace("…", ".{0,40}?")
                .replace(r"\ \?", r"\ ?")
                .replace(r"\?", "?")
                .replace(r"\ ", r"\s+")
            )
            found.add(pattern)
    return re.compile(
        r"(?<![^\W\u0e00-\uffff])(?:" + "|".join(sorted(found, key=len, reverse=True)) + ")",
        re.IGNORECASE,
    )


def _after_lead(piece: str) -> str | None:
    """Give what stands behind the last words that introduce a listing, or behind a colon."""
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
    for match in _leads("listing").finditer(piece):
        if match.end() < len(piece) - 3:
            last = match
    return piece[last.end() :].strip(" :,，：") if last else None


# ------------------------------------------------------------------ quotations and fields


def _quotations(text: str, invited_name: str, countries: Countries) -> Iterator[Entry]:
    """Give the quoted names that have something in common with the invited one."""
    for match in _QUOTED.finditer(text):
        value = next(group for group in match.groups() if group).strip()
        before = text[max(0, match.start() - 30) : match.start()].casefold()
        if re.search(r"\b(not|without|no|sin|ohne|sans|instead of|statt|не|bukan)\s*$", before):
            continue
        if countries.code_of(value) is not None or not shares_word(value, invited_name):
            continue
        if len(value.split()) < 2 and len(value) < len(invited_name) // 2:  # noqa: PLR2004 - one word of a name
            continue
        after = re.match(r"\s*[/／]\s*([^\n,.;/]{2,40})", text[match.end() : match.end() + 60])
        country = countries.styled(after.group(1).strip(_ENDS)) if after else None
        yield Entry(whole=value, country=country, source="quotation", words=match.group(0))


def _fields(text: str, invited_name: str, countries: Countries) -> Iterator[Entry]:
    """Give the parts named one by one: `my title is …`, `氏名は … と`, `X, not Y`."""
    fields: dict[str, str] = {}
    for line in text.split("\n"):
        if _UNSPACED.search(line):
            fields |= _in_script(line, invited_name, countries)
        else:
            for piece in _split(line):
                fields |= _in_words(piece, countries)
    replaced = _replaced(text, invited_name)
    if "name" not in fields and replaced:
        fields["name"] = replaced
    if fields:
        yield Entry(
            name=fields.get("name"),
            whole=fields.get("name"),
            title=fields.get("title"),
            country=countries.styled(fields["country"]) if "country" in fields else None,
            source="field",
        )


def _in_script(line: str, invited_name: str, countries: Countries) -> dict[str, str]:
    """Read the Latin words in a line of another script: they are what is to be printed."""
    fields: dict[str, str] = {}
    end_before = 0
    for match in _LATIN_RUN.finditer(line):
        value = match.group(0).strip(" ,.-/")
        before = line[end_before : match.start()]
        end_before = match.end()
        if len(value) < 2:  # noqa: PLR2004 - a letter
            continue
        kind = _announced(before)
        if (
            kind is None
            and value != invited_name
            and shares_word(value, invited_name)
            and len(value.split()) > 1
        ):
            kind = "name"
        if kind == "country" and countries.code_of(value) is None:
            continue
        if kind is not None and not (kind == "name" and value == invited_name and "name" in fields):
            fields[kind] = value
    return fields


def _announced(before: str) -> str | None:
    """Give the field that was named last before a value."""
    last: tuple[int, str] | None = None
    for kind in ("title", "name", "country"):
        for match in _leads(kind).finditer(before):
            if last is None or match.end() >= last[0]:
                last = (match.end(), kind)
    return last[1] if last and len(before) - last[0] < 14 else None  # noqa: PLR2004 - a particle, a verb


def _in_words(piece: str, countries: Countries) -> dict[str, str]:
    fields: dict[str, str] = {}
    marks = sorted(
        (match.start(), match.end(), kind)
        for kind in ("name", "title", "country")
        for match in _leads(kind).finditer(piece)
    )
    for place, (_, end, kind) in enumerate(marks):
        stop = marks[place + 1][0] if place + 1 < len(marks) else len(piece)
        value = re.sub(
            r"[\s,;]+(?:and|dan|y|e|et|und|и|но|with|my|the|mi|mon|mein|saya)?\s*$",
            "",
            piece[end:stop].strip(" :,.;!?"),
        ).strip()
        value = _clean(value).rstrip(".")
        if kind == "country":
            if countries.code_of(value) is not None:
                fields[kind] = value
        elif 1 < len(value) < 160 and end < stop:  # noqa: PLR2004 - a name, not a story
            fields.setdefault(kind, value)
    return fields


_NOT = re.compile(
    r"(?P<new>[^\W\d_][\w'’.-]*)\"?[”»]?,?\s+(?:and |y |et |und |e |а )?(?:not|no|non|nicht|não|не|bukan|instead of|en lugar de|en vez de|au lieu de|statt|em vez de|вместо)\s+[\"“«]?(?P<old>[^\W\d_][\w'’.-]*)"  # noqa: E501 - a pattern is read whole
    r"|(?P<old2>[A-Za-zÀ-ɏ][\w'’.-]*)\s?(?:말고|(?:이|가) 아니라|(?:이|가) 아닌|ではなく|でなく|，而是|而是)\s?(?P<new2>[A-Za-zÀ-ɏ][\w'’.-]*)"  # noqa: E501 - a pattern is read whole
)


def _replaced(text: str, invited_name: str) -> str | None:
    """Apply `write X, not Y` to the invited name, where Y is a word of it."""
    match = _NOT.search(text)
    if match is None:
        return None
    old = (match["old"] or match["old2"] or "").strip(".,")
    new = (match["new"] or match["new2"] or "").strip(".,")
    pattern = re.compile(rf"(?<!\w){re.escape(old)}(?!\w)")
    if not old or old == new or len(pattern.findall(invited_name)) != 1:
        return None
    return pattern.sub(new.replace("\\", ""), invited_name)


# ------------------------------------------------------------------ words in common

_WORD = re.compile(r"[^\W\d_]{2,}")
#: Words of many names: having one in common says nothing.
_GENERIC = frozenset(
    [
        "the",
        "of",
        "for",
        "and",
        "in",
        "on",
        "to",
        "a",
        "an",
        "de",
        "la",
        "le",
        "les",
        "du",
        "des",
        "et",
        "y",
        "del",
        "los",
        "las",
        "el",
        "e",
        "do",
        "da",
        "dos",
        "das",
        "und",
        "der",
        "die",
        "das",
        "fur",
        "von",
        "van",
        "international",
        "national",
        "global",
        "association",
        "organization",
        "organisation",
        "center",
        "centre",
        "institute",
        "foundation",
        "network",
        "forum",
        "society",
        "committee",
        "council",
        "group",
        "alliance",
        "coalition",
        "union",
        "human",
        "rights",
        "project",
        "initiative",
        "fund",
        "trust",
        "asociacion",
        "fundacion",
        "instituto",
        "centro",
        "red",
        "comite",
        "derechos",
        "humanos",
        "association",
        "fondation",
        "institut",
        "droits",
        "fundacao",
        "associacao",
        "rede",
        "yayasan",
        "lembaga",
        "inc",
        "ltd",
        "llc",
        "asbl",
        "ev",
        "ngo",
        "house",
        "media",
        "international",
        "women",
        "youth",
        "freedom",
        "peace",
        "justice",
    ]
)


def folded_words(text: str) -> list[str]:
    """Give the words of a name without case and accents."""
    import unicodedata  # noqa: PLC0415 - only here

    bare = "".join(
        c for c in unicodedata.normalize("NFKD", text.casefold()) if not unicodedata.combining(c)
    )
    return _WORD.findall(unicodedata.normalize("NFC", bare))


def shares_word(one: str, other: str) -> bool:
    """Say whether two names share a rare word, an acronym, or most of their words."""
    here, there = folded_words(one), folded_words(other)
    common = set(here) & set(there)
    if common - _GENERIC:
        return True
    if len(common) > 1 and len(common) * 2 >= min(len(set(here)), len(set(there))):
        return True
    return (
        _initials(one) & _acronyms(other) != set()
        or _initials(other) & _acronyms(one) != set()
        or _near(here, there)
    )


def _near(here: Iterable[str], there: Iterable[str]) -> bool:
    """Say whether two words differ by a letter or two: a correction, a romanization."""
    for one in here:
        for other in there:
            if len(one) > 4 and len(other) > 4 and one not in _GENERIC and one[:4] == other[:4]:  # noqa: PLR2004
                return True
    return False


def _initials(name: str) -> set[str]:
    words = folded_words(name)
    return {
        "".join(word[0] for word in words),
        "".join(word[0] for word in words if word not in _GENERIC or len(word) > 3),  # noqa: PLR2004 - short words
    }


def _acronyms(name: str) -> set[str]:
    return {word.casefold() for word in re.findall(r"\b[A-Z][A-Za-z]?[A-Z]{1,8}\b", name)}
