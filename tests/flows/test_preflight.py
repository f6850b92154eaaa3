"""What stands between an invitation and its answer, found before the first one leaves."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import timedelta

import pytest

from tests import servers
from tests.campaigns import IMOGEN, NAME, RIK, Desk
from undersigned.errors import Refused
from undersigned.flows import invite, pause, preflight, replies
from undersigned.flows.preflight import Line

DMARC = {"_dmarc.letters.example": b"v=DMARC1; p=none"}


@pytest.fixture
def ready(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> Desk:
    """Give a desk with a campaign, whose domain publishes what it should; nobody waits long."""
    desk.service.find_keys = lambda names: {one: DMARC[one] for one in names if one in DMARC}
    monkeypatch.setattr(preflight, "PAUSE", timedelta(0))
    desk.apply()
    return desk


def flown(desk: Desk) -> Mapping[str, Line]:
    """Give the lines by what they are about."""
    return {one.what: one for one in preflight.preflight(desk.service, NAME)}


def unwell(desk: Desk) -> dict[str, str]:
    """Give what is not well."""
    return {what: one.said for what, one in flown(desk).items() if not one.is_well}


def test_it_finds_nothing_where_all_is_well(ready: Desk) -> None:
    """A mail goes out by SMTP and is found by IMAP at its tagged address; nobody else gets one."""
    lines = flown(ready)

    assert [one.said for one in lines.values() if not one.is_well] == []
    assert set(lines) == {
        "invitations",
        "DMARC",
        "sending",
        "loop-back",
        "headers",
        "authserv-id",
        "clock",
    }
    assert ready.mail_to(RIK) == ready.mail_to(IMOGEN) == []
    assert [row.state for row in replies.replies(ready.service, NAME)] == ["own"]


def test_it_says_that_the_account_does_not_send(ready: Desk) -> None:
    """A server that is not there is told before anybody is invited."""
    settings = ready.service.settings
    account = replace(settings.accounts["default"], smtp_port=servers.free_port())
    ready.service.settings = replace(settings, accounts={"default": account})

    assert "does not send" in unwell(ready)["sending"]


def test_it_says_that_tagged_addresses_do_not_arrive(ready: Desk) -> None:
    """A mailbox that loses mail for addresses with a plus sign would lose every answer."""
    folder = (ready.folder / "campaign.toml").read_text("utf-8")
    ready.write("campaign.toml", folder.replace("sign@letters.example", "lost@elsewhere.example"))
    ready.apply()

    assert "plus sign" in unwell(ready)["loop-back"]


def test_it_says_that_the_domain_has_no_dmarc(ready: Desk) -> None:
    """Who administers the domain learns what to add, and where."""
    ready.service.find_keys = lambda _names: {}

    assert "_dmarc.letters.example" in unwell(ready)["DMARC"]


def test_it_names_an_invitation_that_cannot_be_written(ready: Desk) -> None:
    """A party whose address no server takes is found before the others are invited."""
    rows = (ready.folder / "prospects.csv").read_text("utf-8")
    ready.write("prospects.csv", rows + "organization,Haus,,Germany,büro@haus.example,en,\n")
    ready.apply()

    assert "1 of 4 invitations cannot be written. Haus:" in unwell(ready)["invitations"]


def test_it_tells_a_clock_that_is_wrong(ready: Desk) -> None:
    """Mail from the future is junk to many filters."""
    now = ready.clock.now
    ready.service.clock = lambda: now + timedelta(hours=2)

    assert "NTP" in unwell(ready)["clock"]


def test_it_refuses_while_the_campaign_is_paused(ready: Desk) -> None:
    """Nothing leaves a paused campaign, this mail neither."""
    invite.open_campaign(ready.service, NAME, by="Alice")
    pause.pause(ready.service, NAME, by="Alice")

    with pytest.raises(Refused, match="paused"):
        preflight.preflight(ready.service, NAME)
