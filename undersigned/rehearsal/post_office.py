"""The post office on loopback: takes all mail by SMTP, keeps the campaign's mailbox behind IMAP.

What is sent to the campaign's address, whatever its tag, goes into the mailbox's INBOX; all other
mail is kept under its recipient. Nothing leaves this machine.
"""

import asyncio
import logging
import re
import threading
from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from email.utils import format_datetime, parseaddr
from pathlib import Path
from typing import TYPE_CHECKING, Any, Self

from aiosmtpd.smtp import SMTP, AuthResult, LoginPassword

from undersigned.domain import addresses
from undersigned.rehearsal.mailbox import Bind, RehearsalMailbox
from undersigned.rehearsal.office import Kept, OnMail
from undersigned.transport.accounts import ImapAccount, Security, SmtpAccount

if TYPE_CHECKING:
    from concurrent.futures import Future

#: The name under which the post office vouches for what it takes in (RFC 8601 §2.5).
AUTHSERV_ID = "mx.rehearsal.example"
#: Larger than anything a test sends; aiosmtpd's own limit is 32 MB.
SIZE_LIMIT = 70_000_000
#: For starting and stopping; a loopback server that takes longer is broken.
PATIENCE = timedelta(seconds=20)

_OWN_VERDICT = re.compile(
    rb"^authentication-results:\s*"
    + re.escape(AUTHSERV_ID.encode())
    + rb"[^\n]*\n(?:[ \t][^\n]*\n)*",
    re.IGNORECASE | re.MULTILINE,
)
_FROM = re.compile(rb"^from:([^\n]*\n(?:[ \t][^\n]*\n)*)", re.IGNORECASE | re.MULTILINE)


class PostOffice:
    """SMTP and IMAP on free loopback ports, in a thread of their own; a context manager."""

    def __init__(
        self,
        *,
        clock: Callable[[], datetime],
        mailbox: str,
        username: str | None = None,
        password: str = "rehearsal",  # noqa: S107 - guards nothing: the server is on loopback
        on_mail: OnMail | None = None,
        refuse: Mapping[str, tuple[str, ...]] | None = None,
        keep: Path | None = None,
        bind: Bind | None = None,
    ) -> None:
        """Set up the post office.

        `clock` gives the time that messages are stamped with. `mailbox` is the campaign's address.
        `refuse` maps a recipient to the SMTP replies it gets at RCPT, one a try, e.g.
        ("451 4.7.1 Greylisted",); then its mail is taken. `keep` is a folder for every message as
        .eml. `bind` says where else than on free ports of loopback, in the clear.
        """
        self._clock = clock
        self._mailbox = addresses.normalize(mailbox)
        self._username = username or mailbox
        self._password = password
        self._refuse = {
            addresses.normalize(who): list(said) for who, said in (refuse or {}).items()
        }
        self._keep = keep
        #: May be set until the first message comes in.
        self.on_mail = on_mail
        self._lock = threading.Lock()
        self._kept: list[Kept] = []
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, name="post-office")
        self._bind = bind or Bind()
        self._imap = RehearsalMailbox(username=self._username, password=password, bind=self._bind)
        self._smtp: asyncio.Server | None = None
        self._port = 0

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    def start(self) -> None:
        """Open both ports."""
        logging.getLogger("mail.log").setLevel(logging.ERROR)  # aiosmtpd warns of its own insides
        self._thread.start()
        self._call(self._start())

    def stop(self) -> None:
        """Close both ports and end the thread."""
        self._call(self._stop())
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(PATIENCE.total_seconds())
        self._loop.close()

    def accounts(self) -> tuple[SmtpAccount, ImapAccount]:
        """Give the accounts that reach the two servers."""
        smtp = SmtpAccount(
            host="127.0.0.1",
            port=self._port,
            security=Security.PLAIN,
            username=self._username,
            password=self._password,
        )
        imap = ImapAccount(
            host="127.0.0.1",
            port=self._imap.port,
            security=Security.PLAIN,
            username=self._username,
            password=self._password,
        )
        return smtp, imap

    def strangers_account(self) -> SmtpAccount:
        """Give the account by which the world sends mail in: the same port, without a login."""
        return SmtpAccount(host="127.0.0.1", port=self._port, security=Security.PLAIN)

    def received(self, address: str) -> tuple[Kept, ...]:
        """Give what was delivered to an address; for the campaign's, to all its tags."""
        wanted = addresses.normalize(address)
        with self._lock:
            return tuple(one for one in self._kept if self._box(one.recipient) == wanted)

    def everything(self) -> tuple[Kept, ...]:
        """Give every message that was delivered, in order."""
        with self._lock:
            return tuple(self._kept)

    def is_empty(self) -> bool:
        """Say that nothing is on its way: everything is delivered before it is answered for."""
        return True

    def put(self, raw: bytes, *, folder: str = "INBOX") -> None:
        """Put a message straight into the campaign's mailbox, as it is."""
        self._call(self._imap.deliver(raw, self._clock(), folder=folder))

    def _call(self, work: Any) -> Any:
        future: Future[Any] = asyncio.run_coroutine_threadsafe(work, self._loop)
        return future.result(PATIENCE.total_seconds())

    async def _start(self) -> None:
        await self._imap.start()
        self._smtp = await self._loop.create_server(
            self._session, self._bind.host, self._bind.smtp_port, ssl=self._bind.tls
        )
        self._port = self._smtp.sockets[0].getsockname()[1]

    async def _stop(self) -> None:
        if self._smtp is not None:
            self._smtp.close()
        await self._imap.stop()
        await self._hang_up()

    async def _hang_up(self) -> None:
        """End the conversations that are still open."""
        tasks = asyncio.all_tasks() - {asyncio.current_task()}
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    def _session(self) -> SMTP:
        return SMTP(
            self,
            hostname=AUTHSERV_ID,
            ident="rehearsal",
            data_size_limit=SIZE_LIMIT,
            enable_SMTPUTF8=True,
            auth_require_tls=False,  # loopback
            authenticator=self._authenticate,
            loop=self._loop,
        )

    def _authenticate(
        self, _server: Any, _session: Any, _envelope: Any, _mechanism: str, data: Any
    ) -> AuthResult:
        known = LoginPassword(self._username.encode(), self._password.encode())
        return AuthResult(success=data == known, handled=False)

    async def handle_RCPT(  # noqa: N802 - aiosmtpd's name
        self, _server: Any, _session: Any, envelope: Any, address: str, _options: list[str]
    ) -> str:
        """Refuse as scripted, or take the recipient."""
        script = self._refuse.get(self._box(address))
        if script:
            return script.pop(0)
        envelope.rcpt_tos.append(address)
        return "250 2.1.5 OK"

    async def handle_DATA(self, _server: Any, session: Any, envelope: Any) -> str:  # noqa: N802 - aiosmtpd's name
        """Deliver to every recipient."""
        for recipient in envelope.rcpt_tos:
            await self._deliver(
                recipient,
                envelope.original_content,
                reverse_path=_plain_path(envelope.mail_from),
                is_ours=bool(session.authenticated),
            )
        return "250 2.0.0 Taken by the rehearsal's post office"

    async def _deliver(
        self, recipient: str, content: bytes, *, reverse_path: str, is_ours: bool
    ) -> None:
        now = self._clock()
        raw = _stamped(content, recipient, reverse_path, now=now, is_ours=is_ours)
        kept = Kept(recipient=recipient, envelope_from=reverse_path, raw=raw, received_at=now)
        with self._lock:
            self._kept.append(kept)
            number = len(self._kept)
        if self._keep is not None:
            await asyncio.to_thread(_write, self._keep, number, kept)
        if self._box(recipient) == self._mailbox:
            await self._imap.deliver(raw, now)
        elif self.on_mail is not None:
            self.on_mail(recipient, raw, reverse_path)

    def _box(self, address: str) -> str:
        """Give the mailbox an address leads to: sub-addresses of the campaign are its own."""
        plain = addresses.normalize(address)
        local, _, host = plain.rpartition("@")
        without_tag = f"{local.partition('+')[0]}@{host}"
        return without_tag if without_tag == self._mailbox else plain


def _plain_path(mail_from: str | None) -> str:
    """Give the reverse path; aiosmtpd leaves the null one in its brackets."""
    return (mail_from or "").strip("<>")


def _stamped(
    content: bytes, recipient: str, reverse_path: str, *, now: datetime, is_ours: bool
) -> bytes:
    """Give the message with the trace a receiving server adds (RFC 5321 §4.4, RFC 8601)."""
    head, gap, body = content.partition(b"\r\n\r\n")
    head = _OWN_VERDICT.sub(b"", head + b"\r\n")  # RFC 8601 §5: nobody else speaks in our name
    trace = [
        f"Return-Path: <{reverse_path}>",
        f"Delivered-To: {recipient}",
        *([] if is_ours else [_verdict(head, reverse_path)]),
        f"Received: by {AUTHSERV_ID} with ESMTP; {format_datetime(now)}",
    ]
    return "".join(f"{line}\r\n" for line in trace).encode() + head + gap[2:] + body


def _verdict(head: bytes, reverse_path: str) -> str:
    """Give the verdict of a receiving server on mail from outside (RFC 8601 §2.2)."""
    found = _FROM.search(head)
    sender = parseaddr(found[1].decode("utf-8", "replace"))[1] if found else ""
    domain = addresses.domain(sender)
    if not reverse_path or not domain:  # reports are not signed, as a rule
        return f"Authentication-Results: {AUTHSERV_ID}; dkim=none; spf=none"
    return (
        f"Authentication-Results: {AUTHSERV_ID};\r\n"
        f"\tdkim=pass header.d={domain};\r\n"
        f"\tspf=pass smtp.mailfrom={reverse_path};\r\n"
        f"\tdmarc=pass header.from={domain}"
    )


def _write(folder: Path, number: int, kept: Kept) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    name = re.sub(r"[^\w.@+-]+", "_", kept.recipient)[:60]
    (folder / f"{number:05}-{name}.eml").write_bytes(kept.raw)
