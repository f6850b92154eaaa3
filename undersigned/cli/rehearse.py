"""Rehearsals: rehearse, demo."""

import time
from contextlib import nullcontext
from datetime import datetime
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.console import Console
from rich.live import Live
from rich.table import Table
from rich.text import Text

from undersigned import resources
from undersigned.cli import desk, exits
from undersigned.cli.desk import JsonOption
from undersigned.rehearsal.outcome import Outcome

#: Lines of the journey that stay on a terminal while it runs.
SHOWN = 12


def register(app: typer.Typer) -> None:
    """Add these commands to the command line."""
    for command in (rehearse, demo):
        app.command()(command)


def rehearse(
    folder: Annotated[Path, typer.Argument(help="The campaign's folder.")],
    into: Annotated[Path, typer.Option(help="Where to write everything.")] = Path("var/rehearsal"),
    as_json: JsonOption = False,
) -> None:
    """Play a whole campaign on this machine, with invented answers; no mail leaves it.

    Example: undersigned rehearse my-letter
    """
    _play(folder, into, as_json=as_json)


def demo(
    into: Annotated[Path, typer.Option(help="Where to write everything.")] = Path("var/demo"),
    as_json: JsonOption = False,
) -> None:
    """Rehearse the example campaign: one letter of 2022, all the way to fifteen missions.

    Example: undersigned demo
    """
    _play(resources.example("security-council-2022"), into, as_json=as_json)


def _play(folder: Path, into: Path, *, as_json: bool) -> None:
    from undersigned.rehearsal import journey, stage  # noqa: PLC0415 - servers that no other command needs
    from worker import embedded  # noqa: PLC0415 - as above

    began = time.monotonic()
    staged = stage.stage(folder, into)
    screen = _Screen()
    with screen.live:
        outcome = journey.rehearse(staged, engine=embedded.running, hear=screen.hear)
    seconds = time.monotonic() - began
    if as_json:
        desk.show_json(_table(outcome, seconds))
    else:
        _print(outcome, seconds)
    if not outcome.is_right:
        raise typer.Exit(exits.REFUSED)


class _Screen:
    """Shows the journey: live on a terminal, plain lines elsewhere."""

    def __init__(self) -> None:
        self.console = desk.talk()
        self.lines: list[Text] = []
        is_live = self.console.is_terminal
        self.live: Any = Live(console=self.console, transient=False) if is_live else nullcontext()

    def hear(self, at: datetime, sentence: str) -> None:
        line = Text.assemble((f"{at:%Y-%m-%d %H:%M %Z}  ", "dim"), sentence)
        if isinstance(self.live, Live):
            self.lines.append(line)
            self.live.update(Text("\n").join(self.lines[-SHOWN:]))
        else:
            self.console.print(line)


def _table(outcome: Outcome, seconds: float) -> dict[str, Any]:
    return {
        "reconciled": outcome.is_right,
        "sums": [
            {"what": one.what, "whole": one.whole, "parts": one.parts, "right": one.is_right}
            for one in outcome.sums
        ],
        "faults": list(outcome.faults),
        "signatories": outcome.counts,
        "written": [str(path) for path in outcome.written],
        "seconds": round(seconds, 1),
    }


def _print(outcome: Outcome, seconds: float) -> None:
    table = Table(box=None, pad_edge=False, show_header=False)
    for one in outcome.sums:
        parts = " + ".join(f"{count} {part}" for part, count in one.parts.items())
        table.add_row(f"{one.whole} {one.what}", f"= {parts}", "" if one.is_right else "WRONG")
    out = Console(highlight=False)
    out.print(table)
    counts = ", ".join(desk.counted(count, kind) for kind, count in outcome.counts.items())
    out.print(f"Printed: {counts}")
    for fault in outcome.faults:
        out.print(f"Fault: {fault}")
    out.print("Written: " + "  ".join(str(path) for path in outcome.written), soft_wrap=True)
    verdict = "Everything reconciles" if outcome.is_right else "It does not reconcile"
    out.print(f"{verdict}. {seconds:.0f} seconds.")
