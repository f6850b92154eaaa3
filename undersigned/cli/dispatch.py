"""The dispatch: approve, test, schedule, cancel, settle, send-again, status, report."""

from pathlib import Path
from typing import Annotated

import typer

from undersigned.cli import desk
from undersigned.cli.desk import CampaignOption, JsonOption, YesOption, counted
from undersigned.domain import instants
from undersigned.errors import Refused
from undersigned.flows import board, dispatch_report, letters
from undersigned.flows import dispatch as flow
from undersigned.flows import settle as settling

app = typer.Typer(help="The letter's way to the missions.", no_args_is_help=True)

_COLUMNS = (
    ("Code", lambda row: row.code),
    ("Mission", lambda row: row.mission),
    ("Letter", lambda row: row.errand),
    ("State", lambda row: row.word),
    ("Since", lambda row: row.changed_at),
    ("Answers", lambda row: row.answers or None),
    ("Notices", lambda row: row.notices or None),
    ("Refused Cc", lambda row: ", ".join(row.refused_cc)),
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
        frozen = board.frozen(service, name)
        untested = frozen is not None and frozen.tested_at is None
        note = " Nobody was sent a test of it (`dispatch test`)." if untested else ""
        desk.ask(f"Approve the letter of {name} with digest {digest}?{note}", yes=yes)
        flow.approve(service, name, digest=digest, by=service.coordinator)
    desk.say("Approved.", as_json=as_json, campaign=name, digest=digest)


@app.command(name="test")
def send_test(
    codes: Annotated[
        list[str] | None, typer.Argument(help="Missions, such as FR; none for the first alone.")
    ] = None,
    yes: YesOption = False,
    campaign: CampaignOption = None,
    as_json: JsonOption = False,
) -> None:
    """Send the frozen letter to the coordinators, as missions will get it.

    Example: undersigned dispatch test FR US
    """
    name = desk.name_of(campaign)
    with desk.service() as service:
        desk.ask(f"Send the frozen letter of {name} to its coordinators as a test?", yes=yes)
        made = letters.send_test(service, name, codes or [], by=service.coordinator)
    desk.say(f"{counted(made, 'test')} in the outbox.", as_json=as_json, campaign=name, made=made)


@app.command()
def schedule(
    at: Annotated[
        str | None, typer.Option(help="When, as 2026-06-24T09:00; else the plan's instant.")
    ] = None,
    zone: Annotated[
        str | None, typer.Option(help="The zone of these times; else the plan's.")
    ] = None,
    latest_start: Annotated[
        str | None, typer.Option(help="After it nothing leaves by itself; else as in the plan.")
    ] = None,
    yes: YesOption = False,
    campaign: CampaignOption = None,
    as_json: JsonOption = False,
) -> None:
    """Arm the approved letter for an instant, and say it in three zones.

    Example: undersigned dispatch schedule --at 2026-06-24T09:00 --zone America/New_York
    """
    name = desk.name_of(campaign)
    with desk.service() as service:
        plan, missions = board.planned(service, name)
        place = instants.zone(zone or plan.zone)
        leaves = instants.parse(at, place) if at else plan.dispatch_at
        latest = instants.parse(latest_start, place) if latest_start else None
        shown = instants.shown(leaves, place)
        desk.ask(f"Send the letter to {counted(missions, 'mission')} on {shown}?", yes=yes)
        armed = flow.schedule(service, name, by=service.coordinator, at=leaves, latest_start=latest)
    desk.say(
        f"Armed: the letter leaves on {shown}.",
        as_json=as_json,
        campaign=name,
        at=armed,
        shown=shown,
    )


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


@app.command(name="send-again")
def send_again(
    code: Annotated[str, typer.Argument(help="The mission's country code, such as FR.")],
    to: Annotated[list[str], typer.Option(help="The corrected address; may stand more than once.")],
    reason: Annotated[str, typer.Option(help="Why, for the journal.")],
    yes: YesOption = False,
    campaign: CampaignOption = None,
    as_json: JsonOption = False,
) -> None:
    """Send a mission whose letter bounced or was refused its letter at a corrected address.

    Example: undersigned dispatch send-again FR --to new@mission.example --reason "by telephone"
    """
    name = desk.name_of(campaign)
    with desk.service() as service:
        desk.ask(f"Send the letter to {code.upper()} again, to {', '.join(to)}?", yes=yes)
        letters.send_again(service, name, code, to, reason=reason, by=service.coordinator)
    desk.say(
        f"The letter to {code.upper()} is in the outbox again.",
        as_json=as_json,
        campaign=name,
        code=code.upper(),
        to=to,
    )


@app.command()
def status(campaign: CampaignOption = None, as_json: JsonOption = False) -> None:
    """Show the frozen letter, and where it is on its way to each mission.

    Example: undersigned dispatch status
    """
    name = desk.name_of(campaign)
    with desk.service() as service:
        frozen = board.frozen(service, name)
        rows = board.missions(service, name)
    if as_json:
        desk.show_json({"frozen": frozen, "board": rows})
        return
    typer.echo("\n".join(frozen.lines()) if frozen else "Nothing is frozen.")
    if rows:
        desk.show(rows, _COLUMNS, as_json=False)


@app.command()
def report(
    pdf: Annotated[Path | None, typer.Option(help="Write it as PDF into this file.")] = None,
    campaign: CampaignOption = None,
    as_json: JsonOption = False,
) -> None:
    """Report what became of every letter, with times and the servers' words.

    Example: undersigned dispatch report --pdf report.pdf
    """
    with desk.service() as service:
        found = dispatch_report.report(service, desk.name_of(campaign))
        if pdf is not None:
            _write(pdf, dispatch_report.as_pdf(service, found))
    if as_json:
        desk.show_json(dispatch_report.as_table(found))
    else:
        typer.echo("\n".join(found.lines()))


def _write(path: Path, content: bytes) -> None:
    try:
        path.write_bytes(content)
    except OSError as exc:
        raise Refused(f"{path} cannot be written: {exc.strerror}.") from exc


def register(top: typer.Typer) -> None:
    """Add these commands to the command line."""
    top.add_typer(app, name="dispatch")
