"""What mail programs write around a reply, as compiled patterns; the words are data."""

import re
import tomllib
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache
from importlib import resources


@dataclass(frozen=True, kw_only=True)
class MailPrograms:
    """The patterns made of languages/mail_programs.toml."""

    #: A row of a quoted header block; the group that matched says which of the four.
    header_row: re.Pattern[str]
    #: The end of an attribution line: a verb, then perhaps a colon.
    wrote: re.Pattern[str]
    #: The beginning of an attribution line.
    opens: re.Pattern[str]
    separator: re.Pattern[str]
    footer: re.Pattern[str]
    disclaimer: re.Pattern[str]
    banner: re.Pattern[str]


@cache
def mail_programs() -> MailPrograms:
    """Give the patterns, built once."""
    source = resources.files("undersigned.reading") / "languages" / "mail_programs.toml"
    table = tomllib.loads(source.read_text("utf-8"))
    rows = "|".join(
        f"(?P<{kind}>{_either(table['header'][kind])})"
        for kind in ("from", "sent", "subject", "to")
    )
    ends = "|".join(re.escape(end) for end in table["footer"]["ends"])
    return MailPrograms(
        header_row=re.compile(
            rf"\s*[*_]{{0,2}}(?:{rows})[*_]{{0,2}}\s{{0,3}}[:：][*_]{{0,2}}", re.IGNORECASE
        ),
        wrote=re.compile(
            rf"(?:^|\W)?(?:{_either(table['attribution']['wrote'])})"
            rf"(?:\s+(?:the following|folgendes|o seguinte|le message suivant|lo siguiente|van het volgende))?"  # noqa: E501 - a pattern is read whole
            rf"\s{{0,2}}[:：]?\s*$",
            re.IGNORECASE,
        ),
        opens=re.compile(
            rf"\s*(?:{_either(table['attribution']['opens'])}\b|\S{{0,12}}\s?\d)", re.IGNORECASE
        ),
        separator=re.compile(
            r"\s*(?:[-_=*]{3,}\s*(?=[^\W\d_])[^\n]{2,60}?\s*[-_=*]{3,}|\[?\s*(?:"
            rf"{_either(table['separator']['bare'])})\s*[:：\]]?)\s*$",
            re.IGNORECASE,
        ),
        footer=re.compile(
            rf"\s*(?:[-*_(\[<]{{0,3}}\s?(?:{_either(table['footer']['begins'])})"
            rf"|.{{0,60}}(?:{ends})\W{{0,3}}$)",
            re.IGNORECASE,
        ),
        disclaimer=re.compile("|".join(table["disclaimer"]["words"]), re.IGNORECASE),
        banner=re.compile(
            rf"\s*[*_!⚠️]{{0,4}}\s*(?:{_either(table['banner']['begins'])})", re.IGNORECASE
        ),
    )


def _either(words: Iterable[str]) -> str:
    return "|".join(re.escape(word) for word in sorted(words, key=len, reverse=True))
