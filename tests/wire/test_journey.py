"""The example campaign in production: the processes and servers of docker-compose.yml."""

import subprocess
from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path
from subprocess import Popen

import pytest

from tests.compose import Deployment
from tests.servers.town import Town
from tests.wire import stage
from undersigned.flows import board, status
from undersigned.rehearsal.director import Director
from undersigned.rehearsal.outcome import EXPECTED, conclude
from undersigned.service import Service

pytestmark = [pytest.mark.wire, pytest.mark.xdist_group("wire")]

#: Ten parties that the example invents; none of them agreed for good.
INVENTED = 10


@pytest.fixture
def processes(deployment: Deployment) -> Iterator[list[Popen[bytes]]]:
    """Run two workers, beat and a listener by their commands."""
    with deployment.running("worker", "worker", "beat", "listener") as running:
        yield running


@pytest.mark.timeout(420)
def test_it_takes_the_letter_all_the_way(
    deployment: Deployment,
    service: Service,
    post: Town,
    processes: list[Popen[bytes]],
    tmp_path: Path,
) -> None:
    """In production the example comes to the same end as the demo: 51 names, fifteen letters."""
    staged = stage.example(tmp_path / "written")
    told: list[str] = []

    def hear(at: datetime, sentence: str) -> None:
        told.append(f"{at:%m-%d %H:%M} {sentence}")

    director = Director(staged, service, post, stage.MovedDates(service, staged), hear)
    director.together = timedelta(days=1)  # each coming takes two seconds through all servers
    try:
        director.play()
    except Exception as exc:
        exc.add_note("\n".join(told))
        exc.add_note(str(status.status(service, staged.plan.name)))
        exc.add_note("\n".join(map(str, board.board(service, staged.plan.name))))
        exc.add_note(deployment.logs())
        raise
    outcome = conclude(service, post, staged.draft, staged.into)

    assert outcome.is_right, "\n".join([*told, str(outcome.sums), *outcome.faults])
    printed = (staged.into / "signatories.txt").read_bytes()
    assert printed == (staged.draft.folder / EXPECTED).read_bytes()
    invented = [one.name for one in staged.draft.prospects[-INVENTED:]]
    assert not [name for name in invented if name in printed.decode()]
    for mission in staged.draft.addressees:
        assert [len(post.received(address)) for address in mission.to] == [1]
    for name in ("worker", "beat", "listener"):
        checked = subprocess.run(
            deployment.health(name),
            env=deployment.environment(name),
            capture_output=True,
            check=False,
        )
        assert checked.returncode == 0, checked.stderr
    assert [one.poll() for one in processes] == [None] * 4
