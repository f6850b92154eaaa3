"""The figures that the reader has reached on the corpus, and may not fall behind."""

from functools import cache

import pytest

from tests.reading.accuracy import CORPUS, FRESH, Score, scored


@pytest.fixture(scope="module")
def figures() -> Score:
    """Read the whole corpus."""
    return scored(CORPUS)


def test_it_lists_nobody_who_did_not_consent(figures: Score) -> None:
    """A name is printed only as its owner asked, and only where no person had to look."""
    assert figures.false_signatures == []


def test_it_does_nothing_that_nobody_asked_for(figures: Score) -> None:
    """No decline, withdrawal or unsubscription is a machine's idea."""
    assert figures.wrong_acts == []


def test_it_understands_what_is_wanted(figures: Score) -> None:
    """At least 98 of 100 intents are right."""
    assert len(figures.intents) <= 0.02 * figures.replies, figures.intents


def test_it_spares_people_what_a_machine_can_decide(figures: Score) -> None:
    """At least 96 of 100 replies that could be decided by machine are."""
    assert len(figures.held) <= 0.04 * figures.could, figures.held


def test_it_lists_exactly_as_asked(figures: Score) -> None:
    """At least 98 of 100 listings are right to the letter."""
    assert len(figures.listings) <= 0.02 * figures.listed, figures.listings


def test_it_tells_own_words_from_all_others(figures: Score) -> None:
    """At least 96 of 100 replies are cut exactly where the sender's words end."""
    assert len(figures.words) <= 0.04 * figures.replies, figures.words


def test_it_knows_final_failures_from_delays(figures: Score) -> None:
    """Every delivery report of the corpus says whether it is final."""
    assert figures.permanent == []


#: Of the replies that others wrote: the least share of intents, and of what could be automatic.
REACHED = {
    "english-1": (0.96, 0.81),
    "asia-1": (0.98, 0.90),
    "west-1": (0.98, 0.98),
    "english-2": (0.76, 0.54),
    "eleven-2": (0.91, 0.64),
}


#: Each set is read once.
read_once = cache(scored)


@pytest.mark.parametrize("name", sorted(REACHED))
def test_it_lists_and_does_nothing_wrong_for_replies_of_others(name: str) -> None:
    """Whatever the rules were not written for waits for a person."""
    found = read_once(FRESH / name)

    assert found.false_signatures + found.wrong_acts == []


@pytest.mark.parametrize(("name", "shares"), sorted(REACHED.items()))
def test_it_does_not_fall_behind_on_replies_of_others(
    name: str, shares: tuple[float, float]
) -> None:
    """What was understood and decided once stays so."""
    found = read_once(FRESH / name)

    assert 1 - len(found.intents) / found.replies >= shares[0]
    assert 1 - len(found.held) / found.could >= shares[1]
