"""Replies: list, show; and decide, for a word that was given elsewhere."""

from pathlib import Path
from typing import Annotated

import typer

from undersigned.cli import desk
from undersigned.cli.desk import CampaignOption, JsonOption, counted
from undersigned.domain.decision import Act
from undersigned.errors import Refused
from undersigned.flows import replies as flow
from undersigned.flows import review as reviewing

app = typer.Typer(help="What came in.", no_args_is_help=True)

_COLUMNS = (
    ("Number", lambda row: row.id),
    ("Received", lambda row: row.received_at),
    ("From", lambda row: row.sender),
    ("Subject", lambda row: row.title),
    ("State", lambda row: row.state),
    ("Reason", lambda row: row.reason),
)


def register(top: typer.Typer) -> None:
    """Add these commands to the command line."""
    top.add_typer(app, name="replies")
    top.command()(decide)


@app.command(name="list")
def list_replies(
    campaign: CampaignOption = None,
    state: Annotated[str | None, typer.Option(help="kept, decided, review, …")] = None,
    as_json: JsonOption = False,
) -> None:
    """List what came in, and what became of it.

    Example: undersigned replies list --state quarantined
    """
    with desk.service() as service:
        rows = flow.replies(service, desk.name_of(campaign), state)
    desk.show(rows, _COLUMNS, as_json=as_json)


@app.command()
def show(
    number: Annotated[int, typer.Argument(help="The reply's number.")],
    raw: Annotated[bool, typer.Option(help="The message as it came, byte for byte.")] = False,
    as_json: JsonOption = False,
) -> None:
    """Show a reply: the sender's own words, what was read, what was decided.

    Example: undersigned replies show 12
    """
    with desk.service() as service:
        found = flow.reply(service, number)
    if raw:
        typer.echo(found.raw, nl=False)
    elif as_json:
        desk.show_json(found.table())
    else:
        typer.echo("\n".join(found.lines()))


@app.command()
def files(
    number: Annotated[int, typer.Argument(help="The reply's number.")],
    into: Annotated[Path, typer.Argument(help="A folder; nothing in it is replaced.")],
    as_json: JsonOption = False,
) -> None:
    """Write the files that came with a reply into a folder, named by what they hold.

    Example: undersigned replies files 12 var/forms
    """
    with desk.service() as service:
        written = flow.export_files(service, number, into)
    said = f"Wrote {counted(len(written), 'file')} into {into}; look before you open them."
    desk.say(said, as_json=as_json, files=[str(one) for one in written])


def decide(
    party: Annotated[str, typer.Argument(help="Its number, name or address.")],
    act: Annotated[Act, typer.Argument(help="sign, decline, withdraw or amend")],
    reason: Annotated[str, typer.Option(help="How the word was given, for the journal.")],
    listing: Annotated[
        list[str] | None,
        typer.Option(help="KIND|NAME|TITLE|COUNTRY to print; may be given again."),
    ] = None,
    evidence: Annotated[Path | None, typer.Option(help="A scan or a note to keep.")] = None,
    campaign: CampaignOption = None,
    as_json: JsonOption = False,
) -> None:
    """Record a word that was given by telephone or on paper; it gets a receipt.

    Example: undersigned decide "Open Archive" sign --reason "telephone, R. Terpstra, 3 June"
    """
    kept: tuple[str, bytes] | None = None
    if evidence is not None:
        try:
            kept = (evidence.name, evidence.read_bytes())
        except OSError as exc:
            raise Refused(f"{evidence} cannot be read: {exc.strerror}.") from exc
    if act is Act.NOTE:
        raise Refused("A word is sign, decline, withdraw or amend.")
    with desk.service() as service:
        name = desk.name_of(campaign)
        position = reviewing.rule_on_party(
            service,
            name,
            party,
            reviewing.Ruling(
                act=act,
                reason=reason,
                by=service.coordinator,
                listings=flow.listings(service, name, listing or []),
            ),
            evidence=kept,
        )
    desk.say(
        f"{party}: {position.standing.value}.",
        as_json=as_json,
        party=party,
        standing=position.standing,
        listings=[one.line for one in position.listings],
    )
