"""Decisions: what a rule or a person made of a reply, and what a party's decisions come to."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from undersigned.domain.listing import Listing
from undersigned.domain.party import Standing


class Act(StrEnum):
    """What a decision does to the list."""

    SIGN = "sign"
    AMEND = "amend"
    DECLINE = "decline"
    WITHDRAW = "withdraw"
    #: Nothing for the list: a question answered, a delay, a machine's mail.
    NOTE = "note"


@dataclass(frozen=True, kw_only=True)
class Decision:
    """One word of one party, in the place where the mailbox received it."""

    #: The row it is kept in.
    id: int
    act: Act
    #: The listings the party is to be printed with; for sign and amend.
    listings: tuple[Listing, ...] = ()
    #: Number of the edition that was agreed to.
    edition: int
    #: When the mailbox received the reply (INTERNALDATE), or when a person recorded a word given
    #: elsewhere.
    received_at: datetime
    #: UIDVALIDITY and UID of the reply in its folder, which order replies of the same second: a
    #: mailbox that numbers its messages anew may begin below the old numbers. 0 where there is no
    #: reply.
    uidvalidity: int = 0
    uid: int = 0
    #: Who said it: the address of the reply, in lower case.
    sender: str = ""
    #: The rule's name, or the coordinator's.
    decided_by: str
    reason: str

    @property
    def place(self) -> tuple[datetime, int, int, int]:
        """Its place among the party's decisions: by receipt, not by the order of processing."""
        return (self.received_at, self.uidvalidity, self.uid, self.id)


@dataclass(frozen=True, kw_only=True)
class Position:
    """What a party's decisions come to."""

    standing: Standing
    #: The decision that put the party there; None where there is none.
    decision: Decision | None = None
    #: How it is printed; empty unless it signed.
    listings: tuple[Listing, ...] = ()
    #: The edition agreed to; None unless it signed.
    edition: int | None = None
    #: When it first came on the list without leaving it since; None unless it signed.
    signed_at: datetime | None = None


def fold(decisions: Iterable[Decision]) -> Position:
    """Give the position that a party's decisions come to, in the order of receipt.

    The last word holds. An amendment of a party that is not on the list changes nothing: it is no
    consent.
    """
    position = Position(standing=Standing.INVITED)
    for decision in sorted(decisions, key=lambda decision: decision.place):
        position = _after(position, decision)
    return position


def _after(position: Position, decision: Decision) -> Position:
    match decision.act:
        case Act.SIGN:
            return Position(
                standing=Standing.SIGNED,
                decision=decision,
                listings=decision.listings,
                edition=decision.edition,
                signed_at=position.signed_at or decision.received_at,
            )
        case Act.AMEND if position.standing is Standing.SIGNED:
            return Position(
                standing=Standing.SIGNED,
                decision=decision,
                listings=decision.listings,
                edition=position.edition,
                signed_at=position.signed_at,
            )
        case Act.DECLINE | Act.WITHDRAW:
            off = Standing.WITHDRAWN if position.standing is Standing.SIGNED else Standing.DECLINED
            return Position(standing=off, decision=decision)
        case _:
            return position
