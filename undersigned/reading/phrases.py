"""Phrases found in a sentence: small automata over tokens, so that no text is expensive.

How a phrase is written in a language file:

    we will (gladly |)sign      either of the words, or none of them
    take … off the list         up to five words (twelve characters) may stand between
    sign*                       the word, whatever its ending
"""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from undersigned.reading import tokens as texts
from undersigned.reading.tokens import Sentence

_GAP = "…"
_GAP_WORDS = 5
_GAP_CHARACTERS = 12
#: Bounds what gaps behind gaps can cost at one place of a text.
_MAX_STEPS = 300
_PART = re.compile(r"[()|]|[^()|]+")
_WORD = re.compile(r"§|[^§*]+\*?")
#: Stands for the name of the invited party, in texts and in phrases.
PARTY = "⟦party⟧"
PARTY_TOKEN = "qqpartyqq"  # noqa: S105 - a token of text


@dataclass(frozen=True, kw_only=True)
class Found:
    """One phrase found in one sentence."""

    kind: str
    start: int
    end: int
    words: str


@dataclass
class _Node:
    exact: dict[str, list["_Node"]] = field(default_factory=dict)
    stems: list[tuple[str, "_Node"]] = field(default_factory=list)
    gaps: list["_Node"] = field(default_factory=list)
    free: list["_Node"] = field(default_factory=list)
    kinds: list[int] = field(default_factory=list)


class Phrases:
    """The phrases of one language, by kind."""

    def __init__(self, by_kind: Mapping[str, Iterable[str]]) -> None:
        self._kinds = tuple(by_kind)
        self._root = _Node()
        for place, phrases in enumerate(by_kind.values()):
            for phrase in phrases:
                end = _built(self._root, phrase)
                if end is not self._root:
                    end.kinds.append(place)
        _flatten(self._root)

    def find(self, sentence: Sentence, negations: frozenset[str] = frozenset()) -> list[Found]:
        """Give the phrases in the sentence, none over another: the longer one wins.

        A gap never swallows a negation.
        """
        matches: list[tuple[int, int, int]] = []
        for start in range(len(sentence.tokens)):
            matches += self._from(sentence.tokens, start, negations)
        if not matches:
            return []
        matches.sort()
        taken = bytearray(len(sentence.tokens))
        kept: list[Found] = []
        for negative_length, kind, start in matches:
            end = start - negative_length
            if any(taken[start:end]):
                continue
            taken[start:end] = b"\x01" * (end - start)
            words = sentence.words(start, end)
            kept.append(Found(kind=self._kinds[kind], start=start, end=end, words=words))
        kept.sort(key=lambda one: one.start)
        return kept

    def _from(
        self, tokens: tuple[str, ...], start: int, negations: frozenset[str]
    ) -> list[tuple[int, int, int]]:
        """Give (-length, kind, start) of every phrase that begins here."""
        found: list[tuple[int, int, int]] = []
        pending = [(node, start + 1) for node in _after(self._root, tokens[start], first=True)]
        steps = 0
        while pending and steps < _MAX_STEPS:
            steps += 1
            node, place = pending.pop()
            pending += [(other, place) for other in node.free]
            found += [(start - place, kind, start) for kind in node.kinds]
            if place >= len(tokens):
                continue
            if node.gaps:
                pending += _skipped(node, tokens, place, negations)
            pending += [(other, place + 1) for other in _after(node, tokens[place], first=False)]
        return found


def _after(node: _Node, token: str, *, first: bool) -> list[_Node]:
    nodes = list(node.exact.get(token, ()))
    if node.stems:
        nodes += [child for stem, child in node.stems if token.startswith(stem)]
    if first and token[0] == "و" and len(token) > 3:  # noqa: PLR2004 - Arabic "and", part of its word
        nodes += node.exact.get(token[1:], ())
    return nodes


def _skipped(
    node: _Node, tokens: tuple[str, ...], place: int, negations: frozenset[str]
) -> list[tuple[_Node, int]]:
    is_word = tokens[place].isascii() or len(tokens[place]) > 1
    last = min(place + (_GAP_WORDS if is_word else _GAP_CHARACTERS), len(tokens) - 1)
    reached: list[tuple[_Node, int]] = []
    for after in range(place, last + 1):
        if after > place and tokens[after - 1] in negations:
            break
        for gap in node.gaps:
            reached += [(other, after + 1) for other in _after(gap, tokens[after], first=False)]
            reached += [
                (other, after + 1)
                for free in gap.free
                for other in _after(free, tokens[after], first=False)
            ]
    return reached


def _built(root: _Node, phrase: str) -> _Node:
    """Add a phrase to the automaton; give the node it ends in."""
    text = texts.plain(phrase.replace(_GAP, " § ").replace(PARTY, PARTY_TOKEN))
    pieces = _PART.findall(text)
    return _sequence(root, pieces, [0])


def _sequence(node: _Node, pieces: list[str], place: list[int]) -> _Node:
    """Add pieces up to the end of the group they stand in; `place` moves along."""
    start, joined = node, _Node()
    has_ways = False
    while place[0] < len(pieces):
        piece = pieces[place[0]]
        place[0] += 1
        if piece == ")":
            break
        if piece == "(":
            node = _sequence(node, pieces, place)
        elif piece == "|":
            node.free.append(joined)
            node, has_ways = start, True
        else:
            node = _path(node, piece)
    if not has_ways:
        return node
    node.free.append(joined)
    return joined


def _path(node: _Node, text: str) -> _Node:
    for token in _phrase_tokens(text):
        following = _Node()
        if token == _GAP:
            node.gaps.append(following)
        elif token.endswith("*"):
            node.stems.append((token[:-1], following))
        else:
            node.exact.setdefault(token, []).append(following)
        node = following
    return node


def _phrase_tokens(text: str) -> list[str]:
    found: list[str] = []
    for word in _WORD.findall(text):
        if word == "§":
            found.append(_GAP)
            continue
        found += texts.tokens(word.removesuffix("*"))[0]
        if word.endswith("*") and found:
            found[-1] += "*"
    return found


def _flatten(root: _Node) -> None:
    """Let the root lead where its free ways lead: it is asked at every token of every text."""
    pending = list(root.free)
    seen: set[int] = set()
    while pending:
        node = pending.pop()
        if id(node) in seen:
            continue
        seen.add(id(node))
        for token, nodes in node.exact.items():
            root.exact.setdefault(token, []).extend(nodes)
        root.stems += node.stems
        pending += node.free
    root.free.clear()
