"""Which of our languages a text is in."""

import re
from collections.abc import Mapping
from functools import cache, lru_cache

from undersigned.reading import tokens as texts
from undersigned.reading.language import CODES, language, table, whose

_SCRIPTS = (
    ("ko", re.compile("[\uac00-\ud7af\u1100-\u11ff\u3130-\u318f]")),
    ("ja", re.compile("[\u3040-\u30ff]")),
    ("th", re.compile("[\u0e00-\u0e7f]")),
    ("zh", re.compile("[\u3400-\u9fff\uf900-\ufaff]")),
    ("ar", re.compile("[\u0600-\u06ff\u0750-\u077f]")),
    ("ru", re.compile("[\u0400-\u04ff]")),
)
_FOREIGN = re.compile(
    "[\u0370-\u03ff\u0530-\u05ff\u0700-\u074f\u0780-\u0dff\u0e80-\u10ff\u1200-\u139f\u1780-\u18af]"
)
#: So few small words do not tell a language apart from the one that the party was written to in.
_FEW = 3
_LATIN = re.compile(r"[a-zà-ɏ]+(?:'[a-zà-ɏ]+)?")
#: Letters that only languages we do not have use.
_FOREIGN_LETTERS = {
    "ru": re.compile("[іїєґўљњђћџјѕѐѝңғқөұүһәӣӯҳҷ]"),
    "ar": re.compile("[پچژگکیےہھںٹڈڑې]"),
}


@cache
def _other_stop_words() -> Mapping[str, frozenset[str]]:
    return {code: frozenset(words) for code, words in table("other_languages.toml").items()}


@lru_cache(maxsize=1024)
def detect(text: str, hint: str | None = None) -> str | None:
    """Give the language of a text among ours, or None where it is another or cannot be told.

    By script where a script decides, else by the small words that no text does without. `hint` is
    the language the party was written to in; it decides for a text too short to tell.

    >>> detect("서명하겠습니다")
    'ko'
    """
    lowered = texts.plain(text)
    letters = sum(map(str.isalpha, lowered))
    if not letters:
        return None
    for code, script in _SCRIPTS:
        count = len(script.findall(lowered))
        weight = count * 2 if code in {"zh", "ja", "ko", "th"} else count
        if weight * 3 >= letters:
            foreign = _FOREIGN_LETTERS.get(code)
            return None if code not in CODES or (foreign and foreign.search(lowered)) else code
    if len(_FOREIGN.findall(lowered)) * 3 >= letters:
        return None
    return _latin(lowered, hint)


@lru_cache(maxsize=1024)
def candidates(text: str, hint: str | None = None) -> tuple[str, ...]:
    """Give the languages that a text may be in, the likeliest first: neighbours share words."""
    best = detect(text, hint)
    if best is None or best in {code for code, _ in _SCRIPTS}:
        return () if best is None else (best,)
    scores = _scores(texts.plain(text))
    near = [code for code in CODES if code != best and scores[code]]
    near = [best, *(code for code in near if scores[code] * 3 >= scores[best] * 2 - 1)]
    known = hint is not None and hint in scores and hint not in near
    if known and hint and (scores[hint] or scores[best] < _FEW):
        near.append(hint)
    return tuple(near)


@lru_cache(maxsize=1024)
def _scores(lowered: str) -> Mapping[str, int]:
    """Give how many small words of each language a text has."""
    known = whose()
    scores = dict.fromkeys(CODES, 0)
    for word in _LATIN.findall(lowered)[:400]:
        for code in known.get(word, ()):
            scores[code] += 1
    return scores


def _latin(lowered: str, hint: str | None) -> str | None:
    words = _LATIN.findall(lowered)[:400]
    scores = _scores(lowered)
    best, score = max(scores.items(), key=lambda item: (item[1], item[0] == hint, item[0] == "en"))
    others = max(
        (sum(word in stop for word in words) for stop in _other_stop_words().values()), default=0
    )
    if others > score:
        return None
    if score:
        return best
    bare = " ".join(words)
    for known in (hint, *CODES):
        if known in CODES and known is not None and bare in language(known).keywords:
            return known
    return hint if len(words) <= 3 and hint in CODES else None  # noqa: PLR2004 - a name, a "thanks"
