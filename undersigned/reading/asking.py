"""Whether a sentence that asks wants an answer of us, or asks only in its form."""

from collections.abc import Iterable, Sequence

from undersigned.reading import tokens as texts
from undersigned.reading.language import Language
from undersigned.reading.phrases import Found
from undersigned.reading.tokens import Sentence

#: What answers us.
ANSWERS = frozenset({"yes", "consent", "not_no", "withdrawal", "list_us"})


def wants_answer(sentence: Sentence, found: Sequence[Found], tongue: Language) -> bool:
    """Say whether a sentence with a question mark is a question for us."""
    kinds = {one.kind for one in found}
    return not _has_tag(sentence, found, kinds) and _is_question(kinds, sentence, tongue)


def _is_question(kinds: set[str], sentence: Sentence, tongue: Language) -> bool:
    """Say whether a sentence that asks wants an answer, and is no request in the form of one."""
    if kinds & {"not_no", "rhetorical"}:
        return False
    asked_for = kinds & {"consent", "amendment", "drop_title", "drop_country", "drop_acronym"}
    is_request = bool(kinds & _REQUESTS) or (asked_for and _opens_politely(sentence, tongue))
    if "undecided" in kinds or is_request:
        return bool(kinds & {"asking", "question_words"})
    return True


def _has_tag(sentence: Sentence, found: Iterable[Found], kinds: set[str]) -> bool:
    """Say whether the question is but a tag behind a statement: "it was in Geneva, wasn't it?".

    "We sign, don't we?" asks.
    """
    if kinds & ANSWERS:
        return False
    last = sentence.clauses.index(sentence.clauses[-1]) if sentence.clauses else 0
    return last > 0 and any(
        one.kind == "tag" and (one.start, one.end) == (last, len(sentence.tokens)) for one in found
    )


#: A question that holds one of these asks for it to be done.
_REQUESTS = frozenset({"courtesy", "list_us", "unsubscribe", "withdrawal", "off_list"})


def _opens_politely(sentence: Sentence, tongue: Language) -> bool:
    """Say whether the sentence begins as a request does, a greeting apart."""
    start = texts.plain(sentence.text).lstrip()
    if start.startswith(tongue.courtesy_openings):
        return True
    after = start.partition(",")[2].lstrip()
    return bool(after) and after.startswith(tongue.courtesy_openings)
