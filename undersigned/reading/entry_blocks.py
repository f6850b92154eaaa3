"""Entries set out on lines of their own: the name, what the person is, the country.

please print us as:

Ada Byron
Fellow, Lark Institute
Norway
"""

import re
from collections.abc import Iterator
from dataclasses import replace

from undersigned.domain.house_style import Countries
from undersigned.reading.doubts import is_bilingual
from undersigned.reading.entry import BULLET, ENDS, MAX_CHARACTERS, Entry, cleaned, entry_of
from undersigned.reading.names import shares_word

#: Name, title and country, and a line for a title that is long.
_MOST_LINES = 4
_LEADS = (":", "：")
_SENTENCE_ENDS = (".", "!", "?", "。", "！", "？")


def blocks(text: str, invited_name: str, countries: Countries) -> Iterator[Entry]:
    """Give the entries whose first line has something in common with the invited name.

    A block that nothing leads up to counts where it ends in a country and the mail goes on behind
    it: the last one of a mail is how people sign.
    """
    paragraphs = [part.strip().split("\n") for part in re.split(r"\n\s*\n", text) if part.strip()]
    for place, lines in enumerate(paragraphs):
        before = paragraphs[place - 1][-1].rstrip() if place else ""
        if before.endswith(_LEADS) and (each := _each(lines, countries)):
            yield from each
            continue
        for start in range(len(lines)):
            is_led = (lines[start - 1].rstrip() if start else before).endswith(_LEADS)
            block = [one.strip() for one in lines[start:]]
            entry = _entry(block, invited_name, countries)
            is_signature = start or place + 1 == len(paragraphs)
            if entry is not None and (is_led or (entry.country and not is_signature)):
                yield entry


def _each(lines: list[str], countries: Countries) -> list[Entry]:
    """Give an entry for each of the lines, where every one of them ends in a country."""
    found = [entry_of(cleaned(line), countries, loose=True) for line in lines]
    read = [
        replace(one, source="line", words=line)
        for one, line in zip(found, lines, strict=True)
        if one is not None
    ]
    return read if len(lines) == len(read) > 1 else []


def _entry(block: list[str], invited_name: str, countries: Countries) -> Entry | None:
    if not block or len(block) > _MOST_LINES or len(" ".join(block)) > MAX_CHARACTERS:
        return None
    if any(line.endswith(_SENTENCE_ENDS) for line in block[:1]):
        return None
    name, *others = (cleaned(line) for line in block)
    if not shares_word(name, invited_name) or (" / " in name and not _is_name(name, countries)):
        return None
    words = "\n".join(block)
    if sum(BULLET.match(line) is not None for line in block) > 1:
        # A list of entries that could not be read, and none is a part of another.
        return Entry(whole=name, strange_country=others[-1], source="line", words=words)
    country = countries.styled(others[-1].strip(ENDS)) if others else None
    title = ", ".join(others[:-1] if country else others) or None
    return Entry(
        whole=name,
        title=title,
        country=country,
        source="line",
        words=words,
    )


def _is_name(name: str, countries: Countries) -> bool:
    """Say whether a line with a stroke is a name in two languages, and no name and country."""
    last = name.rpartition(" / ")[2].strip(ENDS)
    return is_bilingual(name) and countries.code_of(last) is None
