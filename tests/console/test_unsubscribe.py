"""The page behind List-Unsubscribe."""

import re
from dataclasses import replace

import pytest
from sqlalchemy import select

from tests.campaigns import IMOGEN, INGRID, NAME, RIK, Desk
from tests.console.conftest import Browser
from undersigned.domain.suppression import Scope
from undersigned.flows import invite, remind, unsubscribe
from undersigned.store.tables import DeliveryRow, ProspectRow

ONE_CLICK = {"List-Unsubscribe": "One-Click"}


@pytest.fixture
def public(peopled: Desk) -> Desk:
    """Give a desk whose console the world can reach; everybody is invited."""
    settings = peopled.service.settings
    console = replace(settings.console, url="https://sign.letters.example")
    peopled.service.settings = replace(settings, console=console)
    return peopled.invited()


def page(desk: Desk, address: str) -> str:
    """Give the path of the page that a mail program posts to."""
    header = " ".join(str(desk.mail_to(address)[-1]["List-Unsubscribe"]).split())
    found = re.match(
        r"<https://sign\.letters\.example(/unsubscribe/[a-z2-7]{16})>, <mailto:", header
    )
    assert found is not None, header
    return found[1]


def reminded(desk: Desk) -> set[str]:
    """Give who gets the reminder that is due now."""
    desk.clock.go(days=15)
    desk.read()
    before = {one: len(desk.mail_to(one)) for one in (RIK, IMOGEN, INGRID)}
    remind.remind_due(desk.service)
    desk.deliver()
    return {one for one, count in before.items() if len(desk.mail_to(one)) > count}


def test_one_click_unsubscribes_without_signing_in(public: Desk) -> None:
    """The button of a mail program works at once, and as often as it is pressed."""
    client = Browser(public.service).client
    path = page(public, RIK)
    assert public.mail_to(RIK)[-1]["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"

    answers = [client.post(path, data=ONE_CLICK) for _ in range(2)]

    assert [one.status_code for one in answers] == [200, 200]
    assert not any(one.headers.get("set-cookie") for one in answers)
    assert reminded(public) == {IMOGEN, INGRID}


def test_opening_the_link_changes_nothing(public: Desk) -> None:
    """A scanner that opens every link, or posts something else, unsubscribes nobody."""
    client = Browser(public.service).client
    path = page(public, RIK)

    shown = client.get(path)
    other = client.post(path, data={"scope": "all"})

    assert (shown.status_code, other.status_code) == (200, 200)
    assert 'value="One-Click"' in shown.text
    assert reminded(public) == {RIK, IMOGEN, INGRID}


def test_a_guessed_link_changes_nothing_and_tells_nothing(public: Desk) -> None:
    """Whoever guesses a link sees the same page."""
    client = Browser(public.service).client

    answer = client.post("/unsubscribe/aaaaaaaaaaaaaaaa", data=ONE_CLICK)

    assert answer.status_code == 200
    assert reminded(public) == {RIK, IMOGEN, INGRID}


def test_without_a_public_page_the_way_is_mail_alone(desk: Desk) -> None:
    """A console on this machine is no page that a mail program can reach."""
    desk.invited()

    assert str(desk.mail_to(RIK)[-1]["List-Unsubscribe"]).startswith("<mailto:")
    assert desk.mail_to(RIK)[-1]["List-Unsubscribe-Post"] is None


@pytest.mark.parametrize(
    ("scope", "asked"), [(Scope.LETTER, True), (Scope.INVITATIONS, False), (Scope.ALL, False)]
)
def test_a_scope_holds_for_other_letters_or_not(
    desk: Desk,
    scope: Scope,
    asked: bool,  # noqa: FBT001 - a column of the table
) -> None:
    """Who wants no invitations is not invited to the next letter; nobody is asked by mistake."""
    desk.invited()
    unsubscribe.stop_party(desk.service, NAME, RIK, scope, by="Alice")
    campaign = (desk.folder / "campaign.toml").read_text("utf-8")
    desk.write("campaign.toml", campaign.replace(NAME, "next-letter"))
    desk.apply()

    invite.open_campaign(desk.service, "next-letter", by="Alice")
    assert invite.count(desk.service, "next-letter") == 2 + asked
    invite.invite(desk.service, "next-letter", by="Alice")
    desk.deliver()

    assert len(desk.mail_to(RIK)) == 1 + asked
    assert len(desk.mail_to(IMOGEN)) == 2


def test_what_waits_in_the_outbox_is_taken_back(desk: Desk) -> None:
    """Mail that has not left when somebody unsubscribes does not leave; receipts do."""
    desk.apply()
    invite.open_campaign(desk.service, NAME, by="Alice")
    invite.invite(desk.service, NAME, by="Alice")

    unsubscribe.stop_party(desk.service, NAME, RIK, Scope.ALL, by="Alice")

    with desk.service.store.reading() as session:
        rows = session.execute(select(DeliveryRow.address, DeliveryRow.state)).all()
        assert {row.address: row.state for row in rows} == {
            RIK: "cancelled",
            IMOGEN: "queued",
            INGRID: "queued",
        }


def test_who_unsubscribed_still_gets_receipts(desk: Desk) -> None:
    """What somebody says is always answered, and a yes after all is a yes."""
    desk.invited()
    unsubscribe.stop_party(desk.service, NAME, RIK, Scope.ALL, by="Alice")

    desk.answer(RIK, "YES")
    desk.read()
    desk.deliver()

    assert desk.mail_to(RIK)[-1]["Auto-Submitted"] == "auto-replied"
    with desk.service.store.reading() as session:
        query = select(ProspectRow.standing).where(ProspectRow.email == RIK)
        assert session.scalars(query).one() == "signed"
