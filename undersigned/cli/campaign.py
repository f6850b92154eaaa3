"""Campaigns: new, check, apply, open, invite, remind, pause, resume."""

from pathlib import Path
from typing import Annotated, Any

import typer

from undersigned.cli import desk, exits
from undersigned.cli.desk import CampaignOption, JsonOption, YesOption, counted
from undersigned.domain.fault import Fault
from undersigned.errors import Refused
from undersigned.flows import apply as applying
from undersigned.flows import check as checking
from undersigned.flows import invite as inviting
from undersigned.flows import new as making
from undersigned.flows import pause as pausing
from undersigned.flows import remind as reminding

FolderArgument = Annotated[Path, typer.Argument(help="The campaign's folder.")]


def register(app: typer.Typer) -> None:
    """Add these commands to the command line."""
    for command in (new, check, apply, invite, remind, pause, resume):
        app.command()(command)
    app.command(name="open")(open_campaign)


def new(folder: FolderArgument, as_json: JsonOption = False) -> None:
    """Write a commented folder for a new campaign.

    Example: undersigned new my-letter
    """
    with desk.service() as service:
        written = making.new(service, folder)
    desk.say(
        f"Wrote {folder}: " + ", ".join(path.name for path in written) + ". Fill them in, then run "
        f"`undersigned check {folder}`.",
        as_json=as_json,
        written=[str(path) for path in written],
    )


def check(folder: FolderArgument = Path(), as_json: JsonOption = False) -> None:
    """Report every fault in a campaign's folder, with file, line and remedy.

    Example: undersigned check my-letter
    """
    with desk.service() as service:
        draft = checking.check(service, folder)
    if as_json:
        desk.show_json([_fault(fault) for fault in draft.faults])
    else:
        for fault in draft.faults:
            typer.echo(str(fault))
    warnings = len(draft.faults) - len(draft.errors)
    desk.talk().print(
        f"{counted(len(draft.errors), 'fault')}, {counted(warnings, 'warning')}; "
        f"{counted(len(draft.prospects), 'party', 'parties')}, "
        f"{counted(len(draft.addressees), 'mission')}."
    )
    if draft.errors:
        raise typer.Exit(exits.REFUSED)


def _fault(fault: Fault) -> dict[str, Any]:
    return {
        "file": fault.file,
        "line": fault.line,
        "problem": fault.problem,
        "remedy": fault.remedy,
        "warning": fault.is_warning,
    }


def apply(
    folder: FolderArgument = Path(),
    substance: Annotated[
        bool, typer.Option(help="The text changed in substance: those who signed are asked again.")
    ] = False,
    yes: YesOption = False,
    as_json: JsonOption = False,
) -> None:
    """Show what changed in the folder against the database, ask, and take it over.

    Example: undersigned apply my-letter
    """
    with desk.service() as service:
        draft = checking.check(service, folder)
        changes = applying.compare(service, draft)
        lines = [str(change) for change in changes]
        if not changes:
            desk.say("Nothing changed.", as_json=as_json, changes=[])
            return
        desk.talk().print("\n".join(lines[:SHOWN]), markup=False)
        if len(lines) > SHOWN:
            desk.talk().print(f"… and {len(lines) - SHOWN} more")
        what = "Take over a new campaign" if changes.is_new else "Make these changes"
        desk.ask(f"{what} ({counted(len(lines), 'line')})?", yes=yes)
        applying.apply(service, draft, by=service.coordinator, substance=substance)
    desk.say(f"Took over {counted(len(lines), 'change')}.", as_json=as_json, changes=lines)


#: Lines of a difference that are shown; a first import would fill the screen.
SHOWN = 40


def open_campaign(campaign: CampaignOption = None, as_json: JsonOption = False) -> None:
    """Let a campaign write to people from now on; nothing is sent by this alone.

    Example: undersigned open -c my-letter
    """
    name = desk.name_of(campaign)
    with desk.service() as service:
        inviting.open_campaign(service, name, by=service.coordinator)
        waiting = inviting.count(service, name)
    desk.say(
        f"{name} is open. 0 of {counted(waiting, 'party', 'parties')} are invited: "
        "`undersigned invite` does that.",
        as_json=as_json,
        campaign=name,
        not_invited=waiting,
    )


def invite(
    campaign: CampaignOption = None,
    dry_run: Annotated[
        Path | None, typer.Option(help="Write the .eml files into this folder; send nothing.")
    ] = None,
    despite: Annotated[
        list[str] | None, typer.Option(help="Go on though this line of the preflight failed.")
    ] = None,
    yes: YesOption = False,
    as_json: JsonOption = False,
) -> None:
    """Invite every party that was not invited yet; the first time only after a preflight.

    Example: undersigned invite -c my-letter --dry-run var/invitations
    """
    name = desk.name_of(campaign)
    with desk.service() as service:
        if dry_run is not None:
            written = inviting.rehearse_invitations(service, name, dry_run)
            desk.say(
                f"Wrote {counted(written, 'invitation')} into {dry_run}; nothing was sent.",
                as_json=as_json,
                written=written,
                folder=str(dry_run),
            )
            return
        count = inviting.count(service, name)
        if count:
            desk.ask(f"Send {counted(count, 'invitation')} of {name}?", yes=yes)
        made = inviting.invite(service, name, by=service.coordinator, despite=despite or ())
    desk.say(
        f"{counted(made, 'invitation')} in the outbox.", as_json=as_json, campaign=name, made=made
    )


def remind(
    campaign: CampaignOption = None, yes: YesOption = False, as_json: JsonOption = False
) -> None:
    """Remind those who have not answered, now, besides the reminders of the plan.

    Example: undersigned remind -c my-letter
    """
    name = desk.name_of(campaign)
    with desk.service() as service:
        count = reminding.silent_count(service, name)
        if not count:
            raise Refused("Everybody who was invited has answered: there is nobody to remind.")
        desk.ask(f"Send {counted(count, 'reminder')} of {name}?", yes=yes)
        made = reminding.remind_now(service, name, by=service.coordinator)
    desk.say(
        f"{counted(made, 'reminder')} in the outbox.", as_json=as_json, campaign=name, made=made
    )


def pause(campaign: CampaignOption = None, as_json: JsonOption = False) -> None:
    """Stop every send of a campaign at once.

    Example: undersigned pause -c my-letter
    """
    name = desk.name_of(campaign)
    with desk.service() as service:
        pausing.pause(service, name, by=service.coordinator)
    desk.say(f"{name} is paused: nothing leaves.", as_json=as_json, campaign=name, paused=True)


def resume(campaign: CampaignOption = None, as_json: JsonOption = False) -> None:
    """Let a paused campaign send again.

    Example: undersigned resume -c my-letter
    """
    name = desk.name_of(campaign)
    with desk.service() as service:
        pausing.resume(service, name, by=service.coordinator)
    desk.say(f"{name} goes on.", as_json=as_json, campaign=name, paused=False)
