"""Whether a listing accounts for all that the lines around it say: what was not read is held.

A form whose one label nobody knows, a second entry below the first, a title that breaks off: each
would print something that the sender did not write.
"""

import re
from collections.abc import Sequence
from itertools import pairwise

from undersigned.domain.house_style import Countries
from undersigned.domain.listing import Listing
from undersigned.reading.entry import Entry, cleaned, entry_of
from undersigned.reading.language import form_labels, is_small_word

#: "필명: Baek San-ha": a label of a word or three, and what it is of.
_LABELLED = re.compile(r"\s*(?:[-*•·]\s*)?([^\W\d][^:：\n.!?]{0,30}?)\s*[:：]\s*\S")
_WORDS_OF_A_LABEL = 3
#: Lines of a form and entries of a list are no longer.
_LONGEST = 160


def leaves_lines(text: str, entries: Sequence[Entry], name: str, countries: Countries) -> bool:
    """Say whether a line looks like a part of a form or a list, and was not read.

    In a form its neighbour was read, and it has a label or begins with the party's name. In a list
    both end in a country: a signature has one such.
    """
    lines = [line for line in text.split("\n") if line.strip()]
    read = {line.strip() for one in entries for line in one.words.split("\n")}
    for pair in pairwise(lines):
        unread = [line for line in pair if not _is_read(line, read)]
        if not unread or max(map(len, pair)) > _LONGEST:
            continue
        is_form = len(unread) == 1 and any(form_labels().match(line) for line in pair)
        if is_form and (all(map(_is_labelled, pair)) or _says_more(unread[0], name)):
            return True
        if all(entry_of(cleaned(line), countries, loose=True) for line in pair):
            return True
    return False


def _is_read(line: str, read: set[str]) -> bool:
    return line.strip() in read or form_labels().match(line) is not None


def _says_more(line: str, name: str) -> bool:
    """Say whether a line is the name and something behind it: "Ada Byron, former editor"."""
    said = line.strip().casefold()
    return said.startswith(name.casefold()) and _MORE.match(said, len(name)) is not None


_MORE = re.compile(r"\s*[,،，/|(–-]\s*\w")


def _is_labelled(line: str) -> bool:
    match = _LABELLED.match(line)
    return match is not None and len(match[1].split()) <= _WORDS_OF_A_LABEL


def breaks_off(listing: Listing) -> bool:
    """Say whether a name or title ends in the middle ("Author of"), or holds a form's next line."""
    parts = [one for one in (listing.name, listing.title) if one]
    return any(_ends_midway(one) or _holds_a_label(one) for one in parts)


def _ends_midway(text: str) -> bool:
    last = text.rsplit(maxsplit=1)[-1]
    return " " in text and last.islower() and last.isalpha() and is_small_word(last)


def _holds_a_label(text: str) -> bool:
    return any(
        form_labels().match(text, place.end()) is not None
        for place in re.finditer(r"^|[,;，、\s]\s*", text)
    )
