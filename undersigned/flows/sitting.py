"""Sitting: what several replies of one mailbox are weighed with, looked up for all at once."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy.orm import Session

from undersigned import reading
from undersigned.domain.campaign import Plan
from undersigned.domain.decision import Position, fold
from undersigned.domain.party import Prospect, Standing
from undersigned.domain.verdict import Verdict
from undersigned.flows import confirm, decide, match
from undersigned.flows.match import Match
from undersigned.flows.unfold import Unfolded
from undersigned.flows.word import Word
from undersigned.service import Service
from undersigned.store import campaigns, decisions, freezes, messages, replies


@dataclass(frozen=True, kw_only=True)
class Basis:
    """What a verdict on a reply rests on, beside the reply: with the same, it is the same."""

    #: The party as whoever answers sees it.
    party: Prospect | None
    #: On the list already.
    signed: bool
    #: The message of ours that it most likely quotes.
    quoted_id: int | None
    #: The campaign's own names of countries.
    countries: Mapping[str, str]


class Sitting:
    """Several replies of one mailbox, and what of ours they concern."""

    def __init__(self, service: Service, session: Session, several: Sequence[Unfolded]) -> None:
        self.service = service
        self.session = session
        self.now = service.now
        self.several = several
        self.known = match.Known(session, several)
        self.matches = {one.id: match.match(self.known, one) for one in several}
        #: Held, so that the session finds them by their ids.
        self.editions = campaigns.every_edition(session)
        #: What is to be recorded, by campaign and party.
        self.words = defaultdict[int, dict[int, Word]](dict)

    def hold(self) -> None:
        """Hold the campaigns in question until the transaction ends."""
        for number in sorted({one.campaign.id for one in self.matches.values() if one.campaign}):
            campaigns.lock(self.session, number)

    def look_up(self) -> None:
        """Find out where all stand, before any row is changed."""
        session, found = self.session, self.matches.values()
        #: The campaigns' plans.
        self.plans = {row.id: Plan.from_table(row.plan) for row in self.known.campaigns.values()}
        #: The campaigns whose letter is frozen with its list.
        self.frozen = frozenset(freezes.current_of_all(session))
        words = decisions.of_all(session, {one.prospect.id for one in found if one.prospect})
        #: Where the parties stand.
        self.positions = {number: fold(said) for number, said in words.items()}
        mail_ids = {one.incoming.message_id for one in self.several if one.incoming.message_id}
        #: The messages that were decided on, by party and Message-ID.
        self.decided = replies.decided_before(session, self.positions, mail_ids)

    def position(self, found: Match) -> Position | None:
        """Give where the party stands that a reply belongs to."""
        return self.positions[found.prospect.id] if found.prospect else None

    def basis(self, found: Match) -> Basis:
        """Give what a verdict rests on."""
        position = self.position(found)
        return Basis(
            party=confirm.party(found),
            signed=position is not None and position.standing is Standing.SIGNED,
            quoted_id=found.quoted.id if found.quoted else None,
            countries=self.plans[found.campaign.id].countries if found.campaign else {},
        )

    def sent(self, basis: Basis) -> bytes | None:
        """Give the bytes of the message that is most likely quoted."""
        number = basis.quoted_id
        return messages.raws(self.session, [number]).get(number) if number else None

    def together(self) -> Sequence[Unfolded]:
        """Give the first of the replies, as many as have nothing to do with each other.

        While a letter is frozen each goes alone: the first may make the freeze void.
        """
        found = [self.matches[one.id] for one in self.several]
        if any(one.campaign is not None and one.campaign.id in self.frozen for one in found):
            return self.several[:1]
        return self.several[: apart([self.known.touched(one) for one in self.several])]

    def decide(self) -> None:
        """Apply what rules have decided."""
        for number, words in sorted(self.words.items()):
            decide.apply_all(self.session, self.known.campaigns[number], words, now=self.now)


def apart(touched: Sequence[set[str | int]]) -> int:
    """Give how many at the beginning have nothing in common.

    >>> apart([{1, "a"}, {2}, {3, "a"}])
    2
    """
    seen: set[str | int] = set()
    for place, here in enumerate(touched):
        if not seen.isdisjoint(here):
            return place
        seen |= here
    return len(touched)


def verdict(service: Service, one: Unfolded, basis: Basis, sent: bytes | None) -> Verdict:
    """Read a reply."""
    return reading.read(
        one.incoming,
        reading.Question(
            prospect=basis.party,
            signed=basis.signed,
            sent=sent,
            countries=service.countries(basis.countries),
            public_providers=service.public_providers,
            authserv_ids=frozenset(service.account(one.account).authserv_ids),
            key_records=one.keys,
            now=one.received_at,
        ),
    )
