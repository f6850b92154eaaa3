"""How fast replies are read: from a Dovecot mailbox to decisions committed and receipts made.

Ours: a poll and its reading by Celery on Redis, SQLite (synchronous=FULL) and PostgreSQL
(synchronous_commit=on), one and two worker processes. Beside it: (e) mbsync pulling the same
mailbox to a Maildir; (f) IMAPClient fetching 200 at once without reading; (g) IMAPClient,
email.policy.default and mail-parser-reply with one INSERT each. All take turns in every round.
`python -m benchmarks.receiving [COUNT] [ROUNDS]`.
"""

import email
import email.policy
import itertools
import shutil
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from email.message import EmailMessage
from functools import partial
from pathlib import Path

from sqlalchemy import func, select, update

from benchmarks import ground, mailbox_rivals, tally
from benchmarks.mailbox_rivals import Race
from tests import campaigns
from tests.servers import certificates, dovecot, postgres, redis
from undersigned.domain.delivery import Purpose
from undersigned.flows import clearance, deliver, invite
from undersigned.service import Service
from undersigned.store import backup
from undersigned.store.tables import CampaignRow, DecisionRow, MessageRow

COUNT, ROUNDS = 5_000, 5
#: What must be reached of each rival.
GOALS = {"vs_mbsync": 1.0, "vs_fetch_only": 0.0, "vs_plain_pipeline": 4.0}
AUTHSERV_ID = "mx.letters.example"

_YES = "Yes, please add our name to the letter.\n\nKind regards,\nOffice\n"
_numbers = itertools.count(1)

#: Gives the URL of a new database in which everybody is invited.
NewDatabase = Callable[[], str]


def invited(url: str, folder: Path, smtp_port: int, count: int) -> list[bytes]:
    """Invite so many parties; gives the invitations as they left."""
    values = {
        "ACCOUNTS_DEFAULT_SMTP_HOST": "127.0.0.1",
        "ACCOUNTS_DEFAULT_SMTP_PORT": str(smtp_port),
        "ACCOUNTS_DEFAULT_SMTP_SECURITY": "plain",
    }
    service = ground.service(url, values)
    ground.check_durable(url)
    ground.opened(service, folder, count)
    invite.invite(service, campaigns.NAME, by="Alice", despite=[clearance.NEVER])
    deliver.deliver(service)
    with service.store.reading() as session:
        raws = session.scalars(select(MessageRow.raw).order_by(MessageRow.id)).all()
    service.close()
    return [raw for raw in raws if raw is not None]


def reply(raw: bytes, number: int) -> bytes:
    """Give a party's answer to its invitation, as a mail program writes it, the original quoted."""
    original = email.message_from_bytes(raw, policy=email.policy.default)
    body = original.get_body(("plain",))
    assert body is not None
    quoted = "\n".join(f"> {line}" for line in body.get_content().splitlines())
    mine = f"party{number}.example"
    proof = f"{AUTHSERV_ID}; spf=pass smtp.mailfrom={mine}; dmarc=pass header.from={mine}"
    answer = EmailMessage(policy=email.policy.SMTP)
    answer["Authentication-Results"] = proof
    answer["From"] = str(original["To"])
    answer["To"] = str(original["Reply-To"])
    answer["Subject"] = f"Re: {original['Subject']}"
    answer["Date"] = str(original["Date"])
    answer["Message-ID"] = f"<reply{number}@{mine}>"
    answer["In-Reply-To"] = answer["References"] = str(original["Message-ID"])
    answer.set_content(f"{_YES}\nOn Tue, 26 May 2026, Hana Whitfield wrote:\n{quoted}\n")
    html = "".join(f"<p>{line}</p>\n" for line in _YES.splitlines())
    answer.add_alternative(f"{html}<blockquote>{quoted}</blockquote>\n", subtype="html")
    return answer.as_bytes()


def ours(race: Race, redis_url: str, new_database: NewDatabase, processes: int) -> float:
    """Poll and read; ends when every decision is committed and every receipt made."""
    url = new_database()
    values = {
        "DATABASE_URL": url,
        "BROKER_URL": redis_url,
        "ACCOUNTS_DEFAULT_IMAP_HOST": "127.0.0.1",
        "ACCOUNTS_DEFAULT_IMAP_PORT": str(race.dovecot.imap_port),
        "ACCOUNTS_DEFAULT_IMAP_USERNAME": race.address,
        "ACCOUNTS_DEFAULT_IMAP_PASSWORD": dovecot.PASSWORD,
        "ACCOUNTS_DEFAULT_CA_FILE": str(race.dovecot.certificates.authority),
        "ACCOUNTS_DEFAULT_AUTHSERV_IDS": AUTHSERV_ID,
    }
    service = ground.service(url, values)
    try:
        log = race.folder / "worker.log"
        variables = ground.environment(**values)
        with ground.workers("worker.celery", processes, variables=variables, log=log):
            began = time.perf_counter()
            service.announce("fetch")
            _wait(service, race.count)
            return race.count / (time.perf_counter() - began)
    finally:
        service.close()


def _wait(service: Service, count: int) -> None:
    until = time.monotonic() + ground.PATIENCE
    receipts = select(func.count(MessageRow.id)).where(MessageRow.purpose == Purpose.RECEIPT)
    while True:
        with service.store.reading() as session:
            made = session.scalar(receipts) or 0
            decided = session.scalar(select(func.count(DecisionRow.id))) or 0
        if made >= count and decided >= count:
            return
        if time.monotonic() > until:
            sys.exit(f"After {ground.PATIENCE} seconds: {decided} decisions, {made} receipts.")
        time.sleep(0.05)


def templates(
    folder: Path, server: str, smtp_port: int, count: int
) -> tuple[dict[str, NewDatabase], Iterator[bytes]]:
    """Give what makes a database in which everybody is invited, and everybody's replies.

    Both databases hold the same invitations: tokens are drawn once and copied.
    """
    first = folder / "first.db"
    raws = invited(f"sqlite:///{first}", folder / "letter", smtp_port, count)
    template = f"{server}/first"
    postgres.create(server, "first")
    _copy(first, template)

    def sqlite() -> str:
        path = folder / f"bench{next(_numbers)}.db"
        shutil.copy(first, path)
        return f"sqlite:///{path}"

    def from_template() -> str:
        name = f"bench{next(_numbers)}"
        with postgres.connected(server) as connection:
            connection.execute(f'CREATE DATABASE "{name}" TEMPLATE "first"'.encode())
        return f"{server}/{name}"

    replies = (reply(raw, number) for number, raw in enumerate(raws))
    return {"sqlite": sqlite, "postgres": from_template}, replies


def _copy(source: Path, target: str) -> None:
    """Put a copy of one database into another, and let its campaign go on."""
    service = ground.service(target, {})
    ground.check_durable(target)
    backup.read(service.store, source, now=service.now)
    with service.store.writing() as session:
        session.execute(update(CampaignRow).values(paused_at=None))
    service.close()


def main() -> None:
    """Measure, print, and write the results."""
    count = int(sys.argv[1]) if len(sys.argv) > 1 else COUNT
    rounds = int(sys.argv[2]) if len(sys.argv) > 2 else ROUNDS  # noqa: PLR2004 - the second word
    with tempfile.TemporaryDirectory(prefix="undersigned-") as name:
        folder = Path(name)
        with (
            ground.sink(folder) as smtp_port,
            redis.running(folder) as redis_url,
            postgres.running(folder) as server,
            dovecot.running(folder, certificates.issue(folder / "certificates")) as mail,
        ):
            race = Race(folder=folder, dovecot=mail, address=campaigns.REPLY, count=count)
            kinds, replies = templates(folder, server, smtp_port, count)
            mailbox_rivals.fill(race, replies)
            contestants: dict[str, tally.Run] = {
                f"ours, {kind}, {processes} process{'es' * (processes > 1)}": partial(
                    ours, race, redis_url, new_database, processes
                )
                for kind, new_database in kinds.items()
                for processes in (1, 2)
            }
            mine = len(contestants)
            contestants |= {
                "(e) mbsync": partial(mailbox_rivals.mbsync, race),
                "(f) IMAPClient, unread": partial(mailbox_rivals.fetch_only, race),
                "(g) a plain pipeline": partial(mailbox_rivals.plain_pipeline, race),
            }
            reached = tally.in_turns(contestants, rounds)
    tally.print_table(f"Receiving {count} replies:", reached)
    found = tally.medians(reached)
    figures = {
        f"receiving.{key}": tally.best(found, "ours") / found[rival]
        for key, rival in zip(GOALS, list(contestants)[mine:], strict=True)
    }
    tally.keep(figures | {f"receiving.{one}.per_second": value for one, value in found.items()})
    for key, goal in GOALS.items():
        print(f"  receiving.{key:24} {figures[f'receiving.{key}']:8.2f}  (asked: {goal})")


if __name__ == "__main__":
    main()
