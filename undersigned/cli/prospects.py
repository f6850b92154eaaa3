"""Prospects: list, add, edit, merge, unsubscribe, erase."""

from dataclasses import asdict
from typing import Annotated

import typer

from undersigned.cli import desk
from undersigned.cli.desk import CampaignOption, JsonOption, ReasonOption, YesOption, counted
from undersigned.domain.listing import Kind
from undersigned.domain.party import Prospect
from undersigned.domain.suppression import Scope
from undersigned.flows import erase as erasing
from undersigned.flows import merge as merging
from undersigned.flows import prospects as flow
from undersigned.flows import unsubscribe as stopping

app = typer.Typer(help="The parties of a campaign.", no_args_is_help=True)

_COLUMNS = (
    ("Number", lambda row: row.id),
    ("Kind", lambda row: row.kind),
    ("Name", lambda row: row.name),
    ("Title", lambda row: row.title),
    ("Country", lambda row: row.country),
    ("Email", lambda row: row.email),
    ("Language", lambda row: row.language),
    ("Standing", lambda row: row.standing),
)


@app.command(name="list")
def list_prospects(
    campaign: CampaignOption = None,
    standing: Annotated[str | None, typer.Option(help="Only those who stand so.")] = None,
    as_json: JsonOption = False,
) -> None:
    """List the parties and where they stand.

    Example: undersigned prospects list --standing invited
    """
    with desk.service() as service:
        rows = flow.prospects(service, desk.name_of(campaign), standing)
    desk.show(rows, _COLUMNS, as_json=as_json)


@app.command()
def add(
    kind: Annotated[Kind, typer.Argument(help="individual or organization")],
    name: Annotated[str, typer.Argument(help="As it should be printed.")],
    email: Annotated[str, typer.Argument(help="The contact address.")],
    title: Annotated[str | None, typer.Option()] = None,
    country: Annotated[str | None, typer.Option(help="In any language or form.")] = None,
    contact: Annotated[str | None, typer.Option(help="The person addressed.")] = None,
    language: Annotated[str | None, typer.Option(help="en, ko, ja, …")] = None,
    campaign: CampaignOption = None,
    as_json: JsonOption = False,
) -> None:
    """Add a party; `undersigned invite` writes to it.

    Example: undersigned prospects add organization "Open Archive" office@openarchive.example
    """
    with desk.service() as service:
        row = flow.add(
            service,
            desk.name_of(campaign),
            Prospect(
                kind=kind,
                name=name,
                title=title,
                country=country,
                email=email,
                contact=contact,
                language=language,
            ),
            by=service.coordinator,
        )
    desk.say(f"Added {row.name} (#{row.id}).", as_json=as_json, number=row.id, name=row.name)


@app.command()
def edit(
    party: Annotated[str, typer.Argument(help="Its number, name or address.")],
    name: Annotated[str | None, typer.Option()] = None,
    title: Annotated[str | None, typer.Option()] = None,
    country: Annotated[str | None, typer.Option()] = None,
    email: Annotated[str | None, typer.Option()] = None,
    contact: Annotated[str | None, typer.Option()] = None,
    language: Annotated[str | None, typer.Option()] = None,
    campaign: CampaignOption = None,
    as_json: JsonOption = False,
) -> None:
    """Correct what is known of a party; an empty value takes it out.

    Example: undersigned prospects edit "Open Archive" --email desk@openarchive.example
    """
    given = {
        "name": name,
        "title": title,
        "country": country,
        "email": email,
        "contact": contact,
        "language": language,
    }
    changes = {key: value for key, value in given.items() if value is not None}
    with desk.service() as service:
        row = flow.edit(service, desk.name_of(campaign), party, changes, by=service.coordinator)
    desk.say(f"Changed {row.name} (#{row.id}).", as_json=as_json, number=row.id, name=row.name)


@app.command()
def unsubscribe(
    party: Annotated[str, typer.Argument(help="Its number, name or address.")],
    scope: Annotated[
        Scope, typer.Option(help="letter: this one; invitations: any; all: nothing but receipts.")
    ] = Scope.LETTER,
    campaign: CampaignOption = None,
    as_json: JsonOption = False,
) -> None:
    """Write to a party no more, as it asked; a name on the list stays there.

    Example: undersigned prospects unsubscribe "Open Archive" --scope invitations
    """
    with desk.service() as service:
        name = desk.name_of(campaign)
        address = stopping.stop_party(service, name, party, scope, by=service.coordinator)
    desk.say(f"{address} is not asked any more ({scope}).", as_json=as_json, scope=scope.value)


@app.command()
def merge(
    keep: Annotated[str, typer.Argument(help="The party that stays: number, name or address.")],
    other: Annotated[str, typer.Argument(help="The one that turned out to be the same.")],
    reason: ReasonOption,
    word: Annotated[
        str, typer.Option(help="Where both have answered differently: whose holds, keep or other.")
    ] = "",
    yes: YesOption = False,
    campaign: CampaignOption = None,
    as_json: JsonOption = False,
) -> None:
    """Make one party of two: decisions, replies and correspondence follow. Nothing undoes it.

    Example: undersigned prospects merge 12 "Open Archive Coll." --reason "they told us"
    """
    with desk.service() as service:
        name = desk.name_of(campaign)
        pair = merging.look(service, name, keep, other)
        first, second = pair.keep.row, pair.other.row
        desk.ask(
            f"{second.name} (#{second.id}) becomes {first.name} (#{first.id})? Nothing undoes it.",
            yes=yes,
        )
        row = merging.merge(
            service,
            name,
            f"#{first.id}",
            f"#{second.id}",
            word=word,
            reason=reason,
            by=service.coordinator,
        )
    desk.say(f"Merged into {row.name} (#{row.id}).", as_json=as_json, number=row.id, name=row.name)


@app.command()
def erase(
    address: Annotated[str, typer.Argument(help="The mail address of who asks for it.")],
    yes: YesOption = False,
    as_json: JsonOption = False,
) -> None:
    """Erase a person who asks for it, in all campaigns, and never write there again.

    Address, name and correspondence go; a keyed hash of the address stays, for the last of these.

    Example: undersigned prospects erase rik@openarchive.example
    """
    with desk.service() as service:
        found = erasing.survey(service, address)
        for sentence in found.kept:
            desk.talk().print(sentence, markup=False)
        what = ", ".join(
            (
                counted(found.parties, "party", "parties"),
                counted(found.messages, "message"),
                counted(found.replies, "reply", "replies"),
            )
        )
        desk.ask(f"Erase {what} of {found.address}? Nothing brings them back.", yes=yes)
        done = erasing.erase(service, address, by=service.coordinator)
    desk.say(
        f"Erased {what}. Take the address out of prospects.csv, the mailbox and older backups too.",
        as_json=as_json,
        **asdict(done),
    )


def register(top: typer.Typer) -> None:
    """Add these commands to the command line."""
    top.add_typer(app, name="prospects")
