"""Pictures of every page of the console, on the finished demo: `make screenshots`."""

import sys
from dataclasses import replace
from pathlib import Path

from playwright.sync_api import sync_playwright

from tests import servers
from undersigned.console.serve import serving
from undersigned.flows import overview, sign_in
from undersigned.rehearsal import afterwards
from undersigned.service import configured

PAGES = (
    "", "review", "review/1", "review/1/ask", "prospects", "prospects/1",
    "prospects/1/merge?other=2",
    "prospects/upload", "signatories",
    "letter", "dispatch", "mails", "outbox", "outbox/1", "journal",
)  # fmt: skip
WIDTHS = (360, 1280)
#: What a frame takes to be drawn where it was not seen before.
FRAME_MILLISECONDS = 300
SCHEMES = ("light", "dark")


def main() -> int:
    """Write var/screenshots/<page>-<width>-<theme>.png; gives how many there are."""
    into = Path("var/screenshots")
    into.mkdir(parents=True, exist_ok=True)
    settings = configured({})
    port = servers.free_port()
    service = afterwards.opened(
        replace(settings, console=replace(settings.console, port=port)), Path("var/demo")
    )
    name = overview.campaigns(service)[0].name
    with serving(service), sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=servers.program("chromium", install="apt-get install chromium"),
            args=["--no-sandbox"],
        )
        for scheme in SCHEMES:
            context = browser.new_context(
                base_url=service.settings.console.url,
                color_scheme=scheme,  # type: ignore[arg-type]
            )
            page = context.new_page()
            page.goto(sign_in.link(service, afterwards.LOOKER))
            page.get_by_role("button", name="Sign in").click()
            page.wait_for_url("**/campaigns/**")
            for width in WIDTHS:
                for path in PAGES:
                    page.set_viewport_size({"width": width, "height": 900})
                    page.goto(f"/campaigns/{name}/{path}".rstrip("/"))
                    called = path.partition("?")[0].replace("/", "-") or "overview"
                    picture = into / f"{called}-{width}-{scheme}.png"
                    if page.locator("main iframe").count():  # below the window it stays white
                        height = page.evaluate("() => document.documentElement.scrollHeight")
                        page.set_viewport_size({"width": width, "height": height})
                        page.wait_for_timeout(FRAME_MILLISECONDS)
                    page.screenshot(path=picture, full_page=True)
        browser.close()
    service.close()
    print(f"{len(list(into.glob('*.png')))} pictures in {into}")  # noqa: T201 - its result
    return 0


if __name__ == "__main__":
    sys.exit(main())
