"""How fast the letter is set, and what a long list costs: `make bench`.

Each figure comes from a process of its own, so that its memory is its own too. Prints a table and
writes var/bench/results.json.
"""

import json
import multiprocessing
import resource
import statistics
import time
from collections.abc import Callable, Iterator
from pathlib import Path

from undersigned import resources
from undersigned.domain import letter
from undersigned.domain.listing import Kind
from undersigned.domain.proofreading import read, remarks
from undersigned.writing import letter_html
from undersigned.writing.letter_pdf import as_pdf
from undersigned.writing.printed import PrintedLetter
from undersigned.writing.render import Templates

ROUNDS = 5
RESULTS = Path("var/bench/results.json")

#: The scripts of real lists, in turn: each needs another font.
_NAMES = (
    "Association for the Rescue of Abductees {} (ARA) / Thailand",
    "북한인권시민연합 {} / South Korea",
    "Jubilee Campaign {} / USA",
    "荒木和博後援会 {} / Japan",
    "Centro para la Apertura y el Desarrollo {} / Argentina",
    "مركز القاهرة لدراسات حقوق الإنسان {} / Egypt",
)


def printed(count: int) -> PrintedLetter:
    """Give the example letter with so many organizations under it."""
    source = (resources.example("security-council-2022") / "letter.md").read_text("utf-8")
    words = letter.parse(source)
    lines = [_NAMES[number % len(_NAMES)].format(number) for number in range(count)]
    return PrintedLetter(
        letter=words,
        salutation=words.salutation,
        groups={Kind.ORGANIZATION: lines},
        organizer="Secretariat of the Joint Letter",
    )


def pdf(count: int) -> dict[str, float]:
    """Set a PDF; the first of a process loads the fonts, and counts."""
    of, template = printed(count), resources.templates("letter") / "letter.typ"
    start = time.perf_counter()
    made = as_pdf(of, template)
    return {"seconds": time.perf_counter() - start, "octets": len(made)}


def html(count: int) -> dict[str, float]:
    """Write the HTML piece by piece; what it costs beyond the list itself is what is held."""
    of, templates = printed(count), Templates([resources.root() / "templates"])
    before, start = _megabytes(), time.perf_counter()
    pieces = letter_html.as_pieces(of, templates)
    next(pieces)
    first = time.perf_counter() - start
    octets = sum(len(piece.encode()) for piece in pieces)
    return {
        "first_piece_seconds": first,
        "seconds": time.perf_counter() - start,
        "octets": octets,
        "held_megabytes": _megabytes() - before,
    }


def proofread(count: int) -> dict[str, float]:
    """Look through a list for what a secretary would mark."""
    source = "\n".join(printed(count).groups[Kind.ORGANIZATION])
    start = time.perf_counter()
    remarks(read(source))
    return {"seconds": time.perf_counter() - start}


def _megabytes() -> float:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


#: Name, what is measured, and for how many names.
FIGURES: tuple[tuple[str, Callable[[int], dict[str, float]], int], ...] = (
    ("letter.pdf_100", pdf, 100),
    ("letter.pdf_5000", pdf, 5_000),
    ("letter.html_100000", html, 100_000),
    ("letter.proofread_5000", proofread, 5_000),
)


def _measured(
    measure: Callable[[int], dict[str, float]], count: int, out: "multiprocessing.Queue[object]"
) -> None:
    out.put({**measure(count), "peak_megabytes": _megabytes()})


def _in_own_process(measure: Callable[[int], dict[str, float]], count: int) -> dict[str, float]:
    context = multiprocessing.get_context("spawn")
    out: multiprocessing.Queue[dict[str, float]] = context.Queue()
    process = context.Process(target=_measured, args=(measure, count, out))
    process.start()
    found = out.get(timeout=300)  # seconds: a figure that takes longer is no figure
    process.join()
    return found


def _medians(rounds: list[dict[str, float]]) -> Iterator[tuple[str, float]]:
    for key in rounds[0]:
        yield key, statistics.median(one[key] for one in rounds)


def main() -> None:
    """Measure, print, and write the results."""
    RESULTS.parent.mkdir(parents=True, exist_ok=True)
    results = json.loads(RESULTS.read_text()) if RESULTS.exists() else {}
    for name, measure, count in FIGURES:
        rounds = [_in_own_process(measure, count) for _ in range(ROUNDS)]
        for key, value in _medians(rounds):
            results[f"{name}.{key}"] = value
            print(f"{name}.{key:30} {value:14.2f}")
    RESULTS.write_text(json.dumps(results, indent=2) + "\n")


if __name__ == "__main__":
    main()
