"""What one sentence leaves open and a plain yes in another settles.

"We did not sign in 2022. This time, please add us" signs: the last word counts. "Please add us.
However, our treasurer is nervous" ends in a doubt, and waits for a person. What only keeps somebody
busy ("we are in the middle of a move") is no doubt at all beside a plain yes.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace

from undersigned.domain.verdict import Fired
from undersigned.reading.language import Language

#: What a plain yes that comes later settles, and what it is where none comes.
_LATER = {
    "habit": "refusal",
    "asked": "undecided",
    "criticism": "criticism",
    "past_no": "refusal",
    "past_not": "unexplained_not",
    "mild_but": "unexplained_but",
}
#: What such a yes settles in its own sentence, too: they are told apart by their order there.
_BESIDE = frozenset({"habit", "asked", "criticism"})
#: What may put an answer off: a plain yes settles it wherever it stands, unless it touches the
#: answer; and what it is then, and where no such yes is.
PUTS_OFF = {"busy": "undecided", "put_off": "undecided", "perhaps": "hedge"}
#: What a wish settles no more than it answers a board.
_NOT_BY_WISH = frozenset({"asked", "mild_but"})
_YES = frozenset({"consent", "not_no", "list_us", "bare_yes", "unclear_yes", "weak_yes"})
#: What leaves it open whether they keep to a habit: "we never sign petitions; this one, perhaps".
_WAVERS = frozenset({"hedge", "undecided", "condition"})


class Settling:
    """What is open in a reply, sentence by sentence."""

    def __init__(self) -> None:
        self._open: list[Fired] = []
        self._anywhere: list[Fired] = []
        self._is_plain = False
        self._has_yes = False

    def keep(self, read: Sequence[Fired], tongue: Language, *, understood: bool) -> list[Fired]:
        """Keep what a sentence leaves open, and give the rest; `understood`: to the last word."""
        self._has_yes = self._has_yes or any(one.rule in _YES for one in read)
        # A yes stands before this "but", which may take it back.
        fired = [
            replace(one, rule=_LATER[one.rule]) if one.rule == "mild_but" and self._has_yes else one
            for one in read
        ]
        yes = [one for one in fired if one.rule == "consent"] if understood else []
        self._is_plain = self._is_plain or bool(yes)
        beside = [one for one in fired if one.rule in _BESIDE]
        self._open = [
            one for one in [*self._open, *beside] if not _is_settled(one, yes, tongue)
        ] + [one for one in fired if one.rule in _LATER.keys() - _BESIDE]
        self._anywhere += [one for one in fired if one.rule in PUTS_OFF]
        return [one for one in fired if one.rule not in _LATER and one.rule not in PUTS_OFF]

    def left(self, fired: Iterable[Fired]) -> Iterator[Fired]:
        """Give what no yes settled, as what it then is."""
        left = [] if self._is_plain else self._anywhere
        kinds = {one.rule for one in fired} | {PUTS_OFF[one.rule] for one in left}
        wavers = not kinds.isdisjoint(_WAVERS)
        for one in left:
            yield replace(one, rule=PUTS_OFF[one.rule])
        for one in self._open:
            if not (wavers and one.rule == "habit"):
                yield replace(one, rule=_LATER[one.rule])


def _is_settled(held: Fired, yes: Iterable[Fired], tongue: Language) -> bool:
    return any(
        not (held.rule in _NOT_BY_WISH and any(map(one.words.__contains__, tongue.wishes)))
        for one in yes
    )
