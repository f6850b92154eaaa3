"""What a party's words come to."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from undersigned.domain.decision import Act, Decision, fold
from undersigned.domain.listing import Kind, Listing
from undersigned.domain.party import Standing

NOON = datetime(2026, 5, 27, 12, tzinfo=UTC)
LISTING = Listing(kind=Kind.ORGANIZATION, name="Open Archive", country="Netherlands")
OTHER = Listing(kind=Kind.ORGANIZATION, name="Open Archive (OA)", country="Netherlands")


def word(act: Act, *, hour: int, listing: Listing = LISTING, edition: int = 1) -> Decision:
    """Give a decision on a reply that the mailbox received at some hour."""
    listings = (listing,) if act in (Act.SIGN, Act.AMEND) else ()
    return Decision(
        id=hour,
        act=act,
        listings=listings,
        edition=edition,
        received_at=NOON + timedelta(hours=hour),
        decided_by="rule:test",
        reason="test",
    )


@pytest.mark.parametrize(
    ("acts", "standing"),
    [
        ([], Standing.INVITED),
        ([Act.NOTE], Standing.INVITED),
        ([Act.SIGN], Standing.SIGNED),
        ([Act.DECLINE], Standing.DECLINED),
        ([Act.DECLINE, Act.SIGN], Standing.SIGNED),
        ([Act.SIGN, Act.WITHDRAW], Standing.WITHDRAWN),
        ([Act.SIGN, Act.DECLINE], Standing.WITHDRAWN),
        ([Act.SIGN, Act.WITHDRAW, Act.SIGN], Standing.SIGNED),
        ([Act.SIGN, Act.NOTE], Standing.SIGNED),
        ([Act.AMEND], Standing.INVITED),  # an amendment alone is no consent
        ([Act.WITHDRAW], Standing.DECLINED),  # nothing was printed: it comes to a no
        ([Act.WITHDRAW, Act.AMEND], Standing.DECLINED),
    ],
)
def test_it_keeps_the_last_word(acts: list[Act], standing: Standing) -> None:
    """The last word of a party holds, and an amendment is no consent."""
    words = [word(act, hour=hour) for hour, act in enumerate(acts)]

    assert fold(words).standing is standing


@given(st.permutations([Act.SIGN, Act.WITHDRAW, Act.SIGN, Act.AMEND, Act.DECLINE]))
def test_it_takes_words_in_the_order_of_the_mailbox(order: list[Act]) -> None:
    """The order of processing changes nothing: the mailbox's own order counts."""
    words = [word(act, hour=hour) for hour, act in enumerate(order)]

    assert fold(reversed(words)) == fold(words)


@pytest.mark.parametrize(
    ("first", "second"),
    [
        pytest.param({"uid": 7}, {"uid": 8}, id="numbered one after the other"),
        pytest.param(
            {"uidvalidity": 1, "uid": 108}, {"uidvalidity": 2, "uid": 9}, id="numbered anew"
        ),
    ],
)
def test_it_orders_words_of_one_second_as_the_mailbox_numbered_them(
    first: dict[str, Any], second: dict[str, Any]
) -> None:
    """Two replies of the same second stand in the order in which the mailbox numbered them."""
    yes = replace(word(Act.SIGN, hour=0), id=2, **first)
    no = replace(word(Act.DECLINE, hour=0), id=1, **second)

    assert fold([no, yes]).standing is Standing.WITHDRAWN


def test_it_prints_the_last_listing_under_the_first_consent() -> None:
    """An amendment changes how a signer is printed, not when or to what it agreed."""
    position = fold(
        [word(Act.SIGN, hour=1, edition=2), word(Act.AMEND, hour=2, listing=OTHER, edition=5)]
    )

    assert position.listings == (OTHER,)
    assert position.edition == 2
    assert position.signed_at == NOON + timedelta(hours=1)


def test_it_agrees_to_the_newer_edition_when_asked_again() -> None:
    """A second yes agrees to the text that it answers."""
    position = fold([word(Act.SIGN, hour=1, edition=1), word(Act.SIGN, hour=2, edition=2)])

    assert position.edition == 2
    assert position.signed_at == NOON + timedelta(hours=1)
