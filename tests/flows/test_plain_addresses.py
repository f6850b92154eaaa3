"""Where no tagged address is taken: answers and bounces are known all the same."""

import json
from dataclasses import replace

import pytest

from tests.campaigns import NAME, REPLY, RIK, Desk
from undersigned.domain.party import Standing
from undersigned.flows import dispatch, status, verify
from undersigned.rehearsal.machines import REPORTS
from undersigned.rehearsal.received import read as take

ACCOUNT = "account@letters.example"


@pytest.fixture
def plain(desk: Desk) -> Desk:
    """Give a desk whose mailbox gets no mail for tags, and whose provider sends under none."""
    text = (desk.folder / "campaign.toml").read_text("utf-8")
    desk.write("campaign.toml", text.replace("coordinators =", "tagged = false\ncoordinators ="))
    settings = desk.service.settings
    account = replace(settings.accounts["default"], bounce_address="plain", address=ACCOUNT)
    desk.service.settings = replace(settings, accounts={"default": account})
    return desk.invited()


def standings(desk: Desk) -> dict[Standing, int]:
    """Count the parties where they stand."""
    found = status.status(desk.service, NAME).standings
    return {standing: count for standing, count in found.items() if count}


def test_it_knows_an_answer_by_the_message_it_answers(plain: Desk) -> None:
    """Reply-To is the mailbox's own address, and the answer counts for who was asked."""
    invitation = plain.mail_to(RIK)[-1]
    assert str(invitation["Reply-To"]).endswith(f"<{REPLY}>")
    assert f"mailto:{REPLY}?" in str(invitation["List-Unsubscribe"])

    plain.answer(RIK, "YES")
    plain.read()

    assert standings(plain) == {Standing.INVITED: 2, Standing.SIGNED: 1}


def test_it_sends_under_the_account_and_knows_what_comes_back(plain: Desk) -> None:
    """A provider that takes no MAIL FROM with a tag takes this; the returned headers name ours."""
    kept = plain.office.received(RIK)[-1]
    assert kept.envelope_from == ACCOUNT

    report = REPORTS["failure"](take(kept.raw, RIK, REPLY), plain.clock.now)
    plain.send(report, sender="", to=REPLY)
    plain.read()

    assert standings(plain) == {Standing.INVITED: 2, Standing.BOUNCED: 1}


def test_it_writes_letters_that_are_answered_at_the_plain_address(plain: Desk) -> None:
    """Missions too answer to the mailbox's own address."""
    plain.closed().armed().at_dispatch()
    dispatch.dispatch_due(plain.service)
    plain.deliver()

    (letter,) = plain.mail_to("fr@missions.example")
    assert str(letter["Reply-To"]).endswith(f"<{REPLY}>")
    exported = json.dumps(verify.export(plain.service, NAME))
    assert all(one.is_same for one in verify.verify(plain.service, exported))
