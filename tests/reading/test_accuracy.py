"""The figures that the reader has reached on the corpus, and may not fall behind."""

import pytest

from tests.reading.accuracy import CORPUS, Score, countries, question, rows, score
from undersigned.reading import parse, read


@pytest.fixture(scope="module")
def figures() -> Score:
    """Read the whole corpus."""
    known = countries()
    cases = rows()
    verdicts = {
        row["file"]: read(parse((CORPUS / row["file"]).read_bytes()), question(row, known))
        for row in cases
    }
    return score(cases, verdicts)


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
