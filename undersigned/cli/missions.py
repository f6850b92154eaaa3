"""Missions: list, presidency, import, diff, check."""

from datetime import date, datetime
from pathlib import Path
from typing import Annotated

import typer

from undersigned.cli import desk, exits
from undersigned.cli.desk import CampaignOption, JsonOption, YesOption, counted
from undersigned.domain.council import Seats
from undersigned.errors import Refused
from undersigned.flows import missions as flow
from undersigned.service import Service

app = typer.Typer(help="Whom the letter is addressed to.", no_args_is_help=True)

_DAY = ["%Y-%m-%d"]

DayOption = Annotated[
    datetime | None, typer.Option("--on", formats=_DAY, help="The Council's members on this day.")
]
FolderOption = Annotated[Path, typer.Option("--folder", help="The campaign's folder.")]
CsvArgument = Annotated[
    Path | None, typer.Argument(help="A CSV file with the columns of missions.csv.")
]
BluebookOption = Annotated[
    Path | None, typer.Option("--bluebook", help="The e-Blue Book's JSON, as you fetched it.")
]
FetchedOption = Annotated[
    datetime | None,
    typer.Option("--fetched-on", formats=_DAY, help="The day on which you fetched that file."),
]

_MEMBERS = (
    ("Country code", lambda one: one.country_code),
    ("Country", lambda one: one.country),
    ("Mission", lambda one: one.mission),
    ("Permanent", lambda one: one.permanent),
    ("Term", lambda one: one.term.years),
)
_ADDRESSEES = (
    ("Code", lambda one: one.code),
    ("Mission", lambda one: one.mission),
    ("Head", lambda one: one.head),
    ("Title", lambda one: one.title),
    ("Salutation", lambda one: one.salutation),
    ("To", lambda one: "; ".join(one.to)),
    ("Cc", lambda one: "; ".join(one.cc)),
    ("Verified on", lambda one: one.verified_on),
    ("Source", lambda one: one.source),
)


@app.command(name="list")
def list_missions(
    on: DayOption = None,
    seats: Annotated[
        Seats, typer.Option(help="With --on: the sitting members, the incoming, or both.")
    ] = Seats.SITTING,
    campaign: CampaignOption = None,
    as_json: JsonOption = False,
) -> None:
    """Show the campaign's missions and how each is greeted; with --on, the Council of a day.

    Example: undersigned missions list --on 2022-12-05 --json
    """
    with desk.service() as service:
        if on is not None:
            desk.show(flow.on(service, on.date(), seats), _MEMBERS, as_json=as_json)
        else:
            found = flow.of(service, desk.name_of(campaign))
            desk.show(found, _ADDRESSEES, as_json=as_json)


@app.command()
def presidency(
    year: Annotated[int, typer.Argument(help="A year, such as 2026.")], as_json: JsonOption = False
) -> None:
    """Show who presides over the Security Council, month by month.

    Example: undersigned missions presidency 2026
    """
    columns = (
        ("Month", lambda row: f"{row[0]:%Y-%m}"),
        ("Country code", lambda row: row[1].country_code),
        ("Country", lambda row: row[1].country),
    )
    with desk.service() as service:
        desk.show(flow.presidency(service, year), columns, as_json=as_json)


@app.command(name="import")
def import_missions(
    file: CsvArgument = None,
    bluebook: BluebookOption = None,
    fetched_on: FetchedOption = None,
    folder: FolderOption = Path(),
    yes: YesOption = False,
    as_json: JsonOption = False,
) -> None:
    """Fill the folder's missions.csv from a file that you supply; nothing is downloaded.

    Example: undersigned missions import --bluebook data.json --fetched-on 2026-06-15
    """
    with desk.service() as service:
        draft = _draft(service, folder, file, bluebook, fetched_on)
    lines = [str(one) for one in draft.differences]
    desk.talk().print("\n".join([*lines, *draft.faults]), markup=False)
    if lines:
        desk.ask(f"Write {counted(len(lines), 'change')} to {draft.path}?", yes=yes)
        flow.write(draft)
    desk.say(
        f"Wrote {counted(len(lines), 'change')} to {draft.path}; `undersigned apply` takes it over."
        if lines
        else "Nothing changed.",
        as_json=as_json,
        changes=lines,
        faults=list(draft.faults),
        file=str(draft.path),
    )


@app.command()
def diff(
    file: CsvArgument = None,
    bluebook: BluebookOption = None,
    fetched_on: FetchedOption = None,
    folder: FolderOption = Path(),
    as_json: JsonOption = False,
) -> None:
    """Show what a file says otherwise than the folder: changed heads, changed addresses.

    Example: undersigned missions diff --bluebook data.json --fetched-on 2026-06-15
    """
    columns = (
        ("Code", lambda one: one.code),
        ("Mission", lambda one: one.mission),
        ("What", lambda one: one.field or "mission"),
        ("Old", lambda one: one.old),
        ("New", lambda one: one.new),
    )
    with desk.service() as service:
        draft = _draft(service, folder, file, bluebook, fetched_on)
    desk.talk().print("\n".join(draft.faults), markup=False)
    desk.show(draft.differences, columns, as_json=as_json)


def _draft(
    service: Service,
    folder: Path,
    file: Path | None,
    bluebook: Path | None,
    fetched_on: datetime | None,
) -> flow.Draft:
    if (file is None) == (bluebook is None):
        raise Refused("Name one file: a CSV, or the Blue Book's JSON with --bluebook.")
    if file is not None:
        return flow.from_csv(folder, file)
    assert bluebook is not None  # noqa: S101 - one of the two is there
    if fetched_on is None:
        raise Refused(
            "On which day did you fetch this file? Say --fetched-on DATE: from that day on, the "
            "addresses count as verified."
        )
    return flow.from_bluebook(service, folder, bluebook, fetched_on=_not_later(service, fetched_on))


def _not_later(service: Service, day: datetime) -> date:
    if day.date() > service.now.date():
        raise Refused(f"{day.date()} is still to come: name the day on which the file was fetched.")
    return day.date()


@app.command()
def check(campaign: CampaignOption = None, as_json: JsonOption = False) -> None:
    """Say what stops the arming, and what to look at before it; exits 1 where something stops it.

    Example: undersigned missions check -c my-letter
    """
    columns = (
        ("Code", lambda one: one.code),
        ("Stops", lambda one: one.stops),
        ("Sentence", lambda one: one.sentence),
    )
    with desk.service() as service:
        found = flow.check(service, desk.name_of(campaign))
    desk.show(found, columns, as_json=as_json)
    if any(one.stops for one in found):
        raise typer.Exit(exits.REFUSED)


def register(top: typer.Typer) -> None:
    """Add these commands to the command line."""
    top.add_typer(app, name="missions")
