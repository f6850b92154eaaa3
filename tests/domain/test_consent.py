"""Whether a machine may act on what was read."""

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from undersigned.domain import consent
from undersigned.domain.consent import Situation
from undersigned.domain.decision import Act, Decision, Position
from undersigned.domain.listing import Kind, Listing
from undersigned.domain.party import Standing
from undersigned.domain.verdict import Intent, Proof, Sender, Verdict

CUTOFF = datetime(2026, 6, 19, 22, tzinfo=UTC)
BEFORE = datetime(2026, 6, 1, tzinfo=UTC)
AFTER = datetime(2026, 6, 20, tzinfo=UTC)
LISTING = Listing(kind=Kind.ORGANIZATION, name="Open Archive")
OTHER = Listing(kind=Kind.ORGANIZATION, name="Open Archive (OA)")

YES = Verdict(
    intent=Intent.SIGN,
    reason="plain-consent",
    automatic=True,
    listings=(LISTING,),
    sender=Sender.INVITED,
    proof=Proof.VERIFIED,
)
NO = replace(YES, intent=Intent.DECLINE, reason="plain-no", listings=())
OFF = replace(YES, intent=Intent.WITHDRAW, reason="withdraw", listings=())
CHANGE = replace(YES, intent=Intent.AMEND, reason="amend", listings=(OTHER,))

INVITED = Position(standing=Standing.INVITED)


def position(standing: Standing, act: Act, sender: str) -> Position:
    """Give a position reached by one word of a sender."""
    decision = Decision(
        id=1,
        act=act,
        listings=(LISTING,),
        edition=1,
        received_at=BEFORE,
        sender=sender,
        decided_by="rule:test",
        reason="test",
    )
    return Position(standing=standing, decision=decision, listings=(LISTING,), edition=1)


SIGNED_BY_ANN = position(Standing.SIGNED, Act.SIGN, "ann@archive.example")
DECLINED_BY_ANN = position(Standing.DECLINED, Act.DECLINE, "ann@archive.example")
RULED_BY_HAND = position(Standing.SIGNED, Act.SIGN, "")


def situation(verdict: Verdict, **changes: object) -> Situation:
    """Give a situation in which a machine may act, with what a test changes."""
    usual = Situation(
        verdict=verdict,
        sender="ann@archive.example",
        received_at=BEFORE,
        position=INVITED,
        cutoff_at=CUTOFF,
        is_frozen=False,
        accept_unproven=False,
    )
    return replace(usual, **changes)  # type: ignore[arg-type] # the tables below name real fields


@pytest.mark.parametrize(
    "allowed",
    [
        situation(YES),
        situation(NO),
        situation(replace(YES, sender=Sender.COLLEAGUE)),
        situation(replace(YES, proof=Proof.VOUCHED)),
        situation(replace(YES, proof=Proof.NONE), accept_unproven=True),
        situation(OFF, position=SIGNED_BY_ANN, sender="bob@archive.example"),
        situation(OFF, position=SIGNED_BY_ANN, received_at=AFTER, is_frozen=True),
        situation(YES, position=SIGNED_BY_ANN, received_at=AFTER),
        situation(CHANGE, position=SIGNED_BY_ANN, received_at=AFTER),
        situation(NO, position=RULED_BY_HAND),
        situation(replace(YES, intent=Intent.LATER, listings=())),
        situation(YES, position=DECLINED_BY_ANN),
    ],
)
def test_it_lets_a_machine_act_on_what_is_plain(allowed: Situation) -> None:
    """A clear word of the right sender with a proof waits for nobody."""
    assert consent.doubt(allowed) is None


@pytest.mark.parametrize(
    ("doubtful", "reason", "blocks"),
    [
        (situation(YES, position=None), "unknown-sender", False),
        (situation(replace(YES, automatic=False, reason="half-a-name")), "half-a-name", False),
        (situation(replace(YES, intent=Intent.QUESTION, reason="question")), "question", False),
        (situation(replace(YES, sender=Sender.STRANGER)), "stranger", False),
        (situation(replace(YES, sender=Sender.EXPLAINED)), "stranger", False),
        (situation(replace(YES, proof=Proof.NONE)), "unproven-sender", False),
        (
            situation(replace(YES, proof=Proof.FAILED), accept_unproven=True),
            "unproven-sender",
            False,
        ),
        (
            situation(YES, position=DECLINED_BY_ANN, sender="bob@archive.example"),
            "contradicts-another",
            False,
        ),
        (
            situation(NO, position=SIGNED_BY_ANN, sender="bob@archive.example"),
            "contradicts-another",
            True,
        ),
        (
            situation(
                replace(OFF, sender=Sender.STRANGER), position=SIGNED_BY_ANN, sender="x@y.example"
            ),
            "stranger",
            True,
        ),
        (situation(YES, received_at=AFTER), "letter-closed", False),
        (situation(CHANGE, position=SIGNED_BY_ANN, is_frozen=True), "letter-frozen", False),
        (
            situation(replace(YES, intent=Intent.LATER, listings=()), position=SIGNED_BY_ANN),
            "second-thoughts",
            False,
        ),
    ],
)
def test_it_leaves_doubt_to_a_person(doubtful: Situation, reason: str, blocks: bool) -> None:  # noqa: FBT001 - a column of the table
    """Doubt goes to a person; a doubtful word against a printed name holds it back."""
    found = consent.doubt(doubtful)

    assert found is not None
    assert (found.reason, found.blocks) == (reason, blocks)


BY_A_STRANGER = replace(YES, sender=Sender.STRANGER)
UNPROVEN = replace(YES, proof=Proof.NONE)


@pytest.mark.parametrize(
    ("doubtful", "asks"),
    [
        (situation(UNPROVEN), True),
        (situation(BY_A_STRANGER), True),
        (situation(replace(BY_A_STRANGER, automatic=False, reason="stranger")), True),
        (situation(replace(UNPROVEN, sender=Sender.COLLEAGUE), is_confirming=True), False),
        (situation(replace(BY_A_STRANGER, proof=Proof.FAILED)), False),
        (situation(replace(UNPROVEN, listings=(LISTING, OTHER))), False),
        (situation(replace(UNPROVEN, intent=Intent.DECLINE)), False),
        (situation(replace(UNPROVEN, automatic=False, reason="question")), False),
        (situation(UNPROVEN, received_at=AFTER), False),
        (situation(UNPROVEN, position=DECLINED_BY_ANN, sender="bob@archive.example"), False),
        (situation(UNPROVEN, position=SIGNED_BY_ANN), False),
        (situation(UNPROVEN, position=None), False),
    ],
)
def test_it_asks_the_invited_address_about_a_plain_yes_alone(
    doubtful: Situation,
    asks: bool,  # noqa: FBT001 - a column of the table
) -> None:
    """The invited address is asked about a yes in its name, not about a forged or a late one."""
    found = consent.doubt(doubtful)

    assert found is not None
    assert found.asks is asks


@pytest.mark.parametrize(
    ("answer", "reason"),
    [
        (UNPROVEN, None),
        (replace(NO, proof=Proof.NONE), None),
        (replace(UNPROVEN, proof=Proof.FAILED), "unproven-sender"),
        (replace(UNPROVEN, sender=Sender.COLLEAGUE), "unproven-sender"),
        (BY_A_STRANGER, "stranger"),
    ],
)
def test_the_invited_address_confirms_with_the_token_it_alone_was_sent(
    answer: Verdict, reason: str | None
) -> None:
    """A domain without DKIM can confirm; who is not the invited address confirms nothing."""
    found = consent.doubt(situation(answer, is_confirming=True))

    assert (found.reason if found else None) == reason


def test_it_keeps_the_listing_of_a_signer_who_says_yes_again() -> None:
    """A second plain yes does not undo an earlier correction."""
    signed = replace(SIGNED_BY_ANN, listings=(OTHER,))

    assert consent.listings(situation(YES, position=signed)) == (OTHER,)
    assert consent.listings(situation(YES)) == (LISTING,)
    assert consent.listings(situation(CHANGE, position=SIGNED_BY_ANN)) == (OTHER,)
