"""The rules of consent: whether a machine may act on what was read, and as what."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from undersigned.domain.decision import Act, Position
from undersigned.domain.listing import Listing
from undersigned.domain.party import Standing
from undersigned.domain.verdict import Intent, Proof, Sender, Verdict

#: Senders that a machine may believe.
SENDERS = frozenset({Sender.INVITED, Sender.COLLEAGUE})
#: Proofs that a machine may act on; a campaign may add `none`.
PROOFS = frozenset({Proof.VERIFIED, Proof.VOUCHED})

#: What each intent does to the list. The others wait for a person, or are a machine's mail.
ACTS: dict[Intent, Act] = {
    Intent.SIGN: Act.SIGN,
    Intent.AMEND: Act.AMEND,
    Intent.DECLINE: Act.DECLINE,
    Intent.UNSUBSCRIBE: Act.DECLINE,
    Intent.WITHDRAW: Act.WITHDRAW,
    Intent.LATER: Act.NOTE,
}


@dataclass(frozen=True, kw_only=True)
class Situation:
    """What the rules look at: the verdict, and where the party and the letter stand."""

    verdict: Verdict
    #: The reply's From, normalized.
    sender: str
    received_at: datetime
    #: The party's position before this reply; None where no party was matched.
    position: Position | None
    cutoff_at: datetime
    #: Whether the letter is frozen with its list.
    is_frozen: bool
    accept_unproven: bool
    #: Whether it answers a confirmation, whose token nobody but the invited address was sent.
    is_confirming: bool = False

    @property
    def act(self) -> Act | None:
        """What the words ask for; None where they ask for nothing that a rule may do."""
        return ACTS.get(self.verdict.intent)

    @property
    def is_signed(self) -> bool:
        """Whether the party is on the list now."""
        return self.position is not None and self.position.standing is Standing.SIGNED


@dataclass(frozen=True, kw_only=True)
class Doubt:
    """Why a reply waits for a person."""

    reason: str
    #: Until it is settled the party does not print.
    blocks: bool = False
    #: It is an unconfirmed consent: the invited address is asked, and can settle it.
    asks: bool = False


def _is_unmatched(situation: Situation) -> bool:
    return situation.position is None


def _is_stranger(situation: Situation) -> bool:
    return situation.verdict.sender not in SENDERS


def _is_unproven(situation: Situation) -> bool:
    if situation.is_confirming and situation.verdict.sender is Sender.INVITED:
        return situation.verdict.proof is Proof.FAILED
    proofs = PROOFS | {Proof.NONE} if situation.accept_unproven else PROOFS
    return situation.verdict.proof not in proofs


def _is_unclear(situation: Situation) -> bool:
    return situation.act is None or not situation.verdict.automatic


def _is_too_late(situation: Situation) -> bool:
    is_new = situation.act is Act.SIGN and not situation.is_signed
    return is_new and situation.received_at > situation.cutoff_at


def _is_frozen(situation: Situation) -> bool:
    return situation.act is Act.AMEND and situation.is_frozen


def _has_second_thoughts(situation: Situation) -> bool:
    """Say whether somebody on the list is undecided again: a note would leave the name in print."""
    return situation.act is Act.NOTE and situation.is_signed


def _contradicts(situation: Situation) -> bool:
    """Say whether somebody else of the same party said the opposite before.

    A withdrawal does not contradict: as well authenticated as a consent, it holds at once.
    """
    earlier = situation.position.decision if situation.position else None
    if earlier is None or earlier.sender in ("", situation.sender):
        return False
    opposite = {Act.SIGN: {Act.DECLINE, Act.WITHDRAW}, Act.DECLINE: {Act.SIGN, Act.AMEND}}
    return earlier.act in opposite.get(situation.act or Act.NOTE, set())


#: What makes a reply wait for a person, in the order in which it is asked; a row: reason, test.
#: An empty reason stands for the reading's own.
DOUBTS: tuple[tuple[str, Callable[[Situation], bool]], ...] = (
    ("unknown-sender", _is_unmatched),  # nobody whom we invited
    ("", _is_unclear),  # the reader says why: a question, a condition, half a name
    ("stranger", _is_stranger),
    ("unproven-sender", _is_unproven),
    ("contradicts-another", _contradicts),
    ("second-thoughts", _has_second_thoughts),
    ("letter-closed", _is_too_late),  # new names go into the supplement, by a person
    ("letter-frozen", _is_frozen),
)


#: Doubts about who speaks, and none about what is said: the invited address can settle them.
UNCONFIRMED = frozenset({"stranger", "unproven-sender"})


def _asks(situation: Situation, reason: str) -> bool:
    """Say whether the invited address is to be asked about a consent that somebody gave for it.

    Not where a check says that it is forged, where the party said no itself, where it is too late,
    or where the question was asked already: an answer to a question gets no question.
    """
    return (
        reason in UNCONFIRMED
        and situation.act is Act.SIGN
        and situation.verdict.proof is not Proof.FAILED
        and len(situation.verdict.listings) == 1
        and not situation.is_signed
        and not situation.is_confirming
        and not _contradicts(situation)
        and situation.received_at <= situation.cutoff_at
    )


def doubt(situation: Situation) -> Doubt | None:
    """Give why a person must decide, or None where a machine may act.

    A doubtful word against a party that is on the list keeps its name from being printed until a
    person has settled it, if it came from somebody else or asks to be taken off.
    """
    for reason, holds in DOUBTS:
        if holds(situation):
            against = situation.act in (Act.WITHDRAW, Act.DECLINE)
            word = reason or situation.verdict.reason
            return Doubt(
                reason=word,
                blocks=situation.is_signed and against,
                asks=_asks(situation, word),
            )
    return None


def listings(situation: Situation) -> tuple[Listing, ...]:
    """Give what is to be printed after the act.

    Someone on the list who says yes once more, without a word on how to be listed, keeps the
    listing there is: a correction is an amendment, and is read as one.
    """
    if situation.act is Act.SIGN and situation.is_signed and situation.position:
        return situation.position.listings
    return situation.verdict.listings
