"""How fast invitations leave: from prospects to settled deliveries, and what others need for less.

Ours: Celery on Redis, SQLite (synchronous=FULL) and PostgreSQL (synchronous_commit=on), one and two
worker processes, into Postfix's smtp-sink. Beside it: (a) a Celery task a message with EmailMessage
and smtplib; (b) django-post-office, queueing included; (c) bare aiosmtplib over four open
connections, one message built beforehand; (d) smtp-source with 16 sessions. All take turns in every
round. `python -m benchmarks.sending [COUNT] [ROUNDS]`.
"""

import email
import email.policy
import itertools
import sys
import tempfile
import time
from collections.abc import Callable
from datetime import timedelta
from functools import partial
from pathlib import Path

from benchmarks import ground, rivals, tally
from benchmarks.rivals import Race
from tests import campaigns
from tests.servers import postgres, redis
from undersigned.domain.delivery import Purpose, State
from undersigned.flows import clearance, deliver, invite, prepare
from undersigned.store import leases

COUNT, ROUNDS = 5_000, 5
#: What must be reached of each rival.
GOALS = {
    "vs_task_per_message": 6.0,
    "vs_post_office": 4.0,
    "vs_bare_aiosmtplib": 0.8,
    "vs_smtp_source": 0.0,
}

_numbers = itertools.count(1)

#: Gives the URL of a new, empty database.
NewDatabase = Callable[[], str]


def ours(race: Race, new_database: NewDatabase, processes: int) -> float:
    """Invite everybody of a new campaign; ends when every delivery is settled."""
    url = new_database()
    values = {
        "DATABASE_URL": url,
        "BROKER_URL": race.redis_url,
        "ACCOUNTS_DEFAULT_SMTP_HOST": "127.0.0.1",
        "ACCOUNTS_DEFAULT_SMTP_PORT": str(race.smtp_port),
        "ACCOUNTS_DEFAULT_SMTP_SECURITY": "plain",
    }
    service = ground.service(url, values)
    ground.check_durable(url)
    ground.opened(service, race.folder / f"letter{next(_numbers)}", race.count)
    variables = ground.environment(**values)
    try:
        log = race.folder / "worker.log"
        with ground.workers("worker.celery", processes, variables=variables, log=log):
            began = time.perf_counter()
            invite.invite(service, campaigns.NAME, by="Alice", despite=[clearance.NEVER])
            ground.wait_for(service, Purpose.INVITATION, State.ACCEPTED, race.count)
            return race.count / (time.perf_counter() - began)
    finally:
        service.close()


def sample(folder: Path) -> tuple[bytes, str, str]:
    """Give an invitation of ours, and its bodies with {{ name }} where the party's name stands."""
    url = f"sqlite:///{folder}/sample.db"
    service = ground.service(url, {"ACCOUNTS_DEFAULT_SMTP_HOST": "127.0.0.1"})
    ground.opened(service, folder / "sample", 8)
    invite.invite(service, campaigns.NAME, by="Alice", despite=[clearance.NEVER])
    with service.store.writing() as session:
        claims = leases.claim(
            session,
            "default",
            purposes=deliver.BULK,
            owner="sample",
            now=service.now,
            lease=timedelta(hours=1),
            limit=8,
        )
    raws = [one.envelope.message for one in prepare.ready(service, claims).ready]
    service.close()
    raw = sorted(raws, key=len)[len(raws) // 2]
    message = email.message_from_bytes(raw, policy=email.policy.default)
    name = str(message["To"].addresses[0].display_name)
    bodies = [message.get_body((kind,)) for kind in ("plain", "html")]
    text, html = (body.get_content().replace(name, "{{ name }}") for body in bodies if body)
    return raw, text, html


def measure(kind: str, race: Race, new_database: NewDatabase, rounds: int) -> dict[str, float]:
    """Let all take turns on one kind of database; gives the ratios."""
    contestants = {
        "ours, 1 process": partial(ours, race, new_database, 1),
        "ours, 2 processes": partial(ours, race, new_database, 2),
        "(a) a Celery task a message": partial(rivals.per_message, race),
        "(b) django-post-office": lambda: rivals.post_office(race, new_database()),
        "(c) bare aiosmtplib": partial(rivals.bare_aiosmtplib, race),
        "(d) smtp-source": partial(rivals.smtp_source, race),
    }
    reached = tally.in_turns(contestants, rounds)
    tally.print_table(f"Sending {race.count} of {len(race.sample)} octets, {kind}:", reached)
    found = tally.medians(reached)
    names = list(contestants)
    figures = {
        f"sending.{kind}.{key}": tally.best(found, "ours") / found[rival]
        for key, rival in zip(GOALS, names[2:], strict=True)
    }
    beside = {f"sending.{kind}.{name}.per_second": found[name] for name in names}
    return figures | beside


def main() -> None:
    """Measure on both databases, print, and write the results."""
    count = int(sys.argv[1]) if len(sys.argv) > 1 else COUNT
    rounds = int(sys.argv[2]) if len(sys.argv) > 2 else ROUNDS  # noqa: PLR2004 - the second word
    rivals.made_venv()
    with tempfile.TemporaryDirectory(prefix="undersigned-") as name:
        folder = Path(name)
        with (
            ground.sink(folder) as smtp_port,
            redis.running(folder) as redis_url,
            postgres.running(folder) as server,
        ):
            raw, text, html = sample(folder)
            race = Race(
                folder=folder,
                smtp_port=smtp_port,
                redis_url=redis_url,
                count=count,
                sample=raw,
                text=text,
                html=html,
            )
            kinds: dict[str, NewDatabase] = {
                "sqlite": lambda: f"sqlite:///{folder}/bench{next(_numbers)}.db",
                "postgres": lambda: postgres.create(server, f"bench{next(_numbers)}"),
            }
            for kind, new_database in kinds.items():
                figures = measure(kind, race, new_database, rounds)
                tally.keep(figures)
                for key, goal in GOALS.items():
                    value = figures[f"sending.{kind}.{key}"]
                    print(f"  sending.{kind}.{key:24} {value:8.2f}  (asked: {goal})")


if __name__ == "__main__":
    main()
