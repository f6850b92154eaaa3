"""What a rehearsing signer sees of a message: who wrote, when, where an answer goes, its words."""

import re
from dataclasses import dataclass
from datetime import datetime
from email import message_from_bytes, policy
from email.message import EmailMessage
from email.utils import parseaddr

_BODY = re.compile(r"<body[^>]*>(.*?)</body>", re.DOTALL | re.IGNORECASE)


@dataclass(frozen=True, kw_only=True)
class Received:
    """A message as its reader sees it."""

    #: "Name <address>" of its From.
    sender: str
    #: The address that an answer goes to: Reply-To, else From (RFC 5322 §3.6.2).
    reply_to: str
    #: The whole Reply-To field, with its name.
    reply_field: str
    recipient: str
    subject: str
    message_id: str
    references: tuple[str, ...]
    date: datetime
    text: str
    #: What stands inside <body>.
    html: str
    #: Where reports on it go; "" if nowhere.
    envelope_from: str
    #: Whether it says that a machine wrote it (RFC 3834 §5), as receipts and clarifications do.
    is_automatic: bool
    raw: bytes


def read(raw: bytes, recipient: str, envelope_from: str) -> Received:
    """Give what the reader of a message sees. Raises ValueError where it has no Date or sender."""
    message = message_from_bytes(raw, policy=policy.default)
    if not isinstance(message, EmailMessage):
        raise TypeError("the default policy makes EmailMessage")
    sent = message["date"].datetime if message["date"] else None
    sender = str(message["from"] or "")
    if sent is None or not parseaddr(sender)[1]:
        raise ValueError(f"a message to {recipient} has no Date or no From")
    reply_field = str(message["reply-to"] or sender)
    html = _part(message, "html")
    inner = _BODY.search(html)
    return Received(
        sender=sender.replace('"', ""),
        reply_to=parseaddr(reply_field)[1],
        reply_field=reply_field,
        recipient=recipient,
        subject=str(message["subject"] or ""),
        message_id=str(message["message-id"] or "").strip(),
        references=tuple(str(message["references"] or "").split()),
        date=sent,
        text=_part(message, "plain"),
        html=inner[1].strip() if inner else html,
        envelope_from=envelope_from,
        is_automatic=str(message["auto-submitted"] or "no").strip().lower() != "no",
        raw=raw,
    )


def _part(message: EmailMessage, subtype: str) -> str:
    part = message.get_body((subtype,))
    return str(part.get_content()).replace("\r\n", "\n") if part is not None else ""
