"""The dispatch: approve, schedule, cancel, settle, status."""

from typing import Annotated
from zoneinfo import ZoneInfo

import typer

from undersigned.cli import desk
from undersigned.cli.desk import CampaignOption, JsonOption, YesOption, counted
from undersigned.domain import instants
from undersigned.flows import board
from undersigned.flows import dispatch as flow
from undersigned.flows import settle as settling

app = typer.Typer(help="The letter's way to the missions.", no_args_is_help=True)

_COLUMNS = (
    ("Code", lambda row: row.code),
    ("Mission", lambda row: row.mission),
    ("Address", lambda row: row.address),
    ("State", lambda row: row.state.value),
    ("Since", lambda row: row.changed_at),
    ("Server said", lambda row: row.answer),
)


@app.command()
def approve(
    digest: Annotated[str, typer.Argument(help="The first characters of the frozen digest.")],
    yes: YesOption = False,
    campaign: CampaignOption = None,
    as_json: JsonOption = False,
) -> None:
    """Approve the frozen letter; a later change makes the approval void.

    Example: undersigned dispatch approve 3fa9c1d20b77
    """
    name = desk.name_of(campaign)
    with desk.service() as service:
        desk.ask(f"Approve the letter of {name} with digest {digest}?", yes=yes)
        flow.approve(service, name, digest=digest, by=service.coordinator)
    desk.say("Approved.", as_json=as_json, campaign=name, digest=digest)


@app.command()
def schedule(
    yes: YesOption = False, campaign: CampaignOption = None, as_json: JsonOption = False
) -> None:
    """Arm the approved letter for the instant of the plan.

    Example: undersigned dispatch schedule
    """
    name = desk.name_of(campaign)
    with desk.service() as service:
        plan, missions = board.planned(service, name)
        at = instants.shown(plan.dispatch_at, ZoneInfo(plan.zone))
        desk.ask(f"Send the letter to {counted(missions, 'mission')} on {at}?", yes=yes)
        armed = flow.schedule(service, name, by=service.coordinator)
    desk.say(f"Armed: the letter leaves on {at}.", as_json=as_json, campaign=name, at=armed)


@app.command()
def cancel(campaign: CampaignOption = None, as_json: JsonOption = False) -> None:
    """Take the arming back; the freeze and its approval stay.

    Example: undersigned dispatch cancel
    """
    name = desk.name_of(campaign)
    with desk.service() as service:
        flow.disarm(service, name, by=service.coordinator)
    desk.say("Disarmed: nothing leaves.", as_json=as_json, campaign=name)


@app.command()
def settle(
    code: Annotated[str, typer.Argument(help="The mission's country code, such as FR.")],
    known: Annotated[str, typer.Argument(help="arrived, or lost: then it is sent once more.")],
    reason: Annotated[str, typer.Option(help="How you know, for the journal.")],
    yes: YesOption = False,
    campaign: CampaignOption = None,
    as_json: JsonOption = False,
) -> None:
    """Say what became of a letter that was cut while the server took it.

    Example: undersigned dispatch settle FR arrived --reason "the mission confirmed by telephone"
    """
    name = desk.name_of(campaign)
    with desk.service() as service:
        if known == "lost":
            desk.ask(f"Send the letter to {code.upper()} once more?", yes=yes)
        count = settling.settle(service, name, code, known, reason=reason, by=service.coordinator)
    desk.say(
        f"{counted(count, 'letter')} to {code.upper()}: {known}.",
        as_json=as_json,
        campaign=name,
        code=code.upper(),
        known=known,
    )


@app.command()
def status(campaign: CampaignOption = None, as_json: JsonOption = False) -> None:
    """Show the frozen letter, and where it is on its way to each mission.

    Example: undersigned dispatch status
    """
    name = desk.name_of(campaign)
    with desk.service() as service:
        frozen = board.frozen(service, name)
        rows = board.board(service, name)
    if as_json:
        desk.show_json({"frozen": frozen, "board": rows})
        return
    typer.echo("\n".join(frozen.lines()) if frozen else "Nothing is frozen.")
    if rows:
        desk.show(rows, _COLUMNS, as_json=False)
