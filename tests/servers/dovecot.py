"""A private Dovecot: every address is a mailbox, read over IMAP with TLS and a password."""

import getpass
import grp
import imaplib
import os
import pwd
import ssl
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

from tests import servers
from tests.servers.authority import MAIL, Authority
from tests.servers.certificates import Certificates
from undersigned.domain.addresses import normalize
from undersigned.transport.accounts import GiveToken, ImapAccount, Security

#: The password of every mailbox.
PASSWORD = "rehearsal"
INSTALL = "apt-get install dovecot-imapd"

_CONFIGURATION = """
protocols = imap
listen = 127.0.0.1
base_dir = {home}/run
state_dir = {home}/state
log_path = {home}/log
default_internal_user = {internal}
default_internal_group = {internal_group}
default_login_user = {login}
default_vsz_limit = 0

ssl = required
ssl_cert = <{certificate}
ssl_key = <{key}
auth_mechanisms = plain login {token_mechanisms}
auth_username_format = %Lu
{token_passdb}
passdb {{
  driver = static
  mechanisms = plain login
  args = password={password}
}}
userdb {{
  driver = static
  args = uid={owner} gid={owner_group} home={home}/mail/%Ld/%Ln allow_all_users=yes
}}
mail_location = maildir:{home}/mail/%Ld/%Ln
mail_plugins = quota
first_valid_uid = 0
first_valid_gid = 0
recipient_delimiter = +
lda_mailbox_autocreate = yes
postmaster_address = postmaster@letters.example

namespace inbox {{
  inbox = yes
  separator = /
  mailbox Drafts {{
    auto = create
    special_use = \\Drafts
  }}
  mailbox Junk {{
    auto = create
    special_use = \\Junk
  }}
  mailbox Sent {{
    auto = create
    special_use = \\Sent
  }}
  mailbox Trash {{
    auto = create
    special_use = \\Trash
  }}
}}
plugin {{
  quota = maildir:mailbox
  quota_rule = *:storage=1G
}}

service imap-login {{
  chroot =
  inet_listener imap {{
    port = 0
  }}
  inet_listener imaps {{
    port = {imap}
    ssl = yes
  }}
}}
service auth {{
  inet_listener sasl {{
    port = {sasl}
  }}
  unix_listener auth-userdb {{
    mode = 0666
  }}
}}
service anvil {{
  chroot =
}}
service stats {{
  unix_listener stats-writer {{
    mode = 0666
  }}
}}
"""

_TOKEN_PASSDB = """
passdb {{
  driver = oauth2
  mechanisms = xoauth2
  args = {file}
}}
"""
_INTROSPECTION = """
introspection_mode = post
introspection_url = {url}
username_attribute = username
active_attribute = active
active_value = true
scope = {scope}
"""


@dataclass(frozen=True, kw_only=True)
class Dovecot:
    """Where a running Dovecot is."""

    imap_port: int
    #: Postfix asks here whether a password is right.
    sasl_port: int
    configuration: Path
    mail: Path
    #: Who owns the mail.
    owner: str
    certificates: Certificates

    def account(
        self, address: str, *, password: str = PASSWORD, token: GiveToken | None = None
    ) -> ImapAccount:
        """Give the account that reads an address's mailbox."""
        return ImapAccount(
            host="127.0.0.1",
            port=self.imap_port,
            security=Security.TLS,
            username=address,
            password=password,
            token=token,
            ca_file=self.certificates.authority,
            timeout=timedelta(seconds=servers.PATIENCE_SECONDS),
        )

    def client(self, address: str) -> imaplib.IMAP4_SSL:
        """Log in as the mailbox's owner does from a mail program."""
        trusted = ssl.create_default_context(cafile=str(self.certificates.authority))
        client = imaplib.IMAP4_SSL("127.0.0.1", self.imap_port, ssl_context=trusted)
        client.login(address, PASSWORD)
        return client

    def inbox(self, address: str) -> list[bytes]:
        """Give the messages in an address's INBOX, oldest first, from the disk."""
        folder = self.folder(address)
        files = [*folder.glob("new/*"), *folder.glob("cur/*")]
        return [path.read_bytes() for path in sorted(files, key=lambda path: path.name)]

    def folder(self, address: str) -> Path:
        """Give the Maildir of an address."""
        local, _, host = normalize(address).rpartition("@")
        return self.mail / host / local.partition("+")[0]


@contextmanager
def running(
    folder: Path, certificates: Certificates, *, authority: Authority | None = None
) -> Iterator[Dovecot]:
    """Run Dovecot, as root or not, until the block ends; an authority says what tokens open."""
    program = servers.program("dovecot", install=INSTALL)
    home = folder / "dovecot"
    for name in ("run", "state", "mail"):
        (home / name).mkdir(parents=True)
    (home / "log").touch()  # as a file of the mail's owner, who delivers
    owner = servers.unprivileged(home) or getpass.getuser()
    dovecot = Dovecot(
        imap_port=servers.free_port(),
        sasl_port=servers.free_port(),
        configuration=home / "dovecot.conf",
        mail=home / "mail",
        owner=owner,
        certificates=certificates,
    )
    written = _configuration(dovecot, home, _token_passdb(home, authority))
    dovecot.configuration.write_text(written, encoding="ascii")
    dovecot.configuration.chmod(0o644)
    command = [program, "-F", "-c", dovecot.configuration]
    with servers.process(command, log=home / "output"):
        servers.wait_until(lambda: servers.answers(dovecot.imap_port), "Dovecot")
        yield dovecot


def _token_passdb(home: Path, authority: Authority | None) -> str:
    """Give the part of the configuration by which Dovecot asks the authority about a token."""
    if authority is None:
        return ""
    file = home / "introspection.conf"
    file.write_text(_INTROSPECTION.format(url=f"{authority.url}/introspect", scope=MAIL))
    file.chmod(0o644)
    return _TOKEN_PASSDB.format(file=file)


def _configuration(dovecot: Dovecot, home: Path, token_passdb: str) -> str:
    """Dovecot drops its privileges to users of its own, where it has any to drop."""
    is_root = os.getuid() == 0
    owner = pwd.getpwnam(dovecot.owner)
    internal = "dovecot" if is_root else dovecot.owner
    return _CONFIGURATION.format(
        home=home,
        token_mechanisms="xoauth2" if token_passdb else "",
        token_passdb=token_passdb,
        internal=internal,
        internal_group=grp.getgrgid(pwd.getpwnam(internal).pw_gid).gr_name,
        login="dovenull" if is_root else dovecot.owner,
        certificate=dovecot.certificates.certificate,
        key=dovecot.certificates.key,
        password=PASSWORD,
        owner=owner.pw_uid,
        owner_group=owner.pw_gid,
        imap=dovecot.imap_port,
        sasl=dovecot.sasl_port,
    )
