"""Reviews: list, show, decide."""

from typing import Annotated

import typer

from undersigned.cli import desk
from undersigned.cli.desk import CampaignOption, JsonOption, ReasonOption, YesOption
from undersigned.domain.decision import Act
from undersigned.flows import ask as asking
from undersigned.flows import replies as flow
from undersigned.flows import review as reviewing

app = typer.Typer(help="What waits for a person.", no_args_is_help=True)

_COLUMNS = (
    ("Review", lambda row: row.id),
    ("Since", lambda row: row.since),
    ("From", lambda row: row.sender),
    ("Proof", lambda row: row.proof),
    ("Party", lambda row: row.party),
    ("Reason", lambda row: row.reason + (", asked" if row.asked else "")),
    ("Words", lambda row: row.words),
)

#: What a person may decide; "dismiss" changes nothing, "add" takes the sender as a new party.
RULINGS = ("sign", "decline", "withdraw", "amend", "note", "dismiss", "add")


def register(top: typer.Typer) -> None:
    """Add these commands to the command line."""
    top.add_typer(app, name="review")


@app.command(name="list")
def list_reviews(campaign: CampaignOption = None, as_json: JsonOption = False) -> None:
    """List the replies that wait for you.

    Example: undersigned review list
    """
    with desk.service() as service:
        rows = flow.reviews(service, desk.name_of(campaign))
    desk.show(rows, _COLUMNS, as_json=as_json)


@app.command()
def show(
    number: Annotated[int, typer.Argument(help="The review's number.")],
    as_json: JsonOption = False,
) -> None:
    """Show one: the reply's own words, why a rule gave up, and what it would have done.

    Example: undersigned review show 3
    """
    with desk.service() as service:
        found = flow.reply(service, flow.reviewed(service, number))
    if as_json:
        desk.show_json(found.table())
    else:
        typer.echo("\n".join(found.lines()))


@app.command()
def ask(
    number: Annotated[int, typer.Argument(help="The review's number.")],
    note: Annotated[str, typer.Option(help="What you would ask, in your own words.")] = "",
    yes: YesOption = False,
    as_json: JsonOption = False,
) -> None:
    """Ask the sender what is meant; the review stays open until the answer is decided.

    Example: undersigned review ask 3 --note "Do you sign for the network, or in person?"
    """
    with desk.service() as service:
        desk.ask(f"Write to the sender of review {number}?", yes=yes)
        asked = asking.ask(service, number, note=note, by=service.coordinator)
    desk.say(f"A question to {asked} is in the outbox.", as_json=as_json, asked=asked)


@app.command()
def decide(
    number: Annotated[int, typer.Argument(help="The review's number.")],
    ruling: Annotated[str, typer.Argument(help=", ".join(RULINGS))],
    reason: ReasonOption = "",
    party: Annotated[str, typer.Option(help="The party that is meant, if another.")] = "",
    listing: Annotated[
        list[str] | None,
        typer.Option(help="KIND|NAME|TITLE|COUNTRY to print; may be given again."),
    ] = None,
    campaign: CampaignOption = None,
    as_json: JsonOption = False,
) -> None:
    """Decide a review, with the same effect as any rule's decision.

    Example: undersigned review decide 3 sign --reason "she says yes to the text"
    """
    if ruling not in RULINGS:
        raise typer.BadParameter(f"{ruling!r} is not one of {', '.join(RULINGS)}")
    with desk.service() as service:
        name = desk.name_of(campaign)
        acts = {"dismiss": None, "add": Act.SIGN}
        decided = reviewing.Ruling(
            act=acts[ruling] if ruling in acts else Act(ruling),
            reason=reason or "decided by a person",
            by=service.coordinator,
            listings=flow.listings(service, name, listing or []),
        )
        if ruling == "add":
            reviewing.add_party(service, number, decided, campaign=name)
        else:
            reviewing.rule_on_review(service, number, decided, party=party, campaign=name)
    desk.say(f"Review {number}: {ruling}.", as_json=as_json, review=number, ruling=ruling)
