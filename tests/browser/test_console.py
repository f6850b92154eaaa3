"""The console in a real browser: with keys alone, without script, for everybody, in both themes."""

import email
import email.policy
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import axe_core_python
import pytest
from playwright.sync_api import Browser as Chromium
from playwright.sync_api import Page, sync_playwright
from sqlalchemy import update

from tests import servers
from tests.campaigns import LETTER, NAME, Desk
from tests.console.conftest import ALICE, ANN
from undersigned.console.serve import serving
from undersigned.flows import board, dispatch, invite, sign_in
from undersigned.flows.status import status
from undersigned.store.tables import DeliveryRow

pytestmark = [
    pytest.mark.wire,
    pytest.mark.timeout(300),
    pytest.mark.parametrize("database_url", ["sqlite"], indirect=True),
]
AXE = Path(axe_core_python.__file__).with_name("axe.min.js").read_text(encoding="utf-8")
BASE = f"/campaigns/{NAME}"
PAGES = (
    "",
    "/review",
    "/review/1",
    "/review/1/ask",
    "/prospects",
    "/prospects/1",
    "/prospects/1/merge?other=2",
    "/prospects/upload",
    "/signatories",
    "/letter",
    "/letter?edition=2",
    "/dispatch",
    "/mails",
    "/outbox",
    "/outbox/1",
    "/outbox/3",
    "/journal",
)
RIK, KESTREL = "rik@openarchive.example", "i.farrow@kestrelrights.example"


@pytest.fixture(scope="module")
def chromium() -> Iterator[Chromium]:
    """Give one browser for all tests."""
    program = servers.program("chromium", install="apt-get install chromium")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=program, args=["--no-sandbox"])
        yield browser
        browser.close()


@pytest.fixture
def served(peopled: Desk) -> Iterator[Desk]:
    """Give a campaign with a console on loopback, a signature and a doubtful reply."""
    port = servers.free_port()
    settings = peopled.service.settings
    here = replace(settings.console, port=port, url=f"http://127.0.0.1:{port}")
    peopled.service.settings = replace(settings, console=here)
    peopled.invited()
    peopled.write("letter.md", LETTER.replace("of principle.\n", "of law.\n"))
    peopled.apply()
    doubtful = peopled.reply(
        peopled.mail_to(RIK)[-1], "Yes, if the third paragraph goes.", sender=RIK
    )
    message = email.message_from_bytes(doubtful, policy=email.policy.SMTP)
    message.add_attachment(b"%PDF-1.7", "application", "pdf", filename="remarks.pdf")
    peopled.send(message.as_bytes(), sender=RIK, to=str(message["To"]))
    peopled.answer(KESTREL, "Yes, please add us.")
    peopled.read()
    peopled.deliver()
    with peopled.service.store.writing() as session:
        session.execute(
            update(DeliveryRow).where(DeliveryRow.message_id == 3).values(state="refused")
        )
    with serving(peopled.service):
        yield peopled


Visit = Callable[..., Page]


@pytest.fixture
def visit(chromium: Chromium, served: Desk) -> Iterator[Visit]:
    """Give what opens a window and signs a person in by their link."""
    contexts = []

    def opened(address: str = ALICE, **options: object) -> Page:
        context = chromium.new_context(base_url=served.service.settings.console.url, **options)  # type: ignore[arg-type]
        contexts.append(context)
        page = context.new_page()
        page.goto(sign_in.link(served.service, address))
        page.get_by_role("button", name="Sign in").click()
        page.wait_for_url("**/campaigns/**")
        return page

    yield opened
    for context in contexts:
        context.close()


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [360, 1280])
def test_everybody_can_use_every_page(visit: Visit, scheme: str, width: int) -> None:
    """Axe finds nothing serious, nothing sticks out of the window, and the policy holds."""
    said: list[str] = []
    page = visit(color_scheme=scheme, viewport={"width": width, "height": 800}, bypass_csp=True)
    page.on("console", lambda message: said.append(message.text))
    found = {}

    for path in PAGES:
        page.goto(f"{BASE}{path}")
        page.evaluate(AXE)
        results = page.evaluate("() => axe.run(document, {iframes: false})")
        wide = page.evaluate("() => document.documentElement.scrollWidth > window.innerWidth + 1")
        serious = [
            (one["id"], [node["html"][:120] for node in one["nodes"]][:3])
            for one in results["violations"]
            if one["impact"] in {"serious", "critical"}
        ]
        if serious or wide:
            found[path] = (serious, "too wide" if wide else "")

    assert found == {}
    assert said == []


def test_nothing_of_ours_breaks_our_own_policy(visit: Visit) -> None:
    """No inline script or style anywhere: the browser has nothing to refuse."""
    page = visit()
    said: list[str] = []
    page.on("console", lambda message: said.append(message.text))

    for path in PAGES:
        page.goto(f"{BASE}{path}")

    assert said == []


def test_a_reply_is_decided_with_keys_alone(visit: Visit, served: Desk) -> None:
    """From the list to the ruling and back without a mouse."""
    page = visit()
    page.goto(f"{BASE}/review")

    page.keyboard.press("j")
    page.keyboard.press("Enter")
    page.wait_for_url("**/review/1")
    page.keyboard.press("s")
    page.wait_for_url("**/review?undo=1*")

    assert status(served.service, NAME).standings["signed"] == 2  # type: ignore[index]
    page.keyboard.press("u")
    page.wait_for_url("**/review/1?note=*")
    assert status(served.service, NAME).reviews == 1


def test_of_two_windows_one_wins(visit: Visit) -> None:
    """The other is told who was first."""
    first, second = visit(ALICE), visit(ANN)
    for page in (first, second):
        page.goto(f"{BASE}/review/1")

    first.get_by_role("button", name="Decline").click()
    first.wait_for_url("**/review?undo=1*")
    second.get_by_role("button", name="Sign s", exact=False).first.click()

    second.get_by_role("alert").wait_for()
    assert ALICE in second.get_by_role("alert").inner_text()


@pytest.mark.parametrize("script", [True, False])
def test_a_coordinator_goes_all_the_way(
    visit: Visit,
    served: Desk,
    tmp_path: Path,
    script: bool,  # noqa: FBT001 - a parameter
) -> None:
    """From the upload of a CSV to fifteen accepted letters, with script and without."""
    page = visit(ANN, java_script_enabled=script)
    csv = tmp_path / "prospects.csv"
    csv.write_text(
        "kind,name,title,country,email,language,contact\n"
        "organization,New Light,,France,new@light.example,,\n",
        encoding="utf-8",
    )

    page.goto(f"{BASE}/prospects/upload")
    page.set_input_files("#csv", csv)
    page.get_by_role("button", name="Look at it").click()
    page.get_by_role("button", name="Add these 1 parties").click()
    page.get_by_role("button", name="Invite those who are new").click()
    served.deliver()
    served.answer("new@light.example", "Yes, please add us.")
    served.read()
    page.goto(f"{BASE}/review/1")
    page.get_by_role("button", name="Decline").click()
    served.clock.go(minutes=1)
    served.deliver()
    served.closed()
    page = visit(ANN, java_script_enabled=script)  # three weeks later one signs in again
    page.goto(f"{BASE}/letter")
    for button in ("Freeze the letter", "Approve the letter", "Arm the letter"):
        page.locator("form", has=page.get_by_role("button", name=button)).get_by_label(
            "To confirm"
        ).fill(NAME)
        page.get_by_role("button", name=button).click()
        page.wait_for_url("**note=*")
    at = page.locator("main").inner_text()
    served.clock.now = board.planned(served.service, NAME)[0].dispatch_at
    served.read()
    dispatch.dispatch_due(served.service)
    served.deliver()
    page.goto(f"{BASE}/dispatch")

    assert "Armed" in at
    assert page.locator("td .chip.accepted").count() == 15
    page.goto(f"{BASE}/signatories")
    assert "New Light / France" in page.locator("main").inner_text()


def names(page: Page) -> list[str]:
    """Give the organizations of the list, in its order."""
    return page.locator("ol[data-pins] li > span").all_inner_texts()


@pytest.fixture
def listed(served: Desk) -> Desk:
    """Give a list of three organizations."""
    for number in (1, 2):
        row = f"organization,Zeta {number},,France,z{number}@zeta.example,en,\n"
        served.add(row)
        invite.invite(served.service, NAME, by="Alice")
        served.deliver()
        served.answer(f"z{number}@zeta.example", "Yes, please add us.")
        served.read()
    assert len(served.printed()["organization"]) == 3
    return served


def test_a_line_is_pinned_where_it_is_dropped(visit: Visit, listed: Desk) -> None:
    """The last line is dragged before the first, and stays there."""
    page = visit()
    page.goto(f"{BASE}/signatories")
    before = names(page)

    page.locator("ol[data-pins] li").last.locator(".grip").drag_to(
        page.locator("ol[data-pins] li").first, target_position={"x": 5, "y": 3}
    )
    page.wait_for_url("**note=*")

    assert names(page) == [before[2], before[0], before[1]]
    assert listed.printed()["organization"] == names(page)


@pytest.mark.usefixtures("listed")
def test_an_upload_shows_that_it_goes_on(visit: Visit, tmp_path: Path) -> None:
    """A long file on a slow line: one sees that it is read, and does not press again."""
    csv = tmp_path / "prospects.csv"
    csv.write_text("kind,name,country\norganization,New Light,France\n", encoding="utf-8")
    page = visit()
    page.goto(f"{BASE}/prospects/upload")
    page.set_input_files("#csv", csv)
    # A line so slow that the page stays.
    page.evaluate("csv.form.addEventListener('submit', (event) => event.preventDefault())")
    assert not page.get_by_text("Reading the file").is_visible()

    page.get_by_role("button", name="Look at it").click()

    assert page.get_by_text("Reading the file").is_visible()


@pytest.mark.usefixtures("listed")
def test_a_line_is_moved_with_the_arrow_keys(visit: Visit) -> None:
    """And a screen reader is told where it is."""
    page = visit()
    page.goto(f"{BASE}/signatories")
    before = names(page)

    page.locator("ol[data-pins] .grip").first.focus()
    page.keyboard.press("ArrowDown")
    said = page.locator("#said").inner_text()
    page.keyboard.press("Enter")
    page.wait_for_url("**note=*")

    assert said == "Place 2; Enter pins it there"
    assert names(page) == [before[1], before[0], before[2]]


def test_a_place_is_typed_without_script(visit: Visit, listed: Desk) -> None:
    """Whoever has no script, or prefers numbers, types one."""
    page = visit(java_script_enabled=False)
    page.goto(f"{BASE}/signatories")
    before = names(page)

    last = page.locator("ol[data-pins] li").last
    last.get_by_role("textbox").fill("1")
    last.get_by_role("button", name="pin").click()

    assert page.locator(".grip").count() == 0
    assert names(page) == [before[2], before[0], before[1]]
    assert listed.printed()["organization"] == names(page)
