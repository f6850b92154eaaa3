"""Outbox: list what left and what waits, show a message to the last byte, try again."""

import sys
from typing import Annotated

import typer

from undersigned.cli import desk
from undersigned.cli.desk import CampaignOption, JsonOption, ReasonOption
from undersigned.flows import outbox as flow
from undersigned.flows import retry_by_hand as retrying
from undersigned.flows import settle as settling

app = typer.Typer(help="What left, and what waits to leave.", no_args_is_help=True)

_COLUMNS = (
    ("Delivery", lambda row: row.id),
    ("Message", lambda row: row.message_id),
    ("What", lambda row: row.purpose),
    ("To", lambda row: row.address),
    ("State", lambda row: row.state),
    ("Answer", lambda row: row.answer),
    ("When", lambda row: row.changed_at),
)


@app.command(name="list")
def list_outbox(
    purpose: Annotated[str, typer.Option(help="Such as invitation or receipt.")] = "",
    state: Annotated[str, typer.Option(help="Such as queued, refused or bounced.")] = "",
    before: Annotated[int, typer.Option(help="Only deliveries before this number.")] = 0,
    campaign: CampaignOption = None,
    as_json: JsonOption = False,
) -> None:
    """List deliveries, the newest first, a page at a time.

    Example: undersigned outbox list --state bounced
    """
    with desk.service() as service:
        name = desk.name_of(campaign)
        found = flow.page(service, name, purpose=purpose, state=state, before=before)
    desk.show(found.page.lines, _COLUMNS, as_json=as_json)
    if found.page.more:
        desk.talk().print(f"Older ones: --before {found.page.more}", markup=False)


@app.command()
def show(
    number: Annotated[int, typer.Argument(help="The message's number.")],
    campaign: CampaignOption = None,
) -> None:
    """Write a message's exact bytes to stdout.

    Example: undersigned outbox show 12 > message.eml
    """
    with desk.service() as service:
        sys.stdout.buffer.write(flow.octets(service, desk.name_of(campaign), number))


@app.command()
def retry(
    number: Annotated[int, typer.Argument(help="The delivery's number, not the message's.")],
    reason: ReasonOption,
    to: Annotated[str, typer.Option(help="Else the party's present address.")] = "",
    campaign: CampaignOption = None,
    as_json: JsonOption = False,
) -> None:
    """Send once more what was refused or came back; never a letter.

    Example: undersigned outbox retry 12 --reason "their server is mended"
    """
    with desk.service() as service:
        address = retrying.retry_by_hand(
            service,
            desk.name_of(campaign),
            number,
            to=to,
            reason=reason,
            by=service.coordinator,
        )
    desk.say(f"It goes to {address} once more.", as_json=as_json, to=address)


@app.command()
def settle(
    number: Annotated[int, typer.Argument(help="The delivery's number, not the message's.")],
    known: Annotated[str, typer.Argument(help="arrived, or lost: it is sent once more")],
    reason: ReasonOption,
    campaign: CampaignOption = None,
    as_json: JsonOption = False,
) -> None:
    """Record what you know of mail that was cut while the server took it.

    Example: undersigned outbox settle 12 arrived --reason "they have it"
    """
    with desk.service() as service:
        settling.settle_mail(
            service,
            desk.name_of(campaign),
            number,
            known,
            reason=reason,
            by=service.coordinator,
        )
    desk.say(f"Delivery {number}: {known}.", as_json=as_json, number=number, known=known)


def register(top: typer.Typer) -> None:
    """Add these commands to the command line."""
    top.add_typer(app, name="outbox")
