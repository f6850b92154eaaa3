"""How fast the console's pages are on a large campaign while a worker sends.

100,000 prospects, 20,000 of whom have answered, on SQLite and on PostgreSQL. The console is a
process of its own with one core; the worker (`flows.deliver`), the mail server that takes what it
sends (smtp-sink) and the browser have another. Every page in turn, round after round. Prints p50
and p95 of each, writes them to var/bench/console.json, and exits 1 where a page is slower than is
promised. Files (the letter, exports) are measured too; of them nothing is promised.
`python -m benchmarks.console [PROSPECTS REPLIES ROUNDS [DATABASE]]`.
"""

import json
import os
import secrets
import statistics
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import replace
from pathlib import Path

import httpx2
from sqlalchemy import func, select

from benchmarks import crowd
from tests import servers
from tests.campaigns import NAME
from tests.servers import postgres
from undersigned.console.serve import serving
from undersigned.domain.delivery import State
from undersigned.flows import deliver, sign_in
from undersigned.service import Service, configured, open_service, quiet
from undersigned.settings import Settings
from undersigned.store.tables import DeliveryRow

PROSPECTS, REPLIES, ROUNDS = 100_000, 20_000, 40
CONSOLE_CORE, WORKER_CORE = 0, 1
#: Random parties and reviews that are looked at.
PARTIES, REVIEWS = 400, 40
#: What is promised of a page, in milliseconds.
P50, P95 = 100.0, 250.0
VISITOR = "alice@rights.example"
RESULTS = Path("var/bench/console.json")
PAGES = (
    "", "/review", "/review?after=1000", "/review/{review}", "/prospects", "/prospects?after=90000",
    "/prospects?standing=signed", "/prospects?words=kyoto+forum", "/prospects?words=nobody+at+all",
    "/prospects/{party}", "/prospects/upload", "/signatories", "/signatories?after={signed}-1",
    "/letter", "/dispatch", "/mails", "/mails?party=office500@crowd.example",
    "/mails.html", "/outbox", "/outbox?before=50000", "/outbox?state=accepted",
    "/outbox?purpose=invitation&state=queued", "/outbox/{message}", "/outbox/{message}.eml",
    "/journal", "/journal?before=9000",
)  # fmt: skip
#: Files take seconds each: they are asked for in every so-manieth round.
FILES_EVERY = 8
FILES = ("/letter.txt", "/letter.html", "/signatories.txt", "/signatories.csv")
MACHINES = ("/readyz", "/metrics")


def main() -> None:
    """Measure on both databases."""
    given = [int(one) for one in sys.argv[1:4]]
    prospects, replies, rounds = [*given, *(PROSPECTS, REPLIES, ROUNDS)[len(given) :]]
    figures: dict[str, dict[str, list[float]]] = {}
    for kind in sys.argv[4:] or ("sqlite", "postgresql"):
        with tempfile.TemporaryDirectory(prefix="undersigned-") as name, ExitStack() as stack:
            url = _database(kind, Path(name), stack)
            figures[kind] = measured(url, Path(name), prospects, replies, rounds)
    RESULTS.parent.mkdir(parents=True, exist_ok=True)
    RESULTS.write_text(json.dumps(figures, indent=2) + "\n", encoding="utf-8")
    slow = [
        f"{kind} {path}"
        for kind, found in figures.items()
        for path, (p50, p95, _) in found.items()
        if path not in FILES and (p50 >= P50 or p95 >= P95)
    ]
    sys.exit(f"Slower than promised: {', '.join(slow)}" if slow else 0)


def _database(kind: str, folder: Path, stack: ExitStack) -> str:
    if kind == "sqlite":
        return f"sqlite:///{folder}/undersigned.db"
    return postgres.create(stack.enter_context(postgres.running(folder)), "bench")


def _settings(url: str, *, smtp: int, console: int) -> Settings:
    settings = configured({
        "UNDERSIGNED_ACCOUNTS_DEFAULT_SMTP_HOST": "127.0.0.1",
        "UNDERSIGNED_ACCOUNTS_DEFAULT_SMTP_PORT": str(smtp),
        "UNDERSIGNED_ACCOUNTS_DEFAULT_SMTP_SECURITY": "plain",
    })  # fmt: skip
    here = replace(
        settings.console,
        port=console,
        url=f"http://127.0.0.1:{console}",
        people=(f"{VISITOR} approver",),
        metrics_token="bench",
    )
    return replace(settings, database_url=url, coordinator="Alice", console=here)


def measured(
    url: str, folder: Path, prospects: int, replies: int, rounds: int
) -> dict[str, list[float]]:
    """Give p50, p95 and the slowest of each page, in milliseconds."""
    smtp, port = servers.free_port(), servers.free_port()
    settings = _settings(url, smtp=smtp, console=port)
    service = open_service(settings, announce=quiet)
    start = time.perf_counter()
    crowd.gathered(service, folder / "letter", prospects=prospects, replies=replies)
    if url.startswith("postgresql"):
        with service.store.engine.connect() as connection:  # what autovacuum does within a minute
            bare = connection.execution_options(isolation_level="AUTOCOMMIT")
            bare.exec_driver_sql("VACUUM ANALYZE")
    print(f"{url.partition(':')[0]}: {prospects} prospects, {replies} replies in the database "
          f"after {time.perf_counter() - start:.0f} s")  # fmt: skip
    sink = servers.program("smtp-sink", install="apt-get install postfix")
    ours = [sys.executable, "-m", "benchmarks.console"]
    environment = {**os.environ, "PYTHONPATH": str(Path.cwd())}
    with (
        servers.process(
            [sink, f"127.0.0.1:{smtp}", "100"],
            log=folder / "sink.log",
            user=servers.NOBODY if os.getuid() == 0 else None,
        ),
        servers.process(
            [*ours, "work", url, str(smtp), str(port)], log=folder / "work.log",
            environment=environment,
        ),
        servers.process(
            [*ours, "serve", url, str(smtp), str(port)], log=folder / "serve.log",
            environment=environment,
        ),
    ):  # fmt: skip
        servers.wait_until(lambda: servers.answers(port), "The console")
        before = _sent(service)
        found = _rounds(service, settings.console.url, rounds)
        sent = _sent(service) - before
        if not sent:
            sys.exit("The worker sent nothing: " + (folder / "work.log").read_text()[-2000:])
        print(f"meanwhile the worker sent {sent} invitations")
    service.close()
    return found


def _sent(service: Service) -> int:
    """Count what has left."""
    query = select(func.count()).select_from(DeliveryRow).where(DeliveryRow.state == State.ACCEPTED)
    with service.store.reading() as session:
        return session.scalar(query) or 0


def _rounds(service: Service, url: str, rounds: int) -> dict[str, list[float]]:
    waits: dict[str, list[float]] = {}
    with _browser(service, url) as client:
        for number in range(rounds):
            for path, where in _paths(FILES if number % FILES_EVERY == 0 else ()):
                start = time.perf_counter()
                answer = client.get(where)
                waits.setdefault(path, []).append((time.perf_counter() - start) * 1000)
                if answer.status_code != httpx2.codes.OK:
                    sys.exit(f"{where}: {answer.status_code} {answer.text[:500]}")
    found = {path: _figures(some) for path, some in waits.items()}
    for path, (p50, p95, worst) in found.items():
        mark = "" if path in FILES or (p50 < P50 and p95 < P95) else "  SLOW"
        print(f"{path or '(overview)':48} p50 {p50:7.1f}  p95 {p95:7.1f}  worst {worst:7.1f}{mark}")
    return found


def _figures(some: list[float]) -> list[float]:
    ordered = sorted(some)
    p95 = ordered[min(len(ordered) - 1, int(len(ordered) * 0.95))]
    return [round(one, 1) for one in (statistics.median(ordered), p95, ordered[-1])]


def _paths(files: tuple[str, ...]) -> Iterator[tuple[str, str]]:
    """Give each path with its place in the table and with a random number in its places."""
    for path in MACHINES:
        yield path, path
    for path in (*PAGES, *files):
        numbers = {
            "party": secrets.randbelow(PARTIES) + 1,
            "message": secrets.randbelow(PARTIES) + 1,
            "review": secrets.randbelow(REVIEWS) + 1,
            "signed": 1 + 20 * secrets.randbelow(PARTIES // 20),
        }
        yield path, f"/campaigns/{NAME}{path.format(**numbers)}"


@contextmanager
def _browser(service: Service, url: str) -> Iterator[httpx2.Client]:
    """Give a browser that is signed in."""
    headers = {"authorization": "Bearer bench"}
    with httpx2.Client(base_url=url, timeout=120, headers=headers) as client:
        door = sign_in.link(service, VISITOR)
        csrf = client.get(door).text.partition('name="csrf" value="')[2].partition('"')[0]
        client.post(door, data={"csrf": csrf})
        yield client


# The other two processes.


def work(service: Service) -> None:
    """Send, as a worker does, until the end."""
    _pin(WORKER_CORE)
    while True:
        deliver.deliver(service)
        time.sleep(0.2)


def serve(service: Service) -> None:
    """Serve the console until the end."""
    _pin(CONSOLE_CORE)
    with serving(service):
        threading.Event().wait()


def _pin(core: int) -> None:
    os.sched_setaffinity(0, {core % (os.cpu_count() or 1)})


def _as_another_process(role: str, url: str, smtp: str, port: str) -> None:
    settings = _settings(url, smtp=int(smtp), console=int(port))
    {"work": work, "serve": serve}[role](open_service(settings, announce=quiet))


if __name__ == "__main__":
    if len(sys.argv) > 1 and sys.argv[1] in ("work", "serve"):
        _as_another_process(*sys.argv[1:])
    else:
        _pin(WORKER_CORE)
        main()
