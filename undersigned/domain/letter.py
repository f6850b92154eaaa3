"""The letter: its words, and how they stand in letter.md."""

import hashlib
import json
import unicodedata
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from datetime import date
from difflib import ndiff
from enum import StrEnum

import yaml

from undersigned.errors import LetterFault

#: The keys of the front matter, each with an example for the one who forgot it.
KEYS: dict[str, str] = {
    "title": 'title: "Joint Open Letter to the Members of the Security Council"',
    "date": "date: 2022-12-05",
    "subject": 'subject: "Re: The matter of which the letter speaks"',
    "salutation": 'salutation: "Dear Ambassador,"',
}
FENCE = "---"


class Errand(StrEnum):
    """What a frozen letter is sent for."""

    LETTER = "letter"
    #: Names that came after the first letter, in its thread.
    SUPPLEMENT = "supplement"
    #: Names that the first letter bears and that no longer stand.
    CORRECTION = "correction"


@dataclass(frozen=True, kw_only=True)
class Letter:
    """The words of one edition, without the names under it. All text is NFC."""

    title: str
    #: The date that stands on the letter.
    date: date
    #: The line that says what it is about, "Re:" included where the coordinator wants one.
    subject: str
    #: The greeting, unless the addressee has its own.
    salutation: str
    #: The body in Markdown; ends with one line feed.
    text: str


def digest(letter: Letter) -> str:
    """Give the SHA-256 of the letter's canonical form, in hexadecimal.

    The canonical form is JSON with sorted keys and no spaces, in UTF-8: how letter.md is laid out
    (quotes, order of keys, line ends) makes no difference, every word and comma does.
    """
    values = asdict(letter) | {"date": letter.date.isoformat()}
    canonical = json.dumps(values, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(canonical.encode()).hexdigest()


def differences(old: Letter, new: Letter) -> list[str]:
    """Give what changed from one text to another, a line each, "-" before old and "+" before new.

    >>> one = Letter(title="A", date=date(2022, 12, 5), subject="B", salutation="C", text="D")
    >>> other = Letter(title="E", date=one.date, subject="B", salutation="C", text="D")
    >>> differences(one, other)
    ['- A', '+ E']
    """
    return [
        f"{line[0]} {line[2:]}"
        for line in ndiff(_lines(old), _lines(new))
        if line[0] in "+-" and line[2:].strip()
    ]


def _lines(letter: Letter) -> list[str]:
    return [
        letter.title,
        letter.date.isoformat(),
        letter.subject,
        letter.salutation,
        *letter.text.splitlines(),
    ]


def parse(source: str) -> Letter:
    r"""Give the letter that letter.md holds; raise the first `LetterFault` it has.

    >>> parse(
    ...     "---\ntitle: A\ndate: 2022-12-05\nsubject: B\nsalutation: Dear C,\n---\n\nText.\n"
    ... ).text
    'Text.\n'
    """
    for fault in faults(source):
        raise fault
    front, text = _split(_plain(source))
    values = {key: _text(node) for key, node in _nodes(front)}
    return Letter(
        title=values["title"],
        date=date.fromisoformat(values["date"]),
        subject=values["subject"],
        salutation=values["salutation"],
        text=text,
    )


def faults(source: str) -> Iterator[LetterFault]:
    """Give every fault of a letter's source, in the order of the lines where that can be told."""
    plain = _plain(source)
    try:
        front, text = _split(plain)
        nodes = list(_nodes(front))
    except LetterFault as fault:
        yield fault
        return
    yield from _front_matter_faults(nodes, end=front.count("\n") + 3)
    if not text.strip():
        yield LetterFault(
            line=plain.count("\n") + 1,
            problem="The letter has no text.",
            remedy="Write its words, in Markdown, below the second line of three hyphens.",
        )
    yield from _character_faults(plain)


def _plain(source: str) -> str:
    """Give the source in NFC with line feeds, without the byte order mark of Windows editors."""
    unified = source.removeprefix("\ufeff").replace("\r\n", "\n").replace("\r", "\n")
    return unicodedata.normalize("NFC", unified)


def _split(source: str) -> tuple[str, str]:
    lines = source.split("\n")
    if lines[0].rstrip() != FENCE:
        raise LetterFault(
            line=1,
            problem="The letter does not begin with a line of three hyphens.",
            remedy=f"Begin with {FENCE}, then {', '.join(KEYS)}, then {FENCE}, then the text.",
        )
    for number, line in enumerate(lines[1:], start=1):
        if line.rstrip() == FENCE:
            body = "\n".join(lines[number + 1 :]).strip("\n").rstrip()
            return "\n".join(lines[1:number]), f"{body}\n"
    raise LetterFault(
        line=len(lines),
        problem="The part with title and date has no end.",
        remedy=f"Put a line {FENCE} between it and the text.",
    )


def _nodes(front: str) -> Iterator[tuple[str, yaml.Node]]:
    """Give the key and value nodes of the front matter; a node knows its line."""
    try:
        root = yaml.compose(front, Loader=yaml.SafeLoader)
    except yaml.MarkedYAMLError as problem:
        mark = problem.problem_mark or problem.context_mark
        raise LetterFault(
            line=mark.line + 2 if mark else 1,
            problem=f"This cannot be read: {problem.problem}.",
            remedy="Put the value between double quotes.",
        ) from problem
    except (yaml.YAMLError, RecursionError) as problem:  # a forbidden character, ten thousand "["
        raise LetterFault(
            line=1,
            problem="The part with title and date holds characters that are not allowed.",
            remedy="Type the lines again by hand.",
        ) from problem
    if not isinstance(root, yaml.MappingNode):
        raise LetterFault(
            line=2,
            problem="The part between the lines of three hyphens holds no keys.",
            remedy=f"Write one line for each: {'; '.join(KEYS.values())}.",
        )
    for key, value in root.value:
        yield _text(key), value


def _text(node: yaml.Node) -> str:
    return node.value.strip() if isinstance(node, yaml.ScalarNode) else ""


def _front_matter_faults(nodes: list[tuple[str, yaml.Node]], *, end: int) -> Iterator[LetterFault]:
    seen: set[str] = set()
    for key, node in nodes:
        line = node.start_mark.line + 2
        if key not in KEYS:
            yield LetterFault(
                line=line,
                problem=f"Nothing is known of “{key}”.",
                remedy=f"The keys are {', '.join(KEYS)}; take this line out or mend its name.",
            )
        elif key in seen:
            yield LetterFault(line=line, problem=f"“{key}” stands twice.", remedy="Keep one.")
        else:
            yield from _value_faults(key, node, line)
        seen.add(key)
    for key in (key for key in KEYS if key not in seen):
        yield LetterFault(
            line=end, problem=f"“{key}” is missing.", remedy=f"Add a line such as {KEYS[key]}"
        )


def _value_faults(key: str, node: yaml.Node, line: int) -> Iterator[LetterFault]:
    value = _text(node)
    if not value or "\n" in value:
        yield LetterFault(
            line=line,
            problem=f"“{key}” needs one line of text.",
            remedy=f"Write it as {KEYS[key]}",
        )
    elif key == "date" and not _is_date(value):
        yield LetterFault(
            line=line,
            problem=f"“{value}” is not a date.",
            remedy="Write year, month and day, such as 2022-12-05.",
        )


def _is_date(value: str) -> bool:
    try:
        return date.fromisoformat(value).isoformat() == value
    except ValueError:
        return False


def _character_faults(source: str) -> Iterator[LetterFault]:
    """Name invisible control characters: they come with copied text and show up in print."""
    for number, line in enumerate(source.split("\n"), start=1):
        strange = {char for char in line if unicodedata.category(char) == "Cc" and char != "\t"}
        if strange:
            names = ", ".join(f"U+{ord(char):04X}" for char in sorted(strange))
            yield LetterFault(
                line=number,
                problem=f"There is an invisible control character ({names}).",
                remedy="Delete it, or type the line again.",
            )
