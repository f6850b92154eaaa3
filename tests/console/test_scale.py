"""More data makes no page ask the database more often, and no list is counted off."""

import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from sqlalchemy import event, select

from tests.campaigns import CAMPAIGN, NAME, Desk
from tests.console.conftest import ANN, Browser
from undersigned.console.guard import Way
from undersigned.console.routes import ROUTES
from undersigned.domain.decision import Act
from undersigned.domain.delivery import Purpose
from undersigned.domain.party import Standing
from undersigned.flows import mint
from undersigned.store import campaigns, messages
from undersigned.store.session import Store
from undersigned.store.tables import DecisionRow, ProspectRow, ReplyRow, ReviewRow

Browse = Callable[..., Browser]
BASE = f"/campaigns/{NAME}"
#: What stands in the places of a path; where a route has forms, all of them.
FORMS = {
    "signatories": ("csv", "txt"),
    "letter": ("html", "txt"),
    "dispatch": ("json", "txt"),
}
FEW, MANY = 30, 300
#: Lines on the longest page.
MOST = 100
#: Every list that may grow, and what it is asked for.
LISTS = (
    "/review?after=5",
    "/prospects?after=5",
    "/prospects?after=5&standing=signed&words=party",
    "/signatories",
    "/outbox?before=20",
    "/outbox?before=20&purpose=invitation&state=queued",
    "/journal?before=20",
)


def paths() -> list[str]:
    """Give every page that a person may look at, with something in every place."""
    shown = [way for way in ROUTES if way.method == "GET" and "{token}" not in way.path]
    return [one for way in shown for one in _filled(way)]


def _filled(way: Way) -> Iterator[str]:
    path = way.path.replace("{name}", NAME).replace("{number:int}", "1").replace("{file:int}", "1")
    noun = path.rpartition("/")[2].partition(".")[0]
    path += "?other=2" if path.endswith("/merge") else ""
    for form in FORMS[noun] if "{form}" in path else [""]:
        yield path.replace("{form}", form)


@contextmanager
def asked(store: Store) -> Iterator[list[str]]:
    """Give what the database is asked for within the block."""
    said: list[str] = []

    def note(_connection: Any, _cursor: Any, statement: str, *_more: Any) -> None:
        said.append(statement)

    event.listen(store.engine, "before_cursor_execute", note)
    try:
        yield said
    finally:
        event.remove(store.engine, "before_cursor_execute", note)


def grow(desk: Desk, to: int) -> None:
    """Let the campaign have so many parties, each with a mail, a reply, a decision or a review."""
    now = desk.clock.now
    with desk.service.store.writing() as session:
        campaign = campaigns.get(session, NAME)
        here = len(session.scalars(select(ProspectRow.id)).all())
        for number in range(here, to):
            party = ProspectRow(
                campaign_id=campaign.id, kind="organization", name=f"Party {number:04}",
                key=f"party {number:04}", country="France", email=f"a{number}@many.example",
                more={}, standing=Standing.SIGNED if number % 2 else Standing.INVITED,
                answered_at=now, created_at=now,
            )  # fmt: skip
            session.add(party)
            session.flush()
            message = mint.message(
                campaign, Purpose.INVITATION, f"prospect:{party.id}", template="invitation",
                now=now, prospect_id=party.id,
                edition_id=campaigns.edition(session, campaign.id).id,
            )  # fmt: skip
            messages.add(session, message, account="default", to=[party.email], due_at=now)
            reply = ReplyRow(
                account="default", folder="INBOX", uidvalidity=7, uid=number, received_at=now,
                fetched_at=now, size=9, raw=b"A: b\r\n\r\nc", is_whole=True, digest=f"{number:064}",
                state="decided" if number % 2 else "review", campaign_id=campaign.id,
                prospect_id=party.id, sender=party.email, attempts=1,
                verdict={"own_words": "Yes", "proof": "none"},
            )  # fmt: skip
            session.add(reply)
            session.flush()
            session.add(_outcome(campaign.id, party, reply))


def _outcome(campaign_id: int, party: ProspectRow, reply: ReplyRow) -> DecisionRow | ReviewRow:
    if reply.state == "review":
        return ReviewRow(
            reply_id=reply.id, campaign_id=campaign_id, prospect_id=party.id, reason="asks",
            blocks=False, opened_at=reply.received_at,
        )  # fmt: skip
    listing = {"kind": party.kind, "name": party.name, "title": None, "country": party.country}
    return DecisionRow(
        campaign_id=campaign_id, prospect_id=party.id, reply_id=reply.id, act=Act.SIGN,
        listings=[listing], edition=1, received_at=reply.received_at, uidvalidity=1, uid=reply.uid,
        sender=party.email, decided_by="rule:plain-consent", reason="plain-consent",
        at=reply.received_at,
    )  # fmt: skip


def counted(browser: Browser) -> dict[str, int]:
    """Give how often each page asks the database."""
    found = {}
    for path in paths():
        with asked(browser.service.store) as said:
            answer = browser.client.get(path)
        assert answer.status_code < 500, (path, answer.text)
        found[path] = len(said)
    return found


def test_no_page_asks_more_often_when_there_is_more(browse: Browse, peopled: Desk) -> None:
    """A page of three hundred parties costs as many questions as one of thirty."""
    peopled.invited()
    browser = browse(ANN)
    grow(peopled, FEW)
    few = counted(browser)

    grow(peopled, MANY)
    many = counted(browser)

    assert {path: (few[path], count) for path, count in many.items() if count > few[path]} == {}


def test_the_list_of_campaigns_asks_once_for_all(browse: Browse, peopled: Desk) -> None:
    """Five campaigns cost as many questions as two."""
    peopled.apply()
    browser, counts = browse(), []

    for number in range(1, 5):
        text = CAMPAIGN.replace(NAME, f"letter-{number}")
        peopled.write("campaign.toml", text)
        peopled.apply()
        with asked(peopled.service.store) as said:
            page = browser.get("/")
        counts.append(len(said))

    assert "letter-4" in page
    assert counts[-1] == counts[0]


@pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)  # SQLite gets OFFSET 0
@pytest.mark.parametrize("path", LISTS)
def test_a_long_list_goes_by_its_key(browse: Browse, peopled: Desk, path: str) -> None:
    """Rows are never counted off, and no page takes all of them."""
    peopled.invited()
    browser = browse(ANN)
    grow(peopled, MANY)

    with asked(peopled.service.store) as said:
        page = browser.get(f"{BASE}{path}")

    assert not [one for one in said if "OFFSET" in one.upper()]
    assert len(set(re.findall(r"Party [0-9]{4}", page))) <= MOST
