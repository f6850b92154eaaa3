"""What two names have in common: rare words, acronyms, another spelling."""

import re
import unicodedata
from collections import Counter
from collections.abc import Iterable
from functools import lru_cache

_WORD = re.compile(r"[^\W\d_]{2,}")
#: Words of many names: having one in common says nothing.
_GENERIC = frozenset((
    "the", "of", "for", "and", "in", "on", "to", "a", "an", "de", "la", "le", "les", "du", "des",
    "et", "y", "del", "los", "las", "el", "e", "do", "da", "dos", "das", "und", "der", "die",
    "fur", "von", "van", "international", "national", "global", "association", "organization",
    "organisation", "center", "centre", "institute", "foundation", "network", "forum", "society",
    "committee", "council", "group", "alliance", "coalition", "union", "human", "rights",
    "project", "initiative", "fund", "trust", "asociacion", "fundacion", "instituto", "centro",
    "red", "comite", "derechos", "humanos", "fondation", "institut", "droits", "fundacao",
    "associacao", "rede", "yayasan", "lembaga", "inc", "ltd", "llc", "asbl", "ev", "ngo", "house",
    "media", "women", "youth", "freedom", "peace", "justice",
))  # fmt: skip


@lru_cache(256)  # the same names are held against each other again and again
def folded_words(text: str) -> tuple[str, ...]:
    """Give the words of a name without case and accents."""
    if text.isascii():
        return tuple(_WORD.findall(text.lower()))
    bare = "".join(
        c for c in unicodedata.normalize("NFKD", text.casefold()) if not unicodedata.combining(c)
    )
    return tuple(_WORD.findall(unicodedata.normalize("NFC", bare)))


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


def is_near(one: str, other: str) -> bool:
    """Say whether two words are one, give or take a letter at the end, or another spelling.

    >>> is_near("initiative", "initiatives"), is_near("harbour", "harbor"), is_near("a", "b")
    (True, True, False)
    """
    if one == other:
        return True
    if len(one) <= _STEM or one[:_STEM] != other[:_STEM]:
        return False
    here, there = Counter(one), Counter(other)
    return ((here - there) + (there - here)).total() <= 1 + (len(one) == len(other))


#: Two spellings of one word begin alike, and differ in a letter more or in another one.
_STEM = 3


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
