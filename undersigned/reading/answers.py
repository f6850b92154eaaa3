"""Answers of one word, and what each comes to: "yes" answers us, or it answers something else."""

import re
from collections.abc import Iterable, Sequence

from undersigned.reading.clauses import is_aside
from undersigned.reading.language import Language
from undersigned.reading.phrases import PARTY_TOKEN, Found
from undersigned.reading.tokens import Sentence

#: What may stand beside a bare yes or no without making it an answer to something else.
_BESIDE = frozenset(
    {"yes", "no", "thanks", "harmless", "consent", "as_invited", "not_no", "both", "explains", "list_us",  # noqa: E501 - a pattern is read whole
     "renamed", "refusal", "withdrawal", "unsubscribe"}
)  # fmt: skip
#: What may follow a yes in the same sentence.
_AFTER_YES = (_BESIDE - {"thanks"}) | {
    "amendment",
    "weak_yes",
    "courtesy",
    "drop_title",
    "drop_country",
    "drop_acronym",
    "undecided",
    "condition",
    "hedge",
}
#: Words of no weight that an answer of one word may have beside it.
LITTLE = 2
#: A name that is greeted or signed with may follow a yes.
_NAME = 3
_NAMES = re.compile(r"\b[^\W\d_a-zà-ÿа-я]\w*")


def _covered(found: Iterable[Found], kinds: frozenset[str]) -> set[int]:
    return {place for one in found if one.kind in kinds for place in range(one.start, one.end)}


def answer(sentence: Sentence, one: Found, found: Sequence[Found], tongue: Language) -> str | None:
    """Say what a one-word answer comes to: nothing, where it answers something else."""
    clause = sentence.clauses[one.start]
    if one.kind == "yes" and any(
        other.kind in {"refusal", "withdrawal"}
        and clause in sentence.clauses[other.start : other.end]
        for other in found
    ):
        return None
    beside = _covered(found, _BESIDE | {one.kind, "weak_yes", "received"})
    rest = [
        place
        for place, here in enumerate(sentence.clauses)
        if here == clause and place not in beside and sentence.tokens[place] != PARTY_TOKEN
    ]
    if one.kind in {"weak_yes", "received", "ambiguous"}:
        return one.kind if len(rest) <= LITTLE * 3 else None
    if len(rest) > (LITTLE if one.start == sentence.clauses.index(clause) else 0):
        return None if len(rest) > LITTLE * 2 else f"unclear_{one.kind}"
    if one.kind == "no":
        return _no(sentence, one, rest, tongue)
    return _yes(sentence, one, found, tongue)


def _no(sentence: Sentence, one: Found, rest: list[int], tongue: Language) -> str | None:
    """Tell "no" from "no signal until Monday"."""
    word = sentence.tokens[one.end] if one.end in rest else None
    if word is None or one.words not in tongue.determiners or word in tongue.openings:
        return "bare_no"
    return "unclear_no" if word.startswith(tongue.topics) else None


def _yes(sentence: Sentence, one: Found, found: Sequence[Found], tongue: Language) -> str | None:
    """Tell "yes" from "yes, we got it" and from "yes, I remember Geneva"."""
    if any(other.kind == "received" and other.start >= one.end for other in found):
        return None
    last = sentence.clauses[one.end - 1]
    for clause in dict.fromkeys(here for here in sentence.clauses if here > last):
        places = [place for place, here in enumerate(sentence.clauses) if here == clause]
        if {other.kind for other in found if other.start in places} & _AFTER_YES:
            break
        if not _is_greeting(sentence, places, found, tongue) and not _is_joined(
            sentence, places, found, tongue
        ):
            return "unclear_yes"
    return "bare_yes"


def _is_joined(
    sentence: Sentence, following: list[int], found: Sequence[Found], tongue: Language
) -> bool:
    """Say whether an "and" adds a remark to a yes: "yes, and I'm glad that you asked"."""
    if sentence.tokens[following[0]] not in tongue.joints:
        return False
    chat = _covered(found, frozenset({"thanks", "harmless", "support"}))
    return is_aside(sentence, range(following[0], following[-1] + 1), tongue, chat)


def _is_greeting(
    sentence: Sentence, following: list[int], found: Sequence[Found], tongue: Language
) -> bool:
    """Say whether what follows a yes is but thanks, a name, or a word or two."""
    covered = _covered(found, frozenset({"thanks", "harmless"}))
    open_words = [
        place
        for place in following
        if place not in covered and sentence.tokens[place] not in tongue.joints
    ]
    if len(open_words) > _NAME:
        return False
    names = {word.casefold() for word in _NAMES.findall(sentence.text)}
    return all(
        sentence.tokens[place] in names or not sentence.tokens[place].isascii()
        for place in open_words
    )
