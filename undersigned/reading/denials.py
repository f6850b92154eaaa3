"""What a "no" and a "not" in a sentence belong to: the answer, another year, something else."""

from collections.abc import Iterable, Sequence

from undersigned.reading.answers import LITTLE
from undersigned.reading.language import UNSPACED, Language
from undersigned.reading.phrases import Found
from undersigned.reading.tokens import Sentence


def is_past(sentence: Sentence, one: Found, found: Iterable[Found]) -> bool:
    """Say whether a refusal is told of another year: "in 2022 we did not sign"."""
    return any(
        other.kind == "past"
        and (other.end <= one.start or sentence.clauses[other.start] == sentence.clauses[one.start])
        for other in found
    )


def turns(one: Found, found: Iterable[Found]) -> bool:
    """Say whether a consent follows in the sentence: "…, but this time we sign"."""
    return any(other.kind == "consent" and other.start >= one.end for other in found)


#: Ways off the list, or out of our mail.
WAYS_OFF = frozenset({"withdrawal", "unsubscribe", "off_list"})
#: What a negation may belong to.
SAID_NO = WAYS_OFF | {"not_no", "refusal"}
#: A clause of so many words says something of its own.
_OWN_CLAUSE = 4


def is_loose(
    sentence: Sentence, negated: set[int], found: Sequence[Found], tongue: Language
) -> bool:
    """Say whether a negation may concern the answer: not one in a clause that is about else."""
    if negated and len(sentence.tokens) <= LITTLE:
        return True  # "Please add us. Not."
    if not negated or any(one.kind == "adversative" for one in found):
        return bool(negated)
    if tongue.code in UNSPACED:
        yes = min((one.start for one in found if one.kind == "consent"), default=0)
        return any(place >= yes or _has_topic(sentence, place, tongue) for place in negated)
    for clause in {sentence.clauses[place] for place in negated}:
        words = sentence.clause(clause)
        if len(words) < _OWN_CLAUSE or any(word.startswith(tongue.topics) for word in words):
            return True
    return False


def _has_topic(sentence: Sentence, place: int, tongue: Language) -> bool:
    """Say whether the clause that a place of an unspaced sentence lies in speaks of the letter."""
    joined = "".join(sentence.clause(sentence.clauses[place]))
    return any(topic in joined for topic in tongue.topics)


def is_forbidden(sentence: Sentence, one: Found, found: Sequence[Found], tongue: Language) -> bool:
    """Say whether a negation stands just before: "please do not | remove us", "no | nos quiten"."""
    if tongue.code in UNSPACED:
        return False
    near = range(one.start - LITTLE - 1, one.start)
    clause = sentence.clauses[one.start]
    return any(
        other.start in near
        and (
            other.kind == "negation"
            or (other.kind == "no" and sentence.clauses[other.start] == clause)
        )
        for other in found
    )


def is_refused(sentence: Sentence, one: Found, found: Sequence[Found]) -> bool:
    """Say whether a refusal stands just before: "sorry, we cannot | agree to sign"."""
    return any(
        other.kind in {"refusal", "withdrawal"}
        and 0 <= one.start - other.end <= LITTLE
        and sentence.clauses[other.end - 1] == sentence.clauses[one.start]
        for other in found
    )


def is_negated(
    sentence: Sentence, one: Found, negated: set[int], tongue: Language, *, is_past: bool
) -> bool:
    """Say whether a negation stands in the consent's clause; in unspaced scripts behind it too."""
    clause = set(sentence.clauses[one.start : one.end])
    behind = tongue.code in UNSPACED and not is_past
    last = one.start if behind else len(sentence.tokens)
    return any(place >= last or sentence.clauses[place] in clause for place in negated)
