"""What stands between an invitation and its answer, found before the first one leaves."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from tests import servers
from tests.campaigns import IMOGEN, NAME, RIK, Desk
from undersigned.domain.findings import Line
from undersigned.errors import Refused, TemporaryFailure
from undersigned.flows import invite, loop_back, pause, preflight, replies
from undersigned.store import campaigns, journal

#: What a domain publishes whose mail Google carries.
ZONE = {
    ("letters.example", "MX"): ("1 smtp.google.example.",),
    ("letters.example", "TXT"): ("site=1", "v=spf1 include:_spf.carrier.example ~all"),
    ("_spf.carrier.example", "TXT"): ("v=spf1 ip4:192.0.2.0/24 ip6:2001:db8::/32 -all",),
    ("_dmarc.letters.example", "TXT"): ("v=DMARC1; p=none",),
    ("one._domainkey.letters.example", "TXT"): ("v=DKIM1; k=rsa; p=MIIB",),
}
#: What a domain publishes that sends by a relay of its own.
OWN = {
    **ZONE,
    ("letters.example", "TXT"): ("v=spf1 a:relay.letters.example -all",),
    ("relay.letters.example", "A"): ("192.0.2.25",),
    ("25.2.0.192.in-addr.arpa", "PTR"): ("relay.letters.example.",),
    ("relay.letters.example.", "A"): ("192.0.2.25",),
}


@pytest.fixture
def ready(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> Desk:
    """Give a desk with a campaign, whose domain publishes what it should; nobody waits long."""
    publish(desk, ZONE)
    account_of(
        desk,
        carrier="provider",
        smtp_per_day=500,
        spf_include="_spf.carrier.example",
        dkim_selectors=("one",),
    )
    monkeypatch.setattr(loop_back, "PAUSE", timedelta(0))
    desk.apply()
    return desk


def publish(desk: Desk, zone: Mapping[tuple[str, str], tuple[str, ...]]) -> None:
    """Let the DNS say this and nothing else."""
    desk.service.look_up = lambda name, kind: zone.get((name, kind), ())


def account_of(desk: Desk, **changes: Any) -> None:
    """Change the account."""
    settings = desk.service.settings
    account = replace(settings.accounts["default"], **changes)
    desk.service.settings = replace(settings, accounts={"default": account})


def flown(desk: Desk) -> Mapping[str, Line]:
    """Give the lines by what they are about."""
    return {one.what: one for one in preflight.preflight(desk.service, NAME, by="Alice")}


def unwell(desk: Desk) -> dict[str, str]:
    """Give what is not well."""
    return {what: one.said for what, one in flown(desk).items() if not one.is_well}


def test_it_finds_nothing_where_all_is_well(ready: Desk) -> None:
    """A mail goes out by SMTP and is found by IMAP at its tagged address; nobody else gets one."""
    lines = flown(ready)

    assert [one.said for one in lines.values() if not one.is_well] == []
    assert set(lines) == {
        "invitations",
        "size",
        "quota",
        "MX",
        "SPF",
        "DMARC",
        "sending",
        "loop-back",
        "headers",
        "authserv-id",
        "clock",
        "DKIM",
        "alignment",
    }
    assert ready.mail_to(RIK) == ready.mail_to(IMOGEN) == []
    assert [row.state for row in replies.replies(ready.service, NAME)] == ["own"]


def test_it_says_that_the_account_does_not_send(ready: Desk) -> None:
    """A server that is not there is told before anybody is invited."""
    account_of(ready, smtp_port=servers.free_port())

    assert "does not send" in unwell(ready)["sending"]


def test_it_says_that_tagged_addresses_do_not_arrive(ready: Desk) -> None:
    """A mailbox that loses mail for addresses with a plus sign would lose every answer."""
    folder = (ready.folder / "campaign.toml").read_text("utf-8")
    ready.write("campaign.toml", folder.replace("sign@letters.example", "lost@elsewhere.example"))
    ready.apply()

    assert "plus sign" in unwell(ready)["loop-back"]


def test_it_says_that_the_domain_has_no_dmarc(ready: Desk) -> None:
    """Who administers the domain learns what to add, and where."""
    publish(ready, {name: said for name, said in ZONE.items() if "_dmarc" not in name[0]})

    assert "_dmarc.letters.example" in unwell(ready)["DMARC"]


def test_it_names_an_invitation_that_cannot_be_written(ready: Desk) -> None:
    """A party whose address no server takes is found before the others are invited."""
    ready.add("organization,Haus,,Germany,büro@haus.example,en,\n")

    assert "1 of 4 invitations cannot be written. Haus:" in unwell(ready)["invitations"]


def test_it_says_what_the_mail_server_takes(ready: Desk) -> None:
    """An invitation that the provider would refuse for its size is found before it is sent."""
    lines = preflight.preflight(ready.service, NAME, by="Alice")

    assert "octets that it may have" in next(one.said for one in lines if one.what == "size")
    assert not preflight.size(20_000, 10_000).is_well
    assert "names no limit" in preflight.size(20_000, None).said


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
        preflight.preflight(ready.service, NAME, by="Alice")


@pytest.mark.parametrize(
    ("what", "name", "records", "remedy"),
    [
        ("MX", ("letters.example", "MX"), (), "add the MX record"),
        ("MX", ("letters.example", "MX"), ("0 .",), "add the MX record"),
        ("SPF", ("letters.example", "TXT"), (), '"v=spf1 include:_spf.carrier.example ~all"'),
        ("SPF", ("letters.example", "TXT"), ("v=spf1 -all",), "Add include:_spf.carrier.example"),
        ("SPF", ("letters.example", "TXT"), ("v=spf1 -all", "v=spf1 ~all"), "Make one of them"),
        ("SPF", ("letters.example", "TXT"), ("v=spf1 +all",), "end it in ~all"),
        (
            "SPF",
            ("letters.example", "TXT"),
            ("v=spf1 " + " ".join(f"include:s{n}.example" for n in range(11)) + " ~all",),
            "Take out what is not needed",
        ),
        ("DKIM", ("one._domainkey.letters.example", "TXT"), (), "one._domainkey.letters.example"),
        ("DKIM", ("one._domainkey.letters.example", "TXT"), ("v=DKIM1; p=",), "Turn signing on"),
    ],
)
def test_it_says_what_is_to_be_added_to_the_dns(
    ready: Desk, what: str, name: tuple[str, str], records: tuple[str, ...], remedy: str
) -> None:
    """Whoever administers the domain learns from the line itself what to write, and where.

    T30: benadida/helios-server#252, mail that large providers swallow.
    """
    publish(ready, {**ZONE, name: records})

    assert remedy in unwell(ready)[what]


def test_it_takes_mail_where_the_domain_takes_it_itself(ready: Desk) -> None:
    """A domain without MX takes its mail at its own address (RFC 5321 §5.1)."""
    publish(
        ready, {**ZONE, ("letters.example", "MX"): (), ("letters.example", "A"): ("192.0.2.1",)}
    )

    assert flown(ready)["MX"].is_well


def test_it_follows_what_a_record_includes_and_redirects_to(ready: Desk) -> None:
    """Domains name their provider two or three steps down."""
    publish(
        ready,
        {
            **ZONE,
            ("letters.example", "TXT"): ("v=spf1 redirect=mail.example",),
            ("mail.example", "TXT"): (
                "v=spf1 include:_spf.carrier.example exists:%{i}.x ptr ?all",
            ),
        },
    )

    assert flown(ready)["SPF"].is_well


def test_it_says_that_the_dns_does_not_answer(ready: Desk) -> None:
    """Nothing is taken for missing that could not be asked for."""

    def silent(name: str, kind: str) -> tuple[str, ...]:
        raise TemporaryFailure(f"The DNS does not say what {name} has ({kind}): timed out")

    ready.service.look_up = silent

    found = unwell(ready)

    assert set(found) == {"MX", "SPF", "DMARC", "DKIM"}
    assert all("Try again later" in one for one in found.values())


def test_it_says_that_nothing_vouches_for_the_domain_in_from(ready: Desk) -> None:
    """SPF for the mailbox's domain says nothing of the domain that people read."""
    folder = (ready.folder / "campaign.toml").read_text("utf-8")
    ready.write("campaign.toml", folder.replace("hana@letters.example", "hana@coalition.example"))
    ready.apply()

    found = unwell(ready)

    assert "SPF vouches for letters.example" in found["alignment"]
    assert "coalition.example" in found["DKIM"]


def test_it_looks_at_the_names_of_an_own_relay(ready: Desk) -> None:
    """A relay's address has a name that leads back to it, and the SPF record allows it."""
    account_of(ready, carrier="relay", spf_include="", relay_addresses=("192.0.2.25",))
    publish(ready, OWN)

    found = flown(ready)

    assert (found["PTR"].is_well, found["SPF"].is_well) == (True, True)


def test_it_says_what_an_own_relay_lacks(ready: Desk) -> None:
    """A relay that moved to another address is found before its mail is refused."""
    account_of(ready, carrier="relay", spf_include="", relay_addresses=("198.51.100.7",))
    publish(ready, OWN)

    found = unwell(ready)

    assert "198.51.100.7 has no name" in found["PTR"]
    assert "Add ip4:198.51.100.7" in found["SPF"]


def test_it_asks_for_the_addresses_of_a_relay_on_this_machine(ready: Desk) -> None:
    """From loopback nobody can see how the world sees it."""
    account_of(ready, carrier="relay", spf_include="")
    publish(ready, OWN)

    assert "set relay_addresses" in unwell(ready)["PTR"]


def test_it_wants_the_quota_known(ready: Desk) -> None:
    """Who sends more than the provider allows is locked out on the day of the letter."""
    account_of(ready, smtp_per_day=0)

    assert "smtp_per_day" in unwell(ready)["quota"]


def opened(desk: Desk) -> None:
    """Open the campaign."""
    invite.open_campaign(desk.service, NAME, by="Alice")


def test_it_invites_nobody_before_a_preflight(ready: Desk) -> None:
    """What would keep answers from being found is looked at before anybody answers.

    T68: zulip/zulip#3965, "just reply" while nobody read the replies.
    """
    opened(ready)

    with pytest.raises(Refused, match="No preflight of test-letter was made"):
        invite.invite(ready.service, NAME, by="Alice")

    assert invite.count(ready.service, NAME) == 3


def test_it_invites_after_a_preflight_that_went_well(ready: Desk) -> None:
    """Nothing more is asked of the coordinator."""
    opened(ready)
    flown(ready)

    assert invite.invite(ready.service, NAME, by="Alice") == 3


def test_it_invites_in_spite_of_what_a_coordinator_names(ready: Desk) -> None:
    """Each line that failed is named, and the journal keeps that it was known."""
    publish(ready, {**ZONE, ("_dmarc.letters.example", "TXT"): (), ("letters.example", "MX"): ()})
    opened(ready)
    flown(ready)

    with pytest.raises(Refused, match="not well: MX, DMARC"):
        invite.invite(ready.service, NAME, by="Alice")
    with pytest.raises(Refused, match="not well: MX"):
        invite.invite(ready.service, NAME, by="Alice", despite=["dmarc", "preflight"])
    assert invite.invite(ready.service, NAME, by="Alice", despite=["DMARC", "MX"]) == 3

    with ready.service.store.reading() as session:
        told = journal.latest(session, campaigns.get(session, NAME).id, "invited")
    assert told is not None
    assert told.detail["despite"] == ["DMARC", "MX"]


def test_it_invites_without_a_preflight_where_that_is_said(ready: Desk) -> None:
    """Somebody who knows the account well may go without."""
    opened(ready)

    assert invite.invite(ready.service, NAME, by="Alice", despite=["preflight"]) == 3


def test_it_wants_another_preflight_for_another_sender(ready: Desk) -> None:
    """What was found of one address says nothing of the next one."""
    opened(ready)
    flown(ready)
    folder = (ready.folder / "campaign.toml").read_text("utf-8")
    ready.write("campaign.toml", folder.replace("hana@letters.example", "anna@letters.example"))
    ready.apply()

    with pytest.raises(Refused, match="since the sender or the account changed"):
        invite.invite(ready.service, NAME, by="Alice")


def test_it_invites_those_who_come_later_without_another_one(ready: Desk) -> None:
    """Only the first invitation asks: what has begun goes on."""
    opened(ready)
    flown(ready)
    invite.invite(ready.service, NAME, by="Alice")
    publish(ready, {})
    assert unwell(ready)
    ready.add("organization,Lamp,,Canada,del@lamp.example,en,\n")

    assert invite.invite(ready.service, NAME, by="Alice") == 1


def test_it_asks_for_no_preflight_where_no_mail_leaves(desk: Desk) -> None:
    """A rehearsal's post office delivers nowhere: there is nothing that the world could refuse."""
    desk.apply()
    opened(desk)

    assert invite.invite(desk.service, NAME, by="Alice") == 3
    assert flown(desk)["DNS"].is_well
