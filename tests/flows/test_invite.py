"""Opening a campaign and inviting its parties."""

from dataclasses import replace

import pytest
from sqlalchemy import select

from tests.campaigns import IMOGEN, INGRID, NAME, PROSPECTS, RIK, Desk
from undersigned.errors import Refused
from undersigned.flows import check, invite, pause, prospects
from undersigned.store.tables import DeliveryRow


def test_it_sends_one_invitation_to_each_party(desk: Desk) -> None:
    """Every party gets exactly one invitation, with a reply address of its own."""
    desk.invited()

    replies = {str(desk.mail_to(address)[0]["Reply-To"]) for address in (RIK, IMOGEN, INGRID)}
    assert len(replies) == 3
    assert [len(desk.mail_to(address)) for address in (RIK, IMOGEN, INGRID)] == [1, 1, 1]


def test_it_invites_only_the_new_ones_the_second_time(desk: Desk) -> None:
    """Nobody is invited twice, however often the command is given.

    T23: gophish/gophish#1223; T31: glondu/belenios#51, late additions.
    """
    desk.invited()
    desk.add()

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


def test_it_counts_no_attempt_while_it_waits(desk: Desk) -> None:
    """However often a tick comes before the day, mail of that day has all its tries left.

    T36: fossasia/eventyay-exhibition#108, far-off mail that was given up for not being due.
    """
    desk.apply()
    invite.open_campaign(desk.service, NAME, by="Alice")
    invite.invite(desk.service, NAME, by="Alice")

    for _ in range(30):  # more than any table of retries is long
        assert desk.deliver() == 0
        desk.clock.go(minutes=30)

    with desk.service.store.reading() as session:
        rows = session.scalars(select(DeliveryRow)).all()
    assert {(row.state, row.attempts) for row in rows} == {("queued", 0)}
    desk.clock.go(days=1)
    assert desk.deliver() == 3


def test_it_invites_anew_at_a_corrected_address(desk: Desk) -> None:
    """A party whose address was wrong is invited again at the right one; the others are not.

    T70: mysociety/alaveteli#2767, a guard against doubles that blocked it.
    """
    desk.invited()
    prospects.edit(desk.service, NAME, RIK, {"email": "desk@openarchive.example"}, by="Alice")

    assert invite.invite(desk.service, NAME, by="Alice") == 1
    desk.deliver()

    assert len(desk.mail_to("desk@openarchive.example")) == 1
    assert len(desk.mail_to(IMOGEN)) == 1


def test_it_lets_no_failed_letter_stop_the_others(desk: Desk) -> None:
    """A template that asks for what one party has not got keeps no other from its mail.

    T27: benadida/helios-server#197, those without a name got nothing.
    """
    folder = desk.folder.parent / "templates"
    (folder / "email" / "invitation").mkdir(parents=True)
    body = folder / "email" / "invitation" / "body.txt"
    body.write_text("{{ prospect.more.city }}\n")
    desk.service.settings = replace(desk.service.settings, templates=folder)
    desk.service.__dict__.pop("templates", None)  # read again from the new folder
    desk.write("prospects.csv", PROSPECTS.replace(",contact\n", ",contact,city\n", 1))
    draft = check.check(desk.service, desk.folder)
    assert any("city" in str(fault) for fault in draft.errors)

    body.write_text("{% if prospect.contact %}{{ prospect.nickname }}{% endif %}Hello\n")
    desk.invited()

    assert [len(desk.mail_to(one)) for one in (RIK, IMOGEN, INGRID)] == [0, 0, 1]
    with desk.service.store.reading() as session:
        rows = session.scalars(select(DeliveryRow).where(DeliveryRow.state == "refused")).all()
    assert len(rows) == 2
    assert "nickname" in (rows[0].answer or "")
