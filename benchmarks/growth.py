"""What size costs: a campaign of 1,000, 10,000 and 100,000 parties, step by step, on SQLite.

Each size is a process of its own: taking the list over, inviting, handing all invitations over to
smtp-sink, reading some replies, the status, and the list. Printed is the time per party in
milliseconds (per reply for reading; in all for status and list) and the process's memory at its
highest. Time per party shall stay within 1.5 times, memory under 250 MB.
`python -m benchmarks.growth [SIZE …]`.
"""

import hashlib
import multiprocessing
import resource
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path

from sqlalchemy import select

from benchmarks import ground, receiving, tally
from tests import campaigns
from undersigned.domain.reply import ReplyState
from undersigned.flows import arrange, clearance, deliver, invite, read, status
from undersigned.service import Service
from undersigned.store import campaigns as stored
from undersigned.store.tables import MessageRow, ReplyRow

SIZES = (1_000, 10_000, 100_000)
#: Replies that are read at every size, from parties all over the list.
REPLIES = 200
#: What is promised: how much a party may cost more in the largest campaign, and megabytes.
TIMES, MEGABYTES = 1.5, 250
#: The steps whose time is told in all, not for each party.
WHOLE = frozenset({"status", "list"})


def steps(size: int, folder: Path, smtp_port: int) -> Iterator[tuple[str, int, float]]:
    """Play a campaign; gives each step, what its time is shared among, and the seconds it took."""
    values = {
        "ACCOUNTS_DEFAULT_SMTP_HOST": "127.0.0.1",
        "ACCOUNTS_DEFAULT_SMTP_PORT": str(smtp_port),
        "ACCOUNTS_DEFAULT_SMTP_SECURITY": "plain",
        "ACCOUNTS_DEFAULT_AUTHSERV_IDS": receiving.AUTHSERV_ID,
    }
    service = ground.service(f"sqlite:///{folder}/growth.db", values)
    name = campaigns.NAME

    def invited() -> None:
        invite.invite(service, name, by="Alice", despite=[clearance.NEVER])

    def listed() -> None:
        with service.store.reading() as session:
            arrange.printed_list(session, stored.get(session, name))

    yield "import", size, _seconds(lambda: ground.opened(service, folder / "letter", size))
    yield "invite", size, _seconds(invited)
    yield "deliver", size, _seconds(lambda: deliver.deliver(service))
    read.warm(service)
    answered = _answer(service, size)
    yield "reply", answered, _seconds(lambda: read.read_kept(service))
    yield "status", 1, _seconds(lambda: status.status(service, name))
    yield "list", 1, _seconds(listed)
    service.close()


def _answer(service: Service, size: int) -> int:
    """Let parties all over the list answer; gives how many."""
    chosen = range(0, size, max(1, size // REPLIES))
    with service.store.writing() as session:
        for number in chosen:
            subject = f"prospect:{number + 1}"
            sent = session.scalars(
                select(MessageRow.raw).where(MessageRow.subject == subject)
            ).one()
            raw = receiving.reply(sent or b"", number)
            row = ReplyRow(
                account="default",
                folder="INBOX",
                uidvalidity=1,
                uid=number + 1,
                received_at=service.now,
                fetched_at=service.now,
                size=len(raw),
                raw=raw,
                is_whole=True,
                digest=hashlib.sha256(raw).hexdigest(),
                state=ReplyState.KEPT,
                attempts=0,
            )
            session.add(row)
    return len(chosen)


def _seconds(step: Callable[[], object]) -> float:
    began = time.perf_counter()
    step()
    return time.perf_counter() - began


def measure(size: int, out: "multiprocessing.Queue[dict[str, float]]") -> None:
    """Measure one size, and give its figures."""
    with tempfile.TemporaryDirectory(prefix="undersigned-") as name:
        folder = Path(name)
        with ground.sink(folder) as smtp_port:
            found = {}
            for step, shared, seconds in steps(size, folder, smtp_port):
                found[step] = seconds * 1000 / shared
                print(f"  {size:7} {step:8} {found[step]:10.2f} ms", flush=True)
    found["megabytes"] = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    out.put(found)


def main() -> None:
    """Measure every size, print a table, and write the results; exits 1 where one grows."""
    sizes = [int(one) for one in sys.argv[1:]] or list(SIZES)
    context = multiprocessing.get_context("spawn")
    found: dict[int, dict[str, float]] = {}
    for size in sizes:
        out: multiprocessing.Queue[dict[str, float]] = context.Queue()
        process = context.Process(target=measure, args=(size, out))
        process.start()
        found[size] = out.get()
        process.join()
    steps_found = list(found[sizes[0]])
    print(f"{'':10}" + "".join(f"{size:>12}" for size in sizes))
    for step in steps_found:
        print(f"{step:10}" + "".join(f"{found[size][step]:12.2f}" for size in sizes))
    tally.keep(
        {f"growth.{size}.{step}": found[size][step] for size in sizes for step in found[size]}
    )
    grown = [
        step
        for step in steps_found
        if step not in WHOLE | {"megabytes"}
        and found[sizes[-1]][step] > TIMES * found[sizes[0]][step]
    ]
    heavy = [size for size in sizes if found[size]["megabytes"] > MEGABYTES]
    if grown or heavy:
        sys.exit(f"Grows with the size: {grown}; over {MEGABYTES} MB: {heavy}")


if __name__ == "__main__":
    main()
