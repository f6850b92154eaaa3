"""Whole campaigns under fire: nothing is lost, no letter is sent twice, and the servers prove it.

A bounded run of `make faults`: every marked step and every phase of SMTP in turn, then a draw.
"""

from collections.abc import Iterator
from functools import partial
from pathlib import Path
from random import Random

import pytest

from tests.faults import weather
from tests.faults.ground import Ground, ground
from tests.faults.relay import Phase, Way
from tests.faults.rounds import Result, Script, drawn, play
from undersigned import marks

pytestmark = [
    pytest.mark.faults,
    pytest.mark.timeout(600),  # dozens of kills, and what each costs to get over, on a busy machine
]


#: On each kind of database one after the other: its servers and the mother of its processes are
#: started once.
SQLITE = pytest.param("sqlite", marks=pytest.mark.xdist_group("faults-sqlite"))
POSTGRESQL = pytest.param("postgresql", marks=pytest.mark.xdist_group("faults-postgresql"))


@pytest.fixture(scope="module", params=[SQLITE, POSTGRESQL])
def place(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Ground]:
    """Give one process on SQLite; then four workers, beat and listener on PostgreSQL and Redis."""
    with ground(request.param, tmp_path_factory.mktemp("ground")) as started:
        yield started


def played(place: Ground, folder: Path, script: Script) -> Result:
    """Play a script, and show its table."""
    draw = Random(folder.name)  # noqa: S311 - a campaign that can be played again is the point
    result = play(place, folder / "campaign", script, name=folder.name, draw=draw)
    assert result.is_clean, str(result)
    return result


def test_it_survives_a_kill_at_every_marked_step(place: Ground, tmp_path: Path) -> None:
    """Killed between any two steps, a campaign ends as it would have without a kill."""
    kills = {
        phase: [partial(weather.killed_at, mark=mark, times=1) for mark in some]
        for phase, some in weather.MARKS.items()
    }

    result = played(place, tmp_path, Script(parties=70, **kills))

    assert len(result.weather) >= len(marks.MARKS)


def test_it_names_every_mark() -> None:
    """Every marked step is one that a campaign is killed at."""
    killed = {mark for some in weather.MARKS.values() for mark in some}

    assert killed == set(marks.MARKS)


@pytest.mark.parametrize("place", [SQLITE], indirect=True)
def test_it_survives_a_server_that_fails_at_every_phase(place: Ground, tmp_path: Path) -> None:
    """Whatever SMTP does at any phase, no mail is lost and no letter doubled.

    T13: freescout-help-desk/freescout#5457; T15: knadh/listmonk#1109; T18:
    hexclave/hexclave#1356.
    """
    draw = Random(1)  # noqa: S311 - as above
    ways = (Way.HANG, Way.LATER, Way.NEVER, Way.CLOSE)
    faults = [
        partial(weather.misled, phase=phase, way=way, times=1)
        for phase in Phase
        for way in (Way.DROP, Way.HANG if phase is Phase.INSIDE else draw.choice(ways))
    ]
    letters = [
        partial(weather.misled, phase=phase, way=way, times=1)
        for phase in (Phase.MAIL, Phase.INSIDE, Phase.DOT)
        for way in (Way.DROP, Way.HANG)
    ]

    played(place, tmp_path, Script(parties=100, open=faults, leaving=letters))


def test_it_lets_no_copy_send(place: Ground, tmp_path: Path) -> None:
    """An older state that is put back, or a second deployment on a copy, sends nothing at all.

    T22: knadh/listmonk#1801.
    """
    faults = [weather.second_deployment, weather.put_back]

    played(place, tmp_path, Script(parties=60, open=faults))


@pytest.mark.parametrize("place", [POSTGRESQL], indirect=True)
def test_it_reconciles_when_half_of_the_workers_die(place: Ground, tmp_path: Path) -> None:
    """Four worker processes, half of them killed and two added: every count still agrees.

    T3: celery/celery#2856; T7: postalserver/postal#2222; T25: celery/celery#6465; T26:
    pretix/pretix#5433.
    """
    script = Script(
        parties=120,
        open=[weather.another_beat, weather.halved, weather.flushed, weather.broker_restarted],
        leaving=[weather.halved],
    )

    played(place, tmp_path, script)


def test_it_survives_whatever_is_drawn(place: Ground, tmp_path: Path) -> None:
    """Any faults in any order come to the same end."""
    draw = Random("suite")  # noqa: S311 - as above

    played(place, tmp_path, drawn(draw, place.database))
