"""Signatories: list, export, pin, check."""

from pathlib import Path
from typing import Annotated

import typer

from undersigned.cli import desk, exits
from undersigned.cli.desk import CampaignOption, JsonOption
from undersigned.domain.listing import Kind
from undersigned.flows import proofread
from undersigned.flows import signatories as flow

app = typer.Typer(help="The list as it will be printed.", no_args_is_help=True)


@app.command(name="list")
def list_signatories(campaign: CampaignOption = None, as_json: JsonOption = False) -> None:
    """Print the list as the letter would print it now.

    Example: undersigned signatories list
    """
    with desk.service() as service:
        name = desk.name_of(campaign)
        if as_json:
            desk.show_json(flow.rows(service, name))
        else:
            typer.echo(flow.as_text(flow.groups(service, name)), nl=False)


@app.command()
def export(
    to: Annotated[Path, typer.Argument(help="A file that ends in .csv or .txt.")],
    campaign: CampaignOption = None,
    as_json: JsonOption = False,
) -> None:
    """Write the list as a table or as text. Cells that a spreadsheet would run are neutralised.

    The table says of each signature who wrote it and what proves that: it is not for publication.

    Example: undersigned signatories export signatories.csv
    """
    with desk.service() as service:
        count = flow.export(service, desk.name_of(campaign), to)
    desk.say(f"Wrote {count} signatories to {to}.", as_json=as_json, written=count, file=str(to))


@app.command()
def pin(
    kind: Annotated[Kind, typer.Argument(help="individual or organization")],
    name: Annotated[str, typer.Argument(help="As it is printed.")],
    place: Annotated[int, typer.Argument(help="Counted from 1 under its heading; 0 unpins.")],
    campaign: CampaignOption = None,
    as_json: JsonOption = False,
) -> None:
    """Pin a signatory to a place in the list.

    Example: undersigned signatories pin organization "Open Archive" 3
    """
    with desk.service() as service:
        flow.pin(service, desk.name_of(campaign), kind, name, place=place, by=service.coordinator)
    done = f"pinned to place {place}" if place else "no longer pinned"
    desk.say(f"{name} is {done}.", as_json=as_json, name=name, place=place)


@app.command()
def check(
    file: Annotated[
        Path | None, typer.Argument(help="A list as text, instead of the campaign's.")
    ] = None,
    letter: Annotated[
        Path | None, typer.Option(help="With FILE: the letter.md whose words go with it.")
    ] = None,
    campaign: CampaignOption = None,
    as_json: JsonOption = False,
) -> None:
    """Say what to look at before the list is printed; exits 1 where there is something.

    Example: undersigned signatories check list.txt --letter letter.md
    """
    columns = (
        ("What", lambda one: one.reason),
        ("Line", lambda one: one.line),
        ("Sentence", lambda one: one.sentence),
    )
    with desk.service() as service:
        if file is not None:
            found = proofread.files(file, letter)
        else:
            found = proofread.campaign(service, desk.name_of(campaign))
    if found or as_json:
        desk.show(found, columns, as_json=as_json)
    else:
        typer.echo("There is nothing to mark.")
    if found:
        raise typer.Exit(exits.REFUSED)


def register(top: typer.Typer) -> None:
    """Add these commands to the command line."""
    top.add_typer(app, name="signatories")
