"""`make faults`: campaigns under fire on both databases; exits 1 on any difference."""

import argparse
import logging
import signal
import subprocess
import sys
import time

from tests.faults.rounds import rounds

KINDS = ("sqlite", "postgresql")


def main() -> int:
    """Play the rounds on each database, both at once, and print the table of each."""
    asked = argparse.ArgumentParser(prog="python -m tests.faults", description=__doc__)
    asked.add_argument("--rounds", type=int, default=3, help="campaigns on each database")
    asked.add_argument("--first", type=int, default=1, help="the number of the first of them")
    asked.add_argument("--seed", type=int, default=1, help="what everything is drawn from")
    asked.add_argument("--on", choices=KINDS, help="one database alone")
    given = asked.parse_args()
    # Whoever ends it ends its servers too, and their folders go.
    signal.signal(signal.SIGTERM, lambda number, _: sys.exit(128 + number))
    if given.on:
        return _play(given.on, given.rounds, given.seed, given.first)
    command = [sys.executable, "-m", "tests.faults", *sys.argv[1:], "--on"]
    both = [subprocess.Popen([*command, kind]) for kind in KINDS]
    try:
        return max(one.wait() for one in both)
    finally:
        for one in both:
            one.terminate()


def _play(kind: str, count: int, seed: int, first: int) -> int:
    # The mailbox's server goes on writing where the door has cut, and is told so line by line.
    logging.getLogger("asyncio").setLevel(logging.ERROR)
    different, began = 0, time.monotonic()
    for result in rounds(kind, count=count, seed=seed, first=first):
        sys.stdout.write(f"{result}\n")
        sys.stdout.flush()
        different += not result.is_clean
    sys.stdout.write(
        f"{kind}: {count} rounds with seed {seed}, {different} with differences, "
        f"{time.monotonic() - began:.0f} s\n"
    )
    return int(different > 0)


if __name__ == "__main__":
    sys.exit(main())
