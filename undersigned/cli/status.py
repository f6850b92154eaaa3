"""The status: where a campaign stands. Read often, so it imports little."""

from typing import Any

import typer

from undersigned.cli import desk
from undersigned.cli.desk import CampaignOption, JsonOption, counted
from undersigned.flows import status as statuses


def register(app: typer.Typer) -> None:
    """Add the command to the command line."""
    app.command()(status)


def status(campaign: CampaignOption = None, as_json: JsonOption = False) -> None:
    """Show where a campaign stands, what is due, what waits for a person, what is wrong.

    Example: undersigned status -c my-letter --json
    """
    name = desk.name_of(campaign)
    with desk.service() as service:
        found = statuses.status(service, name)
    if as_json:
        desk.show_json(_status_table(found))
        return
    typer.echo("\n".join(_status_lines(found)))


def _status_table(found: statuses.Status) -> dict[str, Any]:
    return {
        "campaign": found.name,
        "stage": found.stage,
        "parties": {standing.value: count for standing, count in found.standings.items()},
        "silent": found.silent,
        "messages": {
            f"{purpose.value}.{state.value}": count
            for (purpose, state), count in sorted(found.deliveries.items())
        },
        "replies": {state.value: count for state, count in found.replies.items()},
        "strays": found.strays,
        "reviews": found.reviews,
        "troubles": found.troubles,
        "due": [{"what": due.what, "at": due.at} for due in found.due],
        "mailbox_read": found.watermark,
    }


def _status_lines(found: statuses.Status) -> list[str]:
    parties = ", ".join(f"{count} {word.value}" for word, count in found.standings.items() if count)
    mail = ", ".join(
        f"{count} {purpose.value} {state.value}"
        for (purpose, state), count in sorted(found.deliveries.items())
    )
    received = ", ".join(f"{count} {state.value}" for state, count in found.replies.items())
    read = f"{found.watermark:%Y-%m-%d %H:%M:%S} UTC" if found.watermark else "never"
    lines = [
        f"{found.name}: {found.stage}",
        f"Parties   {parties or 'none'}; {found.silent} silent",
        f"Outbox    {mail or 'empty'}",
        f"Replies   {received or 'none'}",
        f"Mailbox   last read completely: {read}",
    ]
    if found.strays:
        lines.append(f"Strays    {counted(found.strays, 'message')} that belong to no campaign")
    if found.reviews:
        replies = counted(found.reviews, "reply waits", "replies wait")
        lines.append(f"Waits     {replies} for you: `undersigned review list`")
    lines += [f"Due       {due.what}: {due.shown}" for due in found.due]
    lines += [f"Trouble   {sentence}" for sentence in found.troubles]
    return lines
