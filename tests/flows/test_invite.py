"""Opening a campaign and inviting its parties."""

import pytest

from tests.campaigns import IMOGEN, INGRID, NAME, RIK, Desk
from undersigned.errors import Refused
from undersigned.flows import invite, pause


def test_it_sends_one_invitation_to_each_party(desk: Desk) -> None:
    """Every party gets exactly one invitation, with a reply address of its own."""
    desk.invited()

    replies = {str(desk.mail_to(address)[0]["Reply-To"]) for address in (RIK, IMOGEN, INGRID)}
    assert len(replies) == 3
    assert [len(desk.mail_to(address)) for address in (RIK, IMOGEN, INGRID)] == [1, 1, 1]


def test_it_invites_only_the_new_ones_the_second_time(desk: Desk) -> None:
    """Nobody is invited twice, however often the command is given."""
    desk.invited()
    desk.write(
        "prospects.csv",
        (desk.folder / "prospects.csv").read_text()
        + "organization,Prairie Lamp Society,,Canada,del@prairielamp.example,en,Del\n",
    )
    desk.apply()

    made = invite.invite(desk.service, NAME, by="Alice")
    desk.deliver()

    assert made == 1
    assert len(desk.mail_to("del@prairielamp.example")) == 1
    assert len(desk.mail_to(RIK)) == 1


def test_it_refuses_before_the_campaign_is_open(desk: Desk) -> None:
    """Taking a folder over writes to nobody: a coordinator opens the campaign first."""
    desk.apply()

    with pytest.raises(Refused, match="not open"):
        invite.invite(desk.service, NAME, by="Alice")


def test_it_sends_nothing_while_paused(desk: Desk) -> None:
    """One gate holds every send back, and loses nothing."""
    desk.apply()
    invite.open_campaign(desk.service, NAME, by="Alice")
    desk.clock.go(days=1, hours=2)
    pause.pause(desk.service, NAME, by="Alice")
    invite.invite(desk.service, NAME, by="Alice")

    assert desk.deliver() == 0

    pause.resume(desk.service, NAME, by="Alice")
    assert desk.deliver() == 3


def test_it_waits_for_the_opening(desk: Desk) -> None:
    """An invitation made before the opening leaves at the opening."""
    desk.apply()
    invite.open_campaign(desk.service, NAME, by="Alice")
    invite.invite(desk.service, NAME, by="Alice")

    assert desk.deliver() == 0

    desk.clock.go(days=1, hours=2)
    assert desk.deliver() == 3
