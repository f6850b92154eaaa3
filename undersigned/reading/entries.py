"""How to be listed, where the sender spells it out: forms, lines, corrections in a sentence."""

import re
from dataclasses import replace

from undersigned.domain.house_style import Countries
from undersigned.reading.entry import BULLET, Entry, entry_of
from undersigned.reading.entry_blocks import blocks
from undersigned.reading.entry_fields import named_parts, quotations
from undersigned.reading.entry_forms import entry_lines, forms
from undersigned.reading.entry_names import sole
from undersigned.reading.entry_sentences import sentences
from undersigned.reading.language import form_labels

_SENTENCE_END = re.compile(r"(?<=[.!?。！？])[ \t]+")


def entries(text: str, invited_name: str, countries: Countries) -> list[Entry]:
    r"""Give every entry that the text spells out, the surest source first.

    >>> countries = Countries.from_table({"names": {"NL": "Netherlands"}})
    >>> text = "Yes.\n\nEntry: Open Archive (OAC) / Netherlands"
    >>> found = entries(text, "Open Archive", countries)
    >>> found[0].whole, found[0].country
    ('Open Archive (OAC)', 'Netherlands')
    """
    found = _spelt_out(_labels_apart(unwrapped(text)), invited_name, countries)
    return [_less_country(one, invited_name, countries) for one in found]


#: A country's acronym behind a name may be the name's own: "Lamps (TL)".
_ACRONYM = re.compile(r"\(([A-Z]{2,5})\)\s*$")
_COUNTRY_ACRONYMS = frozenset({"USA", "UK", "UAE", "ROK", "DRC"})


def _less_country(entry: Entry, invited_name: str, countries: Countries) -> Entry:
    """Take a country off the end of a name that was read with it: `Lamps, Inc. (USA)`."""
    name = entry.whole
    if name is None or entry.country is not None or name == invited_name:
        return entry
    acronym = _ACRONYM.search(name)
    if acronym and acronym[1] not in _COUNTRY_ACRONYMS:
        return entry
    ended = entry_of(name, countries, loose=True)
    if ended is None:
        return entry
    return replace(
        entry,
        name=ended.whole if entry.name else None,
        whole=ended.whole,
        country=ended.country,
    )


def _spelt_out(text: str, invited_name: str, countries: Countries) -> list[Entry]:
    """Give the entries as they stand, the surest source first."""
    found = [*forms(text, countries), *entry_lines(text, countries)]
    if any(one.name or one.whole for one in found):
        return found
    found += blocks(text, invited_name, countries)
    if any(one.whole for one in found):
        return found
    sentence = sentences(text, countries)
    if sentence:
        return [*found, *sentence]
    alone = sole(text, invited_name)
    if alone:
        with_country = entry_of(alone, countries, loose=True)
        entry = with_country or Entry(whole=alone, source="sentence")
        return [*found, replace(entry, source="sentence", words=alone)]
    quoted = list(quotations(text, invited_name, countries))
    fields = list(named_parts(text, invited_name, countries))
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
    return BULLET.match(line) is None and form_labels().match(line) is None


def _labels_apart(text: str) -> str:
    """Let a form that begins behind a sentence begin a line: `Yes. Name: …`."""
    return _SENTENCE_END.sub(
        lambda match: "\n" if form_labels().match(text, match.end()) else match[0], text
    )
