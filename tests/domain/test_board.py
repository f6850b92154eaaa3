"""What the deliveries to a mission's addresses come to."""

import pytest

from undersigned.domain.board import PRECEDENCE, of_mission
from undersigned.domain.delivery import State


@pytest.mark.parametrize(
    ("states", "mission"),
    [
        ([State.ACCEPTED, State.REFUSED], State.ACCEPTED),
        ([State.BOUNCED, State.DELIVERED], State.DELIVERED),
        ([State.REFUSED, State.UNCERTAIN], State.UNCERTAIN),
        ([State.QUEUED, State.REFUSED], State.QUEUED),
        ([State.CANCELLED], State.CANCELLED),
    ],
)
def test_one_address_that_has_it_is_enough(states: list[State], mission: State) -> None:
    """A mission is accepted when one of its To addresses is."""
    assert of_mission(states) is mission


def test_it_knows_every_state() -> None:
    """No state leaves a mission without one."""
    assert set(PRECEDENCE) == set(State)
