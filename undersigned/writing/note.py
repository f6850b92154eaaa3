"""A note of the witness as a mail that people may read too."""

import email.policy
from email.message import EmailMessage

from undersigned.domain.witness import Note

_BODY = """\
This note belongs to Undersigned. Leave it here: by such notes a copy of a database knows that it
is one, and sends nothing. Without a note nothing is lost, but a copy may be taken for the original.

note: {key}
instance: {instance}
epoch: {epoch}
kind: {kind}
campaigns: {campaigns}
at: {at}
"""


def compose_note(note: Note) -> bytes:
    """Give the mail that holds a note, one field a line."""
    message = EmailMessage(policy=email.policy.SMTP)
    message["From"] = "Undersigned <undersigned@undersigned.invalid>"
    message["Subject"] = f"Undersigned: {note.kind.value} ({note.key[:8]}), please leave this here"
    message["Date"] = note.at
    message["Auto-Submitted"] = "auto-generated"
    message.set_content(
        _BODY.format(
            key=note.key,
            instance=note.instance,
            epoch=note.epoch,
            kind=note.kind.value,
            campaigns=" ".join(note.campaigns),  # names are kebab-case words
            at=note.at.isoformat(),
        )
    )
    return message.as_bytes()
