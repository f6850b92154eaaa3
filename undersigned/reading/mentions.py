"""What a reply says in passing of who is to be listed, and how: it was not taken for a listing."""

import re
from collections.abc import Sequence

from undersigned.domain.listing import Kind
from undersigned.domain.party import Prospect
from undersigned.reading import language as languages
from undersigned.reading import tokens as texts
from undersigned.reading.entry_sentences import leads
from undersigned.reading.names import folded_words, shares_word
from undersigned.reading.tokens import Sentence

_SALUTED = frozenset({"mr", "mrs", "ms", "herr", "frau", "m", "mme", "sr", "sra"})


#: Whom somebody asks to be listed: two words of a name at least.
_TO_LIST = re.compile(
    r"\b(?:list|print|enter|include|add|put|name)[ \t]+(?P<name>[A-Z][\w'-]*(?:[ \t]+(?:(?:for|of|and|the|de)[ \t]+)*[A-Z][\w'-]*)+)"  # noqa: E501 - a pattern is read whole
)


def names_another(text: str, prospect: Prospect, contacts: Sequence[str]) -> bool:
    """Say whether somebody else is to be listed: `please list Lamps for All`."""
    known = [one for one in (prospect.name, prospect.title, *contacts) if one]
    return any(
        not any(shares_word(match["name"], name) for name in known)
        for match in _TO_LIST.finditer(text)
    )


def names_otherwise(text: str, prospect: Prospect) -> bool:
    """Say whether a party gives its name in a sentence, and not as it was invited."""
    if prospect.kind is Kind.ORGANIZATION:
        return _grew(text, prospect.name)
    return _is_called_otherwise(text, prospect.name)


def _grew(text: str, name: str) -> bool:
    """Say whether an organization's name is given with more to it, or with another acronym."""
    bare, _, acronym = name.partition(" (")
    if bare != bare.upper() and f"{bare.upper()}:" in text:
        return True
    if bare not in text:  # as in most answers; a pattern of a name costs more than reading it does
        return False
    given = re.compile(
        rf"(?<!\w){re.escape(bare)}"
        r"(?P<more>(?:[ \t]+(?:(?:for|of|de|für|pour|para)[ \t]+)?(?!I\b)[A-ZÀ-Þ][\w'-]*)*)"
        r"(?:[ \t]*\((?P<acronym>[A-Z][\w-]{1,11})\))?"
    )
    return any(
        match["more"] or (match["acronym"] and acronym and match["acronym"] not in acronym)
        for match in given.finditer(text)
    )


def _is_called_otherwise(text: str, name: str) -> bool:
    """Say whether a person's surname is given with another name before or behind it.

    A closing line is no sentence: there people write what their friends call them.
    """
    invited = folded_words(name)
    if len(invited) < 2 or not name.isascii():  # noqa: PLR2004 - a given name and a surname
        return False
    surname = re.escape(name.rsplit(maxsplit=1)[-1])
    named = re.compile(rf"(?:[^\W\d_a-z][\w'.-]*\s+){{1,4}}{surname}(?:-\w+)*\b")
    for line in text.split("\n"):
        for match in named.finditer(line):
            words = set(folded_words(match[0]))
            is_closing = len(line.split()) <= len(match[0].split()) + 1
            if not is_closing and words - set(invited) - _SALUTED:
                return True
    return False


#: Two words with capitals at least, right before what the named one does.
_ACTING = re.compile(
    r"(?P<name>(?!(?:I|The)\b)[A-ZÀ-Þ][\w'’-]+"
    r"(?:[ \t]+(?:(?:for|of|and|the|de|in|to)[ \t]+)*(?!I\b)[A-ZÀ-Þ][\w'’-]+)+)[ \t]+\Z"
)


def acts_for_another(text: str, prospect: Prospect, contacts: Sequence[str]) -> bool:
    """Say whether somebody else is said to act: `the Eastbury Trust wishes to withdraw`.

    What has but words for an organ or an office in its name is one of the party's own.
    """
    known = [one for one in (prospect.name, prospect.title, *contacts) if one]
    for act in leads("acts").finditer(text):
        match = _ACTING.search(text[max(0, act.start() - _LONGEST_NAME) : act.start()])
        if match is None or any(shares_word(match["name"], name) for name in known):
            continue
        if not all(map(_is_organ, match["name"].split())):
            return True
    return False


#: No name of a party is longer.
_LONGEST_NAME = 120


def _is_organ(word: str) -> bool:
    stems = languages.language("en").risks
    return texts.plain(word).startswith(stems) or languages.names_a_role(word) or len(word) < 4  # noqa: PLR2004 - of, the


def tells_of_change(text: str, prospect: Prospect, code: str) -> bool:
    """Say whether a sentence speaks of the title or the country as of what was.

    `I'm not "Acting" anymore`, `we moved from Poland`: what was not taken over, a person reads.
    """
    tongue = languages.language(code)
    known = {
        word
        for part in (prospect.title, prospect.country)
        for word in texts.tokens(texts.plain(part or ""))[0]
        if len(word) >= _OF_WEIGHT
    }
    cues = tongue.changes | tongue.negations
    became = (text[one.end() :].lstrip()[:1] for one in leads("became").finditer(text))
    return any(map(str.isupper, became)) or any(
        tongue.changes
        and not known.isdisjoint(sentence.tokens)
        and not cues.isdisjoint(sentence.tokens)
        and not _is_right(sentence, code)
        for sentence in texts.sentences(text)
    )


#: A word of so many letters may say what somebody is, or where.
_OF_WEIGHT = 4


def _is_right(sentence: Sentence, code: str) -> bool:
    found = languages.phrases(code).find(sentence)
    return any(one.kind == "as_invited" for one in found)
