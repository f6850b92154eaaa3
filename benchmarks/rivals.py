"""The rivals in sending, each of which gives messages a second."""

import asyncio
import json
import os
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import aiosmtplib
import redis

from benchmarks import ground, task_per_message
from tests import servers

if TYPE_CHECKING:
    from collections.abc import Sequence

#: Open connections of the bare aiosmtplib.
CONNECTIONS = 4
#: Sessions of smtp-source.
SESSIONS = 16
#: Where django-post-office lives, and what it is made of.
VENV = ground.ROOT / "var/bench/post_office"
PINS = ("django==5.2.19", "django-post-office==3.12.0", "psycopg[binary]==3.3.9")


@dataclass(frozen=True, kw_only=True)
class Race:
    """What every rival is given."""

    folder: Path
    smtp_port: int
    redis_url: str
    count: int
    #: One of our own invitations, and its bodies with {{ name }} for the party's.
    sample: bytes
    text: str
    html: str

    @property
    def parties(self) -> list[tuple[str, str]]:
        """Names and addresses."""
        return [(ground.party(n), ground.address(n)) for n in range(self.count)]


def per_message(race: Race) -> float:
    """Send by a Celery task a message, in two processes."""
    (race.folder / "body.txt").write_text(race.text, encoding="utf-8")
    (race.folder / "body.html").write_text(race.html, encoding="utf-8")
    variables = {
        **os.environ,
        "PYTHONPATH": str(ground.ROOT),
        "RIVAL_BROKER": race.redis_url,
        "RIVAL_TEMPLATES": str(race.folder),
        "RIVAL_PORT": str(race.smtp_port),
    }
    counter = redis.Redis.from_url(race.redis_url)
    counter.delete(task_per_message.DONE)
    task_per_message.app.conf.broker_url = race.redis_url
    log = race.folder / "rival.log"
    with ground.workers("benchmarks.task_per_message", 2, variables=variables, log=log):
        began = time.perf_counter()
        for name, address in race.parties:
            task_per_message.send.delay(name, address)
        while int(counter.get(task_per_message.DONE) or 0) < race.count:
            time.sleep(0.02)
        return race.count / (time.perf_counter() - began)


def post_office(race: Race, url: str) -> float:
    """Queue and send by django-post-office on the same kind of database."""
    python = made_venv()
    order = {
        "database": _django_database(url),
        "port": race.smtp_port,
        "parties": race.parties,
        "text": race.text,
        "html": race.html,
        "lock": str(race.folder / "post_office"),
    }
    path = ground.as_json(race.folder / "order.json", order)
    script = ground.ROOT / "benchmarks/django_queue.py"
    done = subprocess.run([python, script, path], capture_output=True, text=True, check=False)
    if done.returncode:
        sys.exit(done.stderr)
    said = json.loads(done.stdout.splitlines()[-1])
    if said["sent"] != race.count:
        sys.exit(f"django-post-office sent {said['sent']} of {race.count}: {done.stderr[-2000:]}")
    return race.count / said["seconds"]


def made_venv() -> Path:
    """Give the Python of the virtual environment; it is made where it is not there."""
    python, marker = VENV / "bin/python", VENV / ".pinned"
    if not marker.exists() or marker.read_text("utf-8") != "\n".join(PINS):
        subprocess.run([sys.executable, "-m", "venv", "--clear", VENV], check=True)
        subprocess.run(
            [python, "-m", "pip", "install", "--quiet", "--no-warn-script-location", *PINS],
            check=True,
        )
        marker.write_text("\n".join(PINS), encoding="utf-8")
    return python


def _django_database(url: str) -> dict[str, object]:
    if url.startswith("sqlite"):
        pragmas = "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL;"
        options = {"timeout": 30, "init_command": pragmas, "transaction_mode": "IMMEDIATE"}
        name = url.removeprefix("sqlite:///")
        return {"ENGINE": "django.db.backends.sqlite3", "NAME": name, "OPTIONS": options}
    place, _, name = url.rpartition("/")
    port = place.rpartition(":")[2]
    server = {"HOST": "127.0.0.1", "PORT": port, "USER": "postgres"}
    return {"ENGINE": "django.db.backends.postgresql", "NAME": name, **server}


def bare_aiosmtplib(race: Race) -> float:
    """Send one message that was built beforehand over four open connections."""
    return asyncio.run(_bare(race))


async def _bare(race: Race) -> float:
    left = iter(range(race.count))
    clients = [
        aiosmtplib.SMTP(hostname="127.0.0.1", port=race.smtp_port) for _ in range(CONNECTIONS)
    ]
    for client in clients:
        await client.connect()

    async def send(client: aiosmtplib.SMTP) -> None:
        for _ in left:
            await client.sendmail("hana@letters.example", ["rik@openarchive.example"], race.sample)

    began = time.perf_counter()
    await asyncio.gather(*map(send, clients))
    took = time.perf_counter() - began
    for client in clients:
        await client.quit()
    return race.count / took


def smtp_source(race: Race) -> float:
    """Send by Postfix's own generator of mail; it does nothing else."""
    program = servers.program("smtp-source", install="apt-get install postfix")
    command: Sequence[str | Path] = [
        program, "-d", "-s", str(SESSIONS), "-m", str(race.count), "-l", str(len(race.sample)),
        "-f", "hana@letters.example", "-t", "rik@openarchive.example",
        f"127.0.0.1:{race.smtp_port}",
    ]  # fmt: skip
    began = time.perf_counter()
    subprocess.run(command, check=True)
    return race.count / (time.perf_counter() - began)
