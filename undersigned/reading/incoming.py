"""A message that came in, as text and headers; whatever its bytes are."""

import re
from dataclasses import dataclass, field
from datetime import datetime

from undersigned.domain import addresses
from undersigned.reading import charsets, headers, markup, mime

#: A reply's own words are far shorter; what is longer is read by a person.
MAX_TEXT_CHARACTERS = 200_000

_PLAIN_STUB = re.compile(
    r"(html|multi-?part|mime|mail client|view this message).{0,80}"
    r"(support|format|browser|client|reader)",
    re.IGNORECASE | re.DOTALL,
)
_STUB_CHARACTERS = 250


@dataclass(frozen=True, kw_only=True)
class Attachment:
    """A part that is not the text."""

    name: str
    content_type: str
    #: Octets as they stand in the message, transfer encoding included.
    size: int


@dataclass(frozen=True, kw_only=True)
class Incoming:
    """One message as an IMAP server gave it."""

    raw: bytes = field(repr=False)
    message_id: str | None = None
    #: The address in From, normalized; "" where there is none.
    sender: str = ""
    sender_name: str = ""
    subject: str = ""
    in_reply_to: tuple[str, ...] = ()
    references: tuple[str, ...] = ()
    #: Addresses in To, Cc, Delivered-To and X-Original-To.
    recipients: tuple[str, ...] = ()
    date: datetime | None = None
    #: What stands in the header that marks our own messages.
    own_ids: tuple[str, ...] = ()
    #: The best plain text there is, line ends as "\n".
    text: str = field(default="", repr=False)
    #: The HTML part as it came, or "".
    html: str = field(default="", repr=False)
    attachments: tuple[Attachment, ...] = ()
    #: Why a person must read it, e.g. "too-large", "too-deep", "refused-charset"; or None.
    fault: str | None = None
    parts: tuple[mime.Part, ...] = field(default=(), repr=False)

    def header(self, name: str) -> str | None:
        """Give the first (topmost) field of that name, decoded, or None."""
        for here, value in self.parts[0].headers if self.parts else ():
            if here == name.lower():
                return headers.decoded(value)
        return None

    def headers(self, name: str) -> tuple[str, ...]:
        """Give every field of that name, decoded, topmost first."""
        fields = self.parts[0].headers if self.parts else ()
        return tuple(headers.decoded(value) for here, value in fields if here == name.lower())


def parse(raw: bytes) -> Incoming:
    """Give the message that the bytes are; never raise: a fault says what to look at."""
    try:
        return _parse(raw)
    except Exception:  # noqa: BLE001 - a message nobody foresaw is kept and shown, never lost
        return Incoming(raw=raw, fault="unreadable")


def _parse(raw: bytes) -> Incoming:
    parts, fault = mime.parts(raw)
    top: dict[str, list[bytes]] = {}
    for name, value in parts[0].headers:
        top.setdefault(name, []).append(value)
    sender_name, sender = headers.mailbox(top.get("from", [b""])[0])
    plain, html, hidden_fault = _texts(parts)
    if len(top.get("from", ())) > 1:
        fault = fault or "several-senders"
    return Incoming(
        raw=raw,
        message_id=_first(headers.message_ids(_joined(top, "message-id"))),
        sender=sender,
        sender_name=sender_name,
        subject=headers.decoded(top.get("subject", [b""])[0]),
        in_reply_to=headers.message_ids(_joined(top, "in-reply-to")),
        references=headers.message_ids(_joined(top, "references")),
        recipients=_recipients(top),
        date=headers.date(_joined(top, "date")),
        own_ids=tuple(headers.decoded(one) for one in top.get(addresses.OWN_ID_HEADER.lower(), ())),
        text=plain,
        html=html,
        attachments=_attachments(parts),
        fault=fault or hidden_fault,
        parts=parts,
    )


def _joined(top: dict[str, list[bytes]], name: str) -> str:
    return b" ".join(top.get(name, ())).decode("utf-8", "replace")


def _first(values: tuple[str, ...]) -> str | None:
    return values[0] if values else None


def _recipients(top: dict[str, list[bytes]]) -> tuple[str, ...]:
    found: dict[str, None] = {}
    for name in ("delivered-to", "x-original-to", "to", "cc", "envelope-to"):
        for value in top.get(name, ()):
            found.update(dict.fromkeys(headers.address_list(charsets.decode(value))))
    return tuple(found)


def _is_text(part: mime.Part) -> bool:
    return part.content_type in {"text/plain", "text/html", "text/enriched"} and (
        part.disposition != "attachment"
    )


def _texts(parts: tuple[mime.Part, ...]) -> tuple[str, str, str | None]:
    """Give the plain text, the HTML, and the reason word of what hides in them."""
    plain: list[str] = []
    html: list[str] = []
    fault: str | None = None
    # A signed or forwarded message's text stands before what is attached to it: the first text
    # parts of each kind are the reply, and later ones are joined only where they stand beside them.
    for part in parts:
        if not _is_text(part):
            continue
        if part.charset.lower() in charsets.REFUSED:
            fault = fault or "refused-charset"
        if part.is_cut:
            fault = fault or "too-large"
        if part.content_type == "text/html":
            html.append(part.text())
        else:
            plain.append(_unwrapped(part))
    text = "\n".join(plain)
    markup_text = "\n".join(html)[: MAX_TEXT_CHARACTERS * 4]
    if markup_text and (not text.strip() or _is_stub(text)):
        text = markup.text(markup_text)
    text = _clean(text)
    if len(text) > MAX_TEXT_CHARACTERS:
        text, fault = text[:MAX_TEXT_CHARACTERS], fault or "too-large"
    return text, markup_text, fault


def _is_stub(text: str) -> bool:
    return len(text) < _STUB_CHARACTERS and _PLAIN_STUB.search(text) is not None


def _clean(text: str) -> str:
    text = text.replace("\r\n", "\n").replace("\r", "\n").replace("\x00", "")
    # Gmail writes U+202F between the time and AM; Apple begins a quote with U+FEFF.
    return text.replace("\u202f", " ").replace("\ufeff", "").replace("\u00a0", " ")


def _unwrapped(part: mime.Part) -> str:
    text = part.text().replace("\r\n", "\n")
    if part.parameters.get("format", "").lower() != "flowed":
        return text
    return flowed(text, delsp=part.parameters.get("delsp", "").lower() == "yes")


def flowed(text: str, *, delsp: bool) -> str:
    r"""Give format=flowed text with its paragraphs on one line each (RFC 3676).

    >>> flowed("one \\ntwo\\n> quo \\n> ted", delsp=False)
    'one two\\n> quo ted'
    """
    lines: list[str] = []
    open_depth = -1
    for line in text.split("\n"):
        depth = len(line) - len(line.lstrip(">")) if line.startswith(">") else 0
        content = line[depth:]
        content = content.removeprefix(" ")
        is_signature = content == "-- "
        if open_depth == depth and not is_signature:
            lines[-1] += content
        else:
            lines.append((">" * depth + " " if depth else "") + content)
        flows = content.endswith(" ") and not is_signature
        open_depth = depth if flows else -1
        if flows and delsp:
            lines[-1] = lines[-1][:-1]
    return "\n".join(lines)


def _attachments(parts: tuple[mime.Part, ...]) -> tuple[Attachment, ...]:
    return tuple(
        Attachment(name=part.filename, content_type=part.content_type, size=len(part.body))
        for part in parts
        if not part.content_type.startswith("multipart/") and not _is_text(part)
    )
