"""Header values as people see them: encoded words, addresses, message ids."""

import base64
import binascii
import re
from collections.abc import Iterable
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from functools import lru_cache

from undersigned.domain import addresses
from undersigned.reading import charsets

_ENCODED = re.compile(r"=\?([^?\s]{1,60}?)(?:\*[^?\s]{0,20})?\?([bBqQ])\?([^?]{0,4000})\?=")
_BETWEEN = re.compile(r"(=\?[^?\s]+\?[bBqQ]\?[^?]*\?=)\s+(?==\?)")
_MESSAGE_ID = re.compile(r"<\s*([^<>\s]{1,500})\s*>")
_ADDRESS = re.compile(r"[^\s<>(),;:\"\[\]\\]{1,120}@[^\s<>(),;:\"\[\]\\@]{1,255}")
#: What only looks like an address: a quoted name, a comment.
_QUOTED = re.compile(r'"(?:[^"\\]|\\.)*"(?!@)|\((?:[^()\\]|\\.)*\)')
_NAMED = re.compile(r"^(.*)<([^<>]*)>")


def decoded(value: bytes) -> str:
    """Give a header's value as people see it (RFC 2047, RFC 6532), on one line.

    >>> decoded(b"=?ks_c_5601-1987?B?vK247Q==?=")
    '서명'
    """
    text = charsets.decode(value[:20_000])
    if "=?" in text:
        text = _words(text)
    return " ".join(text.replace("\ufeff", "").split())


def _words(text: str) -> str:
    out: list[str] = []
    place = 0
    charset, data = "", b""
    for match in _ENCODED.finditer(_BETWEEN.sub(r"\1", text)):
        source = match.string
        between = source[place : match.start()]
        # Words of one charset are joined before decoding: programs split characters between them.
        if between or match.group(1).lower() != charset:
            out += [charsets.decode(data, charset), between]
            charset, data = match.group(1).lower(), b""
        data += _octets(match.group(2), match.group(3))
        place = match.end()
    rest = _BETWEEN.sub(r"\1", text)[place:]
    return "".join([*out, charsets.decode(data, charset), rest])


def _octets(encoding: str, value: str) -> bytes:
    data = value.encode("utf-8", "replace")
    if encoding in "qQ":
        return re.sub(
            rb"=([0-9A-Fa-f]{2})", lambda m: bytes((int(m.group(1), 16),)), data.replace(b"_", b" ")
        )
    try:
        return base64.b64decode(data + b"=" * (-len(data) % 4))
    except binascii.Error:
        return b""


def message_ids(value: str) -> tuple[str, ...]:
    """Give the message ids in a header, angle brackets kept, in their order.

    >>> message_ids("<a@x.example> <b@x.example>")
    ('<a@x.example>', '<b@x.example>')
    """
    return tuple(f"<{one}>" for one in _MESSAGE_ID.findall(value[:20_000]))


@lru_cache(maxsize=2048)
def address_list(value: str) -> tuple[str, ...]:
    """Give the addresses in a header, normalized, each once, in their order."""
    found = (addresses.normalize(one) for one in _ADDRESS.findall(value[:20_000]))
    return tuple(dict.fromkeys(one.strip(".'") for one in found))


def mailbox(raw: bytes) -> tuple[str, str]:
    """Give the display name and the address of a From field.

    The address is taken from the raw field, where an encoded word cannot pretend to be one.

    >>> mailbox(b'"Kim, Ji-yeong" <ji@minjun.example>')
    ('Kim, Ji-yeong', 'ji@minjun.example')
    """
    text = charsets.decode(raw[:4000])
    match = _NAMED.match(text)
    if match is None:
        found = _ADDRESS.findall(_QUOTED.sub(" ", text))
        return ("", addresses.normalize(found[0])) if found else (decoded(raw), "")
    name = _words(match.group(1)).strip()
    if name.startswith('"') and name.endswith('"') and len(name) > 1:
        name = re.sub(r"\\(.)", r"\1", name[1:-1])
    found = _ADDRESS.findall(match.group(2))
    return " ".join(name.split()), addresses.normalize(found[-1]) if found else ""


def date(value: str) -> datetime | None:
    """Give a Date field as an aware UTC time, or None where it is none."""
    try:
        when = parsedate_to_datetime(value)
    except (ValueError, TypeError, IndexError, OverflowError):
        return None
    try:
        return (when if when.tzinfo else when.replace(tzinfo=UTC)).astimezone(UTC)
    except (ValueError, OverflowError):
        return None


def senders(fields: Iterable[bytes]) -> int:
    """Count the mailboxes that From names: with several, nobody can say whose word it is."""
    return sum(max(1, _bare(one).count("@")) for one in fields)


def _bare(raw: bytes) -> str:
    """Give a field without quoted names, comments, and names before an angle bracket."""
    text = _QUOTED.sub(" ", charsets.decode(raw[:4000]))
    return re.sub(r"[^,;:<>]*<([^<>]*)>", r" \1 ", text)
