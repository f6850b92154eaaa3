"""Upkeep: adopt."""

import typer

from undersigned.cli import desk
from undersigned.cli.desk import JsonOption, YesOption
from undersigned.flows import adopt as adopting


def register(app: typer.Typer) -> None:
    """Add these commands to the command line."""
    app.command()(adopt)


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
