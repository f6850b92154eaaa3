"""A worker that is asked to stop: the message in hand is finished, and no other is begun."""

import os
import signal
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from subprocess import Popen

import pytest
from sqlalchemy import select

from tests import servers
from tests.compose import Deployment
from tests.servers.town import Town
from tests.wire import stage
from undersigned.domain.delivery import Purpose, State
from undersigned.flows import apply, invite
from undersigned.service import Service
from undersigned.store.tables import DeliveryRow

pytestmark = [pytest.mark.wire, pytest.mark.xdist_group("wire")]

INVITED = 61


def states(service: Service) -> Counter[str]:
    """Count the invitations by state."""
    with service.store.reading() as session:
        invitations = DeliveryRow.purpose == Purpose.INVITATION
        return Counter(session.scalars(select(DeliveryRow.state).where(invitations)))


def family(process: Popen[bytes]) -> list[int]:
    """Give the ids of a process and of its children."""
    number = process.pid
    children = Path(f"/proc/{number}/task/{number}/children").read_text("ascii")
    return [number, *map(int, children.split())]


def itself(process: Popen[bytes]) -> list[int]:
    """Give the id of a process."""
    return [process.pid]


@pytest.mark.parametrize("post", [1], indirect=True)
@pytest.mark.parametrize("asked", [itself, family])
def test_it_finishes_the_message_in_hand_and_takes_no_other(
    deployment: Deployment,
    service: Service,
    post: Town,
    tmp_path: Path,
    asked: Callable[[Popen[bytes]], list[int]],
) -> None:
    """Stopped in the middle of the invitations, a worker leaves none half sent and none claimed.

    Docker asks the first process of a service to stop, and systemd every one.

    T25: celery/celery#4354, #3802, tasks lost at a warm shutdown.
    """
    staged = stage.example(tmp_path / "written")
    name = staged.plan.name
    apply.apply(service, staged.draft, by="Alice")
    invite.open_campaign(service, name, by="Alice")
    stage.MovedDates(service, staged).jump_to(staged.plan.opens_at)
    invite.invite(service, name, by="Alice")

    with deployment.running("worker", "beat") as (worker, _):
        servers.wait_until(lambda: states(service)[State.ACCEPTED] > 0, "the first invitation")
        for number in asked(worker):
            os.kill(number, signal.SIGTERM)
        worker.wait(servers.PATIENCE_SECONDS)
    servers.wait_until(post.is_empty, "an empty relay")

    found = states(service)
    assert found[State.QUEUED] > 0
    assert found[State.ACCEPTED] + found[State.QUEUED] == INVITED
    arrived = [one for one in post.everything() if b"List-Unsubscribe:" in one.raw]
    assert len(arrived) == found[State.ACCEPTED]
