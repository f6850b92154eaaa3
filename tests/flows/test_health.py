"""Health in words: what a coordinator asks first."""

from dataclasses import replace

from tests.campaigns import NAME, Desk
from undersigned.flows import invite
from undersigned.flows.status import status
from undersigned.store.account_tables import TokenRow


def signs(desk: Desk) -> dict[str, str]:
    """Give the signs as they stand now."""
    return {one.what: one.how for one in status(desk.service, NAME).health}


def test_it_says_when_the_mailbox_was_read_and_what_waits(desk: Desk) -> None:
    """Nothing has to be computed from two instants: the words say how long ago."""
    desk.apply()
    assert signs(desk)["Mailbox read completely"] == "never yet"
    assert signs(desk)["Oldest mail that waits to leave"] == "none waits"
    invite.open_campaign(desk.service, NAME, by="Alice")
    invite.invite(desk.service, NAME, by="Alice")
    assert "may leave on 2026-05-26 13:00 UTC" in signs(desk)["Oldest mail that waits to leave"]
    desk.read()
    desk.clock.go(days=1, hours=3)

    found = signs(desk)

    assert found["Mailbox read completely"] == "2026-05-25 12:00 UTC, 1 day ago"
    assert found["Oldest mail that waits to leave"].endswith("13:00 UTC, 2 hours ago")


def test_it_says_what_may_still_be_sent(desk: Desk) -> None:
    """Of each limit what is left; and that there is none where none is set."""
    desk.invited()
    assert signs(desk)["May still be sent"] == "as much as one likes: no limit is set"
    settings = desk.service.settings
    account = replace(
        settings.accounts["default"], smtp_per_minute=10, smtp_per_day=500, limit_percent=100
    )
    desk.service.settings = replace(settings, accounts={"default": account})

    assert signs(desk)["May still be sent"] == "7 of 10 this minute; 497 of 500 in 24 hours"


def test_it_says_until_when_a_permission_lasts(desk: Desk) -> None:
    """Where an account signs in with a token; a password runs out nowhere."""
    desk.apply()
    assert "Permission to use the account" not in signs(desk)
    settings = desk.service.settings
    account = replace(settings.accounts["default"], signs_in="google")
    desk.service.settings = replace(settings, accounts={"default": account})
    now = desk.clock.now
    with desk.service.store.writing() as session:
        session.add(
            TokenRow(account="default", access=b"", refresh=b"", expires_at=now, renewed_at=now)
        )

    assert signs(desk)["Permission to use the account"] == (
        "used on 2026-05-25; each use renews it, unused it ends on 2026-11-21"
    )
