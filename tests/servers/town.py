"""A town: Postfix and Dovecot together, as the office that a rehearsal's mail goes through."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

from tests.servers import certificates, dovecot, postfix
from tests.servers.dovecot import Dovecot
from tests.servers.postfix import Postfix
from undersigned.domain.addresses import normalize
from undersigned.rehearsal.office import Kept, OnMail
from undersigned.transport.accounts import SmtpAccount

#: How often the mailboxes are looked through for new mail, in seconds.
LOOK = 0.02


class Town:
    """Everybody's mailboxes behind real servers; what lies in them is what was received."""

    def __init__(self, dovecot: Dovecot, postfix: Postfix, *, mailbox: str) -> None:
        self.dovecot = dovecot
        self.postfix = postfix
        #: The campaign's address, which nobody tells of its mail: it is read by IMAP.
        self.mailbox = normalize(mailbox)
        self.on_mail: OnMail | None = None
        self._told: set[Path] = set()
        self._lock = threading.Lock()

    def strangers_account(self) -> SmtpAccount:
        """Give the account by which the world sends mail in, without a login."""
        return self.postfix.strangers_account()

    def received(self, address: str) -> tuple[Kept, ...]:
        """Give what was delivered to an address, all its tags."""
        return tuple(_kept(path) for path in _files(self.dovecot.folder(address)))

    def everything(self) -> tuple[Kept, ...]:
        """Give every message that was delivered."""
        return tuple(_kept(path) for path in self._all_files())

    def is_empty(self) -> bool:
        """Say whether everything that was taken is delivered, and told."""
        if not self.postfix.is_empty():
            return False
        with self._lock:
            return all(path.name in self._told_names for path in self._strangers_files())

    @property
    def _told_names(self) -> set[str]:
        return {path.name for path in self._told}

    def tell(self) -> None:
        """Tell of everything that was delivered to others than the campaign since the last time."""
        for path in self._strangers_files():
            if path not in self._told:
                kept = _kept(path)
                if self.on_mail is not None:
                    self.on_mail(kept.recipient, kept.raw, kept.envelope_from)
                with self._lock:
                    self._told.add(path)

    def _strangers_files(self) -> list[Path]:
        ours = self.dovecot.folder(self.mailbox)
        return [path for path in self._all_files() if ours not in path.parents]

    def _all_files(self) -> list[Path]:
        return sorted(path for folder in self.dovecot.mail.glob("*/*") for path in _files(folder))


def _files(folder: Path) -> list[Path]:
    return sorted([*folder.glob("new/*"), *folder.glob("cur/*")], key=lambda path: path.name)


def _kept(path: Path) -> Kept:
    """Give a message as SMTP carried it: a Maildir's lines end without CR."""
    raw = path.read_bytes().replace(b"\r\n", b"\n").replace(b"\n", b"\r\n")
    head = raw.partition(b"\r\n\r\n")[0].decode("ascii", "replace")
    fields = dict(line.partition(": ")[::2] for line in reversed(head.splitlines()[:4]))
    return Kept(
        recipient=fields["Delivered-To"],
        envelope_from=fields["Return-Path"].strip("<>"),
        raw=raw,
        received_at=datetime.fromtimestamp(path.stat().st_mtime, UTC),
    )


@contextmanager
def running(folder: Path, *, mailbox: str, thinks: int = 0) -> Iterator[Town]:
    """Run both servers until the block ends, and somebody who looks into the mailboxes."""
    issued = certificates.issue(folder / "certificates")
    with (
        dovecot.running(folder, issued) as imap,
        postfix.running(folder, issued, imap, thinks=thinks) as smtp,
        _watched(Town(imap, smtp, mailbox=mailbox)) as town,
    ):
        yield town


@contextmanager
def _watched(town: Town) -> Iterator[Town]:
    is_over = threading.Event()

    def watch() -> None:
        while not is_over.wait(LOOK):
            town.tell()

    thread = threading.Thread(target=watch, name="town")
    thread.start()
    try:
        yield town
    finally:
        is_over.set()
        thread.join()
