"""What a sweeper leaves to those who hold it."""

from collections.abc import Callable
from datetime import datetime, timedelta

import pytest

from tests.campaigns import NAME, RIK, Desk
from undersigned.flows import invite, receive, recover
from undersigned.store import replies, slots
from undersigned.store.session import has_ended

#: More than the two leases that has_ended allows clocks to differ by.
SLEEP = timedelta(hours=1)


class Dozing:
    """A clock that is looked at by a process which sleeps at once, while others go on."""

    def __init__(self, desk: Desk, meanwhile: Callable[[], object]) -> None:
        self.desk = desk
        self.meanwhile = meanwhile
        self.was_read = False

    def __call__(self) -> datetime:
        """Give the time; after the first look an hour passes before the caller goes on."""
        looked = self.desk.clock()
        if not self.was_read:
            self.was_read = True
            self.desk.clock.now += SLEEP
            self.meanwhile()
        return looked


def claims_invitations(desk: Desk) -> None:
    """Let another worker claim what waits."""
    assert desk.claim("other")


def claims_a_reply(desk: Desk) -> None:
    """Let another reader claim what was kept."""
    with desk.service.store.writing() as session:
        assert replies.claim(
            session,
            "default",
            owner="other",
            now=desk.clock(),
            lease=desk.service.settings.limits.lease,
            limit=5,
        )


@pytest.fixture
def ready(desk: Desk) -> Desk:
    """Give a campaign with a kept reply, and invitations that wait."""
    desk.invited().answer(RIK, "YES")
    receive.receive(desk.service)
    desk.add()
    invite.invite(desk.service, NAME, by="Alice")
    return desk


def test_it_frees_no_mail_that_was_claimed_while_it_slept(ready: Desk) -> None:
    """To a sweeper that looked at the clock before it slept, a new lease lies too far ahead.

    Were the row freed, mail that is on its way would go out once more.
    """
    ready.service.clock = Dozing(ready, lambda: claims_invitations(ready))

    assert recover.recover(ready.service) == 0

    ready.service.clock = ready.clock
    ready.clock.now += ready.service.settings.limits.lease
    assert recover.recover(ready.service) == 1


def test_it_frees_no_reply_that_was_claimed_while_it_slept(ready: Desk) -> None:
    """Nor is a reply freed that another has begun to read."""
    lease = ready.service.settings.limits.lease

    def freed(clock: Callable[[], datetime]) -> int:
        with ready.service.store.writing() as session:
            return len(replies.expired(session, clock, lease=lease))

    assert freed(Dozing(ready, lambda: claims_a_reply(ready))) == 0
    ready.clock.now += lease
    assert freed(ready.clock) == 1


def test_it_takes_no_place_that_was_taken_while_it_slept(desk: Desk) -> None:
    """Nor does whoever looks for a connection take one that another has just got."""
    if desk.service.store.url.startswith("sqlite"):
        pytest.skip("SQLite lets nobody else write once the places are looked at")
    lease = timedelta(minutes=1)

    def take(clock: Callable[[], datetime], owner: str) -> int:
        with desk.service.store.writing() as session:
            return slots.take(session, "key", limit=1, owner=owner, clock=clock, lease=lease)

    def others_take() -> None:
        assert take(desk.clock, "other") == 1

    assert take(desk.clock, "before") == 1
    desk.clock.now += lease

    assert take(Dozing(desk, others_take), "late") == 0


def test_a_lease_from_a_clock_that_was_put_right_has_ended() -> None:
    """A clock that ran a day ahead must not keep rows in nobody's hands for a day."""
    now, lease = datetime.fromisoformat("2026-05-26T13:00:00+00:00"), timedelta(minutes=15)

    assert has_ended(now, now, lease)
    assert has_ended(now + timedelta(days=1), now, lease)
    assert not has_ended(now + lease, now, lease)
    assert not has_ended(now + 2 * lease, now, lease)
