"""The list, the letter and its dispatch in the browser."""

from collections.abc import Callable

import pytest

from tests.campaigns import LETTER, NAME, Desk
from tests.console.conftest import ALICE, ANN, Browser
from undersigned.domain.delivery import State
from undersigned.flows import board, dispatch
from undersigned.store.tables import DeliveryRow

Browse = Callable[..., Browser]
BASE = f"/campaigns/{NAME}"
RIK = "rik@openarchive.example"


@pytest.fixture
def signed(peopled: Desk) -> Desk:
    """Give a campaign with one signature."""
    peopled.invited()
    peopled.answer(RIK, "Yes, please add us.")
    peopled.read()
    peopled.deliver()
    return peopled


def leave(desk: Desk) -> Browser:
    """Freeze, approve and arm in the browser, and let the minute come."""
    desk.closed()
    browser = Browser(desk.service).sign_in(ANN)
    browser.post(f"{BASE}/letter/freeze", typed=NAME)
    digest = browser.field(browser.get(f"{BASE}/letter"), "digest")
    browser.post(f"{BASE}/letter/approve", typed=NAME, digest=digest)
    browser.post(f"{BASE}/letter/arm", typed=NAME)
    plan, _ = board.planned(desk.service, NAME)
    desk.clock.now = plan.dispatch_at
    desk.read()
    dispatch.dispatch_due(desk.service)
    return browser


@pytest.mark.usefixtures("signed")
def test_the_list_stands_as_it_will_be_printed(browse: Browse) -> None:
    """With its headings, in its order, and as files."""
    browser = browse()

    page = browser.get(f"{BASE}/signatories")

    assert "Organizations (1)" in page
    assert "Open Archive Collective (OAC) / Netherlands" in page
    assert "Open Archive" in browser.get(f"{BASE}/signatories.txt")
    assert browser.client.get(f"{BASE}/signatories.csv").content.startswith(b"\xef\xbb\xbf")
    browser.get(f"{BASE}/signatories.exe", 409)


@pytest.mark.usefixtures("signed")
def test_a_name_is_pinned_to_its_place(browse: Browse) -> None:
    """A place is a number, and the name must be on the list."""
    browser = browse()
    line = {"kind": "organization", "printed": "Open Archive Collective (OAC)"}

    assert "pinned%20to%20place%201" in browser.post(f"{BASE}/signatories/pin", place="1", **line)
    browser.post(f"{BASE}/signatories/pin", 409, place="first", **line)
    browser.post(f"{BASE}/signatories/pin", 409, place="1", kind="organization", printed="Nobody")
    assert "no%20longer" in browser.post(f"{BASE}/signatories/pin", place="0", **line)


@pytest.mark.usefixtures("signed")
def test_the_letter_is_shown_in_three_forms(browse: Browse) -> None:
    """As text on the page, as a page and as PDF; nothing foreign runs in it."""
    browser = browse()

    assert "Open Archive Collective" in browser.get(f"{BASE}/letter")
    assert browser.client.get(f"{BASE}/letter.pdf").content.startswith(b"%PDF")
    html = browser.client.get(f"{BASE}/letter.html")
    assert "sandbox" in html.headers["content-security-policy"]
    browser.get(f"{BASE}/letter.docx", 409)


def test_nothing_dangerous_happens_by_one_click(browse: Browse, signed: Desk) -> None:
    """Freezing, approving and arming want the campaign's name typed; approving wants the role."""
    signed.closed()
    coordinator, approver = browse(ALICE), browse(ANN)

    assert "type the campaign&#39;s name" in coordinator.post(f"{BASE}/letter/freeze", 409)
    assert board.frozen(signed.service, NAME) is None
    coordinator.post(f"{BASE}/letter/freeze", typed=NAME)
    coordinator.post(f"{BASE}/letter/approve", 403, typed=NAME, digest="0" * 12)
    approver.post(f"{BASE}/letter/approve", 409, digest="0" * 12)
    approver.post(f"{BASE}/letter/approve", 409, typed=NAME, digest="0" * 12)


def test_the_letter_leaves_from_the_console(signed: Desk) -> None:
    """From the freeze to accepted letters, each step in the browser."""
    browser = leave(signed)
    before = browser.get(f"{BASE}/dispatch")
    signed.deliver()

    after = browser.get(f"{BASE}/dispatch")

    assert "queued" in before
    assert "accepted" in after
    assert "The letter has left." in browser.get(f"{BASE}/letter")
    for form in ("pdf", "json", "txt"):
        assert browser.client.get(f"{BASE}/dispatch.{form}").status_code == 200
    browser.get(f"{BASE}/dispatch.xls", 409)


def test_an_armed_letter_can_be_stopped(signed: Desk) -> None:
    """One click stops it, without typing anything."""
    signed.closed()
    browser = Browser(signed.service).sign_in(ANN)
    browser.post(f"{BASE}/letter/freeze", typed=NAME)
    browser.post(f"{BASE}/letter/test")
    digest = browser.field(browser.get(f"{BASE}/letter"), "digest")
    browser.post(f"{BASE}/letter/approve", typed=NAME, digest=digest)
    browser.post(f"{BASE}/letter/arm", typed=NAME, at="2026-06-24T09:00", zone="Europe/Paris")

    assert "armed: the letter leaves on 2026-06-24" in browser.get(f"{BASE}/letter")
    browser.post(f"{BASE}/letter/disarm")

    found = board.frozen(signed.service, NAME)
    assert found is not None
    assert found.armed_at is None


def test_what_is_uncertain_is_settled_by_a_person(signed: Desk) -> None:
    """What one knows is recorded with how one knows it; sending once more wants the name typed."""
    browser = leave(signed)
    code = board.missions(signed.service, NAME)[0].code
    with signed.service.store.writing() as session:
        session.query(DeliveryRow).filter(DeliveryRow.purpose == "letter").update(
            {"state": State.UNCERTAIN}
        )

    page = browser.get(f"{BASE}/dispatch")
    browser.post(f"{BASE}/dispatch/{code}/settle", 409, known="lost", reason="they say so")
    browser.post(f"{BASE}/dispatch/{code}/settle", known="arrived", reason="by telephone")

    assert "No machine sends it again" in page
    states = {one.code: one.state for one in board.missions(signed.service, NAME)}
    assert states.pop(code) is State.ACCEPTED
    assert set(states.values()) <= {State.UNCERTAIN}


def test_a_bounced_letter_is_sent_again_at_a_corrected_address(signed: Desk) -> None:
    """An act of a person, with the reason in the journal."""
    browser = leave(signed)
    signed.deliver()
    code = board.missions(signed.service, NAME)[0].code
    with signed.service.store.writing() as session:
        session.query(DeliveryRow).filter(DeliveryRow.purpose == "letter").update(
            {"state": State.BOUNCED}
        )

    browser.post(
        f"{BASE}/dispatch/{code}/again", to="new@mission.example", reason="told", typed=NAME
    )
    signed.deliver()

    assert len(signed.mail_to("new@mission.example")) == 1


def test_what_an_edition_changed_is_marked(browse: Browse, peopled: Desk) -> None:
    """To the word, for eyes and for screen readers; and an edition there is none of is refused."""
    peopled.apply()
    assert "Editions" not in browse().get(f"{BASE}/letter")
    peopled.write("letter.md", LETTER.replace("a matter of principle.\n", "a matter of law.\n"))
    peopled.apply()
    browser = browse()

    page = browser.get(f"{BASE}/letter?edition=2")

    assert '<del><span class="sr">[gone: </span>principle.' in page
    assert '<ins><span class="sr">[new: </span>law.' in page
    assert "nobody was asked again" in page
    assert "<ins>" in browser.get(f"{BASE}/letter?edition=1")
    browser.get(f"{BASE}/letter?edition=9", 409)
