"""Names said again in running text: with more to them, with less, or spelt otherwise."""

import re
from collections.abc import Iterator
from difflib import SequenceMatcher

from undersigned.reading.entry import cleaned
from undersigned.reading.entry_sentences import after_lead, leads, sentences_of
from undersigned.reading.language import is_small_word, names_a_role
from undersigned.reading.names import folded_words, is_near

#: Behind a name: another is meant, which follows.
UNMEANT_BEHIND = (
    "말고|(?:이|가) ?아니라|(?:이|가) ?아니고|(?:이|가) 아닌|대신에?|에서"
    "|ではなくて?|でなく|じゃなくて?|から|，?而是"
)

_NOT = re.compile(
    r"(?P<new>[^\W\d_][\w'’.-]*)\"?[”»]?,?\s+(?:and |y |et |und |e |а )?(?:not|no|non|nicht|não|не|bukan|instead of|en lugar de|en vez de|au lieu de|statt|em vez de|вместо)\s+[\"“«]?(?P<old>[^\W\d_][\w'’.-]*)"  # noqa: E501 - a pattern is read whole
)
#: Possessive: a hostile line of letters is not tried again from each of them.
_LATIN = (
    r"(?<![A-Za-zÀ-ɏ])[A-Za-zÀ-ɏ][A-Za-zÀ-ɏ0-9'’&.-]{0,40}+(?:\x20[A-Za-zÀ-ɏ0-9'’&.-]{1,40}+){0,8}+"
    r"(?:\x20?\([A-Z][A-Za-z.-]{1,11}\))?"
)
#: The same in a script without capitals, where the names stand out by their own.
_NOT_IN_SCRIPT = re.compile(
    rf"[\"“'‘「『]?(?P<old>{_LATIN})[\"”'’」』]?\s?(?:{UNMEANT_BEHIND}),?，?\s?[\"“'‘「『]?(?P<new>{_LATIN})"
    rf"|(?:不是|并非|並非|非)\s?[\"“'‘「『]?(?P<old2>{_LATIN})[\"”'’」』]?[,，]?\s?(?:而是|应是|应为|應為|應是|是)\s?[\"“'‘「『]?(?P<new2>{_LATIN})"
    rf"|(?:ไม่ใช่|แทน|จาก)\s?[\"“'‘]?(?P<old3>{_LATIN})[\"”'’]?\s?(?:แต่เป็น|แต่|เป็น)\s?[\"“'‘]?(?P<new3>{_LATIN})"
    rf"|(?:从|由|把|将|將|從)\s?[\"“'‘「『]?(?P<old4>{_LATIN})[\"”'’」』]?\s?(?:改为|改為|改成|更正为|更正為|换成|換成|改作)\s?[\"“'‘「『]?(?P<new4>{_LATIN})"
)


#: As people who program correct: "s/Fence/Gate/".
_EDIT = re.compile(r"(?<!\w)s/(?P<old>[^/\n]{2,120})/(?P<new>[^/\n]{2,120})/")
#: Where a name ends that stands behind "list us as".
_NAME_END = re.compile(
    r"[;?!:]|[.,]\s|\s(?:rather than|instead of|and not|not|statt|en vez de|au lieu de)\s|\s\(with"
)
#: A restated name has at most so many words more than the invited one.
_MORE_WORDS = 4


def restated(text: str, invited_name: str) -> str | None:
    """Give the invited name with what was added to it: `list us as the Lamps (TL), please`."""
    invited = set(folded_words(bare(invited_name)))
    known = invited | set(folded_words(invited_name))
    for piece in (piece for line in text.split("\n") for piece in sentences_of(line)):
        value = cleaned(_NAME_END.split(after_lead(piece) or "", maxsplit=1)[0]).strip(' .,"“”«»')
        added = [word for word in value.split() if not known.issuperset(folded_words(word))]
        if (
            value not in {invited_name, *_said_short(piece, value, invited_name)}
            and invited <= set(folded_words(value))
            and all(word.strip('("“«').istitle() or word.strip("()").isupper() for word in added)
            and len(added) <= _MORE_WORDS
        ):
            return value
    return None


#: "List us as Open Archive": the acronym is left out on purpose.
_AS = re.compile(r"\b(?:as|como|comme|als|как|sebagai)\s+(?:the\s+)?[\"“«]?$", re.IGNORECASE)


def _said_short(piece: str, value: str, invited_name: str) -> set[str]:
    """Give what is only another way to say the name: "please add Open Archive"."""
    return set() if _AS.search(piece[: piece.find(value)]) else {bare(invited_name)}


def replaced(text: str, invited_name: str) -> str | None:
    """Apply `write X, not Y` to the invited name, where Y is the name or a part of it.

    >>> replaced("Ada Biron ではなく Ada Byron に", "Ada Biron")
    'Ada Byron'
    """
    match = _EDIT.search(text) or _NOT_IN_SCRIPT.search(text) or _NOT.search(text)
    if match is None:
        return None
    old, new = _swapped(match)
    pattern = re.compile(rf"(?<!\w){re.escape(old)}(?!\w)")
    if not old or old == new or len(pattern.findall(invited_name)) != 1:
        return None
    if len(old.split()) < len(new.split()) >= len(bare(invited_name).split()) > len(old.split()):
        return None  # the whole name behind a word of it
    return pattern.sub(new.replace("\\", ""), invited_name)


def _swapped(match: re.Match[str]) -> tuple[str, str]:
    """Give what is to be replaced, and what stands for it."""
    groups = match.groupdict()
    old = next(value for key, value in groups.items() if key.startswith("old") and value)
    new = next(value for key, value in groups.items() if key.startswith("new") and value)
    return old.strip(" .,"), new.strip(" .,")


def bare(name: str) -> str:
    """Give a name less the acronym behind it.

    >>> bare("Open Archive Collective (OAC)")
    'Open Archive Collective'
    """
    return re.sub(r"\s*\([^()]*\)\s*$", "", name)


_SMALL = "of|for|and|the|de|du|des|la|le|di|da|do|von|für|pour|para|e|y|et"
_WORD = r"[A-ZÀ-Þ][\w'’-]*\.?"
#: A name: capitalised words, small ones between them, an acronym behind.
_NAME = re.compile(
    rf"{_WORD}(?:[ \t]+(?:(?:{_SMALL})[ \t]+)*{_WORD})+"
    r"(?:[ \t]*\([A-Za-zÀ-ÿ][\w.&-]{1,14}\))?"
)
#: What may stand behind a name that a sentence ends in.
_BEHIND = re.compile(
    r"[\"”’»]?\s*(?:[.,;:!?)–—-]|$|(?:please|now|instead|then|thanks|from now|on the list|with an?\b|not\b|and not\b|rather than))",  # noqa: E501 - a pattern is read whole
    re.IGNORECASE,
)


#: A title or a country stands behind the name: it is no name alone.
_GOES_ON = re.compile(r"\s*[,(（]\s*[A-ZÀ-Þ]")


def recased(text: str, invited_name: str) -> str | None:
    """Give the invited name as it is written alone behind a colon, in other letters or with a line.

    >>> recased("All caps, please: LAMPS: A Light for All.", "Lamps")
    'LAMPS: A Light for All'
    """
    alone = re.compile(
        rf"(?:[:\n]|^)[ \t]*(?P<name>{re.escape(bare(invited_name))}(?::[ \t][^\W\d_a-z][^.\n:]*)?)"
        r"[ \t]*(?:[.\n]|$)",
        re.IGNORECASE,
    )
    found = {match["name"].strip() for match in alone.finditer(text)} - {invited_name}
    return found.pop() if len(found) == 1 and bare(invited_name) not in found else None


def respelt(text: str, invited_name: str) -> str | None:
    """Give the one name that a sentence comes to and that is the invited one, spelt otherwise.

    >>> respelt("One slip: it should be Open Archives Collective (OAC).", "Open Archive Collective")
    'Open Archives Collective (OAC)'
    """
    found = {
        name
        for line in text.split("\n")
        for piece in sentences_of(line)
        for name in _announced(piece, invited_name)
    }
    return found.pop() if len(found) == 1 else None


def _announced(piece: str, invited_name: str) -> Iterator[str]:
    for match in _NAME.finditer(piece):
        name = match[0].strip()
        if name.endswith(".") and not re.search(r"\b\w\.$", name):
            name = name[:-1]
        if name == invited_name or not _is_same(name, invited_name):
            continue
        before = piece[: match.start()].rstrip(" ,\"“'‘«").casefold()
        cue = "only" if name == bare(invited_name) else "cue"
        if not _BEHIND.match(piece, match.end()) or _GOES_ON.match(piece, match.end()):
            continue
        if _ends(before, cue) or before.endswith(":"):
            yield name


def _ends(text: str, field: str) -> bool:
    """Say whether a text ends in words that announce a name."""
    return any(one.end() == len(text) for one in leads(field).finditer(text))


def sole(text: str, invited_name: str) -> str | None:
    """Give the sentence behind another that is an entry and nothing else: a name and a title.

    >>> sole("Could you add the doctor? Dr. Ada Byron, Fellow, Lark Institute.", "Ada Byron")
    'Dr. Ada Byron, Fellow, Lark Institute'
    """
    for line in text.split("\n"):
        for piece in list(sentences_of(line))[1:]:
            name, *rest = piece.rstrip(" .!").split(", ")
            if (
                rest
                and _NAME.fullmatch(name)
                and _is_same(name, invited_name)
                and names_a_role(rest[0])
                and all(re.match(r"[A-ZÀ-Þ]", part) for part in rest)
                and not any(map(_goes_on, rest))
            ):
                return piece.rstrip(" .!")
    return None


def _goes_on(part: str) -> bool:
    """Say whether a part of a listing goes on as a sentence does: "Lecturer is what I am"."""
    return any(is_small_word(word) and word not in _JOINING for word in part.split()[1:])


_JOINING = frozenset({*_SMALL.split("|"), "in", "at", "on", "to", "des", "der", "d'"})


#: So much of two names is the same where one is the other, spelt otherwise.
_NEARLY = 0.85


def _is_same(name: str, invited_name: str) -> bool:
    """Say whether every word of the invited name stands in another, give or take a letter."""
    words = folded_words(bare(name))
    wanted = folded_words(bare(invited_name))
    if SequenceMatcher(None, "".join(words), "".join(wanted)).ratio() > _NEARLY:
        return True  # "Mac Gillacuddy" for "MacGillycuddy"
    return len(words) <= len(wanted) + _MORE_WORDS and all(
        any(is_near(one, word) for word in words) for one in wanted
    )
