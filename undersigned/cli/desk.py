"""What all commands share: the service, the campaign that is meant, and how to speak."""

import json
import os
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict, is_dataclass
from datetime import datetime
from enum import StrEnum
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from undersigned.domain import campaign
from undersigned.errors import Refused
from undersigned.service import Service, configured, open_service

if TYPE_CHECKING:
    from rich.console import Console

CampaignOption = Annotated[
    str | None,
    typer.Option("-c", "--campaign", help="The campaign's name; else the folder one stands in."),
]
JsonOption = Annotated[bool, typer.Option("--json", help="Print JSON, for machines.")]
YesOption = Annotated[bool, typer.Option("--yes", help="Do not ask.")]
ReasonOption = Annotated[str, typer.Option(help="Why, for the journal.")]


@cache
def talk() -> "Console":
    """Give the console for people: stderr, so that stdout holds results alone."""
    from rich.console import Console  # noqa: PLC0415 - most commands need none, and it takes long

    return Console(stderr=True, highlight=False, soft_wrap=True)


@contextmanager
def service() -> Iterator[Service]:
    """Open the service that the settings name, and close it after the command."""
    opened = open_service(configured(os.environ))
    try:
        yield opened
    finally:
        opened.close()


def name_of(given: str | None) -> str:
    """Give the campaign that is meant: the one named, or that of the folder one stands in."""
    if given:
        return given
    path = Path(campaign.FILE)
    if not path.is_file():
        raise Refused(
            "Which campaign? Name it with -c, or stand in its folder (where campaign.toml is)."
        )
    plan = campaign.parse(path.read_text(encoding="utf-8")).plan
    if plan is None:
        raise Refused("campaign.toml here has faults: `undersigned check .` says which.")
    return plan.name


def ask(question: str, *, yes: bool) -> None:
    """Say what will happen, and go on only when a person agrees.

    Without a terminal to ask on it is refused: nobody is taken to have agreed.
    """
    if yes:
        return
    if not sys.stdin.isatty():
        raise Refused(f"{question} Nobody is there to ask: say --yes if it is meant.")
    if not typer.confirm(question, err=True):
        raise Refused("Nothing was done.")


def show(
    rows: Sequence[Any], columns: Sequence[tuple[str, Callable[[Any], object]]], *, as_json: bool
) -> None:
    """Print rows on stdout: a table for people, JSON for machines. A column: heading and value."""
    if as_json:
        show_json(
            [{key.lower().replace(" ", "_"): value(row) for key, value in columns} for row in rows]
        )
        return
    from rich.console import Console  # noqa: PLC0415 - as above
    from rich.table import Table  # noqa: PLC0415 - as above

    table = Table(box=None, pad_edge=False, header_style="bold")
    for heading, _ in columns:
        table.add_column(heading, overflow="fold")
    for row in rows:
        table.add_row(*(_cell(value(row)) for _, value in columns))
    Console(highlight=False, markup=False).print(table)


def _cell(value: object) -> str:
    if value is None:
        return ""
    if isinstance(value, datetime):
        return f"{value:%Y-%m-%d %H:%M} UTC"
    return str(value)


def show_json(value: object) -> None:
    """Print a value as JSON on stdout."""
    typer.echo(json.dumps(value, ensure_ascii=False, indent=2, default=_plain))


def _plain(value: object) -> object:
    if isinstance(value, datetime):
        return value.isoformat()
    if isinstance(value, StrEnum):
        return value.value
    if is_dataclass(value) and not isinstance(value, type):
        return asdict(value)
    return str(value)


def say(sentence: str, *, as_json: bool = False, **facts: object) -> None:
    """Tell what was done: a sentence for people, the facts for machines."""
    if as_json:
        show_json(facts)
    else:
        typer.echo(sentence)


def counted(number: int, one: str, many: str = "") -> str:
    """Give a number with its noun: "1 party", "51 parties"."""
    return f"{number} {one if number == 1 else many or one + 's'}"
