"""The rivals in receiving, each of which gives messages a second."""

import email
import email.policy
import os
import pwd
import shutil
import sqlite3
import ssl
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from imapclient import IMAPClient

from tests import servers
from tests.servers.dovecot import PASSWORD, Dovecot

#: Messages that one FETCH asks for.
BATCH = 200

_MBSYNC = """
IMAPAccount bench
Host 127.0.0.1
Port {port}
User {user}
Pass {password}
SSLType IMAPS
CertificateFile {authority}

IMAPStore far
Account bench

MaildirStore near
Inbox {folder}/inbox
Path {folder}/
SubFolders Verbatim

Channel bench
Far :far:
Near :near:
Patterns INBOX
Sync Pull
Create Near
SyncState *
"""


@dataclass(frozen=True, kw_only=True)
class Race:
    """What every rival is given."""

    folder: Path
    dovecot: Dovecot
    address: str
    count: int


def fill(race: Race, messages: Iterator[bytes]) -> None:
    """Put messages into the mailbox as its server's own delivery would, and let it look once."""
    inbox = race.dovecot.folder(race.address)
    with opened(race):
        pass  # makes the mailbox
    owner = pwd.getpwnam(race.dovecot.owner)
    for number, raw in enumerate(messages):
        path = inbox / "new" / f"{int(time.time())}.M{number:06}P1.bench"
        path.write_bytes(raw)
        if os.getuid() == 0:
            os.chown(path, owner.pw_uid, owner.pw_gid)
    with opened(race) as client:
        found = client.search("ALL")
        client.fetch(found, ["RFC822.SIZE"])  # it measures each message once
    if len(found) != race.count:
        sys.exit(f"The mailbox has {len(found)} messages instead of {race.count}.")


def opened(race: Race) -> IMAPClient:
    """Log in and open the mailbox read-only."""
    context = ssl.create_default_context(cafile=str(race.dovecot.certificates.authority))
    client = IMAPClient("127.0.0.1", port=race.dovecot.imap_port, ssl_context=context)
    client.login(race.address, PASSWORD)
    client.select_folder("INBOX", readonly=True)
    return client


def mbsync(race: Race) -> float:
    """Pull the mailbox into a new Maildir."""
    program = servers.program("mbsync", install="apt-get install isync")
    folder = race.folder / "mbsync"
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir()
    settings = folder / "mbsyncrc"
    settings.write_text(
        _MBSYNC.format(
            port=race.dovecot.imap_port,
            user=race.address,
            password=PASSWORD,
            authority=race.dovecot.certificates.certificate,  # it carries no common name
            folder=folder,
        ),
        encoding="utf-8",
    )
    began = time.perf_counter()
    subprocess.run([program, "--quiet", "--config", settings, "bench"], check=True)
    took = time.perf_counter() - began
    pulled = sum(1 for path in (folder / "inbox").glob("*/*") if path.is_file())
    if pulled < race.count:
        sys.exit(f"mbsync pulled {pulled} of {race.count}.")
    return race.count / took


def fetch_only(race: Race) -> float:
    """Fetch every message whole, 200 at once, and look at none."""
    began = time.perf_counter()
    fetched = sum(1 for _ in _raws(race))
    took = time.perf_counter() - began
    if fetched != race.count:
        sys.exit(f"IMAPClient fetched {fetched} of {race.count}.")
    return race.count / took


def plain_pipeline(race: Race) -> float:
    """Fetch, parse with the standard library, cut off the quotation, and insert each durably."""
    import mailparser_reply  # noqa: PLC0415 - an extra that only this rival needs

    reader = mailparser_reply.EmailReplyParser(languages=["en"])
    path = race.folder / "plain.db"
    path.unlink(missing_ok=True)
    database = sqlite3.connect(path)
    database.execute("PRAGMA journal_mode=WAL")
    database.execute("PRAGMA synchronous=FULL")
    database.execute("CREATE TABLE reply (sender, subject, words, raw)")
    began = time.perf_counter()
    for raw in _raws(race):
        message = email.message_from_bytes(raw, policy=email.policy.default)
        body = message.get_body(("plain",))
        words = reader.parse_reply(body.get_content() if body else "")
        row = (str(message["From"]), str(message["Subject"]), words, raw)
        with database:
            database.execute("INSERT INTO reply VALUES (?, ?, ?, ?)", row)
    took = time.perf_counter() - began
    database.close()
    return race.count / took


def _raws(race: Race) -> Iterator[bytes]:
    with opened(race) as client:
        uids = client.search("ALL")
        for start in range(0, len(uids), BATCH):
            found = client.fetch(uids[start : start + BATCH], ["BODY.PEEK[]"])
            yield from (one[b"BODY[]"] for one in found.values())
