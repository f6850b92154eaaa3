"""Entries in forms that were filled in, and on lines of their own."""

import re
from dataclasses import replace
from functools import cache

from undersigned.domain.house_style import Countries
from undersigned.domain.listing import Kind
from undersigned.reading.entry import BULLET, ENDS, MAX_CHARACTERS, Entry, cleaned, entry_of
from undersigned.reading.entry_sentences import after_lead, leads, sentences_of
from undersigned.reading.language import CODES, LABEL_ENDS, form_labels, language

#: A sentence around an entry: a colon or words of asking stand before the name.
_LED = re.compile(r".*?(?:[:：]\s|\b(?:please|list|print|write|enter)\b)", re.IGNORECASE)


@cache
def _nothing() -> frozenset[str]:
    return frozenset(word for code in CODES for word in language(code).nothing)


def _is_nothing(value: str) -> bool:
    return value.strip(" .").casefold() in _nothing() or not value.strip(" -–—.:/")


@cache
def _label_patterns() -> tuple[tuple[str, re.Pattern[str]], ...]:
    return tuple(
        (kind, form_labels(kind))
        for kind in ("entry", "organization", "individual", "name", "title", "country", "answer")
    )


def _label(line: str) -> tuple[str, str] | None:
    """Give the field that the line's label names, and the value behind it."""
    best: tuple[int, str, str] | None = None
    if not any(map(line.__contains__, LABEL_ENDS)):
        return None
    for kind, pattern in _label_patterns():
        match = pattern.match(line)
        if match and (best is None or match.end() > best[0]):
            best = (match.end(), kind, line[match.end() :].strip())
    return None if best is None else (best[1], best[2])


def forms(text: str, countries: Countries) -> list[Entry]:
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
    if not given and not any(value.strip(" -–—.:/") for value in block.values()):
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
    styled = countries.styled(country.strip(ENDS)) if country else None
    name = cleaned(name) if name else None
    return Entry(
        kind=kind,
        name=name,
        whole=name,
        title=cleaned(title) if title else None,
        country=styled,
        strange_country=country if country and styled is None else None,
        source="form",
        words=words,
    )


def entry_lines(text: str, countries: Countries) -> list[Entry]:
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
        alone = has_label or BULLET.match(line) is not None or _stands_alone(lines, place)
        entry = entry_of(cleaned(content), countries, loose=alone)
        if entry is not None and _is_one(content):
            found.append(replace(entry, kind=kind, source="line", words=line))
    return found


def _is_one(content: str) -> bool:
    """Say whether a line is an entry and not a sentence that ends in one."""
    if len(list(sentences_of(BULLET.sub("", content).strip()))) != 1:
        return False
    # A lead of one word ("por") may be a part of a name.
    if any(" " in lead[0].strip() for lead in leads("listing").finditer(content)):
        return False
    return after_lead(content) is None or _LED.match(content) is None


def _stands_alone(lines: list[str], place: int) -> bool:
    before = lines[place - 1].strip() if place else ""
    after = lines[place + 1].strip() if place + 1 < len(lines) else ""
    return (
        (not before or before.endswith((":", "：", "."))) and (not after or place + 1 == len(lines))
    ) or (lines[place].startswith(("  ", "\t")))


def _ending_country(text: str, countries: Countries) -> bool:
    return entry_of(cleaned(text), countries, loose=True) is not None
