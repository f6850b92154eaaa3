"""What a reply repeats of the message that was sent, whether or not it is marked as a quote."""

import re
from functools import lru_cache

_NO_LETTERS = re.compile(r"[\W_]+")

#: A line of fewer letters may stand in our message by chance ("YES").
_OUR_LINE = 30
#: Below a piece of ours that was cut, a line of so many letters is the rest of it.
_REST = 12
#: So many letters in one line or in a run of lines are a quote; fewer may be a listing that the
#: signer typed out as we wrote it.
_OUR_RUN = 120


def without(piece: str, sent: str) -> str:
    """Give the piece less what stands in the message we sent, however it was wrapped.

    One line of ours alone stays: a signer who types "Our Name (ON) / Country" says it.
    """
    ours = _ours(sent)
    kept: list[str] = []
    run: list[str] = []
    #: How far into our message the cut pieces reach.
    reached = 0
    for line in [*piece.split("\n"), None]:
        here = letters(line) if line is not None else ""
        if line is not None and (not line.strip() or (here and here in ours)):
            (run if run or here else kept).append(line)
            continue
        left, end = _less_ours(run, ours, reached)
        kept += left
        run, reached = [], max(end, reached)
        if line is not None:
            kept.append(line)
    return "\n".join(kept)


def _less_ours(run: list[str], ours: str, reached: int) -> tuple[list[str], int]:
    """Give the run of lines less its part that is a piece of our message, and where that ends."""
    if reached:
        return [one for one in run if not _is_rest(one, ours, reached)], reached
    long = [place for place, line in enumerate(run) if len(letters(line)) >= _OUR_LINE]
    if sum(len(letters(run[place])) for place in long) < _OUR_RUN:
        return run, 0
    first, last = long[0], long[-1]
    # Short lines belong to it only where they stand beside it in our message as well: "YES" typed
    # above a quote is the signer's, though our message has the word somewhere.
    start = ours.find(letters(run[first]))
    while first and ours[:start].endswith(letters(run[first - 1])):
        first -= 1
        start -= len(letters(run[first]))
    end = ours.rfind(letters(run[last])) + len(letters(run[last]))
    while last + 1 < len(run) and ours.startswith(letters(run[last + 1]), end):
        last += 1
        end += len(letters(run[last]))
    return [*run[:first], *run[last + 1 :]], end


def _is_rest(line: str, ours: str, reached: int) -> bool:
    """Say whether a line goes on where our message was cut; a form filled in may stand between."""
    here = letters(line)
    return len(here) >= _REST and here in ours[reached:]


def letters(text: str) -> str:
    """Give the letters and digits of a text, case folded: what wrapping cannot change."""
    return _NO_LETTERS.sub("", text.casefold())


@lru_cache(2)  # every piece of a reply is held against the same message
def _ours(sent: str) -> str:
    return letters(sent)
