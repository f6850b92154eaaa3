"""Marking: where in the sender's own words the rules found what they fired on."""

from collections.abc import Iterable, Sequence

#: Shorter finds are everywhere.
_SHORTEST = 2


def marked(text: str, finds: Iterable[str]) -> Sequence[tuple[str, bool]]:
    """Give the text in pieces, and for each whether a rule fired on it.

    >>> marked("Yes, add us.", ["add us"])
    [('Yes, ', False), ('add us', True), ('.', False)]
    """
    lowered = text.casefold()
    if len(lowered) != len(text):  # a letter that has no single small one
        lowered = text
    taken = bytearray(len(text))
    for find in finds:
        words = find.casefold().strip(" .…")
        place = lowered.find(words) if len(words) >= _SHORTEST else -1
        if place >= 0:
            taken[place : place + len(words)] = b"\x01" * len(words)
    pieces: list[tuple[str, bool]] = []
    start = 0
    for here in range(1, len(text) + 1):
        if here == len(text) or taken[here] != taken[start]:
            pieces.append((text[start:here], bool(taken[start])))
            start = here
    return pieces
