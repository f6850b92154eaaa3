"""The letter: preview, freeze, manifest, verify, supplement, correction, publish."""

from pathlib import Path
from typing import Annotated

import typer

from undersigned.cli import desk, exits
from undersigned.cli.desk import CampaignOption, JsonOption, YesOption, counted
from undersigned.domain import letter as letters
from undersigned.domain.letter import Errand
from undersigned.errors import Refused
from undersigned.flows import again, documents, follow, since, verify
from undersigned.flows import freeze as freezing
from undersigned.flows import publish as publishing

app = typer.Typer(help="The letter as it stands, and as it will leave.", no_args_is_help=True)


@app.command()
def preview(
    into: Annotated[Path, typer.Argument(help="The folder to write the documents into.")] = Path(),
    campaign: CampaignOption = None,
    as_json: JsonOption = False,
) -> None:
    """Write the letter as it stands now, and say what changed since it was last frozen.

    Example: undersigned letter preview var/preview
    """
    with desk.service() as service:
        name = desk.name_of(campaign)
        written = documents.preview(service, name, into)
        changed = since.last(service, name)
    if changed is not None:
        desk.talk().print("\n".join(changed.lines()), markup=False)
    desk.say(
        "Wrote " + ", ".join(str(path) for path in written) + ".",
        as_json=as_json,
        written=[str(path) for path in written],
        changed=changed,
    )


@app.command()
def freeze(
    despite_reviews: Annotated[
        bool, typer.Option(help="Without the names that wait for a person.")
    ] = False,
    approve: Annotated[
        bool, typer.Option(help="And approve it at once, after one that became void.")
    ] = False,
    yes: YesOption = False,
    campaign: CampaignOption = None,
    as_json: JsonOption = False,
) -> None:
    """Make the letter as it will leave: text, list, addressees and their digest.

    Example: undersigned letter freeze
    """
    name = desk.name_of(campaign)
    make = again.freeze_and_approve if approve else freezing.freeze
    what = "Freeze and approve" if approve else "Freeze"
    with desk.service() as service:
        changed = since.last(service, name)
        if changed is not None:
            desk.talk().print("\n".join(changed.lines()), markup=False)
        desk.ask(f"{what} the letter of {name} with its list as it stands?", yes=yes)
        frozen = make(service, name, by=service.coordinator, despite_reviews=despite_reviews)
    names = sum(len(lines) for lines in frozen.manifest["list"].values())
    then = "schedule" if approve else f"approve {frozen.digest[:12]}"
    desk.say(
        f"Frozen with {counted(names, 'name')}; digest {frozen.digest[:12]}. Look at it, then "
        f"`undersigned dispatch {then}`.",
        as_json=as_json,
        campaign=name,
        names=names,
        digest=frozen.digest,
    )


@app.command()
def manifest(
    number: Annotated[int | None, typer.Option(help="An older freeze, by its number.")] = None,
    campaign: CampaignOption = None,
) -> None:
    """Print everything that the frozen letter is made of, and what was sent, as JSON.

    Example: undersigned letter manifest > manifest.json
    """
    with desk.service() as service:
        desk.show_json(verify.export(service, desk.name_of(campaign), number=number))


@app.command(name="verify")
def verify_manifest(
    file: Annotated[Path, typer.Argument(help="What `undersigned letter manifest` printed.")],
    as_json: JsonOption = False,
) -> None:
    """Make every letter of a manifest again and compare it, byte for byte; exits 1 if one differs.

    Example: undersigned letter verify manifest.json
    """
    with desk.service() as service:
        findings = verify.verify(service, _source(file))
    wrong = [one for one in findings if not one.is_same]
    if as_json:
        desk.show_json({"compared": len(findings), "different": wrong})
    else:
        for one in wrong:
            typer.echo(f"{one.what}: {one.why}")
        same = len(findings) - len(wrong)
        typer.echo(f"{same} of {counted(len(findings), 'thing')} made again came out the same.")
    if wrong:
        raise typer.Exit(exits.REFUSED)


TextOption = Annotated[
    Path | None, typer.Option("--text", help="Your own words, in a file like letter.md.")
]


@app.command()
def supplement(
    text: TextOption = None,
    yes: YesOption = False,
    campaign: CampaignOption = None,
    as_json: JsonOption = False,
) -> None:
    """Freeze a second letter with the names that came since, in the thread of the first.

    Example: undersigned letter supplement
    """
    _follow(Errand.SUPPLEMENT, text, campaign, yes=yes, as_json=as_json)


@app.command()
def correction(
    text: TextOption = None,
    yes: YesOption = False,
    campaign: CampaignOption = None,
    as_json: JsonOption = False,
) -> None:
    """Freeze a note that names who no longer signs, in the thread of the first letter.

    Example: undersigned letter correction --text correction.md
    """
    _follow(Errand.CORRECTION, text, campaign, yes=yes, as_json=as_json)


def _follow(
    errand: Errand, text: Path | None, campaign: str | None, *, yes: bool, as_json: bool
) -> None:
    name = desk.name_of(campaign)
    words = letters.parse(_source(text)) if text else None
    with desk.service() as service:
        desk.ask(f"Freeze a {errand.value} to the letter of {name}?", yes=yes)
        frozen = follow.follow(service, name, errand, by=service.coordinator, words=words)
    names = sum(frozen.manifest["counts"].values())
    desk.say(
        f"Frozen with {counted(names, 'name')}; digest {frozen.digest[:12]}. Approve it, then "
        "`undersigned dispatch schedule --at …`.",
        as_json=as_json,
        campaign=name,
        names=names,
        digest=frozen.digest,
    )


def _source(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError) as exc:
        raise Refused(f"{path} cannot be read as text.") from exc


def publish(
    into: Annotated[Path, typer.Argument(help="The folder to write the page into.")],
    url: Annotated[str, typer.Option(help="Where the page will stand.")] = "",
    early: Annotated[bool, typer.Option(help="Before the letter has left.")] = False,
    yes: YesOption = False,
    campaign: CampaignOption = None,
    as_json: JsonOption = False,
) -> None:
    """Write the letter's page for the web: HTML, PDF, text, and the list as JSON.

    Example: undersigned publish site --url https://letters.example/2026
    """
    name = desk.name_of(campaign)
    with desk.service() as service:
        desk.ask(f"Write the page of {name} with all its names to {into}?", yes=yes)
        written = publishing.publish(
            service, name, into, by=service.coordinator, url=url, early=early
        )
    desk.say(
        "Wrote " + ", ".join(str(path) for path in written) + ".",
        as_json=as_json,
        written=[str(path) for path in written],
    )


def register(top: typer.Typer) -> None:
    """Add these commands to the command line."""
    top.add_typer(app, name="letter")
    top.command()(publish)
