"""Preflight: before the first invitation."""

import typer

from undersigned.cli import desk, exits
from undersigned.cli.desk import CampaignOption, JsonOption
from undersigned.flows import preflight as flow


def register(app: typer.Typer) -> None:
    """Add this command to the command line."""
    app.command()(preflight)


def preflight(campaign: CampaignOption = None, as_json: JsonOption = False) -> None:
    """Send a mail to ourselves, read it, and say what stands in an answer's way; exits 1 for that.

    Example: undersigned preflight
    """
    columns = (
        ("What", lambda one: one.what),
        ("", lambda one: "well" if one.is_well else "NOT WELL"),
        ("Said", lambda one: one.said),
    )
    with desk.service() as service:
        lines = flow.preflight(service, desk.name_of(campaign), by=service.coordinator)
    desk.show(lines, columns, as_json=as_json)
    if not all(one.is_well for one in lines):
        raise typer.Exit(exits.REFUSED)
