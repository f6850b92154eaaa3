"""The letter: preview, freeze."""

from pathlib import Path
from typing import Annotated

import typer

from undersigned.cli import desk
from undersigned.cli.desk import CampaignOption, JsonOption, YesOption, counted
from undersigned.flows import documents
from undersigned.flows import freeze as freezing

app = typer.Typer(help="The letter as it stands, and as it will leave.", no_args_is_help=True)


@app.command()
def preview(
    into: Annotated[Path, typer.Argument(help="The folder to write the documents into.")] = Path(),
    campaign: CampaignOption = None,
    as_json: JsonOption = False,
) -> None:
    """Write the letter as it stands now: letter.html, letter.txt and letter.pdf.

    Example: undersigned letter preview var/preview
    """
    with desk.service() as service:
        written = documents.preview(service, desk.name_of(campaign), into)
    desk.say(
        "Wrote " + ", ".join(str(path) for path in written) + ".",
        as_json=as_json,
        written=[str(path) for path in written],
    )


@app.command()
def freeze(
    despite_reviews: Annotated[
        bool, typer.Option(help="Without the names that wait for a person.")
    ] = False,
    yes: YesOption = False,
    campaign: CampaignOption = None,
    as_json: JsonOption = False,
) -> None:
    """Make the letter as it will leave: text, list, addressees and their digest.

    Example: undersigned letter freeze
    """
    name = desk.name_of(campaign)
    with desk.service() as service:
        desk.ask(f"Freeze the letter of {name} with its list as it stands?", yes=yes)
        frozen = freezing.freeze(
            service, name, by=service.coordinator, despite_reviews=despite_reviews
        )
    names = sum(len(lines) for lines in frozen.manifest["list"].values())
    desk.say(
        f"Frozen with {counted(names, 'name')}; digest {frozen.digest[:12]}. Look at it, then "
        f"`undersigned dispatch approve {frozen.digest[:12]}`.",
        as_json=as_json,
        campaign=name,
        names=names,
        digest=frozen.digest,
    )
