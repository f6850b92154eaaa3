"""The parts of a message (RFC 2045, RFC 2046), taken apart within limits and without surprise.

The standard library's parser costs more the deeper a message is nested and can run out of stack;
this one looks at every octet a bounded number of times.
"""

import binascii
import quopri
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from urllib.parse import unquote_to_bytes

from undersigned.reading import charsets, envelopes

#: Beyond these a message goes to a person, unread. No mail program comes near them.
MAX_OCTETS = 32 * 1024 * 1024
MAX_DEPTH = 8
#: Octets of all containers together: each level of nesting looks at all that it holds once more.
MAX_WORK = 64 * 1024 * 1024
MAX_PARTS = 200
MAX_HEADER_OCTETS = 512 * 1024
#: As much of one text part as is read; an answer is far shorter, and the quote below it is cut.
MAX_TEXT_OCTETS = 250_000
#: As much of an S/MIME message as is opened; certificates and pictures are in it, too.
MAX_SIGNED_OCTETS = 4 * 1024 * 1024
_SIGNED = frozenset({"application/pkcs7-mime", "application/x-pkcs7-mime"})

#: Behind a boundary stand at most two dashes and some white space (RFC 2046 §5.1.1).
_TAIL = 200
#: Lines that begin like a boundary and are none cost time; no honest message has so many.
_MARKS = 10_000

_HEADER_END = re.compile(rb"\r?\n\r?\n|\r\r")
_FIELD_NAME = re.compile(rb"([!-9;-~]{1,100})[ \t]*:")
_PARAMETER = re.compile(
    r';\s*([^\s=;"]{1,80}?)(\*\d{1,3})?(\*)?\s*=\s*(?:"((?:[^"\\]|\\.)*)"?|([^;\s]*))', re.DOTALL
)


@dataclass(frozen=True, kw_only=True)
class Part:
    """One leaf of a message, or a container of others."""

    #: Lower case, e.g. "text/plain".
    content_type: str
    parameters: Mapping[str, str] = field(default_factory=dict)
    #: "attachment", "inline" or "".
    disposition: str = ""
    filename: str = ""
    #: Whether the disposition itself names a file, and not the type alone.
    is_named: bool = False
    #: Header fields as they came: lower-case name, unfolded value.
    headers: tuple[tuple[str, bytes], ...] = ()
    #: Octets after the header, transfer encoding untouched.
    body: bytes = b""
    depth: int = 0

    @property
    def charset(self) -> str:
        """The declared charset, or ""."""
        return self.parameters.get("charset", "")

    def octets(self, limit: int = MAX_TEXT_OCTETS) -> bytes:
        """Give the first octets of the content with its transfer encoding undone."""
        encoding = self.value("content-transfer-encoding").lower().strip(" ;\"'")
        if encoding == "base64":
            return _base64(self.body[: limit * 3 // 2])[:limit]
        body = self.body[:limit]
        if encoding == "quoted-printable":
            return quopri.decodestring(body)
        return body

    @property
    def is_cut(self) -> bool:
        """Say whether the content is longer than what is read of it."""
        return len(self.body) > MAX_TEXT_OCTETS

    def text(self) -> str:
        """Give the content as text, by its declared charset or what it plainly is."""
        return charsets.decode(self.octets(), self.charset)

    def value(self, name: str) -> str:
        """Give the first field of that name, or ""."""
        for here, value in self.headers:
            if here == name:
                return value.decode("utf-8", "replace").strip()
        return ""


def _base64(data: bytes) -> bytes:
    kept = re.sub(rb"[^A-Za-z0-9+/]", b"", data)
    try:
        return binascii.a2b_base64(kept[: len(kept) // 4 * 4] + _padded(kept[len(kept) // 4 * 4 :]))
    except binascii.Error:
        return b""


def _padded(rest: bytes) -> bytes:
    return rest + b"=" * (4 - len(rest)) if len(rest) > 1 else b""


def parts(raw: bytes) -> tuple[tuple[Part, ...], str | None]:
    """Give every leaf of the message in order, and the reason word of a limit that it broke.

    The first part is the message's own header, with an empty body where it is a container.
    """
    if len(raw) > MAX_OCTETS:
        raw, fault = raw[:MAX_HEADER_OCTETS], "too-large"
    else:
        fault = None
    found: list[Part] = []
    work = 0
    pending = [_part(raw, 0, "text/plain")]
    while pending:
        part = pending.pop()
        found.append(part)
        if part.content_type.startswith("multipart/"):
            work += len(part.body)
        if work > MAX_WORK:
            return tuple(found), fault or "too-large"
        if len(found) >= MAX_PARTS:
            return tuple(found), fault or "too-many-parts"
        inside = _inside(part)
        if inside and part.depth >= MAX_DEPTH:
            fault = fault or "too-deep"
            continue
        pending.extend(reversed(inside))
    return tuple(found), fault


def _inside(part: Part) -> list[Part]:
    if part.content_type.startswith("multipart/"):
        boundary = part.parameters.get("boundary", "")
        standard = "message/rfc822" if part.content_type == "multipart/digest" else "text/plain"
        if boundary:
            return [
                _part(piece, part.depth + 1, standard) for piece in _pieces(part.body, boundary)
            ]
    if part.content_type in _SIGNED and "enveloped" not in part.parameters.get("smime-type", ""):
        content = envelopes.signed_content(part.octets(MAX_SIGNED_OCTETS))
        if content:
            return [_part(content, part.depth + 1, "text/plain")]
    return []


def _pieces(body: bytes, boundary: str) -> list[bytes]:
    r"""Give what stands between the boundary lines; what follows the last good one is kept.

    >>> _pieces(b"--b\r\none\r\n--b\r\ntwo\r\n--b--\r\n", "b")
    [b'one', b'two']
    """
    mark = b"--" + boundary.encode("utf-8", "surrogateescape")
    line_end = b"\n" if b"\n" in body else b"\r"
    pieces: list[bytes] = []
    start = -1
    place = 0 if body.startswith(mark) else body.find(line_end + mark) + 1
    for _ in range(_MARKS):
        if place == 0 and not body.startswith(mark):
            break
        after = place + len(mark)
        end = body.find(line_end, after)
        tail = body[after : end if end >= 0 else len(body)][:_TAIL].strip()
        if tail in {b"", b"--"}:
            if start >= 0:
                pieces.append(_without_line_end(body[start:place]))
            if tail or len(pieces) > MAX_PARTS:
                return pieces
            start = end + 1 if end >= 0 else len(body)
        place = body.find(line_end + mark, after - 1) + 1
        if place == 0:
            break
    if start >= 0:
        pieces.append(body[start:])  # the last boundary is missing: cut off on the way
    return pieces


def _without_line_end(piece: bytes) -> bytes:
    if piece.endswith(b"\r\n"):
        return piece[:-2]
    return piece[:-1] if piece.endswith((b"\n", b"\r")) else piece


def _part(raw: bytes, depth: int, standard: str) -> Part:
    headers, body = split(raw)
    known = {name: value for name, value in reversed(headers) if name.startswith("content-")}
    content_type, parameters = typed(known.get("content-type", b""), standard)
    disposition, more = typed(known.get("content-disposition", b""), "")
    return Part(
        content_type=content_type,
        parameters=parameters,
        disposition=disposition,
        filename=more.get("filename", "") or parameters.get("name", ""),
        is_named="filename" in more,
        headers=headers,
        body=body,
        depth=depth,
    )


def split(raw: bytes) -> tuple[tuple[tuple[str, bytes], ...], bytes]:
    """Give the header fields and the body of a message or a part."""
    head = raw.lstrip(b"\r\n") if raw[:1] in {b"\r", b"\n"} and not raw.strip(b"\r\n") else raw
    if head[:1] in {b"\r", b"\n"}:
        return (), head[2:] if head[:2] == b"\r\n" else head[1:]
    end = _HEADER_END.search(head, 0, MAX_HEADER_OCTETS)
    block = head[: end.start()] if end else head[:MAX_HEADER_OCTETS]
    if end is None and _FIELD_NAME.match(head) is None:
        return (), raw  # no header at all
    fields: list[tuple[str, bytes]] = []
    current: list[bytes] = []
    for line in block.splitlines():
        if line[:1] in {b" ", b"\t"} and current:
            current.append(line)
            continue
        if current:
            fields.append(_field(current))
            current = []
        if _FIELD_NAME.match(line):
            current = [line]
    if current:
        fields.append(_field(current))
    return tuple(fields), head[end.end() :] if end else b""


def _field(lines: list[bytes]) -> tuple[str, bytes]:
    name, _, value = (lines[0] if len(lines) == 1 else b"".join(lines)).partition(b":")
    return name.strip().decode("ascii", "replace").lower(), value.strip()


def typed(value: bytes, standard: str) -> tuple[str, dict[str, str]]:
    """Give the value and the parameters of a Content- field (RFC 2045 §5, RFC 2231).

    >>> typed(b"text/plain; charset=utf-8; format=flowed", "text/plain")
    ('text/plain', {'charset': 'utf-8', 'format': 'flowed'})
    """
    if not value:  # most parts have no disposition
        return standard, {}
    text = charsets.decode(value[:8192])
    main = text.partition(";")[0].strip().lower()
    if not re.fullmatch(r"[\w.+-]+/[\w.+-]+|[\w-]+", main):
        main = standard
    return main or standard, _parameters(text[text.find(";") :]) if ";" in text else {}


def _parameters(text: str) -> dict[str, str]:
    plain: dict[str, str] = {}
    pieces: dict[str, list[tuple[int, bool, str]]] = {}
    for match in _PARAMETER.finditer(text):
        name, number, extended, quoted, bare = match.groups()
        value = re.sub(r"\\(.)", r"\1", quoted) if quoted is not None else bare or ""
        if number or extended:
            order = int(number[1:]) if number else 0
            pieces.setdefault(name.lower(), []).append((order, bool(extended), value))
        else:
            plain.setdefault(name.lower(), value)
    for name, several in pieces.items():
        plain[name] = _continued(sorted(several))
    return plain


def _continued(pieces: list[tuple[int, bool, str]]) -> str:
    """Join the continuations of one parameter (RFC 2231 §3, §4)."""
    charset, data = "", b""
    for place, (_, extended, value) in enumerate(pieces):
        piece = value
        if extended and place == 0 and piece.count("'") > 1:
            charset, _, piece = piece.split("'", 2)
        data += unquote_to_bytes(piece) if extended else piece.encode()
    return charsets.decode(data, charset)
