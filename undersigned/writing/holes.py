"""Holes: a template rendered with holes where names and tokens stand, and what fills them.

A hole is a private character. A filter that gets one is put off until the hole is filled; whatever
else looks into it (a comparison, a length, a method) ends the tracing with `NotTracedError`, since
its answer for the one party would not be its answer for the next.
"""

import re
import threading
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, fields, replace
from functools import wraps
from pathlib import Path
from typing import Any, NoReturn

from jinja2.runtime import Context
from jinja2.sandbox import SandboxedEnvironment
from markupsafe import Markup, escape

from undersigned.domain.party import Prospect
from undersigned.errors import PermanentFailure
from undersigned.writing.render import Rendered, Templates

#: Fields of a context that differ from party to party; all others are part of the skeleton.
PERSONAL = frozenset({"person", "party", "listing", "listings", "reference"})
#: Those of a party as prospects.csv has it; its further columns differ too.
_COLUMNS = ("name", "title", "country", "email", "contact", "language")

#: Where holes begin; and beyond these, what put-off filters make of holes.
_HOLE, _PUT_OFF = 0xF0000, 0x100000
HOLES = re.compile("[\U000f0000-\U0010fffd]")

#: Tests of a template that give the same answer for a hole and for what fills it.
_HARMLESS_TESTS = frozenset({"defined", "undefined", "none", "string", "mapping", "iterable"})


class NotTracedError(PermanentFailure):
    """The template does something with a name that no hole can stand in for."""


def _refuse(*_: object) -> NoReturn:
    raise NotTracedError("a template looks into a name")


class _Hole(str):
    """Stands for words that are not empty; whoever looks into it ends the tracing."""

    __slots__ = ()
    __eq__ = __ne__ = __lt__ = __le__ = __gt__ = __ge__ = _refuse
    __contains__ = __getitem__ = __len__ = __iter__ = __mod__ = __mul__ = _refuse
    __hash__ = str.__hash__

    def __bool__(self) -> bool:
        return True


def holds(value: object) -> bool:
    """Say whether a value has a hole."""
    if isinstance(value, list | tuple):
        return any(map(holds, value))
    return isinstance(value, str) and HOLES.search(value) is not None


# Taking a context apart.


def apart(context: object) -> tuple[tuple[object, ...], list[str]]:
    """Give what a skeleton is made for, and the words that fill it.

    Which words there are and which are empty is a part of the former: templates ask for that.
    """
    fixed: list[object] = [type(context)]
    words: list[str] = []
    for name in _names(context):
        value = getattr(context, name)
        found = _words(name, value)
        if found is None:
            fixed.append(value)
            continue
        fixed.append(tuple(one and bool(one) for one in found))
        words += filter(None, found)
        if isinstance(value, Prospect):
            fixed += [value.kind, tuple(value.more)]
    return tuple(fixed), words


#: The fields of each kind of context, asked for once.
_FIELDS: dict[type[Any], tuple[str, ...]] = {}


def _names(context: Any) -> tuple[str, ...]:
    kind = type(context)
    if kind not in _FIELDS:
        _FIELDS[kind] = tuple(one.name for one in fields(kind))
    return _FIELDS[kind]


def _words(name: str, value: Any) -> Sequence[str | None] | None:
    """Give the words of a field, or None where it does not differ from party to party."""
    if isinstance(value, Prospect):
        return [*(getattr(value, one) for one in _COLUMNS), *map(str, value.more.values())]
    if name not in PERSONAL or value is None:
        return None
    return [value] if isinstance(value, str) else value


def with_holes(context: Any) -> Any:
    """Give the context with a hole for each of its words, in the order of `apart`."""
    number = iter(range(_HOLE, _PUT_OFF))

    def holed(words: Sequence[str | None]) -> list[str | None]:
        return [_Hole(chr(next(number))) if one else one for one in words]

    changed: dict[str, object] = {}
    for name in _names(context):
        value = getattr(context, name)
        found = _words(name, value)
        if found is None:
            continue
        made = holed(found)
        if isinstance(value, Prospect):
            own: dict[str, Any] = dict(zip(_COLUMNS, made, strict=False))
            own["more"] = dict(zip(value.more, made[len(_COLUMNS) :], strict=True))
            changed[name] = replace(value, **own)
        else:
            changed[name] = made[0] if isinstance(value, str) else made
    return replace(context, **changed)


# Rendering with holes.


@dataclass(frozen=True, kw_only=True)
class Cut:
    """Words cut at their holes, which are filled again and again."""

    #: With %s for each hole.
    pattern: str
    holes: tuple[int, ...]
    is_markup: bool

    @classmethod
    def of(cls, words: str) -> "Cut":
        """Give the words cut."""
        pattern = "%s".join(one.replace("%", "%%") for one in HOLES.split(str(words)))
        holes = tuple(map(ord, HOLES.findall(words)))
        return cls(pattern=pattern, holes=holes, is_markup=isinstance(words, Markup))

    def filled(self, table: Mapping[int, str]) -> str:
        """Give the words with what the table has for each hole."""
        return self.pattern % tuple([table[one] for one in self.holes])


@dataclass(frozen=True, kw_only=True)
class PutOff:
    """A filter that waits for its holes to be filled."""

    function: Callable[..., str]
    arguments: tuple[Cut | int, ...]


class _Tracer(SandboxedEnvironment):
    """Renders with holes; notes the filters that were put off."""

    def __init__(self, **options: Any) -> None:
        super().__init__(**options)
        self.put_off: list[PutOff] = []

    def trace(self) -> None:
        """Let every filter and test of this environment know holes."""
        self.filters = {name: self._filter(one) for name, one in self.filters.items()}
        self.tests = {
            name: one if name in _HARMLESS_TESTS else _without_holes(one)
            for name, one in self.tests.items()
        }

    def call(self, context: Context, called: Any, /, *args: Any, **named: Any) -> Any:
        """Refuse the methods of words that hold a hole."""
        if holds(getattr(called, "__self__", None)):
            _refuse()
        return super().call(context, called, *args, **named)

    def _filter(self, function: Callable[..., Any]) -> Callable[..., Any]:
        if hasattr(function, "jinja_pass_arg"):  # it may ask for anything
            return _without_holes(function)

        @wraps(function)
        def filtered(*args: object, **named: object) -> object:
            if not holds([*args, *named.values()]):
                return function(*args, **named)
            cut = [Cut.of(one) if isinstance(one, str) else one for one in args]
            waiting = tuple(one for one in cut if isinstance(one, Cut | int))
            if named or len(waiting) < len(args):
                _refuse()
            # Made now to see what it is; a hole itself would refuse.
            made = function(*(one + "" if type(one) is _Hole else one for one in args))
            self.put_off.append(PutOff(function=function, arguments=waiting))
            token = chr(_PUT_OFF + len(self.put_off) - 1)
            if not isinstance(made, str):
                _refuse()
            return Markup(token) if isinstance(made, Markup) else token  # noqa: S704 - one character

        return filtered


def _without_holes(function: Any) -> Callable[..., Any]:
    @wraps(function)
    def checked(*args: object, **named: object) -> object:
        if holds([*args, *named.values()]):
            _refuse()
        return function(*args, **named)

    return checked


class TracedTemplates(Templates):
    """The templates, rendered with holes. Safe in several threads."""

    environment_class = _Tracer

    def __init__(self, folders: Sequence[Path]) -> None:
        super().__init__(folders)
        self._lock = threading.Lock()
        self._tracer: _Tracer = self._environment  # type: ignore[assignment]  # as the class says
        self._tracer.trace()

    def trace(self, name: str, context: object, language: str) -> tuple[Rendered, list[PutOff]]:
        """Give what the template makes of the context with holes, and the filters put off.

        Raises `NotTracedError` where it looks into one.
        """
        with self._lock:
            self._tracer.put_off = []
            rendered = self.render(name, with_holes(context), language)
            return rendered, self._tracer.put_off


# Filling.


class Filling:
    """What stands in each hole, and what each put-off filter makes of it, in text and in HTML."""

    def __init__(self, words: Sequence[str], put_off: Sequence[PutOff]) -> None:
        self.text: dict[int, str] = dict(enumerate(words, _HOLE))
        self.html: dict[int, str] = {at: str(escape(one)) for at, one in self.text.items()}
        for at, waiting in enumerate(put_off, _PUT_OFF):
            made = waiting.function(*map(self._filled, waiting.arguments))
            self.text[at], self.html[at] = str(made), str(escape(made))

    def _filled(self, value: Cut | int) -> str | int:
        if isinstance(value, int):
            return value
        if value.is_markup:
            return Markup(value.filled(self.html))  # noqa: S704 - what fills it is escaped
        return value.filled(self.text)
