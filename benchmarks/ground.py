"""The ground that speed is measured on: private servers, workers, and campaigns of any size."""

import json
import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

from sqlalchemy import text

from tests import campaigns, servers
from undersigned.domain.delivery import Purpose, State
from undersigned.flows import apply, check, invite
from undersigned.service import Service, configured, open_service, quiet
from undersigned.store import campaigns as stored
from undersigned.store import messages
from undersigned.store.session import Store

ROOT = Path(__file__).parents[1]
#: Whatever takes longer than this many seconds does not work.
PATIENCE = 600

#: Names of real shapes: some of them have letters that mail must encode.
_NAMES = (
    "Association for the Rescue of Abductees {}",
    "북한인권시민연합 {}",
    "Centro para la Apertura y el Desarrollo de América Latina {}",
    "Nõukogude Mälu Ühing {}",
    "荒木和博後援会 {}",
    "Human Rights Without Frontiers {}",
    "Fundación Memória e Justiça {}",
    "Łódzkie Stowarzyszenie „Pamięć” {}",
)
_COUNTRIES = ("Thailand", "South Korea", "Argentina", "Estonia", "Japan", "UK", "Brazil", "Poland")

_LETTER = campaigns.LETTER.replace(
    "We write to you about a matter of principle.\n",
    "We write to you about a matter of principle, and on behalf of all who are named below.\n\n"
    "For many years the people of whom we speak have waited for the Council to take their case "
    "upon its agenda; we ask you to let it stand there until it is settled.\n",
)


def party(number: int) -> str:
    """Give a party's name; no two have the same."""
    return _NAMES[number % len(_NAMES)].format(number)


def address(number: int) -> str:
    """Give a party's address."""
    return f"office@party{number}.example"


@contextmanager
def sink(folder: Path) -> Iterator[int]:
    """Run Postfix's smtp-sink, which takes all mail and keeps none; gives its port."""
    program = servers.program("smtp-sink", install="apt-get install postfix")
    port = servers.free_port()
    user = ["-u", servers.NOBODY] if os.getuid() == 0 else []
    with servers.process([program, *user, f"127.0.0.1:{port}", "100"], log=folder / "sink"):
        servers.wait_until(lambda: servers.answers(port), "smtp-sink")
        yield port


def check_durable(url: str) -> None:
    """End the run unless commits on this database survive the machine's death."""
    store = Store(url)
    asked = "PRAGMA synchronous" if url.startswith("sqlite") else "SHOW synchronous_commit"
    with store.reading() as session:
        said = str(session.scalar(text(asked)))
    store.close()
    if said not in ("2", "on"):  # SQLite's 2 is FULL
        sys.exit(f"{asked} says {said}: commits would not be durable, so nothing is measured.")


def environment(**values: str) -> dict[str, str]:
    """Give the environment of a worker with settings laid over those that ship."""
    return {
        **os.environ,
        "PYTHONPATH": str(ROOT),
        **{f"UNDERSIGNED_{key}": value for key, value in values.items()},
    }


@contextmanager
def workers(app: str, processes: int, *, variables: Mapping[str, str], log: Path) -> Iterator[None]:
    """Run a Celery worker with so many processes, ready when the block begins."""
    log.unlink(missing_ok=True)
    command = [sys.executable, "-m", "celery", "-A", app, "worker", "--loglevel", "INFO"]
    command += ["--concurrency", str(processes), "--without-mingle", "--without-gossip"]
    with log.open("wb") as out:
        worker = subprocess.Popen(
            command, env=dict(variables), stdout=out, stderr=out, cwd=log.parent
        )
    try:
        servers.wait_until(lambda: " ready." in log.read_text("utf-8", "replace"), app)
        time.sleep(4)  # seconds: each process builds what it needs once
        yield
    finally:
        worker.send_signal(signal.SIGTERM)
        try:
            worker.wait(30)
        except subprocess.TimeoutExpired:
            worker.kill()
            worker.wait()


def opened(service: Service, folder: Path, parties: int) -> None:
    """Take over a campaign with so many parties, and open it; the clock is the machine's."""
    write_folder(folder, parties)
    draft = check.check(service, folder)
    if draft.errors:
        sys.exit("\n".join(map(str, draft.errors)))
    apply.apply(service, draft, by="Alice")
    invite.open_campaign(service, campaigns.NAME, by="Alice")


def write_folder(folder: Path, parties: int) -> None:
    """Write the folder of a campaign that takes signatures today."""
    folder.mkdir(parents=True, exist_ok=True)
    now = datetime.now(UTC)
    days = {"opens": -1, "cutoff": 30, "dispatch": 40, "latest_start": 41}
    dated = campaigns.CAMPAIGN.replace("[2026-06-09T09:00:00]", "[]")
    for name, ahead in days.items():
        instant = f"{name} = {now + timedelta(days=ahead):%Y-%m-%dT%H:%M:%S}"
        dated = re.sub(rf"^{name} = .*$", instant, dated, flags=re.MULTILINE)
    rows = [
        f"organization,{party(n)},,{_COUNTRIES[n % len(_COUNTRIES)]},{address(n)},en,"
        for n in range(parties)
    ]
    heading = campaigns.PROSPECTS.splitlines()[0]
    for name, content in (
        ("campaign.toml", dated),
        ("letter.md", _LETTER.replace("2026-06-24", f"{now + timedelta(days=40):%Y-%m-%d}")),
        ("prospects.csv", "\n".join([heading, *rows, ""])),
        ("missions.csv", campaigns.missions()),
    ):
        (folder / name).write_text(content, encoding="utf-8")


def service(url: str, values: Mapping[str, str]) -> Service:
    """Open a service as a worker with these settings would."""
    settings = configured({f"UNDERSIGNED_{key}": value for key, value in values.items()})
    is_quiet = settings.broker_url.startswith("memory:")
    return open_service(replace(settings, database_url=url), announce=quiet if is_quiet else None)


def wait_for(asked: Service, purpose: Purpose, state: State, count: int) -> None:
    """Wait until so many deliveries have come to a state."""
    until = time.monotonic() + PATIENCE
    while True:
        with asked.store.reading() as session:
            campaign = stored.get(session, campaigns.NAME)
            found = messages.states(session, campaign.id)
        if found.get((purpose, state), 0) >= count:
            return
        if time.monotonic() > until:
            sys.exit(f"After {PATIENCE} seconds: {found}")
        time.sleep(0.02)


def as_json(path: Path, value: object) -> Path:
    """Write a value for a program that another Python runs."""
    path.write_text(json.dumps(value, ensure_ascii=False), encoding="utf-8")
    return path
