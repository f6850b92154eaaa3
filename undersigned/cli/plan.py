"""The plan: when the invitations will be done, and what the letter has left."""

from collections.abc import Iterator
from dataclasses import asdict
from datetime import timedelta
from zoneinfo import ZoneInfo

import typer

from undersigned.cli import desk
from undersigned.cli.desk import CampaignOption, JsonOption, counted
from undersigned.domain import instants
from undersigned.flows import foresee as flow
from undersigned.flows.foresee import Forecast

_SPANS = {
    timedelta(minutes=1): "minute",
    timedelta(hours=1): "hour",
    timedelta(hours=24): "24 hours",
}


def register(app: typer.Typer) -> None:
    """Add this command to the command line."""
    app.command()(plan)


def plan(campaign: CampaignOption = None, as_json: JsonOption = False) -> None:
    """Say when the invitations that wait will be done, and what is left for the letter.

    Example: undersigned plan -c my-letter
    """
    with desk.service() as service:
        found = flow.foresee(service, desk.name_of(campaign))
    if as_json:
        table = asdict(found)
        table["windows"] = [
            {"window": _SPANS[one.span], "limit": one.limit, "left": one.left}
            for one in found.windows
        ]
        desk.show_json({**table, "in_time": found.is_in_time, "room": found.has_room})
        return
    typer.echo("\n".join(_sentences(found)))


def _sentences(found: Forecast) -> Iterator[str]:
    zone = ZoneInfo(found.zone)
    if found.done_at is None:
        yield f"Nothing waits to leave by account {found.account}."
    else:
        waiting = counted(found.invitations, "invitation")
        beside = f" and {counted(found.other, 'other mail', 'other mails')}" if found.other else ""
        yield f"{waiting}{beside} to send by account {found.account}."
        yield f"Begun: {instants.shown(found.begins_at, zone)}"
        yield f"Done:  {instants.shown(found.done_at, zone)}"
    if not found.is_in_time:
        yield (
            f"That is after the list closes on {instants.shown(found.cutoff_at, zone)}: invite "
            "earlier, or use an account that may send more."
        )
    if found.letter_at is None:
        return
    recipients = counted(found.letter, "recipient")
    yield f"Letter: {recipients}, {instants.shown(found.letter_at, zone)}; kept free for it."
    for one in found.windows:
        yield f"  left then of {one.limit} in any {_SPANS[one.span]}: {one.left}"
    if not found.has_room:
        yield "The account's limits are below the letter's recipients: it leaves in parts."
