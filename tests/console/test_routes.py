"""Every route keeps the rules that all of them share."""

from collections.abc import Callable

import pytest

from tests.campaigns import NAME, Desk
from tests.console.conftest import ALICE, ANN, VIC, Browser
from undersigned.console.guard import Way
from undersigned.console.headers import HEADERS
from undersigned.console.routes import ROUTES
from undersigned.flows.sign_in import Role

Browse = Callable[..., Browser]
CHANGES = [way for way in ROUTES if way.method == "POST"]
SIGNED_IN = [way for way in ROUTES if way.least is not None]


def path(way: Way) -> str:
    """Give a route's path with something in every place."""
    filled = way.path.replace("{name}", NAME).replace("{token}", "t")
    return filled.replace("{number:int}", "1").replace("{file:int}", "1")


@pytest.mark.parametrize("way", CHANGES, ids=lambda way: way.path)
def test_a_change_wants_a_form_of_ours(browse: Browse, peopled: Desk, way: Way) -> None:
    """No other site's form changes anything, and no link does."""
    peopled.apply()
    browser = browse(ANN)

    forged = browser.client.post(path(way), data={"csrf": "guess"})

    assert forged.status_code == (403 if way.form else 200)
    if not any(one.method == "GET" and one.path == way.path for one in ROUTES):
        assert browser.client.get(path(way)).status_code in {404, 405}


@pytest.mark.parametrize("way", SIGNED_IN, ids=lambda way: f"{way.method} {way.path}")
def test_a_route_wants_its_role(browse: Browse, peopled: Desk, way: Way) -> None:
    """Who may only look changes nothing, and who is nobody sees nothing."""
    peopled.apply()
    stranger = Browser(peopled.service).client.request(way.method, path(way))
    assert stranger.headers.get("location") == "/sign-in"
    person = {Role.COORDINATOR: VIC, Role.APPROVER: ALICE}.get(way.least or Role.VIEWER)
    if person is None:
        return

    assert browse(person).client.request(way.method, path(way)).status_code == 403


def test_every_answer_tells_the_browser_to_run_nothing_foreign(peopled: Desk) -> None:
    """A strict policy stands on pages and files alike, and pages are not kept."""
    client = Browser(peopled.service).client

    for where in ("/sign-in", "/static/console.css", "/nowhere"):
        found = client.get(where).headers
        assert {name: found[name] for name in HEADERS} == dict(HEADERS)
    assert client.get("/sign-in").headers["cache-control"] == "no-store"
