"""The tally: what the benchmarks found, as a table and in var/bench/results.json.

Only ratios travel from one machine to another: rivals take turns with us in every round, and each
figure is the median of its rounds.
"""

import json
import statistics
from collections.abc import Callable, Mapping
from pathlib import Path

RESULTS = Path("var/bench/results.json")

#: Gives messages a second.
Run = Callable[[], float]


def in_turns(contestants: Mapping[str, Run], rounds: int) -> dict[str, list[float]]:
    """Let everyone run once a round, in turns; gives what each of them reached."""
    reached: dict[str, list[float]] = {name: [] for name in contestants}
    for number in range(rounds):
        for name, run in contestants.items():
            reached[name].append(run())
            print(f"  round {number + 1}: {name:28} {reached[name][-1]:8.0f} a second", flush=True)
    return reached


def medians(reached: Mapping[str, list[float]]) -> dict[str, float]:
    """Give each contestant's median."""
    return {name: statistics.median(each) for name, each in reached.items()}


def best(found: Mapping[str, float], ours: str) -> float:
    """Give the best of our configurations, which are those whose names begin like this."""
    return max(value for name, value in found.items() if name.startswith(ours))


def print_table(title: str, reached: Mapping[str, list[float]]) -> None:
    """Print medians with the span of their rounds."""
    print(title)
    for name, each in reached.items():
        span = f"({min(each):.0f}–{max(each):.0f})"
        print(f"  {name:38} {statistics.median(each):8.0f} a second  {span}")


def keep(figures: Mapping[str, float]) -> None:
    """Put figures into the results, beside what other benchmarks found."""
    RESULTS.parent.mkdir(parents=True, exist_ok=True)
    results = json.loads(RESULTS.read_text("utf-8")) if RESULTS.exists() else {}
    RESULTS.write_text(json.dumps(results | dict(figures), indent=2) + "\n", encoding="utf-8")
