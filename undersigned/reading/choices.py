"""Boxes that somebody ticked: `Yes (x) / No ( )` is a yes."""

import re

_TICK = r"[oxv✓✔√○●◯☑☒■◎〇ｏｘｖ*]"
#: A slot of a choice, ticked or not: `( )`, `[x]`, `（○）`, `☐`, `☑`.
_SLOT = re.compile(
    rf"[(（\[［]\s*(?P<tick>{_TICK})?\s*[)）\]］]|(?P<box>[☑☒✓✔■])|[☐□]", re.IGNORECASE
)
_BETWEEN = " \t/|,;、，·／~-–"
_MAX_WORDS = 40
#: A first line of one letter, as people fill in a form.
_LETTERS = {"Y": "Yes", "y": "Yes", "N": "No", "n": "No"}


def chosen(text: str) -> str:
    """Give the text with every line of boxes replaced by what was ticked, and a lone Y by "Yes".

    >>> chosen("Will you sign: Yes (x) / No ( )")
    'Will you sign: Yes'
    """
    first, _, rest = text.partition("\n")
    if first.strip(" .!") in _LETTERS:
        text = f"{_LETTERS[first.strip(' .!')]}\n{rest}"
    return "\n".join(_line(line) for line in text.split("\n"))


def _line(line: str) -> str:
    slots = list(_SLOT.finditer(line)) if len(line) < 200 else []  # noqa: PLR2004 - a form, no story
    ticked = [slot for slot in slots if slot["tick"] or slot["box"]]
    if len(slots) < 2 or len(ticked) != 1:  # noqa: PLR2004 - one of two
        return line
    head, colon, _ = line[: slots[0].start()].rpartition(":")
    start = len(head) + len(colon)
    place = slots.index(ticked[0])
    leads = not line[start : slots[0].start()].strip(_BETWEEN)
    if leads:
        end = slots[place + 1].start() if place + 1 < len(slots) else len(line)
        option = line[ticked[0].end() : end]
    else:
        option = line[slots[place - 1].end() if place else start : ticked[0].start()]
    option = option.strip(_BETWEEN)
    if not option or len(option) > _MAX_WORDS:
        return line
    return f"{line[:start]} {option}".strip()
