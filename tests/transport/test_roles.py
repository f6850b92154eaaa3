"""What folders are for."""

import pytest

from undersigned.transport.roles import Role, as_folder


@pytest.mark.parametrize(
    ("name", "flags", "delimiter", "role"),
    [
        ("INBOX", (), b"/", Role.INBOX),
        ("inbox", (), b"/", Role.INBOX),
        ("Spamverdacht", (b"\\Junk",), b"/", Role.JUNK),  # the server's mark counts
        ("[Gmail]/Alle Nachrichten", (b"\\All", b"\\HasNoChildren"), b"/", Role.ALL),
        ("INBOX.Sent Items", (), b".", Role.SENT),  # Courier and old Dovecot
        ("Deleted Items", (), "/", Role.TRASH),
        ("Junk E-mail", (), None, Role.JUNK),
        ("Letters/Answers", (), b"/", None),
        ("Unsent", (), b"/", None),
    ],
)
def test_it_knows_a_folder_by_its_mark_or_name(
    name: str, flags: tuple[bytes, ...], delimiter: bytes | str | None, role: Role | None
) -> None:
    """Junk is read, and Sent, Drafts and Trash are not, whatever the server."""
    assert as_folder(name, flags, delimiter).role is role


@pytest.mark.parametrize(
    ("flags", "selectable"), [((), True), ((b"\\Noselect",), False), ((b"\\NonExistent",), False)]
)
def test_it_knows_what_can_be_opened(flags: tuple[bytes, ...], *, selectable: bool) -> None:
    """Some folders only hold others."""
    assert as_folder("[Gmail]", flags, b"/").selectable is selectable
