"""What becomes of the phrases of a sentence: a negation, a clause, a question mark beside them."""

from collections.abc import Iterable, Sequence

from undersigned.domain.verdict import Fired
from undersigned.reading import conditions, denials, residue
from undersigned.reading import tokens as texts
from undersigned.reading.answers import LITTLE, answer
from undersigned.reading.asking import ANSWERS, wants_answer
from undersigned.reading.clauses import is_aside
from undersigned.reading.language import UNSPACED, Language
from undersigned.reading.phrases import Found
from undersigned.reading.settling import PUTS_OFF
from undersigned.reading.tokens import Sentence

#: What explains a "but".
_AFTER_BUT = frozenset(
    {"amendment", "as_invited", "thanks", "both", "renamed", "drop_title", "drop_country", "drop_acronym", "explains",  # noqa: E501 - a pattern is read whole
     "consent", "not_no", "courtesy", "yes", "harmless", "list_us"}
)  # fmt: skip
#: What weighs only beside another phrase.
_SILENT = frozenset({"negation", "question_words", "harmless", "other_party", "past", "tag"})


def judged(sentence: Sentence, found: Sequence[Found], tongue: Language) -> Iterable[Fired]:  # noqa: C901, PLR0912 - one branch a kind
    """Turn phrases into signs: what a negation, a clause or a question mark makes of them."""
    kinds = {one.kind for one in found}
    asks = sentence.asks or any(
        sentence.text.rstrip(" .!~。…").endswith(end) for end in tongue.question_endings
    )
    if asks and wants_answer(sentence, found, tongue):
        yield Fired(rule="question", words=sentence.text[:200])
    if conditions.is_inverted(sentence, found, tongue):
        yield Fired(rule="condition", words=sentence.text[:200])
    negated = {one.start for one in found if one.kind == "negation"}
    settled = _settled_at(found, tongue)
    for one in found:
        if one.kind in {"undecided", "busy", "put_off"} and one.end <= settled:
            continue
        if one.kind in {"habit", "asked"} and any(
            other.kind == "consent" and other.start >= one.end for other in found
        ):
            continue
        if one.kind == "consent" and denials.is_refused(sentence, one, found):
            continue
        if one.kind in {"consent", "list_us"} and denials.is_negated(
            sentence, one, negated, tongue, is_past="past" in kinds
        ):
            yield Fired(rule="negated_consent", words=sentence.text[:200])
        elif one.kind in {"withdrawal", "off_list"} and _is_of_part(sentence, one, tongue):
            yield Fired(rule="part_off", words=sentence.text[:200])
        elif one.kind in denials.WAYS_OFF and denials.is_forbidden(sentence, one, found, tongue):
            yield Fired(rule="question", words=sentence.text[:200])
        elif one.kind in {"yes", "no", "weak_yes", "received", "ambiguous"}:
            rule = answer(sentence, one, found, tongue)
            if rule:
                yield Fired(rule=rule, words=one.words)
        elif one.kind == "adversative":
            if not _is_explained(sentence, one, found, tongue):
                yield Fired(rule="mild_but", words=sentence.text[:200])
        elif one.kind == "refusal" and denials.is_past(sentence, one, found):
            if not denials.turns(one, found):
                yield Fired(rule="past_no", words=one.words)
        elif one.kind in PUTS_OFF:
            yield Fired(rule=_weight(sentence, one, found, tongue), words=one.words)
        elif one.kind in conditions.KINDS:
            if conditions.counts(sentence, one, found, tongue):
                yield Fired(rule="condition", words=one.words)
        elif one.kind == "entry_word":
            yield Fired(rule="amendment", words=one.words)
        elif one.kind not in _SILENT:
            yield Fired(rule=one.kind, words=one.words)
    if (
        not kinds & denials.SAID_NO
        and (_speaks_of(sentence, tongue.topics, tongue) or len(sentence.tokens) <= LITTLE)
        and denials.is_loose(sentence, negated, found, tongue)
    ):
        was = "past" in kinds
        if not was or not all(denials.turns(one, found) for one in found if one.kind == "negation"):
            rule = "past_not" if was else "unexplained_not"
            yield Fired(rule=rule, words=sentence.text[:200])
    if _wants_change(sentence, found, tongue):
        yield Fired(rule="wants_change", words=sentence.text[:200])
    if not asks and not kinds & _CLEAR and _speaks_of(sentence, tongue.signing, tongue):
        yield Fired(rule="leans_no" if negated else "leans_yes", words=sentence.text[:200])


#: What may change how a party is listed.
_CHANGES = frozenset({"amendment", "renamed", "both"})


def _wants_change(sentence: Sentence, found: Sequence[Found], tongue: Language) -> bool:
    """Say whether a clause speaks of how to be listed, and not to say that it is right so.

    "The rest is right" says that something is not; "the country is right, the name lacks an accent"
    speaks of the country alone; "use our name" says nothing of how, "our name the French way" does.
    """
    last = [one for one in found if one.kind == "entry_word"][-1:]
    if last and (
        residue.says_more(sentence, tongue)
        or (last[0].end < len(sentence.tokens) and not {one.kind for one in found} & ANSWERS)
    ):
        return True
    right = {sentence.clauses[one.start] for one in found if one.kind == "as_invited"}
    return any(
        one.kind == "rest"
        or (one.kind in _CHANGES and right.isdisjoint(sentence.clauses[one.start : one.end]))
        for one in found
    )


#: A clause of fewer words may speak of the sentence before it: "Add us. Perhaps."
_FEW = 5


def _weight(sentence: Sentence, one: Found, found: Iterable[Found], tongue: Language) -> str:
    """Tell "add us next time" from "add us. Next time we meet, the wine is on me"."""
    yes = {sentence.clauses[here.start] for here in found if here.kind in ANSWERS}
    clause = sentence.clauses[one.start]
    if one.kind == "busy" and tongue.code in UNSPACED:
        return one.kind  # no comma says where a clause ends
    if clause in yes or (one.kind == "put_off" and yes):
        return PUTS_OFF[one.kind]
    if one.kind == "perhaps":
        # A topic, or what an answer may hang on: a board, a payment.
        is_weighty = _speaks_of(sentence, (*tongue.topics, *tongue.risks), tongue)
        if len(sentence.clause(clause)) < _FEW or is_weighty:
            return "hedge"
    return one.kind


#: What leaves nothing to lean on: the sentence says it, or says something else.
_CLEAR = frozenset(
    {"consent", "not_no", "refusal", "withdrawal", "unsubscribe", "off_list", "undecided", "condition",  # noqa: E501 - a pattern is read whole
     "received", "other_party", "sarcasm", "spam", "away", "machine", "automated", "asking",
     "harmless", "support"}
)  # fmt: skip


def _speaks_of(sentence: Sentence, words: tuple[str, ...], tongue: Language) -> bool:
    """Say whether a sentence holds one of the words, in whatever form."""
    if tongue.code in UNSPACED:
        joined = texts.plain(sentence.text)
        return any(word in joined for word in words)
    return any(token.startswith(words) for token in sentence.tokens)


def _settled_at(found: Iterable[Found], tongue: Language) -> int:
    """Give where a consent stands that was decided upon: what was open before is settled."""
    return max(
        (
            one.start
            for one in found
            if one.kind == "consent"
            and tongue.decided
            and any(word in one.words.replace(" ", "") for word in tongue.decided)
        ),
        default=0,
    )


#: So many tokens before what comes off and behind it may say that it is but a part.
_NEAR = {True: (4, 6), False: (1, 4)}


def _is_of_part(sentence: Sentence, one: Found, tongue: Language) -> bool:
    """Say whether a part of the entry comes off: "remove the name | of my university"."""
    is_unspaced = tongue.code in UNSPACED
    before, behind = _NEAR[is_unspaced]
    clause = sentence.clauses[one.end - 1]
    near = [
        token
        for place, token in enumerate(sentence.tokens)
        if one.start - before <= place < one.end + behind
        and (place < one.end or sentence.clauses[place] == clause)
    ]
    if is_unspaced:
        text = "".join(near)
        return any(part in text for part in tongue.parts)
    stems = (token.removeprefix("و").removeprefix("ال") for token in near)
    return any(token.startswith(tongue.parts) for token in stems)


def _is_explained(sentence: Sentence, one: Found, found: Sequence[Found], tongue: Language) -> bool:
    """Say whether what follows a "but" only says how to be listed, or again yes.

    Or neither half speaks of an answer: "it would have come sooner, but the move ate my week".
    """
    after = [other for other in found if other.start >= one.end]
    words = len(sentence.tokens) - one.end
    if any(other.kind in _AFTER_BUT for other in after) or words <= LITTLE:
        return True
    return (
        one.start > LITTLE
        and not {other.kind for other in found} & _DECIDES
        and is_aside(sentence, range(one.end, len(sentence.tokens)), tongue, set(), loose=True)
    )


#: What a "but" beside it may take back.
_DECIDES = ANSWERS | {"weak_yes", "support", "undecided", "condition", "hedge", "refusal"}
