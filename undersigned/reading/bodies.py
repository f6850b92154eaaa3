"""Which parts of a message are its text, by how they stand together (RFC 2046 §5.1, RFC 1847)."""

import re
from dataclasses import dataclass

from undersigned.reading import charsets, markup
from undersigned.reading.flowed import unwrapped
from undersigned.reading.mime import Part

#: A reply's own words are far shorter; what is longer is read by a person.
MAX_TEXT_CHARACTERS = 200_000
#: Eighty pages of quotes; beyond, a person reads it.
MAX_LINES = 4_000
#: White space that no pattern should have to try at every place.
_SPACES = re.compile(r"[^\S\n]{20,}")
#: As much HTML as is looked at: tags are most of it.
MAX_HTML_CHARACTERS = 800_000

_STUB = re.compile(
    r"(html|multi-?part|mime|mail client|view this message).{0,80}"
    r"(support|format|browser|client|reader)",
    re.IGNORECASE | re.DOTALL,
)
_STUB_CHARACTERS = 250
_SEALED = re.compile(r"\s*-----BEGIN PGP MESSAGE-----")
_TEXTS = frozenset({"text/plain", "text/html", "text/enriched"})


@dataclass(frozen=True, kw_only=True)
class Body:
    """The text of a message."""

    #: The best plain text there is, line ends as "\n".
    text: str
    #: The HTML as it came, or "".
    html: str
    #: Why a person must read it, or None.
    fault: str | None


@dataclass(frozen=True, kw_only=True)
class _Found:
    text: str = ""
    fault: str | None = None


def is_text(part: Part) -> bool:
    """Say whether a part may be the message's text and not an attachment."""
    return (
        part.content_type in _TEXTS
        and part.disposition != "attachment"
        and not (part.disposition == "inline" and part.is_named)
    )


def body(parts: tuple[Part, ...]) -> Body:
    """Give the text of a message, of the parts in the order and depth they stand in."""
    found = _read(parts, 0)
    text, is_cut = _within_limits(_clean(found.text))
    fault = found.fault or ("too-large" if is_cut else None)
    if any(is_text(part) and part.charset.lower() in charsets.REFUSED for part in parts):
        fault = fault or "refused-charset"
    if _SEALED.match(text):
        fault = "encrypted"
    if not text.strip():
        fault = fault or _sealed(parts)
    html = "\n".join(
        part.text() for part in parts if part.content_type == "text/html" and is_text(part)
    )
    return Body(text=text, html=html[:MAX_HTML_CHARACTERS], fault=fault)


def body_text(parts: tuple[Part, ...]) -> str:
    """Give the text of a message alone."""
    return _within_limits(_clean(_read(parts, 0).text))[0]


def rich_text(html: str) -> str:
    """Give the visible text of the HTML beside a plain text."""
    text, _ = markup.rendered(html)
    return _within_limits(_clean(text))[0]


def _within_limits(text: str) -> tuple[str, bool]:
    cut = text[:MAX_TEXT_CHARACTERS]
    if cut.count("\n") > MAX_LINES:
        cut = "\n".join(cut.split("\n", MAX_LINES)[:MAX_LINES])
    return _SPACES.sub(" " * 20, cut), len(cut) < len(text)


def _read(parts: tuple[Part, ...], place: int) -> _Found:
    part = parts[place]
    inside = [
        here for here in range(place + 1, _end(parts, place)) if parts[here].depth == part.depth + 1
    ]
    if not inside and not part.content_type.startswith("multipart/"):
        return _leaf(part)
    if part.content_type == "multipart/alternative":
        return _best(parts, inside)
    if part.content_type == "multipart/signed":
        inside = inside[:1]
    if part.content_type == "multipart/encrypted":
        return _Found(fault="encrypted")
    found = [_read(parts, here) for here in inside]
    return _Found(
        text="\n".join(one.text for one in found if one.text),
        fault=next((one.fault for one in found if one.fault), None),
    )


def _end(parts: tuple[Part, ...], place: int) -> int:
    """Give the place after the last part inside the container."""
    for here in range(place + 1, len(parts)):
        if parts[here].depth <= parts[place].depth:
            return here
    return len(parts)


def _leaf(part: Part) -> _Found:
    if not is_text(part):
        return _Found()
    fault = "too-large" if part.is_cut else None
    if part.content_type == "text/html":
        text, is_cut = markup.rendered(part.text()[:MAX_HTML_CHARACTERS])
        return _Found(text=text, fault=fault or ("too-large" if is_cut else None))
    return _Found(text=unwrapped(part), fault=fault)


def _best(parts: tuple[Part, ...], inside: list[int]) -> _Found:
    """Give the plain one of several forms of one text; HTML where the plain one says nothing.

    HTML is rendered only where it is needed: it costs most of the reading.
    """
    rich = [here for here in inside if _has_html(parts, here)]
    for here in inside:
        found = _read(parts, here) if here not in rich else _Found()
        if found.text.strip() and not (rich and _is_stub(found.text)):
            return found
    for here in rich:
        found = _read(parts, here)
        if found.text.strip() or found.fault:
            return found
    return _Found()


def _has_html(parts: tuple[Part, ...], place: int) -> bool:
    return any(one.content_type == "text/html" for one in parts[place : _end(parts, place)])


def _is_stub(text: str) -> bool:
    return len(text) < _STUB_CHARACTERS and _STUB.search(text) is not None


def _sealed(parts: tuple[Part, ...]) -> str | None:
    """Give the reason word of words that stand where we cannot read them."""
    for part in parts:
        if part.content_type in {"application/pkcs7-mime", "application/x-pkcs7-mime"}:
            return "encrypted"
        if part.content_type in {"application/ms-tnef", "application/vnd.ms-tnef"}:
            return "sealed-by-outlook"
    return None


def _clean(text: str) -> str:
    text = text.replace("\r\n", "\n").replace("\r", "\n").replace("\x00", "")
    # Gmail writes U+202F between the time and AM; Apple begins a quote with U+FEFF.
    return text.replace("\u202f", " ").replace("\ufeff", "").replace("\u00a0", " ")
