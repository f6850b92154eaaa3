"""The campaign's mailbox in the rehearsal's post office: a real IMAP server, in memory."""

import asyncio
import ssl
from argparse import Namespace
from contextlib import AsyncExitStack
from dataclasses import dataclass
from datetime import datetime

from proxyprotocol.reader import ProxyProtocolReader
from pymap.backend.dict import Config, DictBackend, Login
from pymap.backend.dict.mailbox import MailboxSet
from pymap.imap import IMAPServer
from pymap.parsing.message import AppendMessage
from pymap.user import UserMetadata
from pysasl.hashing import Cleartext

#: What a provider sets up in every mailbox, beside INBOX.
FOLDERS = ("Sent", "Junk", "Drafts", "Trash", "Archive")


@dataclass(frozen=True, kw_only=True)
class Bind:
    """Where the post office listens."""

    host: str = "127.0.0.1"
    #: 0 for any port that is free.
    smtp_port: int = 0
    imap_port: int = 0
    #: TLS from the first byte on both ports, or None for none.
    tls: ssl.SSLContext | None = None


class _Config(Config):
    """pymap's settings, less its questions to the network."""

    @property
    def greeting(self) -> bytes:
        """Greet without asking the DNS for this machine's name."""
        return b"The rehearsal's mailbox is ready"


class RehearsalMailbox:
    """One mailbox behind IMAP on loopback. Lives on the event loop that starts it."""

    def __init__(self, *, username: str, password: str, bind: Bind) -> None:
        self._username = username
        self._bind = bind
        self._password = password
        self._config: Config | None = None
        self._stack = AsyncExitStack()
        #: The port it answers on, once started.
        self.port = 0

    async def start(self) -> None:
        """Open the port and set up the folders."""
        self._config = config = _Config(
            Namespace(passlib_cfg=None, proxy_protocol=None, inherited_sockets=None),
            demo_data=False,
            demo_user=self._username,
            demo_password=self._password,
            host="127.0.0.1",
            port=0,
            tls_enabled=False,
            reject_dnsbl=False,
            hash_context=Cleartext(),  # a rehearsal's password is no secret
            invalid_user_sleep=0.0,
        )
        config.apply_context()
        login = Login(config)
        backend = DictBackend(login, config)
        user = UserMetadata(config, self._username, password=self._password)
        await login.demo_user_identity.set(user)
        async with login.demo_user_identity.new_session():
            pass  # makes the mailbox set
        for name in FOLDERS:
            await self._mailboxes.add_mailbox(name)
        await backend.start(self._stack)
        serve = ProxyProtocolReader(config.proxy_protocol).get_callback(
            IMAPServer(backend.login, config)
        )
        bind = self._bind
        server = await asyncio.start_server(serve, bind.host, bind.imap_port, ssl=bind.tls)
        self._stack.push_async_callback(_closed, server)
        self.port = server.sockets[0].getsockname()[1]

    async def stop(self) -> None:
        """Close the port and hang up."""
        await self._stack.aclose()

    async def deliver(self, raw: bytes, received_at: datetime, *, folder: str = "INBOX") -> None:
        """Put a message into a folder; clients in IDLE are told at once."""
        mailbox = await self._mailboxes.get_mailbox(folder)
        await mailbox.append(AppendMessage(raw, received_at), recent=True)

    @property
    def _mailboxes(self) -> MailboxSet:
        if self._config is None:
            raise RuntimeError("the rehearsal's mailbox has not been started")
        return self._config.set_cache[self._username][0]


async def _closed(server: asyncio.Server) -> None:
    server.close()
