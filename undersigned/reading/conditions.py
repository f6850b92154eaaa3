"""What an "if" conditions: the consent, or nothing that an answer hangs on.

"Add us if the third paragraph goes" waits for a person; "if this helps one boy, it was worth the
stamp" touches no answer.
"""

from collections.abc import Sequence

from undersigned.reading import tokens as texts
from undersigned.reading.asking import ANSWERS
from undersigned.reading.language import UNSPACED, Language
from undersigned.reading.phrases import Found
from undersigned.reading.tokens import Sentence

#: What need be no condition: "once", and "if".
KINDS = frozenset({"soft_condition", "loose_condition"})
#: What an answer may be, or become: a condition beside it is one of the answer.
_ANSWERED = ANSWERS | {
    "weak_yes", "support", "undecided", "hedge", "refusal", "no", "courtesy", "asking", "amendment",
    "anonymous",
}  # fmt: skip
#: Fewer words beside it say nothing of their own: "If they agree, fine."
_FEW = 4


def counts(sentence: Sentence, one: Found, found: Sequence[Found], tongue: Language) -> bool:
    """Say whether a condition that need be none conditions an answer.

    It does beside an answer, and where it stands all but alone: it then speaks of the sentence
    before. Else what it is about decides.
    """
    kinds = {other.kind for other in found}
    if one.kind == "loose_condition":
        return not kinds.isdisjoint(_ANSWERED) or _is_weighty(sentence, one, tongue)
    is_alone = one.start == 0 and len(set(sentence.clauses)) == 1  # "Once China is out."
    return bool(kinds & ANSWERS) or is_alone or _touches(sentence.tokens, tongue.topics, tongue)


def is_inverted(sentence: Sentence, found: Sequence[Found], tongue: Language) -> bool:
    """Say whether a sentence is a condition by its order: "should China leave, forget it"."""
    return (
        sentence.tokens[:1] != ()
        and sentence.tokens[0] in tongue.inverted
        and not sentence.asks
        and not any(one.start == 0 and one.kind in {"harmless", "thanks"} for one in found)
    )


def _is_weighty(sentence: Sentence, one: Found, tongue: Language) -> bool:
    """Say whether the clause names what an answer hangs on, or what is beside it the letter."""
    clause = sentence.clauses[one.start]
    inside = [
        place
        for place, here in enumerate(sentence.clauses)
        if here == clause and place >= one.start
    ]
    beside = [token for place, token in enumerate(sentence.tokens) if place not in inside]
    return (
        len(beside) < _FEW
        or not tongue.speakers.isdisjoint(beside)
        or _touches(beside, (*tongue.topics, *tongue.risks), tongue)
        or _touches([sentence.tokens[place] for place in inside], tongue.risks, tongue)
    )


def _touches(tokens: Sequence[str], words: tuple[str, ...], tongue: Language) -> bool:
    if tongue.code in UNSPACED:
        return any(word in texts.plain("".join(tokens)) for word in words)
    return any(token.startswith(words) for token in tokens)
