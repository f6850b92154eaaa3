"""Which charset unlabelled octets are in, by how likely the text is that each would make of them.

General detectors want more text than "네, 서명합니다" has; these few candidates are what people's
mail programs really send without saying so.
"""

import codecs
from collections.abc import Callable

#: As many octets as are looked at; more costs time and adds no certainty.
LOOKED_AT = 2048
#: Signs that stand above or below a letter.
_THAI_SIGNS = frozenset(
    "\u0e31\u0e34\u0e35\u0e36\u0e37\u0e38\u0e39\u0e47\u0e48\u0e49\u0e4a\u0e4b\u0e4c\u0e4d"
)
#: A text less likely than this is left to a general detector.
_LIKELY = 0.42
#: Latin text that is labelled as such is believed from here on.
_PLAUSIBLE = 0.2


def likely_charset(data: bytes) -> str | None:
    """Give Python's name of the charset that makes the likeliest text, or None.

    >>> likely_charset("서명합니다".encode("cp949"))
    'cp949'
    """
    scores = {name: _score(data[:LOOKED_AT], name, weigh) for name, weigh in _CANDIDATES.items()}
    best = max(scores, key=lambda name: scores[name])
    return best if scores[best] >= _LIKELY else None


def is_western(data: bytes) -> bool:
    """Say whether octets labelled as Latin letters can be: every webmail once labelled all so."""
    if _score(data[:LOOKED_AT], "cp1252", _western) > _PLAUSIBLE:
        return True
    return likely_charset(data) in {None, "cp1252"}


def _score(data: bytes, name: str, weigh: Callable[[str, str], float]) -> float:
    """Give the mean weight of the characters beyond ASCII; 0 where the octets are no such text."""
    try:
        text = codecs.getincrementaldecoder(name)().decode(data)
    except UnicodeDecodeError:
        return 0.0
    padded = f" {text} "
    weights = [
        weigh(character, padded[place] + padded[place + 2])
        for place, character in enumerate(text)
        if not character.isascii()
    ]
    return sum(weights) / len(weights) if weights else 0.0


def _beside_latin(neighbours: str) -> bool:
    return any(one.isascii() and one.isalpha() for one in neighbours)


def _is_han(character: str) -> bool:
    return "\u4e00" <= character <= "\u9fff"


def _is_kana(character: str) -> bool:
    return "\u3041" <= character <= "\u30fe"


def _is_wide_sign(character: str) -> bool:
    return "\u3000" <= character <= "\u3020" or "\uff01" <= character <= "\uff5e"


def _asian(
    first: float, han: Callable[[str], float], is_first: Callable[[str], bool]
) -> Callable[[str, str], float]:
    def weigh(character: str, neighbours: str) -> float:
        if _is_wide_sign(character):
            return 0.7
        weight = first if is_first(character) else han(character) if _is_han(character) else 0.0
        return weight / 4 if _beside_latin(neighbours) else weight

    return weigh


def _common(name: str, low: int, high: int) -> Callable[[str], float]:
    """Weigh the characters of a charset's first level, ordered by use, above the rest."""

    def weigh(character: str) -> float:
        lead = character.encode(name, "replace")[0]
        return 0.8 if low <= lead <= high else 0.1

    return weigh


def _letters(first: str, last: str) -> Callable[[str, str], float]:
    def weigh(character: str, neighbours: str) -> float:
        if not first <= character <= last:
            return 0.3 if character in "«»“”’–—№،؟" else 0.0
        weight = 0.6 if character.isupper() else 0.95
        if neighbours.isascii():
            return weight / 4 if _beside_latin(neighbours) else 0.45
        return weight

    return weigh


def _thai(character: str, neighbours: str) -> float:
    """Weigh Thai below all others: nearly every octet is a letter there."""
    if not "\u0e01" <= character <= "\u0e5b" or neighbours.isascii():
        return 0.0
    if character in _THAI_SIGNS and not "\u0e01" <= neighbours[0] <= "\u0e4e":
        return 0.0
    return 0.75


def _western(character: str, neighbours: str) -> float:
    if character in "¡¿«»“”‘’–—…€ªº°":
        return 0.6
    if not "À" <= character <= "ÿ" or character in "×÷":
        return 0.0
    if _beside_latin(neighbours):
        return 0.9
    return 0.5 if neighbours.isascii() else 0.1


_CANDIDATES: dict[str, Callable[[str, str], float]] = {
    "cp949": _asian(1.0, lambda _: 0.2, lambda one: "\uac00" <= one <= "\ud7a3"),
    "cp932": _asian(1.0, lambda _: 0.6, _is_kana),
    "euc_jp": _asian(1.0, lambda _: 0.6, _is_kana),
    "gb18030": _asian(0.3, _common("gb18030", 0xB0, 0xD7), _is_kana),
    "cp950": _asian(0.1, _common("cp950", 0xA4, 0xC6), _is_kana),
    "cp1252": _western,
    "cp1251": _letters("\u0400", "\u045f"),
    "koi8-r": _letters("\u0410", "\u0451"),
    "cp1256": _letters("\u0621", "\u0652"),
    "cp874": _thai,
}
