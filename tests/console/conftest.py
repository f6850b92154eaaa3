"""A browser without windows, signed in."""

from collections.abc import Callable
from dataclasses import replace
from http.cookies import SimpleCookie

import pytest
from starlette.testclient import TestClient

from tests.campaigns import Desk
from undersigned.console.application import console
from undersigned.flows import sign_in
from undersigned.service import Service

ALICE, VIC, ANN = "alice@rights.example", "vic@rights.example", "ann@rights.example"
PEOPLE = (f"{ALICE} coordinator", f"{VIC} viewer", f"{ANN} approver")


class Browser:
    """A browser at the console: it follows what a form says and nothing else."""

    def __init__(self, service: Service, client: str = "192.0.2.1") -> None:
        self.service = service
        self.client = TestClient(console(service), follow_redirects=False, client=(client, 50_000))

    def sign_in(self, address: str) -> "Browser":
        """Use a link of one's own."""
        page = sign_in.link(self.service, address).removeprefix(self.service.settings.console.url)
        csrf = self.field(self.client.get(page).text, "csrf")
        answer = self.client.post(page, data={"csrf": csrf})
        assert answer.status_code == 303, answer.text
        cookie = SimpleCookie(answer.headers["set-cookie"])["undersigned"]
        self.client.cookies.set("undersigned", cookie.value)
        return self

    @staticmethod
    def field(text: str, name: str) -> str:
        """Give the value of a form's hidden field."""
        return text.partition(f'name="{name}" value="')[2].partition('"')[0]

    def get(self, path: str, status: int = 200) -> str:
        """Give a page's text."""
        answer = self.client.get(path)
        assert answer.status_code == status, (answer.status_code, answer.text[-2000:])
        return answer.text

    def post(self, path: str, status: int = 303, **fields: str) -> str:
        """Send a form, with the proof that it comes from a page of ours."""
        csrf = self.field(self.client.get("/sign-in").text, "csrf")
        answer = self.client.post(path, data={"csrf": csrf, **fields})
        assert answer.status_code == status, (answer.status_code, answer.text[-2000:])
        return answer.headers.get("location", answer.text)


@pytest.fixture
def peopled(desk: Desk) -> Desk:
    """Give a desk whose settings name people."""
    settings = desk.service.settings
    desk.service.settings = replace(settings, console=replace(settings.console, people=PEOPLE))
    return desk


@pytest.fixture
def browse(peopled: Desk) -> Callable[[str], Browser]:
    """Give what opens a browser and signs a person in."""

    def opened(address: str = ALICE) -> Browser:
        return Browser(peopled.service).sign_in(address)

    return opened
