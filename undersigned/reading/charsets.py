"""Bytes to text, whatever charset they claim: the names that mail programs use, and their lies."""

import codecs
import re
import unicodedata
from functools import cache

from charset_normalizer import from_bytes

from undersigned.reading.likely_charset import LOOKED_AT, is_western, likely_charset

#: What a declared name means in practice. Outlook calls CP949 "ks_c_5601-1987", everybody calls GBK
#: "gb2312", and Python does not know "windows-874" (WHATWG Encoding, names and labels).
_REALLY = {
    "ansi_x3.4-1968": "",
    "ascii": "",
    "us-ascii": "",
    "iso-8859-1": "cp1252",
    "iso8859-1": "cp1252",
    "latin1": "cp1252",
    "latin-1": "cp1252",
    "iso-8859-9": "cp1254",
    "iso-8859-8-i": "iso-8859-8",
    "iso-8859-11": "cp874",
    "tis-620": "cp874",
    "windows-874": "cp874",
    "x-windows-874": "cp874",
    "ks_c_5601-1987": "cp949",
    "ks_c_5601": "cp949",
    "ksc5601": "cp949",
    "ksc_5601": "cp949",
    "korean": "cp949",
    "euc-kr": "cp949",
    "euc_kr": "cp949",
    "x-windows-949": "cp949",
    "windows-949": "cp949",
    "ms949": "cp949",
    "uhc": "cp949",
    "gb2312": "gb18030",
    "gb_2312-80": "gb18030",
    "euc-cn": "gb18030",
    "gbk": "gb18030",
    "x-gbk": "gb18030",
    "cp936": "gb18030",
    "hz-gb-2312": "hz",
    "big5": "cp950",
    "x-x-big5": "cp950",
    "shift_jis": "cp932",
    "shift-jis": "cp932",
    "x-sjis": "cp932",
    "sjis": "cp932",
    "windows-31j": "cp932",
    "utf8": "utf-8",
    "unicode-1-1-utf-8": "utf-8",
    "utf8mb4": "utf-8",
    "unknown-8bit": "",
    "8bit": "",
    "binary": "",
    "default": "",
    "default_charset": "",
    "x-unknown": "",
}

#: Charsets that could smuggle words past every reader but one (WHATWG Encoding §4.2).
REFUSED = frozenset({"utf-7", "utf7", "unicode-1-1-utf-7", "x-utf-7", "utf-7-imap"})

#: Python codecs that turn bytes into bytes or run a decompressor: never a charset.
_NO_CHARSETS = frozenset(
    {"base64", "bz2", "hex", "quopri", "rot13", "uu", "zlib", "idna", "punycode", "raw-unicode-escape",  # noqa: E501 - a pattern is read whole
     "unicode-escape", "undefined", "mbcs", "oem"}
)  # fmt: skip

#: A character of three or more octets in UTF-8: no other charset makes such runs by chance.
_UTF8_SURE = re.compile(rb"[\xe0-\xef][\x80-\xbf]{2}|[\xf0-\xf4][\x80-\xbf]{3}")

#: Where Greek, Cyrillic and all that follows begin.
_BEYOND_LATIN = "\u036f"
_SEVERAL = 4
_LATIN = frozenset({"cp1252", "cp1250", "cp1254", "cp1257", "iso8859-2", "iso8859-15", "latin-1"})
_DOUBLE = frozenset({"cp949", "gb18030", "cp950", "cp932", "euc_jp", "johab", "big5hkscs"})

_JIS_ESCAPE = re.compile(rb"\x1b(\$\([A-Z@]|\$[@AB]|\([A-Z])")


def decode(data: bytes, declared: str = "") -> str:
    """Give the text of the bytes in NFC, by the declared charset or by what they plainly are.

    Never raises: what cannot be read becomes U+FFFD, and a name with U+FFFD in it is a review.

    >>> decode("서명합니다 똠".encode("cp949"), "ks_c_5601-1987")
    '서명합니다 똠'
    """
    if not declared and data.isascii() and b"\x1b" not in data:  # as nearly every header is
        return data.decode("ascii")
    return _composed(_decoded(data, declared.strip().strip("\"'").lower()))


def _composed(text: str) -> str:
    if text.isascii():
        return text
    if not _marks().isdisjoint(text):
        text = _too_many_marks().sub(lambda run: run.group(1), text)
    return unicodedata.normalize("NFC", text)


@cache
def _marks() -> frozenset[str]:
    """Give the combining marks, which most mail has none of."""
    return frozenset(
        chr(code) for code in range(0x300, 0x1F000) if unicodedata.combining(chr(code))
    )


@cache
def _too_many_marks() -> re.Pattern[str]:
    """Give the pattern of a run of combining marks that no language has.

    Ordering such a run costs the square of its length (UAX #15, "Stream-Safe Text Format").
    """
    marks = "".join(sorted(_marks()))
    return re.compile(f"([{marks}]{{30}})[{marks}]+")


def _decoded(data: bytes, declared: str) -> str:  # noqa: PLR0911 - one check, one way out
    if declared in REFUSED:
        return data.decode("ascii", "replace")
    if b"\x1b$)C" in data or declared == "iso-2022-kr":
        return data.decode("iso2022_kr", "replace")
    if b"\x1b" in data and (declared.startswith("iso-2022-jp") or b"\x1b$" in data):
        return _from_jis(data)
    if data.isascii() and declared not in {"hz-gb-2312", "utf-16", "utf-16le", "utf-16be"}:
        return data.decode("ascii")
    name = _codec(declared)
    if not data.isascii() and _is_utf8(data, name):
        return data.decode("utf-8")  # labelled otherwise by a program that lied
    if name is None or (name == "cp1252" and not is_western(data)):
        return _guessed(data)
    try:
        return data.decode(name)
    except UnicodeDecodeError:
        text = data.decode(name, "replace")
        return _guessed(data) if _is_garbled(text) else text


def _is_utf8(data: bytes, name: str | None) -> bool:
    """Say whether octets labelled otherwise are UTF-8.

    Hardly any Latin text is UTF-8 by chance. Two letters of Thai can be; so other scripts take
    several characters of their own kind, and charsets of double octets a character of three.
    """
    if name in _DOUBLE and _UTF8_SURE.search(data) is None:
        return False
    if name is not None and name.startswith("utf"):
        return False
    try:
        text = data.decode("utf-8")
    except UnicodeDecodeError:
        return False
    if name is None or name in _LATIN or _UTF8_SURE.search(data):
        return True
    return sum(character > _BEYOND_LATIN for character in text) >= _SEVERAL


def _is_garbled(text: str) -> bool:
    """Say whether more of what is beyond ASCII is lost than is there."""
    lost = text.count("\ufffd")
    return lost > len(text) - lost - sum(map(str.isascii, text))


@cache
def _codec(declared: str) -> str | None:
    """Give Python's name of a declared charset, or None where it has none."""
    name = _REALLY.get(declared, declared)
    if not name or name in _NO_CHARSETS:
        return None
    try:
        found = codecs.lookup(name).name
    except (LookupError, ValueError):
        return None
    return None if found in _NO_CHARSETS else found


def _guessed(data: bytes) -> str:
    name = likely_charset(data)
    if name is None:
        best = from_bytes(data[:LOOKED_AT]).best()
        name = best.encoding if best is not None else "utf-8"
    return data.decode(name, "replace")


def _from_jis(data: bytes) -> str:
    """Decode ISO-2022-JP with the vendor's rows that Python's codec refuses (NEC row 13, IBM).

    Each two-byte run is moved to Shift_JIS, where CP932 knows those rows.
    """
    text: list[str] = []
    mode, start = b"(B", 0
    for escape in [*_JIS_ESCAPE.finditer(data), None]:
        chunk = data[start : escape.start() if escape else len(data)]
        text.append(_jis_chunk(chunk, mode))
        if escape:
            mode, start = escape.group(1), escape.end()
    return "".join(text)


def _jis_chunk(chunk: bytes, mode: bytes) -> str:
    if not mode.startswith(b"$"):
        if mode == b"(I":  # half-width kana
            return bytes(octet | 0x80 for octet in chunk).decode("cp932", "replace")
        return chunk.decode("ascii", "replace")
    if mode not in {b"$B", b"$@"}:
        return (b"\x1b" + mode + chunk + b"\x1b(B").decode("iso2022_jp_2", "replace")
    out = bytearray()
    place = 0
    while place < len(chunk):
        first = chunk[place]
        if first <= 0x20 or place + 1 >= len(chunk):
            out.append(first)
            place += 1
            continue
        out += _shift(first, chunk[place + 1])
        place += 2
    return out.decode("cp932", "replace")


def _shift(first: int, second: int) -> bytes:
    """Move one JIS X 0208 pair to Shift_JIS (JIS X 0208:1997, appendix 1)."""
    # ruff: noqa: PLR2004 - the numbers are the standard's
    odd = first % 2
    trail = second + (0x1F if second < 0x60 else 0x20) if odd else second + 0x7E
    lead = (first + 1) // 2 + (0x70 if first < 0x5F else 0xB0)
    return bytes((lead & 0xFF, trail & 0xFF))
