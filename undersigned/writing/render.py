"""Emails from templates: one folder an email, one file of words a language.

`email/<name>/` holds `subject.txt`, `body.txt` and `body.html`, which extend those of
`email/_base/` and lay out the words. The words themselves stand in `email/<name>/<lang>/words.txt`
(and those that all emails share in `email/_base/<lang>/words.txt`), so text and HTML say the same
in every language, and a native speaker corrects one file. A language that needs its own layout
may have its own `<lang>/body.txt`, `<lang>/body.html` or `<lang>/subject.txt` beside its words.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, fields
from functools import lru_cache
from itertools import dropwhile
from pathlib import Path

from jinja2 import (
    FileSystemLoader,
    StrictUndefined,
    TemplateError,
    TemplateNotFound,
    nodes,
    select_autoescape,
)
from jinja2 import meta as template_meta
from jinja2.sandbox import SandboxedEnvironment
from markupsafe import Markup, escape

from undersigned.errors import PermanentFailure
from undersigned.writing.languages import BASE, chain, direction
from undersigned.writing.wrapping import COLUMNS, tidy, width, wrap, wrap_entry

#: The words that one may reply with, the same in every language.
_KEYWORDS = re.compile(r"\b(YES|NO|WITHDRAW|UNSUBSCRIBE)\b")

PARTS = ("subject.txt", "body.txt", "body.html")


@dataclass(frozen=True, kw_only=True)
class Rendered:
    """The words of one email."""

    #: One line.
    subject: str
    #: Plain text with line feeds, ending with one.
    text: str
    #: A whole HTML document that says the same.
    html: str
    #: The language it is in, a BCP 47 tag.
    language: str = BASE


class Templates:
    """The template folders: what an operator's own folder has is found before what is shipped."""

    #: Sandboxed: `letter verify` renders the templates of a manifest that somebody supplied.
    environment_class: type[SandboxedEnvironment] = SandboxedEnvironment

    def __init__(self, folders: Sequence[Path]) -> None:
        """Look in these folders, in this order; each holds `email/` and `letter/`."""
        self.folders = tuple(folders)
        self._environment = self.environment_class(
            loader=FileSystemLoader(folders),
            undefined=StrictUndefined,
            autoescape=select_autoescape(["html"], default=False),
            trim_blocks=True,
            lstrip_blocks=True,
            keep_trailing_newline=True,
        )
        self._environment.filters |= {
            "wrap": _wrap,
            "hang": _hang,
            "entry": _entry,
            "entry_html": _entry_html,
            "keywords": _keywords,
            "rule": lambda text: "-" * min(width(text), COLUMNS),
        }

    def render(self, name: str, context: object, language: str = BASE) -> Rendered:
        """Give the email of that name in the closest language there is.

        `context` is a dataclass whose fields are the names that the templates use. A template that
        is missing, wrong, or uses a name that the context lacks is a `PermanentFailure`.
        """
        values = {field.name: getattr(context, field.name) for field in fields(context)}  # type: ignore[arg-type]
        found = self.language_for(name, language)
        subject, text, html = (self._part(name, part, found, values) for part in PARTS)
        return Rendered(
            subject=" ".join(subject.split()),
            text=tidy(text),
            html=html.strip() + "\n",
            language=found,
        )

    def language_for(self, name: str, *wanted: str | None) -> str:
        """Give the first of the wanted languages that the email has, as its folder is named.

        English where it has none of them.
        """
        for tag in wanted:
            for folder in chain(tag) if tag else ():
                if self._has(f"email/{name}/{folder}/words.txt"):
                    return folder
        return BASE

    def required_fields(self, name: str, language: str = BASE) -> frozenset[str]:
        """Give the further columns of prospects.csv (`prospect.more.X`) that the email uses."""
        found = self.language_for(name, language)
        pending = [self._file(name, part, found) for part in PARTS]
        words = (f"email/{folder}/{found}/words.txt" for folder in (name, "_base"))
        pending += [file for file in words if self._has(file)]
        used: set[str] = set()
        seen: set[str] = set()
        while pending:
            file = pending.pop()
            if file in seen:
                continue
            seen.add(file)
            fields_here, others = self._needs(file)
            used |= fields_here
            pending += others
        return frozenset(used)

    def document(self, file: str, **values: object) -> str:
        """Give what a template outside `email/` makes of the values, e.g. `letter/letter.html`."""
        try:
            return self._environment.get_template(file).render(values)
        except TemplateError as problem:
            raise _failure(file, problem) from problem

    def pieces(self, file: str, **values: object) -> Iterator[str]:
        """Give the same piece by piece; the first blank lines go."""
        try:
            pieces = self._environment.get_template(file).generate(values)
            yield from dropwhile(lambda piece: not piece.strip(), pieces)
        except TemplateError as problem:
            raise _failure(file, problem) from problem

    def _part(self, name: str, part: str, language: str, values: dict[str, object]) -> str:
        words = {
            "words_file": f"email/{name}/{language}/words.txt",
            "shared_file": f"email/_base/{language}/words.txt",
            "language": language,
            "direction": direction(language),
        }
        return self.document(self._file(name, part, language), **(values | words))

    def _file(self, name: str, part: str, language: str) -> str:
        own = f"email/{name}/{language}/{part}"
        return own if self._has(own) else f"email/{name}/{part}"

    def _has(self, file: str) -> bool:
        try:
            self._environment.get_template(file)
        except TemplateNotFound:
            return False
        except TemplateError as problem:
            raise _failure(file, problem) from problem
        return True

    def _needs(self, file: str) -> tuple[frozenset[str], tuple[str, ...]]:
        loader = self._environment.loader
        assert loader is not None  # noqa: S101 - __init__ gives one
        try:
            source, _, _ = loader.get_source(self._environment, file)
            return _needs(source)
        except TemplateError as problem:
            raise _failure(file, problem) from problem


def _failure(file: str, problem: TemplateError) -> PermanentFailure:
    where = getattr(problem, "lineno", None)
    place = f"{file}, line {where}" if where else file
    return PermanentFailure(f"The template {place} cannot be used: {problem}.")


#: Twelve languages of the mails to prospects, and what they are made of.
_FILES = 256


@lru_cache(_FILES)
def _needs(source: str) -> tuple[frozenset[str], tuple[str, ...]]:
    """Give the further columns that a template uses, and the templates that it names."""
    parsed = SandboxedEnvironment().parse(source)
    named = template_meta.find_referenced_templates(parsed)
    return frozenset(_more_fields(parsed)), tuple(one for one in named if one)


def _more_fields(parsed: nodes.Template) -> Iterator[str]:
    """Give X for every `prospect.more.X` and `prospect.more["X"]`."""
    for node in parsed.find_all(nodes.Getattr):
        if _is_more(node.node):
            yield node.attr
    for item in parsed.find_all(nodes.Getitem):
        if _is_more(item.node) and isinstance(item.arg, nodes.Const):
            yield str(item.arg.value)


def _is_more(node: nodes.Expr) -> bool:
    return (
        isinstance(node, nodes.Getattr)
        and node.attr == "more"
        and isinstance(node.node, nodes.Name)
        and node.node.name == "prospect"
    )


def _wrap(text: str, margin: str = "") -> str:
    return wrap(text, first=margin, rest=margin)


def _hang(text: str, first: str, rest: str) -> str:
    return wrap(text, first=first, rest=rest)


def _entry(line: str, first: str = "", rest: str = "    ") -> str:
    return wrap_entry(line, first=first, rest=rest)


def _entry_html(line: str) -> Markup:
    """Give a line of the list as HTML, its country kept whole beside the slash."""
    name, slash, country = line.rpartition(" / ")
    if not slash or width(country) > COLUMNS // 2:
        return escape(line)
    before, after = Markup(' <span style="white-space:nowrap">/ '), Markup("</span>")
    return escape(name) + before + country + after


def _keywords(text: str) -> Markup:
    """Give the text as HTML with the words that one may reply with in bold."""
    return Markup(_KEYWORDS.sub(r"<strong>\1</strong>", str(escape(text))))  # noqa: S704 - escaped
