"""How fast replies are read, and what the worst of them costs: `make bench`.

Prints a table and writes var/bench/results.json. Seconds are of this process's own time, so that
other work on the machine does not count; figures of five rounds are given by their median.
"""

import json
import statistics
import time
from pathlib import Path

from tests.reading.accuracy import CORPUS, countries, question, rows
from tests.reading.hostile import SHAPES
from undersigned.reading import parse, read

ROUNDS = 5
#: What a hostile message of a mailbox's usual limit weighs.
HOSTILE_OCTETS = 10_000_000
RESULTS = Path("var/bench/results.json")


def main() -> None:
    """Measure, print, and write the results."""
    known = countries()
    cases = [((CORPUS / row["file"]).read_bytes(), question(row, known)) for row in rows()]
    for raw, asked in cases:  # the languages are built once a process
        read(parse(raw), asked)
    speeds = []
    for _ in range(ROUNDS):
        start = time.process_time()
        for raw, asked in cases:
            read(parse(raw), asked)
        speeds.append(len(cases) / (time.process_time() - start))
    costs = {name: _cost(shape(HOSTILE_OCTETS), cases[0][1]) for name, shape in SHAPES.items()}
    worst = sorted(costs.items(), key=lambda one: -one[1])
    per_second = statistics.median(speeds)
    print(
        f"{'replies a second and core':40} {per_second:8.0f}  ({min(speeds):.0f}–{max(speeds):.0f})"
    )
    for name, seconds in worst[:5]:
        print(f"{'10 MB of ' + name:40} {seconds * 1000:8.0f} ms")
    RESULTS.parent.mkdir(parents=True, exist_ok=True)
    results = json.loads(RESULTS.read_text()) if RESULTS.exists() else {}
    results["reading.per_second_per_core"] = per_second
    results["reading.worst_message_seconds"] = worst[0][1]
    results["reading.worst_message"] = worst[0][0]
    RESULTS.write_text(json.dumps(results, indent=2) + "\n")


def _cost(raw: bytes, asked: object) -> float:
    start = time.process_time()
    read(parse(raw), asked)  # type: ignore[arg-type] # a question, as the corpus has them
    return time.process_time() - start


if __name__ == "__main__":
    main()
