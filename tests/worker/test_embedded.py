"""The embedded engine: everything in one process."""

import time
from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import select

from tests.campaigns import NAME, RIK, Desk
from undersigned.flows import invite
from undersigned.settings import Ticks
from undersigned.store.tables import DeliveryRow, ReplyRow
from worker import embedded


def wait_for(what: str, is_there: object) -> None:
    """Wait for something that the engine does by itself, under a watchdog."""
    until = time.monotonic() + 30
    while not is_there():  # type: ignore[operator] # a function of no arguments
        assert time.monotonic() < until, what
        time.sleep(0.02)


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_it_sends_and_reads_by_its_own_ticks(desk: Desk) -> None:
    """Invitations leave and answers are read without anybody calling a flow."""
    tick = timedelta(milliseconds=100)
    ticks = Ticks(**dict.fromkeys(Ticks.__dataclass_fields__, tick))
    desk.service.settings = replace(desk.service.settings, ticks=ticks)
    desk.apply()
    invite.open_campaign(desk.service, NAME, by="Alice")
    desk.clock.go(days=1, hours=2)

    with embedded.running(desk.service):
        invite.invite(desk.service, NAME, by="Alice")
        wait_for("the invitations", lambda: len(desk.office.received(RIK)) == 1)
        desk.answer(RIK, "YES")
        wait_for("the receipt", lambda: len(desk.office.received(RIK)) == 2)

    with desk.service.store.reading() as session:
        assert session.scalars(select(ReplyRow.state)).all() == ["decided"]
        assert set(session.scalars(select(DeliveryRow.state))) == {"accepted"}
