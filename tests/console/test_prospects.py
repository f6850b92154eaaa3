"""The parties in the browser: found, added, corrected, uploaded."""

from collections.abc import Callable
from dataclasses import replace

import pytest

from tests.campaigns import NAME, Desk
from tests.console.conftest import Browser
from undersigned.flows import invite, prospects
from undersigned.flows.roll import PAGE

Browse = Callable[..., Browser]
KESTREL = "i.farrow@kestrelrights.example"
ROLL = f"/campaigns/{NAME}/prospects"
HEAD = "kind,name,title,country,email,language,contact\n"


def names(desk: Desk) -> list[str]:
    """Give the parties' names."""
    return [row.name for row in prospects.prospects(desk.service, NAME)]


def upload(browser: Browser, source: str) -> str:
    """Look at a CSV; gives the page."""
    csrf = browser.field(browser.get("/sign-in"), "csrf")
    answer = browser.client.post(
        f"{ROLL}/upload",
        data={"csrf": csrf},
        files={"file": ("prospects.csv", source.encode(), "text/csv")},
    )
    return answer.text


def test_a_party_shows_everything_that_passed(browse: Browse, peopled: Desk) -> None:
    """Invitation, answer, decision and receipt stand in their order, with every state."""
    peopled.invited()
    peopled.answer("rik@openarchive.example", "Yes, please add us.")
    peopled.read()
    peopled.deliver()

    page = browse().get(f"{ROLL}/1")

    places = [
        page.index(words)
        for words in (
            "invitation to rik@",
            "Yes, please add us.",
            "sign, decided by rule",
            "receipt",
        )
    ]
    assert places[0] == min(places)
    assert "accepted" in page


def test_parties_are_found_by_words_and_standing(browse: Browse, peopled: Desk) -> None:
    """Part of a name or an address is enough."""
    peopled.invited()
    browser = browse()

    assert "Kestrel Rights Watch" in browser.get(f"{ROLL}?words=kestrel")
    assert "Open Archive" not in browser.get(f"{ROLL}?words=kestrel")
    assert "Ingrid" in browser.get(f"{ROLL}?words=norrhamn.example&standing=invited")
    assert "No party fits." in browser.get(f"{ROLL}?standing=signed")
    browser.get(f"{ROLL}?standing=nonsense", 409)


def test_the_first_invitations_ask_for_a_preflight(browse: Browse, peopled: Desk) -> None:
    """The page says what to run, and nobody is invited meanwhile."""
    settings = peopled.service.settings
    account = replace(settings.accounts["default"], carrier="provider")
    peopled.service.settings = replace(settings, accounts={"default": account})
    peopled.apply()
    invite.open_campaign(peopled.service, NAME, by="Alice")
    peopled.clock.go(days=1, hours=2)

    assert "undersigned preflight" in browse().post(f"{ROLL}/invite", 409)

    assert invite.count(peopled.service, NAME) == 3


def test_a_party_is_added_and_corrected(browse: Browse, peopled: Desk) -> None:
    """A typing error in an address is mended, and the party is invited anew."""
    peopled.invited()
    browser = browse()

    where = browser.post(
        f"{ROLL}/add", kind="organization", name="New Light", email="a@new.example", country="ROK"
    )
    browser.post(f"{ROLL}/invite")
    peopled.deliver()
    browser.post(where.partition("?")[0], email="b@new.example")
    browser.post(f"{ROLL}/invite")
    peopled.deliver()

    assert len(peopled.mail_to("a@new.example")) == len(peopled.mail_to("b@new.example")) == 1
    assert "South Korea" in browser.get(where.partition("?")[0])


@pytest.mark.parametrize(
    ("fields", "why"),
    [
        ({"kind": "robot", "name": "X", "email": "a@x.example"}, "organization or an individual"),
        ({"kind": "organization", "name": "X", "email": "nowhere"}, "not a mail address"),
        (
            {"kind": "organization", "name": "Kestrel Rights Watch", "email": "a@x.example"},
            "already",
        ),
    ],
)
def test_what_cannot_be_added_is_said(
    browse: Browse, peopled: Desk, fields: dict[str, str], why: str
) -> None:
    """Nothing is added by half."""
    peopled.apply()

    assert why in browse().post(f"{ROLL}/add", 409, **fields)


def test_a_csv_is_taken_only_when_confirmed(browse: Browse, peopled: Desk) -> None:
    """First every line is shown, then it is taken, and known parties stay as they are."""
    peopled.apply()
    before = names(peopled)
    browser = browse()
    source = (
        HEAD + "organization,Kestrel Rights Watch,,UK,other@x.example,,\n"
        "organization,“Łódź” & Söhne,,Poland,a@lodz.example,,\n"
    )

    page = upload(browser, source)
    assert "1 new, 1 known already" in page
    assert names(peopled) == before
    browser.post(f"{ROLL}/enrol", source=source)

    assert names(peopled) == [*before, "“Łódź” & Söhne"]


def test_a_csv_with_a_fault_is_not_taken(browse: Browse, peopled: Desk) -> None:
    """The fault is shown with its line, and no part of the file is taken."""
    peopled.apply()
    before = names(peopled)
    browser = browse()
    source = HEAD + "organization,Fine,,UK,a@fine.example,,\nrobot,Wrong,,UK,nowhere,,\n"

    assert "line 3:" in upload(browser, source)
    browser.post(f"{ROLL}/enrol", 409, source=source)

    assert names(peopled) == before


def test_a_csv_in_another_charset_is_refused_in_words(browse: Browse, peopled: Desk) -> None:
    """A spreadsheet's own charset would spoil every name."""
    peopled.apply()
    browser = browse()
    csrf = browser.field(browser.get("/sign-in"), "csrf")

    answer = browser.client.post(
        f"{ROLL}/upload",
        data={"csrf": csrf},
        files={"file": ("a.csv", b"\xff\xfe\x80", "text/csv")},
    )

    assert "not UTF-8" in answer.text
    assert "Choose a CSV" in browser.post(f"{ROLL}/upload", 409)


def test_a_long_roll_comes_by_pages(browse: Browse, peopled: Desk) -> None:
    """A page holds so many, and leads to the next."""
    peopled.apply()
    browser = browse()
    rows = "".join(f"organization,Party {n:03},,UK,a{n}@many.example,,\n" for n in range(PAGE + 5))
    browser.post(f"{ROLL}/enrol", source=HEAD + rows)

    page = browser.get(ROLL)
    after = page.rpartition("after=")[2].partition('"')[0]

    assert "Party 054" not in page
    assert "Party 054" in browser.get(f"{ROLL}?after={after}")


def test_two_parties_become_one(browse: Browse, peopled: Desk) -> None:
    """Both stand beside each other first, and where they answered differently one is chosen."""
    peopled.invited()
    for address, words in (
        ("rik@openarchive.example", "Yes, add us."),
        (KESTREL, "No, thank you."),
    ):
        peopled.answer(address, words)
        peopled.read()
    browser = browse()

    page = browser.get(f"{ROLL}/1/merge?other=kestrel")
    assert "Whose word holds?" in page
    assert "say whose word holds" in browser.post(
        f"{ROLL}/1/merge", 409, other="2", reason="they told us"
    )
    browser.post(f"{ROLL}/1/merge", other="2", reason="they told us", word="keep")

    assert "turned out to be" in browser.get(f"{ROLL}/2")
    assert "one party already" in browser.get(f"{ROLL}/1/merge?other=2", 409)
