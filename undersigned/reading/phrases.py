"""Phrases found in a sentence: one automaton over tokens, so that no text is expensive.

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
#: What a gap may swallow in all, and what a word and a character count: five words, or twelve
#: characters.
_GAP_BUDGET = 60
_WORD_COST = 12
_CHARACTER_COST = 5
#: Steps that are remembered for one language before they are forgotten: a long run must not grow.
_MAX_REMEMBERED = 200_000
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


@dataclass(eq=False, slots=True)
class _Node:
    # Tuples, for most are empty: so many lists would keep the collector of garbage busy.
    exact: dict[str, tuple["_Node", ...]] = field(default_factory=dict)
    stems: tuple[tuple[str, "_Node"], ...] = ()
    #: What may follow after a gap, and at once.
    gaps: tuple["_Node", ...] = ()
    free: tuple["_Node", ...] = ()
    kinds: tuple[int, ...] = ()


#: Where a match may stand: nodes, and what is left of the gap before them (None outside one).
_Places = frozenset[tuple[_Node, int | None]]


@dataclass(eq=False, slots=True)
class _State:
    places: _Places
    #: The kinds that end here.
    kinds: tuple[int, ...]
    steps: dict[str, "_State | None"] = field(default_factory=dict)


class Phrases:
    """The phrases of one language, by kind; a gap never swallows a negation."""

    def __init__(
        self, by_kind: Mapping[str, Iterable[str]], negations: frozenset[str] = frozenset()
    ) -> None:
        self._kinds = tuple(by_kind)
        self._negations = negations
        self._root = _Node()
        for place, phrases in enumerate(by_kind.values()):
            for phrase in phrases:
                end = _built(self._root, phrase)
                if end is not self._root:
                    end.kinds += (place,)
        self._remembered = 0
        self._last: tuple[tuple[str, ...], tuple[Found, ...]] | None = None
        self._start = self._state({(self._root, None)})

    def find(self, sentence: Sentence) -> tuple[Found, ...]:
        """Give the phrases in the sentence, none over another: the longer one wins."""
        last = self._last  # another thread may put its own there
        if last is None or last[0] != sentence.tokens:  # each is asked for thrice
            last = self._last = (sentence.tokens, self._find(sentence))
        return last[1]

    def _find(self, sentence: Sentence) -> tuple[Found, ...]:
        matches: list[tuple[int, int, int]] = []
        for start in range(len(sentence.tokens)):
            self._from(sentence.tokens, start, matches)
        if not matches:
            return ()
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
        return tuple(sorted(kept, key=lambda one: one.start))

    def _from(
        self, tokens: tuple[str, ...], start: int, matches: list[tuple[int, int, int]]
    ) -> None:
        """Add (-length, kind, start) of every phrase that begins here."""
        state = self._step(self._start, tokens[start])
        if tokens[start][0] == "و" and len(tokens[start]) > 3:  # noqa: PLR2004 - Arabic "and", part of its word
            state = state or self._step(self._start, tokens[start][1:])
        place = start + 1
        while state is not None:
            matches.extend((start - place, kind, start) for kind in state.kinds)
            if place >= len(tokens):
                return
            state = self._step(state, tokens[place])
            place += 1

    def _step(self, state: _State, token: str) -> _State | None:
        try:
            return state.steps[token]
        except KeyError:
            pass
        reached: set[tuple[_Node, int | None]] = set()
        for node, budget in state.places:
            _follow(node, token, reached)
            if budget is not None and token not in self._negations:
                is_word = token.isascii() or len(token) > 1
                left = budget - (_WORD_COST if is_word else _CHARACTER_COST)
                if left >= 0:
                    reached.add((node, left))
        following = self._state(reached) if reached else None
        self._remembered += 1
        if self._remembered > _MAX_REMEMBERED:
            self._remembered = 0
            self._start = self._state({(self._root, None)})
            return following
        state.steps[token] = following
        return following

    def _state(self, reached: set[tuple[_Node, int | None]]) -> _State:
        """Give the state of places, and of those that lie behind free ways."""
        budgets: dict[tuple[_Node, bool], int | None] = {}
        pending = list(reached)
        ends: set[int] = set()
        while pending:
            node, budget = pending.pop()
            key = (node, budget is None)
            if key in budgets and (budgets[key] or 0) >= (budget or 0):
                continue
            budgets[key] = budget
            if budget is None:
                ends.update(node.kinds)
            pending += [(other, budget) for other in node.free]
            pending += [(other, _GAP_BUDGET) for other in node.gaps]
        places = frozenset((node, budget) for (node, _), budget in budgets.items())
        return _State(places=places, kinds=tuple(sorted(ends)))


def _follow(node: _Node, token: str, reached: set[tuple[_Node, int | None]]) -> None:
    for other in node.exact.get(token, ()):
        reached.add((other, None))
    for stem, other in node.stems:
        if token.startswith(stem):
            reached.add((other, None))


def _built(root: _Node, phrase: str) -> _Node:
    """Add a phrase to the automaton; give the node it ends in."""
    text = texts.plain(
        phrase.replace(_GAP, " § ").replace(f"{PARTY}'", PARTY).replace(PARTY, f" {PARTY_TOKEN} ")
    )
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
            node.free += (joined,)
            node, has_ways = start, True
        else:
            node = _path(node, piece)
    if not has_ways:
        return node
    node.free += (joined,)
    return joined


def _path(node: _Node, text: str) -> _Node:
    for token in _phrase_tokens(text):
        following = _Node()
        if token == _GAP:
            node.gaps += (following,)
        elif token.endswith("*"):
            node.stems += ((token[:-1], following),)
        else:
            node.exact[token] = (*node.exact.get(token, ()), following)
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
