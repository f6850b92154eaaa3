"""Header fields as ASCII lines: folded, encoded, and whole again when read back.

The standard library folds headers too, but puts blanks into long encoded names and encodes long
Message-IDs, which then match nothing; and its folding changes from one Python to the next, which
would change the bytes of a letter. RFC 5322 §2.2.3 (folding), RFC 2047 (encoded words), RFC 2369.
"""

import base64
import re
import unicodedata
from collections.abc import Iterable, Iterator
from functools import lru_cache

from undersigned.errors import PermanentFailure

#: Lines have at most this many characters where a token leaves the choice (RFC 5322 §2.1.1).
COLUMNS = 78

#: No line may have more than 998; the field's name needs room too.
LONGEST = 900

#: An encoded word has at most 75 characters, its line 76 (RFC 2047 §2): 12 of frame and 52 of
#: base64 leave room for the field's name.
_OCTETS_A_WORD = 39

#: Octets that stand in the midst of a character (RFC 3629 §3).
_IN_MIDST = range(0x80, 0xC0)

#: What Outlook and Exchange treat as a sign of phishing in a display name, or drop; and what would
#: break a quoted string.
_UNWELCOME = re.compile(r'[@:,;<>"\\]')

_ATOMS = re.compile(r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~ -]*")

#: Explicit directional embeddings and overrides (UAX #9): they let a name pose as another.
_OVERRIDES = frozenset({"LRE", "RLE", "LRO", "RLO", "PDF", "LRI", "RLI", "FSI", "PDI"})


def clean(text: str) -> str:
    r"""Give the text on one line, without control characters and direction overrides.

    >>> clean("Joint letter\r\nBcc: all@example.org")
    'Joint letter Bcc: all@example.org'
    """
    normal = unicodedata.normalize("NFC", text)
    if normal.isprintable():  # a space is the only blank that is
        return " ".join(normal.split())
    kept = (
        " " if unicodedata.category(char) in {"Cc", "Cs", "Zl", "Zp", "Zs"} else char
        for char in normal
        if unicodedata.bidirectional(char) not in _OVERRIDES
    )
    return " ".join("".join(kept).split())


def display_name(name: str) -> str:
    """Give the name as a mail program may show it beside the address.

    >>> display_name("Seo, Hana: secretariat@letters.example")
    'Seo Hana secretariat letters.example'
    """
    return " ".join(_UNWELCOME.sub(" ", clean(name)).split())


def is_token(text: str) -> bool:
    """Say whether the text may stand in a header as one token, on one line (RFC 5322 §2.1.1)."""
    return 0 < len(text) <= LONGEST and text.isascii() and text.isprintable() and " " not in text


def token(text: str) -> str:
    """Give the text if it may stand in a header as one token, else raise `PermanentFailure`."""
    if not is_token(text):
        raise PermanentFailure(f"{text!r} cannot stand in a mail header.")
    return text


@lru_cache(64)  # Subject and Date are the same in most messages of a batch
def words(name: str, text: str) -> str:
    """Give an unstructured field, e.g. Subject."""
    return _folded(name, _phrase(clean(text), quoted=False))


def tokens(name: str, values: Iterable[str]) -> str:
    """Give a field of tokens that stay whole, e.g. References."""
    return _folded(name, [token(value) for value in values])


def mailboxes(name: str, values: Iterable[tuple[str, str]]) -> str:
    """Give a field of mailboxes, each a display name (or "") and an address, e.g. To."""
    return _mailboxes(name, tuple(values))


@lru_cache(64)  # From is the same in every message of a batch
def _mailboxes(name: str, values: tuple[tuple[str, str], ...]) -> str:
    pieces: list[str] = []
    for shown, address in values:
        if pieces:
            pieces[-1] += ","
        bare = _ascii_address(address)
        phrase = _shown(shown)
        pieces += [*phrase, f"<{bare}>"] if phrase else [bare]
    return _folded(name, pieces)


@lru_cache(256)  # the sender's stands twice in every message
def _shown(name: str) -> tuple[str, ...]:
    return tuple(_phrase(display_name(name), quoted=True))


def _ascii_address(address: str) -> str:
    """Give the address with its domain in ASCII (RFC 5891); its local part has to be so already."""
    local, _, host = address.rpartition("@")
    try:
        ascii_host = host if host.isascii() else host.encode("idna").decode("ascii")
        return token(f"{local}@{ascii_host}")
    except (UnicodeError, PermanentFailure) as problem:
        raise PermanentFailure(
            f"No message can be sent to {address!r}: few mail servers take such an address. "
            "Ask for another one."
        ) from problem


def _phrase(text: str, *, quoted: bool) -> list[str]:
    """Give the pieces of a text, which may be broken between them."""
    pieces = text.split()
    if not text.isascii() or "=?" in text or any(len(piece) > COLUMNS - 20 for piece in pieces):
        return list(_encoded_words(text))
    if not quoted or _ATOMS.fullmatch(text):
        return pieces
    return [f'"{text}"'] if len(text) < COLUMNS - 20 else list(_encoded_words(text))


def _encoded_words(text: str) -> Iterator[str]:
    """Give the encoded words of a text, each of whole characters (RFC 2047 §5)."""
    octets = text.encode()
    while len(octets) > _OCTETS_A_WORD:
        end = _OCTETS_A_WORD
        while octets[end] in _IN_MIDST:
            end -= 1
        yield _encoded_word(octets[:end])
        octets = octets[end:]
    yield _encoded_word(octets)


def _encoded_word(octets: bytes) -> str:
    return f"=?utf-8?b?{base64.b64encode(octets).decode('ascii')}?="


def _folded(name: str, pieces: Iterable[str]) -> str:
    lines = [f"{name}:"]
    for piece in pieces:
        if len(lines[-1]) + 1 + len(piece) > COLUMNS and lines[-1] != f"{name}:":
            lines.append("")
        lines[-1] += f" {piece}"
    return "".join(f"{line}\r\n" for line in lines)
