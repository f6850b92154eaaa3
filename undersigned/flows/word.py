"""Word: what a party said, on its way through the one door to the list."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from undersigned.domain.decision import Act, Position
from undersigned.domain.listing import Listing
from undersigned.domain.party import Standing
from undersigned.store.tables import ProspectRow

_NOWHERE = Position(standing=Standing.INVITED)


@dataclass(frozen=True, kw_only=True)
class Word:
    """One word of one party, about to be recorded."""

    act: Act
    listings: tuple[Listing, ...] = ()
    #: Number of the edition agreed to.
    edition: int
    received_at: datetime
    uidvalidity: int = 0
    uid: int = 0
    #: The address it came from; "" where it was given elsewhere.
    sender: str = ""
    #: "rule:<reason>", or a coordinator's name.
    by: str
    reason: str
    #: The reply it was read in; None for a word given by telephone or on paper.
    reply_id: int | None = None
    #: Name and bytes of what a person laid before us.
    evidence: tuple[str, bytes] | None = None
    #: How long the receipt waits, so that whoever ruled may take it back.
    grace: timedelta = timedelta(0)


@dataclass(kw_only=True)
class Said:
    """A word and whose it is, with what became of it so far."""

    party: ProspectRow
    word: Word
    #: Where the party stood before it, and stands now.
    before: Position = _NOWHERE
    position: Position = _NOWHERE
    #: The row it is kept in; 0 until it is written.
    decision_id: int = 0
