"""Campaigns that live through a change of New York's clocks."""

from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta

import pytest

from tests.campaigns import NAME, RIK, Desk
from undersigned.domain import instants
from undersigned.flows import dispatch, invite

MINUTE = timedelta(minutes=1)


@dataclass(frozen=True, kw_only=True)
class Change:
    """A weekend on which the clocks change, between cut-off (Friday) and dispatch (Monday)."""

    opens: date
    friday: date
    monday: date
    #: 18:00 on Friday and 9:00 on Monday, New York's time.
    cutoff: datetime
    dispatch: datetime


SPRING = Change(
    opens=date(2026, 2, 10),
    friday=date(2026, 3, 6),
    monday=date(2026, 3, 9),
    cutoff=datetime(2026, 3, 6, 23, tzinfo=UTC),
    dispatch=datetime(2026, 3, 9, 13, tzinfo=UTC),
)
AUTUMN = Change(
    opens=date(2026, 10, 6),
    friday=date(2026, 10, 30),
    monday=date(2026, 11, 2),
    cutoff=datetime(2026, 10, 30, 22, tzinfo=UTC),
    dispatch=datetime(2026, 11, 2, 14, tzinfo=UTC),
)


def invited(desk: Desk, change: Change) -> Desk:
    """Take over a campaign over the change, invite everybody, and let one sign."""
    days = {
        "2026-05-26": change.opens,
        "2026-06-09": change.friday - timedelta(days=7),
        "2026-06-19": change.friday,
        "2026-06-24": change.monday,
        "2026-06-15": change.friday,
    }
    for name in ("campaign.toml", "letter.md", "missions.csv"):
        text = (desk.folder / name).read_text("utf-8")
        for day, other in days.items():
            text = text.replace(day, other.isoformat())
        desk.write(name, text)
    desk.clock.now = datetime(change.opens.year, change.opens.month, change.opens.day, tzinfo=UTC)
    desk.apply()
    invite.open_campaign(desk.service, NAME, by="Alice")
    desk.clock.go(days=1)
    invite.invite(desk.service, NAME, by="Alice")
    desk.deliver()
    desk.answer(RIK, "YES")
    desk.read()
    return desk


def at(desk: Desk, moment: datetime) -> int:
    """Go to a moment, with the mailbox read; gives how many letters are due then."""
    desk.clock.now = moment
    desk.read()
    return dispatch.dispatch_due(desk.service)


@pytest.mark.parametrize("change", [SPRING, AUTUMN])
def test_it_goes_at_nine_by_the_clock_on_the_wall(desk: Desk, change: Change) -> None:
    """A letter armed on Friday for Monday at nine leaves at nine, whatever the clocks did."""
    invited(desk, change)
    assert at(desk, change.cutoff - MINUTE) == 0
    desk.answer("ingrid@norrhamn.example", "YES")
    desk.clock.now = change.cutoff + MINUTE
    desk.read()
    desk.armed()

    assert at(desk, change.dispatch - MINUTE) == 0
    assert at(desk, change.dispatch) == 15
    desk.deliver()
    assert len(desk.mail_to("fr@missions.example")) == 1


@pytest.mark.parametrize(("typed", "half_hours"), [("01:30-04:00", 2), ("01:30-05:00", 4)])
def test_it_goes_once_at_the_half_past_one_that_was_meant(
    desk: Desk, typed: str, half_hours: int
) -> None:
    """Where an hour comes twice, an instant armed in either goes in that one, and only once."""
    invited(desk, AUTUMN)
    at(desk, AUTUMN.cutoff + MINUTE)
    dispatch.approve(desk.service, NAME, digest=desk.frozen(), by="Bob")
    meant = instants.parse(f"2026-11-01T{typed}", instants.NEW_YORK)
    dispatch.schedule(desk.service, NAME, by="Alice", at=meant)

    half_past_four = datetime(2026, 11, 1, 4, 30, tzinfo=UTC)
    due = [at(desk, half_past_four + n * 30 * MINUTE) for n in range(8)]

    assert due == [15 if n == half_hours else 0 for n in range(8)]
