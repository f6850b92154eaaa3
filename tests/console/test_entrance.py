"""Who gets in, how, and for how long."""

from collections.abc import Callable
from dataclasses import replace

import pytest

from tests.campaigns import NAME, Desk
from tests.console.conftest import ALICE, Browser
from undersigned.errors import Refused, SlowDownError
from undersigned.flows import sign_in

Browse = Callable[..., Browser]


def test_a_mailed_link_opens_the_door_once(peopled: Desk) -> None:
    """The link comes by mail, wants a click that POSTs, and works once."""
    peopled.apply()
    browser = Browser(peopled.service)

    browser.post("/sign-in", 200, address=ALICE)
    peopled.deliver()
    mail = peopled.mail_to(ALICE)[-1].get_body(("plain",))
    assert mail is not None
    page = mail.get_content().partition("/sign-in/")[2].split()[0]
    browser.get(f"/sign-in/{page}")
    browser.get(f"/sign-in/{page}")
    browser.post(f"/sign-in/{page}")

    browser.post(f"/sign-in/{page}", 403)


def test_a_stranger_learns_nothing(peopled: Desk) -> None:
    """The page says the same to whom the settings do not name, and mails nothing."""
    peopled.apply()
    browser = Browser(peopled.service)

    known = browser.post("/sign-in", 200, address=ALICE)
    unknown = browser.post("/sign-in", 200, address="eve@elsewhere.example")
    peopled.deliver()

    assert known == unknown
    assert peopled.mail_to("eve@elsewhere.example") == []


def test_links_are_mailed_at_a_measured_pace(peopled: Desk) -> None:
    """Nobody's mailbox is filled by somebody who knows their address."""
    peopled.apply()
    browser = Browser(peopled.service)

    for _ in range(10):
        browser.post("/sign-in", 200, address=ALICE)
    peopled.deliver()

    assert len(peopled.mail_to(ALICE)) == sign_in.LINKS_AT_ONCE


def test_a_link_ends(peopled: Desk) -> None:
    """After fifteen minutes a link opens nothing."""
    peopled.apply()
    page = sign_in.link(peopled.service, ALICE).rpartition("/")[2]
    peopled.clock.go(minutes=16)

    Browser(peopled.service).post(f"/sign-in/{page}", 403)


def test_nobody_sees_a_page_without_signing_in(peopled: Desk) -> None:
    """Every page but the entrance leads to it."""
    peopled.apply()

    answer = Browser(peopled.service).client.get(f"/campaigns/{NAME}")

    assert (answer.status_code, answer.headers["location"]) == (303, "/sign-in")


def test_signing_out_ends_every_session(browse: Browse, peopled: Desk) -> None:
    """A browser left open elsewhere is shut too."""
    peopled.apply()
    here, elsewhere = browse(ALICE), browse(ALICE)

    here.post("/sign-out")

    assert elsewhere.client.get("/").headers["location"] == "/sign-in"


def test_who_leaves_the_settings_is_out(browse: Browse, peopled: Desk) -> None:
    """A role is what the settings say now, not when one signed in."""
    peopled.apply()
    browser = browse(ALICE)
    settings = peopled.service.settings
    peopled.service.settings = replace(settings, console=replace(settings.console, people=()))

    assert browser.client.get("/").headers["location"] == "/sign-in"


def test_a_cookie_of_ones_own_making_opens_nothing(browse: Browse, peopled: Desk) -> None:
    """A session's token is signed."""
    peopled.apply()
    browser = browse(ALICE)
    browser.client.cookies.clear()
    browser.client.cookies.set("undersigned", "guess.guess")

    assert browser.client.get("/").headers["location"] == "/sign-in"


def test_a_line_of_the_settings_names_a_role(peopled: Desk) -> None:
    """A mistake in the settings is said, and lets nobody in."""
    settings = peopled.service.settings
    wrong = replace(settings.console, people=("alice@rights.example boss",))
    peopled.service.settings = replace(settings, console=wrong)

    with pytest.raises(Refused, match="viewer, coordinator, approver"):
        sign_in.people(peopled.service)


def test_one_client_cannot_knock_for_ever(peopled: Desk) -> None:
    """Whoever tries address after address, or link after link, is made to wait; others are not."""
    peopled.apply()
    eve = Browser(peopled.service)
    for number in range(sign_in.KNOCKS_AT_ONCE - 1):
        eve.post("/sign-in", 200, address=f"guess{number}@elsewhere.example")
    eve.post("/sign-in/guess", 403)

    told = eve.post("/sign-in", 429, address=ALICE)
    eve.post("/sign-in/guess", 429)
    alice = Browser(peopled.service, client="192.0.2.7").sign_in(ALICE)

    assert "Too many tries" in told
    assert alice.client.get(f"/campaigns/{NAME}").status_code == 200
    peopled.clock.go(minutes=16)
    eve.post("/sign-in", 200, address=ALICE)


def test_half_of_an_ipv6_address_is_the_clients_own(peopled: Desk) -> None:
    """Who has a network of addresses is one client; an IPv4 address in IPv6 dress is itself."""
    peopled.apply()
    for number in range(sign_in.KNOCKS_AT_ONCE):
        sign_in.let_knock(peopled.service, f"2001:db8::{number:x}")

    with pytest.raises(SlowDownError):
        sign_in.let_knock(peopled.service, "2001:db8::ffff")
    sign_in.let_knock(peopled.service, "2001:db8:0:1::1")
    sign_in.let_knock(peopled.service, "::ffff:192.0.2.1")
