"""What a text without capitals or spaces says of a listing, and nothing has read."""

import re
from collections.abc import Sequence

from undersigned.domain.party import Prospect
from undersigned.reading.entry import Entry
from undersigned.reading.entry_sentences import leads
from undersigned.reading.names import folded_words, shares_word
from undersigned.reading.signs import signs

#: Where a script without capitals is written, a Latin name stands out.
_SCRIPT = re.compile("[\u0e00-\u0e7f\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af]")
_STRANGE_NAME = re.compile(
    r"(?<![A-Za-z])[A-Z][A-Za-z'’-]{1,30}+(?:\x20(?:(?:for|of|and|the|de)\x20)?[A-Z][A-Za-z'’-]{1,30}+){1,6}+"
    r"(?!\s?(?:님|선생|씨|様|さん|氏|女士|先生|小姐|您|你))"
)
#: Names that every answer may speak of, and the language of greetings.
_SPOKEN_OF = frozenset((
    "un", "united", "nations", "security", "council", "north", "south", "korea", "dprk",
    "human", "rights", "word", "pdf", "google", "docs", "dear", "hi", "hello", "best", "kind",
    "warm", "regards", "thank", "thanks", "you", "many", "yours", "sincerely", "respectfully",
))  # fmt: skip


def names_a_stranger(text: str, prospect: Prospect, contacts: Sequence[str]) -> bool:
    """Say whether a text in another script holds a Latin name that is neither theirs nor common.

    `저희는 Lamps for All로 올려 주세요`: nobody who was invited is called so.
    """
    known = [one for one in (prospect.name, prospect.title, prospect.country, *contacts) if one]
    return any(
        not any(shares_word(match[0], name) for name in known)
        and not _SPOKEN_OF.issuperset(folded_words(match[0]))
        for line in text.split("\n")
        if _SCRIPT.search(line)
        for match in _STRANGE_NAME.finditer(line)
    )


def leaves_unread(text: str, entries: Sequence[Entry]) -> bool:
    """Say whether a part is named in another script, and what it is to be was not read.

    `직함은 명예교수로 바꿔 주세요` changes a title that no machine can cut out of the sentence.
    """
    read = {
        kind
        for one in entries
        for kind in ("name", "title", "country")
        if getattr(one, kind) or (one.whole and (kind == "name" or one.source in _WHOLE))
    }
    return any(
        not signs(line[lead.start() : lead.end() + after.end()], hint=None).any(*_SAYS_SAME)
        for line in text.split("\n")
        if _SCRIPT.search(line)
        for kind in ("name", "title", "country")
        if kind not in read
        for lead in leads(kind).finditer(line)
        for after in leads("after").finditer(line[lead.end() : lead.end() + _NEAR])
    )


#: Where an entry says all that is to be printed.
_WHOLE = frozenset({"line", "form"})
#: So far behind "the title is" stands what it is to be, and "please".
_NEAR = 24
#: What is to be left, or left out, needs no reading.
_SAYS_SAME = ("as_invited", "harmless", "drop_title", "drop_country", "drop_acronym")
