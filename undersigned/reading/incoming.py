"""A message that came in, as text and headers; whatever its bytes are."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime
from functools import cached_property

from undersigned.domain import addresses
from undersigned.reading import bodies, charsets, headers, mime


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
        values = self._fields.get(name.lower())
        return headers.decoded(values[0]) if values else None

    def headers(self, name: str) -> tuple[str, ...]:
        """Give every field of that name, decoded, topmost first."""
        return tuple(headers.decoded(value) for value in self._fields.get(name.lower(), ()))

    @cached_property
    def _fields(self) -> dict[str, list[bytes]]:
        """The header's values by name, topmost first: two dozen of them are asked for."""
        return _by_name(self.parts[0].headers) if self.parts else {}


def parse(raw: bytes) -> Incoming:
    """Give the message that the bytes are; never raise: a fault says what to look at."""
    try:
        return _parse(raw)
    except Exception:  # noqa: BLE001 - a message nobody foresaw is kept and shown, never lost
        return Incoming(raw=raw, fault="unreadable")


def _parse(raw: bytes) -> Incoming:
    parts, fault = mime.parts(raw)
    top = _by_name(parts[0].headers)
    sender_name, sender = headers.mailbox(top.get("from", [b""])[0])
    body = bodies.body(parts)
    if headers.senders(top.get("from", ())) > 1:
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
        text=body.text,
        html=body.html,
        attachments=_attachments(parts),
        fault=fault or body.fault,
        parts=parts,
    )


def text(raw: bytes) -> str:
    """Give the text that `parse` would, and nothing else."""
    try:
        return bodies.body_text(mime.parts(raw)[0])
    except Exception:  # noqa: BLE001 - as above
        return ""


def _by_name(fields: Iterable[tuple[str, bytes]]) -> dict[str, list[bytes]]:
    found: dict[str, list[bytes]] = {}
    for name, value in fields:
        found.setdefault(name, []).append(value)
    return found


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


def _attachments(parts: tuple[mime.Part, ...]) -> tuple[Attachment, ...]:
    return tuple(
        Attachment(name=part.filename, content_type=part.content_type, size=len(part.body))
        for part in parts
        if not part.content_type.startswith("multipart/") and not bodies.is_text(part)
    )
