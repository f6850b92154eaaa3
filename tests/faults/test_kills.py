"""Processes killed at every marked step: nothing is lost, and no letter is sent twice."""

import os
from datetime import timedelta
from pathlib import Path
from random import Random

import pytest
from sqlalchemy import func, select

from tests import campaigns as usual
from tests.faults.field import Field
from undersigned import marks
from undersigned.domain.delivery import Purpose, State
from undersigned.domain.party import Standing
from undersigned.domain.reply import ReplyState
from undersigned.flows import arrange
from undersigned.service import utc_now
from undersigned.store import campaigns, freezes, prospects
from undersigned.store.tables import DecisionRow, DeliveryRow, FreezeRow, MessageRow, ReplyRow

#: More than a group in flight, so that a kill meets batches in the middle.
PARTIES = 30

#: The kills while people are invited and answer, and those while the letter leaves.
WHILE_OPEN = (
    "deliver.claimed",
    "deliver.composed",
    "deliver.answered",
    "deliver.settled",
    "receive.fetched",
    "receive.kept",
    "read.parsed",
    "read.decided",
    "read.committed",
)
WHILE_LEAVING = ("dispatch.made", "dispatch.committed", "letter.marked", "letter.answered")

#: How many campaigns, and what their kills are drawn from: `make faults ROUNDS=50 SEED=7`.
ROUNDS = int(os.environ.get("ROUNDS", "1"))
SEED = int(os.environ.get("SEED", "1"))

EMBEDDED = (("up",),)
WORKERS = (("worker", "--concurrency", "2"), ("beat",), ("listen",))


@pytest.fixture
def field(database_url: str, tmp_path: Path, request: pytest.FixtureRequest) -> Field:
    """Give a campaign in one process on SQLite, in several on PostgreSQL and Redis."""
    is_embedded = database_url.startswith("sqlite")
    broker = "memory://" if is_embedded else request.getfixturevalue("redis_server")
    return Field(tmp_path / "letter", database_url=database_url, broker_url=broker, parties=PARTIES)


def commands(field: Field) -> tuple[tuple[str, ...], ...]:
    """Give the processes that a campaign runs in."""
    return EMBEDDED if field.broker_url.startswith("memory:") else WORKERS


@pytest.mark.faults
@pytest.mark.timeout(600)  # thirteen kills, and what each costs to get over, on a loaded machine
@pytest.mark.parametrize("number", range(ROUNDS))
def test_it_loses_nothing_and_doubles_no_letter(field: Field, number: int) -> None:
    """Killed at every step of the way, a campaign ends as it would have without a kill."""
    with field.open(), field.engine(commands(field)):
        for mark, times in _kills(number):
            is_killed = field.kill_at(mark, times, unless=lambda: _all_signed(field))
            assert is_killed or number, mark
        field.wait(lambda: _all_signed(field), "every signature and receipt")
        closes = utc_now() + timedelta(seconds=1)
        field.order.write_text("freeze.made 1", encoding="ascii")
        field.write(closes=closes, leaves=closes + timedelta(seconds=3))
        field.wait(lambda: _is_frozen(field), "the freeze")
        field.approve()
        for mark in WHILE_LEAVING:
            field.kill_at(mark)
        field.wait(lambda: _is_finished(field), "the last letter")

        _hold_mail_against_servers(field)
        _hold_letters_against_missions(field)
        _hold_list_against_words(field)


def test_it_names_every_mark() -> None:
    """Every marked step is one that a test kills at."""
    killed = {*WHILE_OPEN, *WHILE_LEAVING, "freeze.made"}

    assert killed == set(marks.MARKS) - {"remind.made"}


def _kills(number: int) -> list[tuple[str, int]]:
    """Give the kills of a campaign: the first meets every mark in turn, the others are drawn."""
    if number == 0:
        return [(mark, 1) for mark in WHILE_OPEN]
    draw = Random(SEED * 1000 + number)  # noqa: S311 - a seed that can be named again is the point
    return [(mark, draw.randint(1, 3)) for mark in draw.sample(WHILE_OPEN, len(WHILE_OPEN))]


def _all_signed(field: Field) -> bool:
    with field.service.store.reading() as session:
        campaign = campaigns.get(session, usual.NAME)
        signed = prospects.standings(session, campaign.id)[Standing.SIGNED]
        waiting = session.scalar(
            select(func.count())
            .select_from(DeliveryRow)
            .where(DeliveryRow.state.in_((State.QUEUED, State.CLAIMED)))
        )
        return signed == PARTIES and not waiting


def _is_frozen(field: Field) -> bool:
    with field.service.store.reading() as session:
        campaign = campaigns.get(session, usual.NAME)
        return freezes.current(session, campaign.id) is not None


def _is_finished(field: Field) -> bool:
    with field.service.store.reading() as session:
        return session.scalars(select(FreezeRow.finished_at)).one() is not None


def _hold_mail_against_servers(field: Field) -> None:
    """Compare: nothing lost; only a group in flight doubled, under its own Message-ID."""
    received = field.received()
    with field.service.store.reading() as session:
        rows = session.execute(
            select(MessageRow.message_id, DeliveryRow.address, DeliveryRow.purpose)
            .join(DeliveryRow, DeliveryRow.message_id == MessageRow.id)
            .where(DeliveryRow.state == State.ACCEPTED)
        ).all()
        replies = session.execute(
            select(ReplyRow.state, func.count()).group_by(ReplyRow.state)
        ).all()
        answers = session.scalar(
            select(func.count(DecisionRow.reply_id.distinct())).select_from(DecisionRow)
        )
    assert all(received[row.message_id, row.address] >= 1 for row in rows)
    doubled = [row for row in rows if received[row.message_id, row.address] > 1]
    assert len(doubled) <= 20 * len(WHILE_OPEN)
    assert not [row for row in doubled if row.purpose == Purpose.LETTER]
    by_purpose = dict.fromkeys(Purpose, 0)
    for row in rows:
        by_purpose[Purpose(row.purpose)] += 1
    assert by_purpose[Purpose.INVITATION] == PARTIES
    assert by_purpose[Purpose.RECEIPT] == PARTIES
    # A doubled invitation may be answered twice: the signer answers each mail that comes.
    assert set(dict(replies)) <= {ReplyState.DECIDED}
    assert answers == sum(count for _, count in replies)


def _hold_letters_against_missions(field: Field) -> None:
    """Compare: a letter cut between mark and settling is uncertain, no other; none came twice."""
    letters = field.letters()
    with field.service.store.reading() as session:
        states = {
            row.address: State(row.state)
            for row in session.scalars(
                select(DeliveryRow).where(DeliveryRow.purpose == Purpose.LETTER)
            )
        }
    uncertain = [address for address, state in states.items() if state is State.UNCERTAIN]
    assert max(letters.values()) == 1
    assert len(states) == 15
    assert len(uncertain) == 2, states
    accepted = {code for code, count in letters.items() if count}
    # One was cut before MAIL FROM, one after the server had taken it.
    assert len(accepted) == 14
    assert sum(state is State.ACCEPTED for state in states.values()) == 13


def _hold_list_against_words(field: Field) -> None:
    """Compare the printed list with the fold: everybody who said yes, once."""
    with field.service.store.reading() as session:
        campaign = campaigns.get(session, usual.NAME)
        frozen = freezes.current(session, campaign.id)
        assert frozen is not None
        assert frozen.manifest["list"] == arrange.printed_list(session, campaign)
        assert len(frozen.manifest["list"]["organization"]) == PARTIES
