"""How long a signer waits: from a reply's delivery in the mailbox to its receipt taken by SMTP.

One process (`undersigned up`: SQLite, the in-memory broker, one listener in IDLE, the ticks of the
settings as they ship) and the rehearsal's post office on loopback, real SMTP and IMAP. Replies come
one after the other, as they do in life. Prints p50 and p95 in seconds, and writes them to
var/bench/results.json. `python -m benchmarks.latency [REPLIES]`.
"""

import statistics
import sys
import tempfile
import time
from datetime import UTC, datetime
from pathlib import Path

from benchmarks import tally
from tests import campaigns
from tests.campaigns import NAME, PROSPECTS, Desk
from tests.conftest import StillClock
from undersigned.flows import invite
from undersigned.rehearsal.post_office import PostOffice
from undersigned.service import open_service, quiet
from worker import embedded

REPLIES = 40
#: What is promised, in seconds.
PROMISED = 2.0
#: A receipt that takes longer is lost; in seconds.
PATIENCE = 60


def main() -> None:
    """Measure, print, and write the results; exits 1 where the promise is not kept."""
    replies = int(sys.argv[1]) if len(sys.argv) > 1 else REPLIES
    waits = sorted(measure(replies))
    p50, p95 = statistics.median(waits), waits[min(len(waits) - 1, int(len(waits) * 0.95))]
    print(f"{replies} replies, IDLE: p50 {p50:.3f} s, p95 {p95:.3f} s, worst {waits[-1]:.3f} s")
    tally.keep({"latency.idle_p50_seconds": p50, "latency.idle_p95_seconds": p95})
    sys.exit(p95 >= PROMISED)


def measure(replies: int) -> list[float]:
    """Give the wait of each reply, in seconds."""
    clock = StillClock(datetime(2026, 5, 25, 12, tzinfo=UTC))
    with (
        tempfile.TemporaryDirectory(prefix="undersigned-") as folder,
        PostOffice(clock=clock, mailbox=campaigns.REPLY) as office,
    ):
        url = f"sqlite:///{folder}/undersigned.db"
        service = open_service(campaigns.settings(office, url), announce=quiet)
        service.clock = clock
        service.find_keys = lambda _names: {}
        desk = Desk(service, office, clock, Path(folder) / "letter")
        addresses = invited(desk, replies)
        try:
            with embedded.running(service):
                time.sleep(2)  # the listener opens its connection
                return [wait(desk, address) for address in addresses]
        finally:
            service.close()


def invited(desk: Desk, parties: int) -> list[str]:
    """Invite so many parties; gives their addresses."""
    addresses = [f"office@party{number}.example" for number in range(parties)]
    rows = [f"organization,Party {n},,UK,{one},en," for n, one in enumerate(addresses)]
    desk.write("prospects.csv", "\n".join([PROSPECTS.splitlines()[0], *rows]))
    desk.apply()
    invite.open_campaign(desk.service, NAME, by="Alice")
    desk.clock.go(days=1, hours=2)
    invite.invite(desk.service, NAME, by="Alice")
    desk.deliver()
    return addresses


def wait(desk: Desk, address: str) -> float:
    """Answer for a party; gives how long its receipt took."""
    desk.answer(address, "Yes, please add our name.")
    start = time.perf_counter()  # the answer is in the mailbox when SMTP has taken it
    while len(desk.office.received(address)) < 2:  # noqa: PLR2004 - the invitation, the receipt
        if time.perf_counter() - start > PATIENCE:
            sys.exit(f"No receipt for {address} within {PATIENCE} seconds.")
        time.sleep(0.005)
    return time.perf_counter() - start


if __name__ == "__main__":
    main()
