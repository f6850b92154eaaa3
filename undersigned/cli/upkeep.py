"""Upkeep: backup, restore, adopt."""

from pathlib import Path
from typing import Annotated

import typer

from undersigned.cli import desk
from undersigned.cli.desk import JsonOption, YesOption, counted
from undersigned.flows import adopt as adopting
from undersigned.flows import backup as backing


def register(app: typer.Typer) -> None:
    """Add these commands to the command line."""
    for command in (backup, restore, adopt):
        app.command()(command)


FileArgument = Annotated[Path, typer.Argument(help="The backup's file.")]


def backup(file: FileArgument, yes: YesOption = False, as_json: JsonOption = False) -> None:
    """Write the whole database into one file, while everything goes on.

    Example: undersigned backup /backups/undersigned-monday.db
    """
    with desk.service() as service:
        if file.exists():
            desk.ask(f"Replace {file}?", yes=yes)
        written = backing.back_up(service, file)
    desk.say(
        f"{written.path}: {counted(written.rows, 'row')}, {written.octets:,} octets. It holds "
        "addresses and letters: keep it where only you can read it.",
        as_json=as_json,
        path=written.path,
        rows=written.rows,
        octets=written.octets,
    )


def restore(file: FileArgument, yes: YesOption = False, as_json: JsonOption = False) -> None:
    """Put a backup in the place of the database; every campaign is paused, nothing leaves.

    Stop worker, beat and listener first.
    What was there is kept in a file beside the backup.

    Example: undersigned restore /backups/undersigned-monday.db
    """
    with desk.service() as service:
        desk.ask(f"Put {file} in the place of everything in the database?", yes=yes)
        done = backing.restore(service, file, by=service.coordinator)
    lines = [
        f"Restored, in epoch {done.epoch}; every campaign is paused.",
        *([f"What was there before is in {done.kept}."] if done.kept else []),
        *([f"No note could be left in the mailbox yet: {done.why}"] if done.why else []),
        backing.UNKNOWN,
    ]
    desk.say(
        "\n".join(lines), as_json=as_json, epoch=done.epoch, kept=done.kept, note_missing=done.why
    )


def adopt(yes: YesOption = False, as_json: JsonOption = False) -> None:
    """Let this database go on in place of any other, with every campaign paused.

    Example: undersigned adopt
    """
    with desk.service() as service:
        desk.ask(
            "Does no other Undersigned send for these campaigns? It stops when this one goes on.",
            yes=yes,
        )
        epoch = adopting.adopt(service, by=service.coordinator)
    desk.say(
        f"This database goes on, in epoch {epoch}; every campaign is paused. "
        "`undersigned resume` lets one send.",
        as_json=as_json,
        epoch=epoch,
    )
