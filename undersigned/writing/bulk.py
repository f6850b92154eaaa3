"""Bulk mail as bytes: the same mail that `compose` makes, filled into a skeleton.

Many parties get one template's mail, which differs in names and tokens alone. So the template is
rendered once with holes where those stand (`holes`), for each language and each choice that it
makes by them; then a message is its holes filled, and the lines they stand in encoded. A template
that cannot be traced so (it asks how long a name is) is rendered and composed as ever; and now and
then a message is made both ways and compared.
"""

import binascii
import email
import email.policy
import logging
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import count, groupby

from undersigned.errors import PermanentFailure
from undersigned.writing.compose import Headers, boundary, compose, encoding, head
from undersigned.writing.holes import (
    HOLES,
    Cut,
    Filling,
    NotTracedError,
    PutOff,
    TracedTemplates,
    apart,
    holds,
)
from undersigned.writing.render import Rendered, Templates

log = logging.getLogger(__name__)

#: One message in so many is made both ways.
CHECKED_EVERY = 500
#: Skeletons kept at once: a letter has a few for each language.
KEPT = 200


@dataclass(frozen=True, kw_only=True)
class _Body:
    """One part of a message: pieces that stay, and pieces with holes, in turns; whole lines."""

    #: bytes are encoded already.
    pieces: tuple[bytes | Cut, ...]
    encoded: Callable[[str], bytes]
    cte: str

    @classmethod
    def of(cls, words: str) -> "_Body":
        """Give the part for words with holes, each of whose lines ends with a line feed."""
        lines = words.removesuffix("\n").split("\n")
        groups = [(holds, list(one)) for holds, one in groupby(lines, key=holds)]
        if encoding(HOLES.sub("", words)) == "base64":  # which knows no lines
            return cls(pieces=(Cut.of("\n".join(lines)),), encoded=_base64, cte="base64")
        whole = ((is_cut, "\n".join(one)) for is_cut, one in groups)
        pieces = (Cut.of(one) if is_cut else _quoted(one) for is_cut, one in whole)
        return cls(pieces=tuple(pieces), encoded=_quoted, cte="quoted-printable")

    def filled(self, table: Mapping[int, str], trim: Callable[[str], str]) -> bytes:
        """Give the part encoded."""
        return b"".join(
            one if isinstance(one, bytes) else self.encoded(trim(one.filled(table)))
            for one in self.pieces
        )


def _quoted(words: str) -> bytes:
    """Give lines in quoted-printable (RFC 2045 §6.7)."""
    octets = f"{words}\n".encode().replace(b"\n", b"\r\n")
    quoted = b"\r\n" + binascii.b2a_qp(octets, istext=True)
    return quoted.replace(b"\r\nFrom ", b"\r\n=46rom ")[2:]  # which some servers quote (RFC 4155)


def _base64(words: str) -> bytes:
    """Give lines in base64, 57 octets in the 76 columns of each (RFC 2045 §6.8)."""
    octets = f"{words}\n".encode().replace(b"\n", b"\r\n")
    return b"".join(
        binascii.b2a_base64(octets[at : at + 57], newline=False) + b"\r\n"
        for at in range(0, len(octets), 57)
    )


def _trimmed(words: str) -> str:
    """Give lines of plain text as `tidy` would leave them."""
    lines = [line.rstrip() for line in words.split("\n")]
    if not all(lines):
        raise NotTracedError("a line that a name leaves empty")
    return "\n".join(lines)


@dataclass(frozen=True, kw_only=True)
class _Skeleton:
    """A template in one language, with holes."""

    subject: Cut
    text: _Body
    html: _Body
    language: str
    put_off: tuple[PutOff, ...]
    made: Iterator[int] = field(default_factory=count)

    @classmethod
    def of(cls, rendered: Rendered, put_off: Sequence[PutOff]) -> "_Skeleton":
        """Give the skeleton of a template that was rendered with holes."""
        return cls(
            subject=Cut.of(rendered.subject),
            text=_Body.of(rendered.text),
            html=_Body.of(rendered.html),
            language=rendered.language,
            put_off=tuple(put_off),
        )

    def filled(self, headers: Headers, words: Sequence[str]) -> bytes:
        """Give the message with these words in its holes."""
        if any("\n" in one or "\r" in one for one in words):
            raise NotTracedError("a name of several lines")
        filling = Filling(words, self.put_off)
        subject = " ".join(self.subject.filled(filling.text).split())
        said = Rendered(subject=subject, text="", html="", language=self.language)
        mark = boundary(headers.message_id, 0)
        return b"".join(
            (
                head(headers, said),
                _HEAD % mark,
                _PART % (mark, b"plain", self.text.cte.encode()),
                b"\r\n",
                self.text.filled(filling.text, _trimmed),
                b"\r\n",
                _PART % (mark, b"html", self.html.cte.encode()),
                b"MIME-Version: 1.0\r\n\r\n",
                self.html.filled(filling.html, str),
                b"\r\n--%s--\r\n" % mark,
            )
        )


_HEAD = b'MIME-Version: 1.0\r\nContent-Type: multipart/alternative;\r\n boundary="%s"\r\n\r\n'
_PART = b'--%s\r\nContent-Type: text/%s; charset="utf-8"\r\nContent-Transfer-Encoding: %s\r\n'


class Bulk:
    """Composes the mail of many parties. Safe in several threads."""

    def __init__(self, templates: Templates) -> None:
        self._templates = templates
        self._traced = TracedTemplates(templates.folders)
        self._skeletons: dict[tuple[object, ...], _Skeleton | None] = {}

    def compose(self, headers: Headers, name: str, context: object, language: str) -> bytes:
        """Give the message that `compose` gives for what `Templates.render` makes of it.

        The two may differ in the transfer encoding of a body, and in nothing else.
        """
        try:
            fixed, words = apart(context)
            key = (name, language, *fixed)
            skeleton = self._skeletons[key] if key in self._skeletons else self._trace(key, context)
            raw = skeleton.filled(headers, words) if skeleton else None
        except NotTracedError:
            raw = skeleton = None
        if raw is not None and skeleton is not None and next(skeleton.made) % CHECKED_EVERY:
            return raw
        whole = compose(headers, self._templates.render(name, context, language))
        if raw is not None and not _same(raw, whole):
            log.error("a skeleton says another thing than its template", extra={"template": name})
            self._skeletons[key] = None
        return whole

    def _trace(self, key: tuple[object, ...], context: object) -> _Skeleton | None:
        name, language = str(key[0]), str(key[1])
        if len(self._skeletons) >= KEPT:
            self._skeletons.clear()
        try:
            rendered, put_off = self._traced.trace(name, context, language)
            self._skeletons[key] = made = _Skeleton.of(rendered, put_off)
        except (
            PermanentFailure
        ) as exc:  # one that is wrong as it is will say so when it is rendered
            log.info("a template has no skeleton", extra={"template": name, "why": str(exc)})
            self._skeletons[key] = made = None
        return made


def _same(one: bytes, other: bytes) -> bool:
    """Say whether two messages say the same once they are read."""
    return _read(one) == _read(other)


def _read(raw: bytes) -> list[object]:
    message = email.message_from_bytes(raw, policy=email.policy.default)
    bodies = [message.get_body((kind,)) for kind in ("plain", "html")]
    return [message.items(), *(body.get_content() if body else None for body in bodies)]
