"""Entries set out on lines of their own behind a colon: the name, what the person is, the country.

please print us as:

Ada Byron
Fellow, Lark Institute
Norway
"""

from collections.abc import Iterator

from undersigned.domain.house_style import Countries
from undersigned.reading.entry import ENDS, MAX_CHARACTERS, Entry, cleaned
from undersigned.reading.names import shares_word

#: Name, title and country, and a line for a title that is long.
_MOST_LINES = 4
_LEADS = (":", "：", ": ")
_SENTENCE_ENDS = (".", "!", "?", "。", "！", "？")


def blocks(text: str, invited_name: str, countries: Countries) -> Iterator[Entry]:
    """Give the entries whose first line has something in common with the invited name."""
    lines = [line.strip() for line in text.split("\n")]
    for place, line in enumerate(lines):
        if line.endswith(_LEADS):
            block = _block(lines[place + 1 :])
            entry = _entry(block, invited_name, countries)
            if entry is not None:
                yield entry


def _block(lines: list[str]) -> list[str]:
    """Give the lines up to an empty one; those that are empty at the start are passed over."""
    block: list[str] = []
    for line in lines:
        if line:
            block.append(line)
        elif block:
            break
    return block


def _entry(block: list[str], invited_name: str, countries: Countries) -> Entry | None:
    if not block or len(block) > _MOST_LINES or len(" ".join(block)) > MAX_CHARACTERS:
        return None
    if any(line.endswith(_SENTENCE_ENDS) for line in block[:1]):
        return None
    name, *others = (cleaned(line) for line in block)
    if not shares_word(name, invited_name):
        return None
    country = countries.styled(others[-1].strip(ENDS)) if others else None
    title = ", ".join(others[:-1] if country else others) or None
    return Entry(
        whole=name,
        title=title,
        country=country,
        source="line",
        words="\n".join(block),
    )
