"""Replies: what may become of a message that came in."""

from datetime import timedelta
from enum import StrEnum


class ReplyState(StrEnum):
    """Where a reply stands."""

    #: Kept, not yet read.
    KEPT = "kept"
    #: A rule decided.
    DECIDED = "decided"
    #: A person must decide, or has.
    REVIEW = "review"
    #: A machine wrote it; noted, never answered.
    AUTOMATIC = "automatic"
    #: A delivery report about a message of ours.
    BOUNCE = "bounce"
    #: Our own mail, or the same message once more.
    OWN = "own"
    DUPLICATE = "duplicate"
    #: An addressee's answer to the letter; decides nothing.
    FILED = "filed"
    #: It made the reader fail; kept and shown, a person must look.
    QUARANTINED = "quarantined"


#: The states in which a reply needs nothing more of us.
AT_REST = frozenset(ReplyState) - {ReplyState.KEPT}

#: The greatest age of a reply in a state that waits for something; older, and a person is told.
#: A review waits for a person by nature, and the digest tells of it.
GREATEST_AGE: dict[ReplyState, timedelta] = {
    ReplyState.KEPT: timedelta(minutes=30),  # twice a lease: read again once after a kill
    ReplyState.QUARANTINED: timedelta(0),
}
