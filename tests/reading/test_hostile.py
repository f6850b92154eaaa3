"""No message costs out of proportion to its size, and none brings the reader down."""

import gc
import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.reading.hostile import SHAPES
from undersigned.reading import authenticity, automatic, bounce_report, clues, parse
from undersigned.reading.own_words import own_words

pytestmark = pytest.mark.costly

#: The least that is measured: below, the machine's own noise is larger.
_NOISE_SECONDS = 0.02

#: How often both sizes are measured before growth counts as the message's own. A neighbour that
#: takes the processor's caches away makes one measurement dear; no neighbour makes ten cheap.
_MEASUREMENTS = 10


def looked_at(raw: bytes) -> str:
    """Do what is done to every message before its words are understood."""
    incoming = parse(raw)
    clues(incoming)
    bounce_report(incoming)
    automatic.mark(incoming)
    automatic.reaction(incoming)
    authenticity.proof(incoming, key_records={}, authserv_ids=frozenset({"mx.letters.example"}))
    sent = "We invite you to sign our letter. Reply YES.\n" * 40
    return own_words(incoming.text, sender_name=incoming.sender_name, sent=sent).text


def cost(raw: bytes) -> float:
    """Give what one look costs, in seconds of this process alone, without a collection in it."""
    gc.collect()
    gc.disable()
    try:
        start = time.process_time()
        looked_at(raw)
        return time.process_time() - start
    finally:
        gc.enable()


@pytest.mark.timeout(120)
@pytest.mark.parametrize("name", SHAPES)
def test_it_costs_in_proportion(name: str) -> None:
    """A message twice as long takes less than three times as long; one cannot stop the others."""
    short, long = SHAPES[name](60_000), SHAPES[name](120_000)
    small, large = cost(short), cost(long)

    for _ in range(_MEASUREMENTS - 1):
        if large < max(3 * small, _NOISE_SECONDS):
            break
        small, large = min(small, cost(short)), min(large, cost(long))

    assert large < max(3 * small, _NOISE_SECONDS)


@pytest.mark.timeout(60)
@pytest.mark.parametrize("name", SHAPES)
def test_it_has_an_end(name: str) -> None:
    """Ten megabytes of it are read up to a limit."""
    message = SHAPES[name](10_000_000)

    assert isinstance(looked_at(message), str)


_LINES = st.sampled_from(
    [
        "YES", "> quoted", "On 26 May 2026, Hana <a@b.example> wrote:", "From: a@b.example",
        "Sent: x", "Subject: y", "-- ", "-----Original Message-----", "Name: Open", "", "|", ":",
        "________________________", "Sent from my iPhone", "confidential addressee delete",
        ">From x", "[SB] yes", "서명합니다",
    ]
)  # fmt: skip


@given(lines=st.lists(_LINES, max_size=25), sent=st.lists(_LINES, max_size=10))
@settings(max_examples=200)
def test_it_takes_own_words_from_any_mixture_of_lines(lines: list[str], sent: list[str]) -> None:
    """Nothing is invented: each own line stands in the message."""
    text = "\n".join(lines)

    found = own_words(text, sender_name="Rik Terpstra", sent="\n".join(sent)).text

    written = {line.strip() for line in lines} | {"From x"}
    assert {line.strip() for line in found.split("\n")} <= written | {""}


@given(raw=st.binary(max_size=400), head=st.sampled_from(list(SHAPES)))
@settings(max_examples=100)
def test_it_bears_any_octets(raw: bytes, head: str) -> None:
    """Whatever comes is a message."""
    assert isinstance(looked_at(SHAPES[head](200)[:150] + raw), str)
