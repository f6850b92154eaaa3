"""The plan of a campaign under fire: its folder, its dates, the settings of its processes."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from random import Random
from zoneinfo import ZoneInfo

from tests import campaigns as usual

NAME, REPLY = usual.NAME, usual.REPLY
YORK = ZoneInfo("America/New_York")

#: Ticks are short, and all come at once when the clock goes on; the lease is the shipped one, and
#: passes as the clock does.
SETTINGS = """
[database]
url = "{database}"
[broker]
url = "{broker}"
[coordinator]
name = "Alice"
[console]
port = {console_port}
[accounts.default]
smtp_host = "127.0.0.1"
smtp_port = {smtp_port}
smtp_security = "{security}"
smtp_username = "{user}"
smtp_password = "{password}"
imap_host = "127.0.0.1"
imap_port = {imap_port}
imap_security = "plain"
imap_username = "{user}"
imap_password = "{password}"
ca_file = "{ca_file}"
carrier = "nobody"
authserv_ids = ["mx.rehearsal.example"]
[ticks]
deliver_seconds = 0.5
fetch_seconds = 1
read_seconds = 0.6
remind_seconds = 0.6
freeze_seconds = 0.6
dispatch_seconds = 0.6
recover_seconds = 1
"""


@dataclass(frozen=True, kw_only=True)
class Dates:
    """The instants of a campaign."""

    opens: datetime
    reminder: datetime
    cutoff: datetime
    dispatch: datetime


#: Days before clocks change in the campaign's zone and in Europe, either way.
CHANGES = ("2026-03-05", "2026-10-29", "2026-03-26", "2026-10-22", "2027-03-11", "2027-11-04")


def dates(draw: Random) -> Dates:
    """Draw the dates; every other campaign has a change of the clocks in its middle."""
    if draw.random() < 0.5:
        first = datetime.fromisoformat(draw.choice(CHANGES))
    else:
        first = datetime(2026, 1, 1) + timedelta(days=draw.randrange(360))  # noqa: DTZ001 - local
    opens = first.replace(hour=9)
    # The nights in which clocks change: the hour before, and one that happens twice, by its offset.
    hours = draw.choice((timedelta(hours=15, minutes=30), timedelta(hours=24)))

    def instant(days: float) -> datetime:
        return (opens + timedelta(days=days) + hours).replace(tzinfo=YORK).astimezone(UTC)

    return Dates(
        opens=opens.replace(tzinfo=YORK).astimezone(UTC),
        reminder=instant(2),
        cutoff=instant(5),
        dispatch=instant(7),
    )


def write(folder: Path, dates: Dates, addresses: Sequence[str]) -> None:
    """Write the campaign's folder."""
    text = usual.CAMPAIGN
    for old, new in {
        "opens = 2026-05-26T09:00:00": f"opens = {_utc(dates.opens)}",
        "reminders = [2026-06-09T09:00:00]": f"reminders = [{_utc(dates.reminder)}]",
        "cutoff = 2026-06-19T18:00:00": f"cutoff = {_utc(dates.cutoff)}",
        "dispatch = 2026-06-24T09:00:00": f"dispatch = {_utc(dates.dispatch)}",
        "latest_start = 2026-06-24T15:00:00": (
            f"latest_start = {_utc(dates.dispatch + timedelta(days=2))}"
        ),
    }.items():
        assert old in text
        text = text.replace(old, new)
    rows = [f"organization,{name(address)},,UK,{address},en," for address in addresses]
    files = {
        "campaign.toml": text,
        "letter.md": usual.LETTER,
        "prospects.csv": "\n".join(["kind,name,title,country,email,language,contact", *rows, ""]),
        "missions.csv": usual.missions().replace("2026-06-15", f"{dates.opens:%Y-%m-%d}"),
    }
    folder.mkdir(parents=True, exist_ok=True)
    for file, content in files.items():
        (folder / file).write_text(content, encoding="utf-8")


def name(address: str) -> str:
    """Give the name of the party with an address.

    >>> name("office@party7.example")
    'Party 7'
    """
    return f"Party {address.partition('@party')[2].partition('.')[0]}"


def _utc(moment: datetime) -> str:
    return moment.astimezone(YORK).isoformat(timespec="seconds")
