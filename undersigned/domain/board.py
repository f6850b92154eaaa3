"""The dispatch board: what the deliveries to a mission's addresses come to."""

from collections.abc import Iterable

from undersigned.domain.delivery import State

#: The states of a mission's letter, the one that counts first: an address that has it is enough.
#: Of a letter that is at rest nowhere, the state that is nearest to its departure.
PRECEDENCE = (
    State.DELIVERED,
    State.ACCEPTED,
    State.UNCERTAIN,
    State.SENDING,
    State.CLAIMED,
    State.QUEUED,
    State.BOUNCED,
    State.REFUSED,
    State.CANCELLED,
)

#: At least one server has taken the letter.
ACCEPTED = frozenset({State.DELIVERED, State.ACCEPTED, State.BOUNCED})


def of_mission(states: Iterable[State]) -> State:
    """Give the state of a mission's letter from those of its To addresses.

    >>> of_mission([State.REFUSED, State.ACCEPTED])
    <State.ACCEPTED: 'accepted'>
    """
    found = set(states)
    return next(one for one in PRECEDENCE if one in found)
