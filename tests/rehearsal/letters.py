"""Messages of ours, as the tests of the rehearsal send them."""

from datetime import UTC, datetime
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime

NOW = datetime(2022, 11, 10, 14, 2, 11, tzinfo=UTC)
REPLY_TO = "sign+abcdefghijklmnop@letters.example"
TEXT = (
    "Dear friends,\n\nPlease sign the letter: reply YES “today”.\n\n"
    "Name:\nTitle (individuals only):\nCountry:\n\nHana Whitfield\n"
)


def ours(
    recipient: str, *, is_automatic: bool = False, number: int = 1, at: datetime = NOW
) -> bytes:
    """Give an invitation, or with `is_automatic` a receipt."""
    message = EmailMessage(policy=SMTP)
    message["From"] = "Hana Whitfield <hana@letters.example>"
    message["Reply-To"] = f"Hana Whitfield <{REPLY_TO}>"
    message["To"] = recipient
    message["Subject"] = "Invitation to sign"
    message["Date"] = format_datetime(at)
    message["Message-ID"] = f"<{number}.{recipient}>"
    if is_automatic:
        message["Auto-Submitted"] = "auto-replied"
    message.set_content(TEXT)
    message.add_alternative(
        "<html><body><p>Dear friends,</p><p>Please sign the letter: reply <b>YES</b>.</p>"
        "</body></html>",
        subtype="html",
    )
    return message.as_bytes()
