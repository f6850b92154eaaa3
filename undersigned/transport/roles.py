"""What a mailbox's folders are for: by the server's own mark, or by their usual names."""

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum


class Role(StrEnum):
    """What a folder is for."""

    INBOX = "inbox"
    JUNK = "junk"
    SENT = "sent"
    DRAFTS = "drafts"
    TRASH = "trash"
    #: Holds every message a second time (Gmail's "All Mail").
    ALL = "all"


#: The special-use attributes of RFC 6154 and the older names Gmail used for them.
_MARKS = {
    "\\junk": Role.JUNK,
    "\\spam": Role.JUNK,
    "\\sent": Role.SENT,
    "\\drafts": Role.DRAFTS,
    "\\trash": Role.TRASH,
    "\\all": Role.ALL,
    "\\allmail": Role.ALL,
}

#: For servers that mark nothing: the names that Dovecot, Exchange, Courier and mail programs use.
_NAMES = {
    "junk": Role.JUNK,
    "junk e-mail": Role.JUNK,
    "junk email": Role.JUNK,
    "spam": Role.JUNK,
    "bulk mail": Role.JUNK,
    "sent": Role.SENT,
    "sent items": Role.SENT,
    "sent messages": Role.SENT,
    "sent mail": Role.SENT,
    "drafts": Role.DRAFTS,
    "draft": Role.DRAFTS,
    "trash": Role.TRASH,
    "deleted items": Role.TRASH,
    "deleted messages": Role.TRASH,
    "bin": Role.TRASH,
    "all mail": Role.ALL,
}


@dataclass(frozen=True, kw_only=True)
class Folder:
    """One folder of a mailbox."""

    name: str
    role: Role | None
    #: False for folders that only hold other folders.
    selectable: bool


def as_folder(name: str, flags: Iterable[bytes], delimiter: bytes | str | None) -> Folder:
    r"""Give a folder as LIST shows it; the server's mark counts before the name.

    >>> as_folder("INBOX.Sent Items", [b"\\HasNoChildren"], b".").role
    <Role.SENT: 'sent'>
    """
    marks = {flag.decode("ascii", "replace").lower() for flag in flags}
    return Folder(
        name=name,
        role=_role(name, marks, delimiter),
        selectable=not marks & {"\\noselect", "\\nonexistent"},  # RFC 5258 §3
    )


def _role(name: str, marks: set[str], delimiter: bytes | str | None) -> Role | None:
    if name.upper() == "INBOX":  # RFC 3501 §5.1: the one name without case
        return Role.INBOX
    for mark, role in _MARKS.items():
        if mark in marks:
            return role
    separator = delimiter.decode("ascii", "replace") if isinstance(delimiter, bytes) else delimiter
    last = name.rsplit(separator, maxsplit=1)[-1] if separator else name
    return _NAMES.get(last.strip().lower())
