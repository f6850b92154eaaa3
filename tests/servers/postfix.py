"""A private Postfix: takes our mail by submission and the world's by SMTP, delivers into Dovecot.

Nothing leaves it: every address is local, whatever its domain.
"""

import contextlib
import grp
import os
import pwd
import shutil
import signal
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from tests import servers
from tests.servers.certificates import Certificates
from tests.servers.dovecot import PASSWORD, Dovecot
from undersigned.transport.accounts import Security, SmtpAccount

#: The name under which it vouches for what comes in from the world (RFC 8601 section 2.5).
AUTHSERV_ID = "mx.letters.example"
INSTALL = "apt-get install postfix"
#: Postfix's own user; its package makes it.
USER = "postfix"
_LDA = ("/usr/lib/dovecot", "/usr/libexec/dovecot")

_MAIN = """
compatibility_level = 3.6
config_directory = {home}
queue_directory = {home}/queue
data_directory = {home}/data
command_directory = {commands}
daemon_directory = {daemons}
mail_owner = postfix
setgid_group = postdrop
maillog_file = {home}/log/maillog
maillog_file_prefixes = {home}/log
myhostname = mx.letters.example
mydestination =
mynetworks =
inet_interfaces = 127.0.0.1
inet_protocols = ipv4
recipient_delimiter = +
alias_maps =
alias_database =
local_recipient_maps =
virtual_mailbox_domains = static:all
virtual_mailbox_maps = static:all
virtual_transport = dovecot
dovecot_destination_recipient_limit = 1
default_transport = error:this post office delivers nowhere else
message_size_limit = 100000000
mailbox_size_limit = 0
virtual_mailbox_limit = 0
smtpd_peername_lookup = no
smtpd_client_connection_count_limit = 0
smtpd_client_connection_rate_limit = 0
minimal_backoff_time = 1s
maximal_backoff_time = 2s
queue_run_delay = 1s
smtpd_tls_cert_file = {certificate}
smtpd_tls_key_file = {key}
smtpd_tls_security_level = may
smtpd_sasl_type = dovecot
smtpd_sasl_path = inet:127.0.0.1:{sasl}
smtpd_relay_restrictions = permit_auth_destination, reject
"""

# A provider's server writes what it found about the sender; this one finds everything in order.
_VOUCH = f"""
/^<>$/ PREPEND Authentication-Results: {AUTHSERV_ID}; dkim=none; spf=none
/^(.*)@(.+)$/ PREPEND Authentication-Results: {AUTHSERV_ID}; dkim=pass header.d=$2; \
spf=pass smtp.mailfrom=$1@$2; dmarc=pass header.from=$2
"""

_MASTER = """
127.0.0.1:{smtp} inet n - n - - smtpd
  -o smtpd_sender_restrictions=check_sender_access,regexp:{home}/vouch
127.0.0.1:{submission} inet n - n - - smtpd
  -o smtpd_tls_security_level=encrypt
  -o smtpd_sasl_auth_enable=yes
  -o smtpd_recipient_restrictions={thinks}permit_sasl_authenticated,reject
postlog unix-dgram n - n - 1 postlogd
pickup unix n - n 60 1 pickup
cleanup unix n - n - 0 cleanup
qmgr unix n - n 300 1 qmgr
tlsmgr unix - - n 1000? 1 tlsmgr
rewrite unix - - n - - trivial-rewrite
bounce unix - - n - 0 bounce
defer unix - - n - 0 bounce
trace unix - - n - 0 bounce
flush unix n - n 1000? 0 flush
proxymap unix - - n - - proxymap
error unix - - n - - error
retry unix - - n - - error
anvil unix - - n - 1 anvil
showq unix n - n - - showq
dovecot unix - n n - 4 pipe
  flags=DRhu null_sender= user={owner}:{group} argv={lda} -c {dovecot} -e -f ${{sender}} \
-a ${{original_recipient}} -d ${{user}}@${{nexthop}}
"""


@dataclass(frozen=True, kw_only=True)
class Postfix:
    """Where a running Postfix is."""

    submission_port: int
    smtp_port: int
    home: Path
    certificates: Certificates

    def account(self, address: str, *, password: str = PASSWORD) -> SmtpAccount:
        """Give the account by which a campaign sends."""
        return SmtpAccount(
            host="127.0.0.1",
            port=self.submission_port,
            security=Security.STARTTLS,
            username=address,
            password=password,
            ca_file=self.certificates.authority,
        )

    def strangers_account(self) -> SmtpAccount:
        """Give the account by which the world sends mail in, without a login."""
        return SmtpAccount(host="127.0.0.1", port=self.smtp_port, security=Security.PLAIN)

    def is_empty(self) -> bool:
        """Say whether everything that was taken is delivered."""
        queues = ("maildrop", "incoming", "active", "deferred", "hold")
        return not any(
            path.is_file() for queue in queues for path in (self.home / "queue" / queue).rglob("*")
        )

    def log(self) -> str:
        """Give what Postfix wrote about its work."""
        return (self.home / "log" / "maillog").read_text(encoding="utf-8", errors="replace")


@contextmanager
def running(
    folder: Path, certificates: Certificates, dovecot: Dovecot, *, thinks: int = 0
) -> Iterator[Postfix]:
    """Run Postfix in front of a Dovecot until the block ends. Only root can.

    It `thinks` so many seconds about each recipient of our mail.
    """
    postfix = servers.program("postfix", install=INSTALL)
    lda = servers.program("dovecot-lda", install=INSTALL, folders=_LDA)
    if os.getuid() != 0:
        servers.missing("A private Postfix", "its master runs as root alone, so run this as root")
    home = folder / "postfix"
    running = Postfix(
        submission_port=servers.free_port(),
        smtp_port=servers.free_port(),
        home=home,
        certificates=certificates,
    )
    _set_up(running, dovecot, lda, thinks=thinks)
    servers.let_in(home)
    command = [postfix, "-c", home, "start-fg"]
    with servers.process(command, log=home / "log" / "output"):
        try:
            servers.wait_until(lambda: servers.answers(running.submission_port), "Postfix")
            yield running
        finally:
            _stop(home)


def _set_up(running: Postfix, dovecot: Dovecot, lda: Path, *, thinks: int) -> None:
    home = running.home
    for name in ("queue", "data", "log"):
        (home / name).mkdir(parents=True)
    user = pwd.getpwnam(USER)
    os.chown(home / "data", user.pw_uid, user.pw_gid)
    main = _MAIN.format(
        home=home,
        commands=Path(str(shutil.which("postconf", path="/usr/sbin:/usr/bin"))).parent,
        daemons=servers.program("master", install=INSTALL).parent,
        certificate=running.certificates.certificate,
        key=running.certificates.key,
        sasl=dovecot.sasl_port,
    )
    master = _MASTER.format(
        home=home,
        smtp=running.smtp_port,
        submission=running.submission_port,
        thinks=f"sleep,{thinks}," if thinks else "",
        owner=dovecot.owner,
        group=grp.getgrgid(pwd.getpwnam(dovecot.owner).pw_gid).gr_name,
        lda=lda,
        dovecot=dovecot.configuration,
    )
    for name, text in (("main.cf", main), ("master.cf", master), ("vouch", _VOUCH)):
        (home / name).write_text(text, encoding="ascii")


def _stop(home: Path) -> None:
    """End the master; `postfix start-fg` is a script that only waits for it."""
    with contextlib.suppress(FileNotFoundError, ProcessLookupError, ValueError):
        master = int((home / "queue" / "pid" / "master.pid").read_text(encoding="ascii"))
        os.kill(master, signal.SIGTERM)
