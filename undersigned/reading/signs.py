"""What the sender's own words hold, sentence by sentence, by kind: the facts that rules judge."""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from itertools import zip_longest

from undersigned.domain.verdict import Fired
from undersigned.reading import language as languages
from undersigned.reading import refusals, residue
from undersigned.reading import tokens as texts
from undersigned.reading.detection import candidates
from undersigned.reading.judgement import judged
from undersigned.reading.language import Language
from undersigned.reading.phrases import PARTY_TOKEN, Found
from undersigned.reading.settling import Settling
from undersigned.reading.tokens import Sentence

#: Beyond this much text nobody reads a plain answer; a person does.
MAX_SENTENCES = 150
MAX_CHARACTERS = 20_000

_LAUGHS = re.compile(
    r"[(（]\s*笑\s*[)）]|ｗｗ|\bwww\b(?!\.)|ㅋㅋ|\b(?:ja){2,}\b|\b(?:ha){2,}\b|555+|/s\b|🙄|😂|🤣|🤡|\bхаха\w*|ههه+|\bwk(?:wk)+\b|\)\)\)+|kkkk+|哈哈|呵呵|\blol\b",
    re.IGNORECASE,
)
_FOREIGN_WORDS = 4
#: A line of so many words that ends in a comma greets, or closes: "Go raibh míle maith agat,".
_GREETING = 6
#: So many sentences show which of two neighbouring languages it is.
_SAMPLE = 12


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
    yes_rest: list[str] | None = None
    no_rest: list[str] | None = None
    settling = Settling()
    foreign = False
    length = 0
    pieces = texts.sentences(named)[:MAX_SENTENCES]
    for sentence, following in zip_longest(pieces, pieces[1:]):
        length += len(sentence.tokens)
        code = _language_of(sentence, whole, hint)
        if code is None:
            foreign = foreign or _is_foreign(sentence)
            code = whole or "en"
        tongue = languages.language(code)
        sentence = texts.in_one_form(sentence, tongue.variants, tongue.shorthand)  # noqa: PLW2901 - the same sentence
        sentence = texts.parted(sentence, languages.clause_ends(code))  # noqa: PLW2901 - as above
        read = _read(sentence, code)
        if following and _answers_itself(read, following, tongue):
            read = [one for one in read if one.rule != "question"]
        kinds = {one.rule for one in read}
        if residue.is_announced(sentence, tongue):
            fired.append(Fired(rule="wants_change", words=sentence.text[:200]))
        rest = residue.of(sentence, tongue, kinds)
        fired += settling.keep(read, tongue, understood=rest == [])
        yes_rest = _shorter(yes_rest, rest)
        no_rest = _shorter(no_rest, refusals.left_over(sentence, tongue, kinds))
    fired += settling.left(fired)
    if _is_specific(fired, languages.language(whole or "en")):
        fired = [one for one in fired if one.rule != "elsewhere"]
    fired += [
        Fired(rule=rule, words=" ".join(rest))
        for rule, rest in (("unexplained_words", yes_rest), ("unexplained_no", no_rest))
        if rest
    ]
    if _LAUGHS.search(text):
        fired.append(Fired(rule="sarcasm", words=text[:80]))
    return Signs(
        language=whole,
        has_foreign=foreign or (whole is None and length > 0),
        fired=tuple(fired),
        kinds=frozenset(one.rule for one in fired),
        length=length,
    )


def _shorter(one: list[str] | None, other: list[str] | None) -> list[str] | None:
    """Give the fewer words: a yes that one sentence leaves nothing of is one."""
    return min((rest for rest in (one, other) if rest is not None), key=len, default=None)


def _answers_itself(read: Iterable[Fired], following: Sentence, tongue: Language) -> bool:
    """Say whether the next sentence answers what this one asks: "Does it matter? Not much."."""
    return texts.plain(following.text).startswith(tongue.self_answers) and not any(
        one.rule in {"consent", "not_no", "list_us", "asking"} for one in read
    )


def _is_specific(fired: Iterable[Fired], tongue: Language) -> bool:
    """Say whether a yes names the letter, the list or signing: no other thing can be meant."""
    return any(
        one.rule in {"consent", "not_no", "list_us"}
        and any(word in one.words for word in tongue.letter)
        for one in fired
    )


def _surest(text: str, hint: str | None) -> str | None:
    """Give the language of the whole; where two are near, the one whose phrases cover more."""
    near = candidates(text, hint)
    if len(near) < 2:  # noqa: PLR2004 - nothing to choose
        return near[0] if near else None
    read = texts.sentences(text)[:_SAMPLE]
    return max(near, key=lambda code: sum(_covers(sentence, code) for sentence in read))


def _covers(sentence: Sentence, code: str) -> int:
    return sum(one.end - one.start for one in languages.phrases(code).find(sentence))


def _with_party(text: str, party: Iterable[str]) -> str:
    folded = _folded(text)
    for name in sorted(party, key=len, reverse=True):
        # Few answers name their party, and a pattern of a name costs more than reading it does.
        if len(name) > 2 and _folded(name) in folded:  # noqa: PLR2004 - two letters stand in any word
            pattern = (
                rf"(?<!\w)(?:the\s+)?{re.escape(name)}(?!\w)"
                if name[:1].isascii()
                else re.escape(name)
            )
            text = re.sub(pattern, f" {PARTY_TOKEN} ", text, flags=re.IGNORECASE)
    return text


def _folded(text: str) -> str:
    """Give a text in which every letter is written as one that `re.IGNORECASE` takes for it."""
    return text.casefold().replace("\u0307", "").replace("\u0131", "i")  # of Turkish I and i


def _language_of(sentence: Sentence, whole: str | None, hint: str | None) -> str | None:
    near = candidates(sentence.text, whole or hint)
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
    is_greeting = len(words) <= _GREETING and sentence.text.endswith((",", "，", "،"))
    return len(words) >= _FOREIGN_WORDS and not is_greeting


def _read(sentence: Sentence, code: str) -> list[Fired]:
    found = languages.phrases(code).find(sentence)
    if code != "en" and any(token.isascii() and token.isalpha() for token in sentence.tokens):
        small = languages.language(code).stop_words
        found = _merged(found, languages.phrases("en").find(sentence), small)
    return list(judged(sentence, found, languages.language(code)))


def _merged(
    found: Sequence[Found], english: Sequence[Found], small: frozenset[str]
) -> tuple[Found, ...]:
    """Add English answers that stand in a sentence of another language ("YES로 회신합니다").

    None that is a small word there: "da" in German, "no" in Portuguese.
    """
    taken = {place for one in found for place in range(one.start, one.end)}
    extra = [
        one
        for one in english
        if one.kind in {"yes", "no", "withdrawal", "unsubscribe", "consent"}
        and one.end - one.start == 1
        and one.words not in small
        and taken.isdisjoint(range(one.start, one.end))
    ]
    return tuple(sorted([*found, *extra], key=lambda one: one.start))
