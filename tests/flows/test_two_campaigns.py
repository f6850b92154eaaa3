"""One mailbox that serves two campaigns."""

from pathlib import Path

from tests.campaigns import CAMPAIGN, RIK, Desk
from undersigned.flows import apply, arrange, check, invite
from undersigned.store import campaigns


def test_it_gives_a_reply_to_the_campaign_whose_message_it_answers(
    desk: Desk, tmp_path: Path
) -> None:
    """Two letters may invite one party at one address: each answer counts for its own letter."""
    desk.invited()
    other = Desk(desk.service, desk.office, desk.clock, tmp_path / "other")
    other.write("campaign.toml", CAMPAIGN.replace('name = "test-letter"', 'name = "other"'))
    apply.apply(desk.service, check.check(desk.service, other.folder), by="Alice")
    invite.open_campaign(desk.service, "other", by="Alice")
    invite.invite(desk.service, "other", by="Alice")
    desk.deliver()

    desk.answer(RIK, "YES")  # to the newest mail, which is the other letter's
    desk.read()

    with desk.service.store.reading() as session:
        printed = {
            name: arrange.printed_list(session, campaigns.get(session, name))["organization"]
            for name in ("test-letter", "other")
        }
    assert printed == {
        "test-letter": [],
        "other": ["Open Archive Collective (OAC) / Netherlands"],
    }


def test_it_leaves_a_reply_that_could_mean_either_to_a_person(desk: Desk, tmp_path: Path) -> None:
    """Without token and thread, two letters to one address are no match."""
    test = test_it_gives_a_reply_to_the_campaign_whose_message_it_answers
    test(desk, tmp_path)
    raw = desk.reply(
        desk.mail_to(RIK)[0],
        "YES",
        sender=RIK,
        to="sign@letters.example",
    )
    bare = b"\r\n".join(
        line
        for line in raw.split(b"\r\n")
        if not line.startswith((b"In-Reply-To", b"References", b"> ", b" <"))
        and b"letters.example>" not in line
    )
    desk.send(bare, sender=RIK, to="sign@letters.example")
    desk.read()

    with desk.service.store.reading() as session:
        campaign = campaigns.get(session, "test-letter")
        assert arrange.printed_list(session, campaign)["organization"] == []
