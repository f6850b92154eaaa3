r"""A note of the witness, read from its mail.

>>> raw = b"Subject: x\r\n\r\nnote: k\r\ninstance: i\r\nepoch: 2\r\nkind: at-work\r\n"
>>> read_note(raw + b"campaigns: a b\r\nat: 2026-05-26T13:00:00+00:00\r\n").campaigns
('a', 'b')
"""

import email
import email.policy
import re
from datetime import datetime

from undersigned.domain.witness import Kind, Note

_FIELD = re.compile(r"^(note|instance|epoch|kind|campaigns|at): ?(.*?)\s*$", re.MULTILINE)


def read_note(raw: bytes) -> Note | None:
    """Give the note that a mail holds, or None where it holds none: people may put mail there."""
    message = email.message_from_bytes(raw, policy=email.policy.default)
    body = message.get_body(("plain",))
    if body is None:
        return None
    fields = dict(_FIELD.findall(body.get_content()))
    try:
        return Note(
            key=fields["note"],
            instance=fields["instance"],
            epoch=int(fields["epoch"]),
            kind=Kind(fields["kind"]),
            campaigns=tuple(fields["campaigns"].split()),
            at=datetime.fromisoformat(fields["at"]),
        )
    except (KeyError, ValueError):
        return None
