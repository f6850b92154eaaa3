"""What machines answer in a rehearsal: delivery reports, absence notes, ticket systems."""

from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime
from hashlib import sha256

from undersigned.rehearsal.mail_programs import Draft
from undersigned.rehearsal.received import Received

_MTA = "mx.rehearsal.example"


def failure_report(received: Received, at: datetime) -> bytes:
    """Give the report that a recipient is unknown (RFC 3464), as Postfix writes it."""
    said = f"550 5.1.1 <{received.recipient}>: Recipient address rejected: User unknown"
    return _report(
        received,
        at,
        subject="Undelivered Mail Returned to Sender",
        human=(
            f"This is the mail system at host {_MTA}.\n\n"
            "I'm sorry to have to inform you that your message could not\n"
            "be delivered to one or more recipients. It's attached below.\n\n"
            f"<{received.recipient}>: host said: {said}\n    (in reply to RCPT TO command)\n"
        ),
        fields=(("Action", "failed"), ("Status", "5.1.1"), ("Diagnostic-Code", f"smtp; {said}")),
    )


def delay_report(received: Received, at: datetime) -> bytes:
    """Give the report that a message is late and will be tried again (RFC 3464 §2.3.3)."""
    until = at + timedelta(days=4)
    return _report(
        received,
        at,
        subject="Delayed Mail (still being retried)",
        human=(
            f"This is the mail system at host {_MTA}.\n\n"
            "####################################################################\n"
            "# THIS IS A WARNING ONLY.  YOU DO NOT NEED TO RESEND YOUR MESSAGE. #\n"
            "####################################################################\n\n"
            "Your message could not be delivered for more than 4 hour(s).\n"
            "It will be retried until it is 5 day(s) old.\n\n"
            f"<{received.recipient}>: connect to the server: Connection timed out\n"
        ),
        fields=(
            ("Action", "delayed"),
            ("Status", "4.4.1"),
            ("Diagnostic-Code", "X-Postfix; connect to the server: Connection timed out"),
            ("Will-Retry-Until", format_datetime(until)),
        ),
    )


def _report(
    received: Received,
    at: datetime,
    *,
    subject: str,
    human: str,
    fields: tuple[tuple[str, str], ...],
) -> bytes:
    mark = sha256(received.raw).hexdigest()[:11].upper()
    boundary = f"{mark}/{_MTA}"
    lines = (
        f"Date: {format_datetime(at)}",
        f"From: MAILER-DAEMON@{_MTA} (Mail Delivery System)",
        f"To: {received.envelope_from}",
        f"Subject: {subject}",
        f"Message-ID: <{at:%Y%m%d%H%M%S}.{mark}@{_MTA}>",
        "Auto-Submitted: auto-replied",
        "MIME-Version: 1.0",
        "Content-Type: multipart/report; report-type=delivery-status;",
        f' boundary="{boundary}"',
        "",
        "This is a MIME-encapsulated message.",
        "",
        *_part(boundary, "Notification", "text/plain; charset=us-ascii", human),
        *_part(boundary, "Delivery report", "message/delivery-status", _status(received, fields)),
        *_part(boundary, "Returned Message", "message/rfc822", ""),
    )
    # The returned message follows byte for byte: reports are matched by what stands in it.
    text = "\n".join(lines).replace("\n", "\r\n")
    return text.encode() + received.raw + f"\r\n--{boundary}--\r\n".encode()


def _part(boundary: str, name: str, content_type: str, text: str) -> tuple[str, ...]:
    return (
        f"--{boundary}",
        f"Content-Description: {name}",
        f"Content-Type: {content_type}",
        "Content-Transfer-Encoding: 8bit",
        "",
        text,
    )


def _status(received: Received, fields: tuple[tuple[str, str], ...]) -> str:
    """Give the fields of the message, and those of its one recipient (RFC 3464 §2.1)."""
    lines = (
        f"Reporting-MTA: dns; {_MTA}",
        f"Arrival-Date: {format_datetime(received.date)}",
        "",
        f"Final-Recipient: rfc822; {received.recipient}",
        f"Original-Recipient: rfc822;{received.recipient}",
        *(f"{name}: {value}" for name, value in fields),
        "",
    )
    return "\n".join(lines)


def away(draft: Draft) -> bytes:
    """Give an absence note as Exchange sends it (RFC 3834)."""
    message = _automatic(draft, f"Automatic reply: {draft.received.subject}", "auto-generated")
    message["X-Auto-Response-Suppress"] = "All"
    message.set_content(draft.says)
    return message.as_bytes()


def ticket(draft: Draft) -> bytes:
    """Give the acknowledgement of a help desk."""
    number = int(sha256(draft.received.raw).hexdigest()[:6], 16) % 90_000 + 10_000
    message = _automatic(
        draft, f"[Request received #{number}] {draft.received.subject}", "auto-replied"
    )
    message["X-Mailer"] = "DeskMailer"
    quote = "\n".join(draft.quoted_text.split("\n")[:12])  # help desks repeat the first lines
    message.set_content(
        "##- Please type your reply above this line -##\n\n"
        f"{draft.says.replace('{number}', str(number))}\n\n"
        f"--------------------------------\n{draft.received.sender}\n\n{quote}\n"
    )
    return message.as_bytes()


def _automatic(draft: Draft, subject: str, kind: str) -> EmailMessage:
    mark = sha256(draft.received.raw).hexdigest()[:16]
    message = EmailMessage(policy=SMTP)
    message["Date"] = format_datetime(draft.sent_at)
    message["From"] = Address(display_name=draft.name, addr_spec=draft.address)
    message["To"] = draft.received.reply_field
    message["Subject"] = subject
    message["Message-ID"] = f"<{mark}@{draft.address.partition('@')[2]}>"
    if draft.received.message_id:
        message["In-Reply-To"] = draft.received.message_id
        message["References"] = draft.received.message_id
    message["Auto-Submitted"] = kind
    return message


#: Reports by the names that rehearsal.toml uses: they come from the post office, from nobody.
REPORTS: Mapping[str, Callable[[Received, datetime], bytes]] = {
    "failure": failure_report,
    "delay": delay_report,
}

#: Machines of the recipient's own, by the names that rehearsal.toml uses.
RESPONDERS: Mapping[str, Callable[[Draft], bytes]] = {"away": away, "ticket": ticket}
