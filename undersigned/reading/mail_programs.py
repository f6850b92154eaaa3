"""What mail programs write around a reply; the words are data, in languages/mail_programs.toml."""

import re
import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from importlib import resources

#: The label of a header row, bold or not ("*From:*", "**Von:**"); nothing longer is one.
_LABEL = re.compile(
    r"\s{0,8}[*_]{0,2}([^\s*_:：][^:：\n]{0,30}?)[*_]{0,2}\s{0,3}[:：][*_]{0,2}", re.IGNORECASE
)
#: What may stand between the verb of an attribution and the end of the line.
_BEHIND_VERB = re.compile(
    r"\s(?:the following|folgendes|o seguinte|le message suivant|lo siguiente|van het volgende)$"
)
_FOOTER_MARKS = "-*_([<|  \t"
_CHARACTERS_OF_A_FOOTER = 160


@dataclass(frozen=True, kw_only=True)
class MailPrograms:
    """The words and patterns of languages/mail_programs.toml."""

    #: From the label of a row in a quoted header block to which of the four it is.
    rows: Mapping[str, str]
    #: The last words of an attribution line.
    verbs: tuple[str, ...]
    #: Its verb, where names stand behind it.
    inside: re.Pattern[str]
    #: The beginning of a line that names whom it quotes and says no more.
    quoting: re.Pattern[str]
    #: The beginning of an attribution line.
    opens: re.Pattern[str]
    separator: re.Pattern[str]
    footer_begins: tuple[str, ...]
    footer_ends: tuple[str, ...]
    disclaimer: re.Pattern[str]
    banner_begins: tuple[str, ...]

    def row(self, line: str) -> str | None:
        """Give which row of a header block the line is: from, sent, to, subject; None for none.

        >>> mail_programs().row("*Gesendet:* Dienstag")
        'sent'
        """
        match = _LABEL.match(line)
        return self.rows.get(match.group(1).strip().lower()) if match else None

    def wrote(self, line: str) -> bool:
        """Say whether the line ends as an attribution does: "… wrote:"."""
        end = line[-80:].rstrip(" \t:：\u200f\u200e").lower()
        return _BEHIND_VERB.sub("", end).endswith(self.verbs)

    def is_footer(self, line: str) -> bool:
        """Say whether a phone or a webmail put the line below a reply."""
        if len(line) > _CHARACTERS_OF_A_FOOTER:
            return False
        words = line.strip(_FOOTER_MARKS).lower()
        return words.startswith(self.footer_begins) or words.rstrip(")]>.-*_ ").endswith(
            self.footer_ends
        )

    def is_banner(self, line: str) -> bool:
        """Say whether a mail gateway put the line above the words."""
        return line.lstrip(" \t*_!⚠\ufe0f>|").lower().startswith(self.banner_begins)


@cache
def mail_programs() -> MailPrograms:
    """Give the words and patterns, built once."""
    source = resources.files("undersigned.reading") / "languages" / "mail_programs.toml"
    table = tomllib.loads(source.read_text("utf-8"))
    return MailPrograms(
        rows={
            label.lower(): kind
            for kind in ("to", "subject", "sent", "from")
            for label in table["header"][kind]
        },
        verbs=tuple(verb.lower() for verb in table["attribution"]["wrote"]),
        inside=re.compile(rf"(?<!\w)(?:{_either(table['attribution']['inside'])})(?!\w)"),
        quoting=re.compile(rf"\s*(?:{_either(table['attribution']['quoting'])})\b", re.IGNORECASE),
        opens=re.compile(
            rf"\s*(?:{_either(table['attribution']['opens'])}\b|\S{{0,12}}\s?\d)", re.IGNORECASE
        ),
        separator=re.compile(
            r"\s*(?:[-_=*]{3,}\s*(?=[^\W\d_])[^\n]{2,60}?\s*[-_=*]{3,}|\[?\s*(?:"
            rf"{_either(table['separator']['bare'])})\s*[:：\]]?)\s*$",
            re.IGNORECASE,
        ),
        footer_begins=tuple(word.lower() for word in table["footer"]["begins"]),
        footer_ends=tuple(word.lower().rstrip(".") for word in table["footer"]["ends"]),
        disclaimer=re.compile("|".join(table["disclaimer"]["words"]), re.IGNORECASE),
        banner_begins=tuple(word.lower() for word in table["banner"]["begins"]),
    )


def _either(words: Iterable[str]) -> str:
    return "|".join(re.escape(word) for word in sorted(words, key=len, reverse=True))
