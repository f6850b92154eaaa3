"""Messages as bytes: what a template made, with the headers that carry it.

Every line has at most 78 octets save where a token cannot be broken, all octets are ASCII, line
ends are CRLF (RFC 5322 §2.1.1, RFC 2045 §6.7), and the same values always give the same bytes.
"""

import hashlib
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from email.message import EmailMessage
from email.parser import BytesParser
from email.policy import SMTP
from email.utils import format_datetime
from functools import lru_cache
from urllib.parse import quote

from undersigned.domain.addresses import OWN_ID_HEADER
from undersigned.writing import header_lines
from undersigned.writing.render import Rendered

#: Longest line of the bodies that we send as they are (RFC 5322 §2.1.1).
PLAIN_COLUMNS = 78


#: A message that goes along as it came.
WHOLE_MESSAGE = "message/rfc822"

#: Header fields stay as they were written.
_AS_IT_CAME = SMTP.clone(cte_type="7bit", refold_source="none")


@dataclass(frozen=True, kw_only=True)
class Attachment:
    """A file that goes with a message."""

    filename: str
    content: bytes
    #: E.g. "application/pdf".
    media_type: str


@dataclass(frozen=True, kw_only=True)
class Headers:
    """What stands above a message; the subject comes from its template."""

    from_name: str
    from_address: str
    to_address: str
    to_name: str | None = None
    #: Further addresses of the same recipient.
    to_more: tuple[str, ...] = ()
    #: Where answers go, with its reply token; None where that is From.
    reply_to: str | None = None
    #: Minted once, with or without its angle brackets.
    message_id: str
    #: The reply token, by which we know our own mail.
    own_id: str
    #: Aware; the Date header.
    date: datetime
    in_reply_to: str | None = None
    references: tuple[str, ...] = ()
    #: Receipts and clarifications only: help desks discard what is marked so (RFC 3834 §5).
    auto_replied: bool = False
    #: An address, or a mailto: or https: URI (RFC 2369).
    list_unsubscribe: str | None = None
    #: An https: URI that unsubscribes whoever posts to it (RFC 8058).
    one_click: str | None = None
    cc: tuple[str, ...] = ()


def compose(headers: Headers, rendered: Rendered, attachments: Sequence[Attachment] = ()) -> bytes:
    """Give the message as it goes to the server.

    Names and subject lose what may not stand in a header. An address or an id that cannot stand
    there as it is is a `PermanentFailure`: nobody guesses what was meant. Only an id of another's
    message, which serves threading and nothing else, is left out where it is malformed.
    """
    content = EmailMessage(policy=SMTP.clone(cte_type="7bit"))
    content.set_content(rendered.text, subtype="plain", cte=encoding(rendered.text))
    content.add_alternative(rendered.html, subtype="html", cte=encoding(rendered.html))
    for attachment in attachments:
        _attach(content, attachment)
    _set_boundaries(content, headers.message_id)
    return head(headers, rendered) + content.as_bytes()


def head(headers: Headers, rendered: Rendered) -> bytes:
    """Give the header fields above a message's body, of what was rendered the subject alone."""
    return "".join(_lines(headers, rendered)).encode("ascii")


def _attach(content: EmailMessage, attachment: Attachment) -> None:
    name = header_lines.clean(attachment.filename)
    maintype, _, subtype = attachment.media_type.partition("/")
    if attachment.media_type != WHOLE_MESSAGE:
        content.add_attachment(attachment.content, maintype, subtype, filename=name)
        return
    # A message may not be encoded as a whole (RFC 2046 §5.2.1): parts with 8 bits are, one by one.
    inner = BytesParser(_class=EmailMessage, policy=_AS_IT_CAME).parsebytes(attachment.content)
    content.add_attachment(inner, cte="7bit", filename=name)


def encoding(text: str) -> str:
    """Give the transfer encoding in which the text is safe and, where it can be, readable.

    "7bit" needs short ASCII lines that no mail server has a reason to touch: no trailing space, no
    "From " at the start (RFC 4155), which some quote.
    """
    touchy = any(
        len(line) > PLAIN_COLUMNS or line.startswith("From ") or line != line.rstrip()
        for line in text.split("\n")
    )
    if text.isascii() and not touchy:
        return "7bit"
    beyond = sum(not char.isascii() for char in text)
    return "quoted-printable" if beyond * 6 < len(text) else "base64"


def _lines(headers: Headers, rendered: Rendered) -> Iterator[str]:
    """Give the header fields, folded, each ending with CRLF."""
    mailboxes, tokens, words = header_lines.mailboxes, header_lines.tokens, header_lines.words
    yield mailboxes("From", [(headers.from_name, headers.from_address)])
    more = [("", address) for address in headers.to_more]
    yield mailboxes("To", [(headers.to_name or "", headers.to_address), *more])
    if headers.cc:
        yield mailboxes("Cc", [("", address) for address in headers.cc])
    if headers.reply_to:
        yield mailboxes("Reply-To", [(headers.from_name, headers.reply_to)])
    yield words("Subject", rendered.subject)
    yield words("Date", _moment(headers.date))
    yield tokens("Message-ID", [_bracketed(headers.message_id)])
    if threaded := _usable([headers.in_reply_to or ""]):
        yield tokens("In-Reply-To", threaded)
    if thread := _usable(headers.references):
        yield tokens("References", thread)
    yield tokens(OWN_ID_HEADER, [headers.own_id])
    if headers.auto_replied:
        yield words("Auto-Submitted", "auto-replied")
        # Exchange knows no Auto-Submitted; bounces are not suppressed, we want to see them.
        yield words("X-Auto-Response-Suppress", "OOF, AutoReply")
    if headers.list_unsubscribe:
        yield from _unsubscribing(headers.list_unsubscribe, headers.one_click)
    yield tokens("Content-Language", [rendered.language])


@lru_cache(64)  # all messages of a batch were made at once
def _moment(at: datetime) -> str:
    return format_datetime(at.astimezone(UTC))


def _unsubscribing(target: str, one_click: str | None) -> Iterator[str]:
    """Give the ways to unsubscribe, the one preferred first (RFC 2369 §3.2, RFC 8058 §3.1)."""
    ways = [f"<{_uri(target)}>"]
    if one_click is not None:
        ways = [f"<{one_click}>,", *ways]
    yield header_lines.tokens("List-Unsubscribe", ways)
    if one_click is not None:
        yield header_lines.words("List-Unsubscribe-Post", "List-Unsubscribe=One-Click")


def _bracketed(message_id: str) -> str:
    return f"<{message_id.removeprefix('<').removesuffix('>')}>"


def _usable(message_ids: Iterable[str]) -> list[str]:
    """Give the ids of other people's messages that can stand in a header."""
    return [_bracketed(one) for one in message_ids if header_lines.is_token(one)]


def _uri(target: str) -> str:
    if target.startswith(("mailto:", "https:")):
        return target
    return f"mailto:{quote(target, safe='@+')}?subject=UNSUBSCRIBE"


def _set_boundaries(content: EmailMessage, message_id: str) -> None:
    """Give each part that holds parts a boundary that follows from the message's id.

    "=_" occurs neither in base64 nor in quoted-printable (RFC 2045 §6.7), so no body holds it.
    """
    parts = [part for part in content.walk() if part.is_multipart()]
    for number, part in enumerate(parts):
        part.set_boundary(boundary(message_id, number).decode())


def boundary(message_id: str, number: int) -> bytes:
    """Give the boundary between the parts of a message's nth part that holds parts."""
    return b"=_" + hashlib.sha256(f"{message_id} {number}".encode()).hexdigest()[:32].encode()
