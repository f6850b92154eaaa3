"""Clauses beside a yes that say something of their own, and so weigh nothing for it.

"Sign us up, our intern knows the way to Global Affairs" signs, whatever the intern knows: the
second clause has a subject of its own and touches nothing that an answer could hang on. "Sign us
up, the moment the board nods" has none, and waits for a person.
"""

from collections.abc import Iterator

from undersigned.reading.language import Language
from undersigned.reading.phrases import PARTY_TOKEN
from undersigned.reading.tokens import Sentence


def clauses(sentence: Sentence, tongue: Language) -> Iterator[range]:
    """Give the clauses of a sentence: a comma ends one, and so does "and I", "because we".

    Where words are not set apart by spaces only a comma does.
    """
    start = 0
    for place in range(1, len(sentence.tokens)):
        ends = (
            sentence.clauses[place] != sentence.clauses[place - 1]
            or sentence.tokens[place] in tongue.contrasts
        )
        if ends or _begins(sentence, place, tongue):
            yield range(start, place)
            start = place
    yield range(start, len(sentence.tokens))


def _begins(sentence: Sentence, place: int, tongue: Language) -> bool:
    following = sentence.tokens[place + 1 : place + 2]
    return (
        sentence.tokens[place] in tongue.joints
        and bool(following)
        and (following[0] in tongue.subjects or following[0] == PARTY_TOKEN)
    )


#: A name that somebody is addressed by has so many words at most, a title among them.
_ADDRESS = 4


def is_address(sentence: Sentence, clause: range, tongue: Language) -> bool:
    """Say whether a clause is but the name of whom it speaks to: "Ms. Whitfield, you may …"."""
    words = sentence.text.split()[: len(clause)]
    return len(clause) <= _ADDRESS and all(
        sentence.tokens[place] not in tongue.heavy | tongue.vocabulary
        and not _weighs(sentence.tokens[place], tongue)
        and word[:1].isupper()
        for place, word in zip(clause, words, strict=False)
        if sentence.tokens[place] not in tongue.titles
    )


def is_aside(
    sentence: Sentence, clause: range, tongue: Language, explained: set[int], *, loose: bool = False
) -> bool:
    """Say whether a clause is chit-chat: it opens as a sentence does and touches no answer.

    `explained` are the places that phrases cover which mean nothing for an answer; `loose`: it may
    open in any way.
    """
    joining = tongue.joints | tongue.contrasts
    words = [place for place in clause if sentence.tokens[place] not in joining]
    if not words:
        return True
    first = sentence.tokens[words[0]]
    if not loose and first not in tongue.openings and words[0] not in explained:
        return False
    return not any(
        place not in explained and _weighs(sentence.tokens[place], tongue) for place in words
    )


def _weighs(word: str, tongue: Language) -> bool:
    return (
        word in tongue.heavy
        or word in tongue.negations
        or word.startswith((*tongue.topics, *tongue.risks))
    )
