"""Text to sentences and tokens, the same for what people write and for the phrases of a language.

A token is a word where words stand apart, and one character where they do not (Chinese, Japanese,
Thai; Korean too, whose spaces are a matter of taste).
"""

import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import lru_cache

_UNSPACED = (
    "\u0e00-\u0e7f\u1100-\u11ff\u3005-\u3007\u3040-\u30ff\u3130-\u318f\u3400-\u9fff\uac00-\ud7af"
    "\uf900-\ufaff\uff66-\uff9f\u1780-\u17ff\u0e80-\u0eff\u1000-\u109f"
)
_TOKEN = re.compile(rf"[{_UNSPACED}]|[^\W{_UNSPACED}]+'?|…|[,;:،؛，、；：()–—]|\s-{{1,2}}\s")
_BREAKS = frozenset(",;:،؛，、；：()–—")
_APOSTROPHES = str.maketrans(
    {"\u2019": "'", "\u2018": "'", "\u02bc": "'", "\u00b4": "'", "`": "'", "\uff07": "'"}
)
#: Arabic as people type it: without vowel signs, with any alef (Unicode Standard, chapter 9.2).
_ARABIC = str.maketrans(
    {
        "أ": "ا",
        "إ": "ا",
        "آ": "ا",
        "ٱ": "ا",
        "ى": "ي",
        "ة": "ه",
        "ـ": "",
        **{chr(c): "" for c in range(0x64B, 0x660)},
    }
)
_SENTENCE_END = re.compile(
    r"(?<=[.!?…؟])[\"'”’»)]*\s+|(?<=[。！？｡])[」』）]*|\n+|(?<=[ㄱ-ㆎ~^])\s{2,}|(?<=[ㄱ-ㆎ]{2})\s+|(?<=[!?])(?=[\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af])|(?<=[☺-☻🌀-🙏🚀-🛿])\s+"
)
_ABBREVIATED = re.compile(
    r"(?:\b(?:Mr|Mrs|Ms|Dr|Prof|St|Sr|Sra|Dra|Inc|No|Nr|bzw|z\.\s?B|e\.\s?V|u\.\s?a|etc|vs|art|cf|approx|Hon|Rev|Jr|Mme|M|Lic|Ing|тел|г|ул|т\.\s?е)|\b[A-Za-z])\.$"
)
_ASKS = re.compile(r"[?？؟]")


@dataclass(frozen=True, kw_only=True)
class Sentence:
    """One sentence of a reply."""

    text: str
    tokens: tuple[str, ...]
    #: For each token, the number of the clause it stands in, counted from 0.
    clauses: tuple[int, ...]
    #: Ends with a question mark.
    asks: bool

    def words(self, start: int, end: int) -> str:
        """Give the tokens of a span as one string, for people to read."""
        joined = "".join(
            f"{token} " if token.isascii() or len(token) > 1 else token
            for token in self.tokens[start:end]
        )
        return joined.strip()

    def clause(self, number: int) -> list[str]:
        """Give the tokens of a clause."""
        pairs = zip(self.tokens, self.clauses, strict=True)
        return [token for token, here in pairs if here == number]


def plain(text: str) -> str:
    """Give the text as phrases are compared: compatibility forms, lower case, one apostrophe.

    >>> plain("Can\u2019t SIGN")
    "can't sign"
    """
    folded = text if text.isascii() else unicodedata.normalize("NFKC", text.translate(_APOSTROPHES))
    folded = folded.translate(_APOSTROPHES).lower()
    if any("\u0600" <= character <= "\u06ff" for character in folded):
        folded = folded.translate(_ARABIC)
    # Turkish dotted capitals leave a combining dot behind that no phrase has.
    return folded.replace("\u0307", "")


def tokens(text: str) -> tuple[tuple[str, ...], tuple[int, ...]]:
    """Give the tokens of a plain text and the clause of each."""
    found: list[str] = []
    clauses: list[int] = []
    clause = 0
    for token in _TOKEN.findall(text):
        if token in _BREAKS or token[0] in " \n\t":
            clause += 1
            continue
        found.append(token)
        clauses.append(clause)
    return tuple(found), tuple(clauses)


def in_one_form(
    sentence: Sentence, variants: Mapping[int, str], shorthand: Mapping[str, tuple[str, ...]]
) -> Sentence:
    """Give the sentence in the characters and the words that phrases are written with."""
    if variants:
        sentence = replace(
            sentence,
            text=sentence.text.translate(variants),
            tokens=tuple(token.translate(variants) for token in sentence.tokens),
        )
    if shorthand.keys().isdisjoint(sentence.tokens):
        return sentence
    full = [
        (word, clause)
        for token, clause in zip(sentence.tokens, sentence.clauses, strict=True)
        for word in shorthand.get(token, (token,))
    ]
    return replace(
        sentence,
        tokens=tuple(word for word, _ in full),
        clauses=tuple(clause for _, clause in full),
    )


def parted(sentence: Sentence, ends: re.Pattern[str]) -> Sentence:
    """Give the sentence with a clause ended behind each match, as behind a comma.

    Korean joins its clauses by the ending of a verb, and Japanese mostly: no comma need follow.
    """
    found, clauses = tokens(ends.sub(_with_comma, plain(sentence.text)))
    return replace(sentence, clauses=clauses) if found == sentence.tokens else sentence


def clause_texts(sentence: Sentence, ends: re.Pattern[str]) -> list[str]:
    """Give the clauses of such a sentence as they were typed, spaces and all."""
    return _CLAUSE_END.split(ends.sub(_with_comma, plain(sentence.text)))


def _with_comma(match: re.Match[str]) -> str:
    return f"{match[0].rstrip()}, "


_CLAUSE_END = re.compile(r"[,;:،؛，、；：()–—]|\s-{1,2}\s")


@lru_cache(maxsize=256)
def sentences(text: str) -> tuple[Sentence, ...]:
    """Give the sentences of a text.

    >>> [one.text for one in sentences("Yes. We sign!")]
    ['Yes.', 'We sign!']
    """
    found: list[Sentence] = []
    held = ""
    for piece in _SENTENCE_END.split(text):
        if not piece or not piece.strip():
            continue
        whole = f"{held} {piece}".strip() if held else piece.strip()
        if _ABBREVIATED.search(whole) and len(whole) < 500:  # noqa: PLR2004 - a hostile text of abbreviations
            held = whole
            continue
        held = ""
        found.append(_sentence(whole))
    if held:
        found.append(_sentence(held))
    return tuple(found)


def _sentence(text: str) -> Sentence:
    found, clauses = tokens(plain(text))
    return Sentence(
        text=text, tokens=found, clauses=clauses, asks=_ASKS.search(text[-6:]) is not None
    )
