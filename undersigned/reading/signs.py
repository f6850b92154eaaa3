"""What the sender's own words hold, sentence by sentence, by kind: the facts that rules judge."""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from undersigned.domain.verdict import Fired
from undersigned.reading import language as languages
from undersigned.reading import residue
from undersigned.reading import tokens as texts
from undersigned.reading.language import Language
from undersigned.reading.phrases import PARTY_TOKEN, Found
from undersigned.reading.tokens import Sentence

#: Beyond this much text nobody reads a plain answer; a person does.
MAX_SENTENCES = 150
MAX_CHARACTERS = 20_000

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
    "undecided",
    "condition",
    "hedge",
}
#: What explains a "but".
_AFTER_BUT = frozenset(
    {"amendment", "as_invited", "thanks", "both", "renamed", "drop_title", "drop_country", "explains",  # noqa: E501 - a pattern is read whole
     "consent", "not_no", "courtesy", "yes", "harmless", "list_us"}
)  # fmt: skip
_ANSWERS = frozenset({"yes", "consent", "not_no", "withdrawal", "list_us"})
#: Words of no weight that an answer of one word may have beside it.
_LITTLE = 2
#: A name that is greeted or signed with may follow a yes.
_NAME = 3
_LAUGHS = re.compile(
    r"[(（]\s*笑\s*[)）]|ｗｗ|\bwww\b(?!\.)|ㅋㅋ|\b(?:ja){2,}\b|\b(?:ha){2,}\b|555+|/s\b|🙄|😂|🤣|🤡|\bхаха\w*|ههه+|\bwk(?:wk)+\b|\)\)\)+|kkkk+|哈哈|呵呵|\blol\b",
    re.IGNORECASE,
)
_FOREIGN_WORDS = 4
_NAMES = re.compile(r"\b[^\W\d_a-zà-ÿа-я]\w*")
#: So many sentences show which of two neighbouring languages it is.
_SAMPLE = 12
#: Written without spaces between words, or with spaces as a matter of taste.
_UNSPACED = frozenset({"ko", "ja", "zh", "th"})


@dataclass(frozen=True, kw_only=True)
class Signs:
    """What was found in one reply's words."""

    #: The language of the whole, or None where it is another or cannot be told.
    language: str | None = None
    #: A sentence stands in a language that we do not read.
    has_foreign: bool = False
    #: Everything found, in order.
    fired: tuple[Fired, ...] = ()
    kinds: frozenset[str] = field(default_factory=frozenset)
    #: How many words there are.
    length: int = 0

    def __contains__(self, kind: str) -> bool:
        """Say whether something of that kind was found."""
        return kind in self.kinds

    def any(self, *kinds: str) -> bool:
        """Say whether something of one of the kinds was found."""
        return not self.kinds.isdisjoint(kinds)


def signs(text: str, *, hint: str | None, party: Iterable[str] = ()) -> Signs:
    """Give what the words hold.

    `hint` is the language the party was written to in; `party` the names by which it may speak of
    itself, which count as one word and are never read for their own ("No Fence").
    """
    text = text[:MAX_CHARACTERS]
    named = _with_party(text, party)
    whole = _surest(named, hint)
    fired: list[Fired] = []
    unexplained: list[str] | None = None
    foreign = False
    length = 0
    for sentence in texts.sentences(named)[:MAX_SENTENCES]:
        length += len(sentence.tokens)
        code = _language_of(sentence, whole, hint)
        if code is None:
            foreign = foreign or _is_foreign(sentence)
            code = whole or "en"
        read = _read(sentence, code)
        fired += read
        rest = residue.of(sentence, languages.language(code), {one.rule for one in read})
        if rest is not None and (unexplained is None or len(rest) < len(unexplained)):
            unexplained = rest
    if unexplained:
        fired.append(Fired(rule="unexplained_words", words=" ".join(unexplained)))
    if _LAUGHS.search(text):
        fired.append(Fired(rule="sarcasm", words=text[:80]))
    return Signs(
        language=whole,
        has_foreign=foreign or (whole is None and length > 0),
        fired=tuple(fired),
        kinds=frozenset(one.rule for one in fired),
        length=length,
    )


def _surest(text: str, hint: str | None) -> str | None:
    """Give the language of the whole; where two are near, the one whose phrases cover more."""
    near = languages.candidates(text, hint)
    if len(near) < 2:  # noqa: PLR2004 - nothing to choose
        return near[0] if near else None
    read = texts.sentences(text)[:_SAMPLE]
    return max(near, key=lambda code: sum(_covers(sentence, code) for sentence in read))


def _covers(sentence: Sentence, code: str) -> int:
    return sum(one.end - one.start for one in languages.phrases(code).find(sentence))


def _with_party(text: str, party: Iterable[str]) -> str:
    for name in sorted(party, key=len, reverse=True):
        if len(name) > 2:  # noqa: PLR2004 - two letters stand in any word
            pattern = (
                rf"(?<!\w)(?:the\s+)?{re.escape(name)}(?!\w)"
                if name[:1].isascii()
                else re.escape(name)
            )
            text = re.sub(pattern, f" {PARTY_TOKEN} ", text, flags=re.IGNORECASE)
    return text


def _language_of(sentence: Sentence, whole: str | None, hint: str | None) -> str | None:
    near = languages.candidates(sentence.text, whole or hint)
    if whole in near:
        return whole
    detected = near[0] if near else None
    if len(sentence.tokens) < _FOREIGN_WORDS and whole is not None:
        return whole if detected is None or {detected, whole} == {"zh", "ja"} else detected
    # A Japanese line of Chinese characters alone is Japanese still.
    return whole if whole == "ja" and detected == "zh" else detected


def _is_foreign(sentence: Sentence) -> bool:
    """Say whether a sentence is long enough to be sure that it is not a name."""
    words = [token for token in sentence.tokens if token != PARTY_TOKEN]
    return len(words) >= _FOREIGN_WORDS


def _read(sentence: Sentence, code: str) -> list[Fired]:
    tongue = languages.language(code)
    if tongue.variants:
        sentence = texts.in_one_form(sentence, tongue.variants)
    found = languages.phrases(code).find(sentence)
    if code != "en" and any(token.isascii() and token.isalpha() for token in sentence.tokens):
        found = _merged(found, languages.phrases("en").find(sentence))
    return list(_judged(sentence, found, tongue))


def _merged(found: list[Found], english: Sequence[Found]) -> list[Found]:
    """Add English answers that stand in a sentence of another language ("YES로 회신합니다")."""
    taken = {place for one in found for place in range(one.start, one.end)}
    extra = [
        one
        for one in english
        if one.kind in {"yes", "no", "withdrawal", "unsubscribe", "consent"}
        and one.end - one.start == 1
        and taken.isdisjoint(range(one.start, one.end))
    ]
    return sorted([*found, *extra], key=lambda one: one.start)


def _judged(sentence: Sentence, found: list[Found], tongue: Language) -> Iterable[Fired]:  # noqa: C901, PLR0912 - one branch a kind
    """Turn phrases into signs: what a negation, a clause or a question mark makes of them."""
    kinds = {one.kind for one in found}
    asks = sentence.asks or any(
        sentence.text.rstrip(" .!~。…").endswith(end) for end in tongue.question_endings
    )
    if asks and _is_question(kinds, sentence, tongue):
        yield Fired(rule="question", words=sentence.text[:200])
    negated = {one.start for one in found if one.kind == "negation"}
    settled = _settled_at(found, tongue)
    for one in found:
        if one.kind == "undecided" and one.end <= settled:
            continue
        if one.kind == "consent" and _is_refused(sentence, one, found):
            continue
        if one.kind in {"consent", "list_us"} and _is_negated(sentence, one, negated, tongue):
            yield Fired(rule="negated_consent", words=sentence.text[:200])
        elif one.kind in _WAYS_OFF and _is_forbidden(one, negated, tongue):
            yield Fired(rule="question", words=sentence.text[:200])
        elif one.kind in {"yes", "no", "weak_yes", "received", "ambiguous"}:
            rule = _answer(sentence, one, found)
            if rule:
                yield Fired(rule=rule, words=one.words)
        elif one.kind == "adversative":
            if not _is_explained(sentence, one, found):
                yield Fired(rule="unexplained_but", words=sentence.text[:200])
        elif one.kind == "soft_condition":
            if kinds & _ANSWERS or _is_on_topic(sentence, tongue):
                yield Fired(rule="condition", words=sentence.text[:200])
        elif one.kind not in {"negation", "question_words", "harmless", "other_party"}:
            yield Fired(rule=one.kind, words=one.words)
    if (
        not kinds & _SAID_NO
        and _is_on_topic(sentence, tongue)
        and _is_loose(sentence, negated, kinds, tongue)
    ):
        yield Fired(rule="unexplained_not", words=sentence.text[:200])


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


#: What a negation may belong to.
_SAID_NO = frozenset({"not_no", "refusal", "withdrawal", "unsubscribe", "off_list"})
#: A clause of so many words says something of its own.
_OWN_CLAUSE = 4


def _is_loose(sentence: Sentence, negated: set[int], kinds: set[str], tongue: Language) -> bool:
    """Say whether a negation may concern the answer: not one in a clause that is about else."""
    if not negated or "adversative" in kinds or tongue.code in _UNSPACED:
        return bool(negated)
    for clause in {sentence.clauses[place] for place in negated}:
        words = [
            token
            for token, here in zip(sentence.tokens, sentence.clauses, strict=True)
            if here == clause
        ]
        if len(words) < _OWN_CLAUSE or any(word.startswith(tongue.topics) for word in words):
            return True
    return False


def _is_question(kinds: set[str], sentence: Sentence, tongue: Language) -> bool:
    """Say whether a sentence that asks wants an answer, and is no request in the form of one."""
    if "not_no" in kinds:
        return False
    asked_for = kinds & {"consent", "amendment", "drop_title", "drop_country"}
    is_request = bool(kinds & _REQUESTS) or (asked_for and _opens_politely(sentence, tongue))
    if "undecided" in kinds or is_request:
        return bool(kinds & {"asking", "question_words"})
    return True


#: A question that holds one of these asks for it to be done.
_REQUESTS = frozenset({"courtesy", "list_us", "unsubscribe", "withdrawal", "off_list"})


def _opens_politely(sentence: Sentence, tongue: Language) -> bool:
    """Say whether the sentence begins as a request does, a greeting apart."""
    start = texts.plain(sentence.text).lstrip()
    if start.startswith(tongue.courtesy_openings):
        return True
    after = start.partition(",")[2].lstrip()
    return bool(after) and after.startswith(tongue.courtesy_openings)


_WAYS_OFF = frozenset({"withdrawal", "unsubscribe", "off_list"})


def _is_forbidden(one: Found, negated: set[int], tongue: Language) -> bool:
    """Say whether a negation stands just before: "please do not | remove us"."""
    if tongue.code in _UNSPACED:
        return False
    near = range(one.start - _LITTLE - 1, one.start)
    return any(place in near for place in negated)


def _is_refused(sentence: Sentence, one: Found, found: list[Found]) -> bool:
    """Say whether a refusal stands just before: "sorry, we cannot | agree to sign"."""
    return any(
        other.kind in {"refusal", "withdrawal"}
        and 0 <= one.start - other.end <= _LITTLE
        and sentence.clauses[other.end - 1] == sentence.clauses[one.start]
        for other in found
    )


def _is_negated(sentence: Sentence, one: Found, negated: set[int], tongue: Language) -> bool:
    """Say whether a negation stands in the consent's clause, or anywhere in unspaced scripts."""
    if tongue.code in _UNSPACED:
        return bool(negated)
    clause = set(sentence.clauses[one.start : one.end])
    return any(sentence.clauses[place] in clause for place in negated)


def _covered(found: Iterable[Found], kinds: frozenset[str]) -> set[int]:
    return {place for one in found if one.kind in kinds for place in range(one.start, one.end)}


def _answer(sentence: Sentence, one: Found, found: list[Found]) -> str | None:
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
        return one.kind if len(rest) <= _LITTLE * 3 else None
    if len(rest) > (_LITTLE if one.start == sentence.clauses.index(clause) else 0):
        return None if len(rest) > _LITTLE * 2 else f"unclear_{one.kind}"
    following = [
        place for place, here in enumerate(sentence.clauses) if here > clause and place >= one.end
    ]
    if one.kind == "yes" and following:
        after = {other.kind for other in found if other.start in following}
        if "received" in after:
            return "unclear_yes"
        if not after & _AFTER_YES and not _is_greeting(sentence, following, found):
            return "unclear_yes"
    return f"bare_{one.kind}"


def _is_greeting(sentence: Sentence, following: list[int], found: list[Found]) -> bool:
    """Say whether what follows a yes is but thanks, a name, or a word or two."""
    covered = _covered(found, frozenset({"thanks", "harmless"}))
    open_words = [place for place in following if place not in covered]
    if len(open_words) > _NAME:
        return False
    names = {word.casefold() for word in _NAMES.findall(sentence.text)}
    return all(
        sentence.tokens[place] in names or not sentence.tokens[place].isascii()
        for place in open_words
    )


def _is_explained(sentence: Sentence, one: Found, found: list[Found]) -> bool:
    """Say whether what follows a "but" only says how to be listed, or again yes."""
    after = [other for other in found if other.start >= one.end]
    words = len(sentence.tokens) - one.end
    return any(other.kind in _AFTER_BUT for other in after) or words <= _LITTLE


def _is_on_topic(sentence: Sentence, tongue: Language) -> bool:
    if tongue.code in _UNSPACED:
        joined = texts.plain(sentence.text)
        return any(topic in joined for topic in tongue.topics)
    return any(token.startswith(tongue.topics) for token in sentence.tokens)
