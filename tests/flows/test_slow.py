"""What an account does when its server says that it is too much, or takes no password."""

from collections.abc import Iterator
from typing import Any

import pytest
from aiosmtpd.smtp import AuthResult

from tests.campaigns import REPLY, Desk
from tests.conftest import StillClock
from undersigned.rehearsal.post_office import PostOffice
from undersigned.store import troubles


class Passwordless(PostOffice):
    """Refuses every password, as Exchange Online does once basic authentication is off."""

    def _authenticate(self, *_: Any) -> AuthResult:
        return AuthResult(
            success=False,
            handled=False,
            message="550 5.7.30 Basic authentication is not supported for Client Submission.",
        )


@pytest.fixture
def office(clock: StillClock) -> Iterator[PostOffice]:
    """Give a post office that takes no password."""
    with Passwordless(clock=clock, mailbox=REPLY) as opened:
        yield opened


def test_it_says_what_to_do_where_passwords_are_taken_no_more(desk: Desk) -> None:
    """The code alone would send nobody to the cure; and no message is given up for it."""
    desk.invited()

    with desk.service.store.reading() as session:
        said = [row.sentence for row in troubles.now_for(session, 0)]
    assert any("undersigned account add microsoft --name default" in one for one in said)
    desk.clock.go(minutes=2)
    assert desk.deliver() > 0
