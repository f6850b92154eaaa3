"""Our emails as a real browser shows them."""

import re
import subprocess
from pathlib import Path

import pytest

from tests import servers
from tests.campaigns import RIK, Desk

#: Nothing is looked up, nothing is fetched, nothing is kept.
QUIET = (
    "--headless",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-sandbox",  # Chromium refuses to run as root with it
    "--no-pdf-header-footer",
)


def shown(html: str, folder: Path) -> str:
    """Give the text that a reader sees, as Chromium lays the page out."""
    chromium = servers.program("chromium", install="apt-get install chromium")
    pdftotext = servers.program("pdftotext", install="apt-get install poppler-utils")
    page, pdf = folder / "mail.html", folder / "mail.pdf"
    page.write_text(html, encoding="utf-8")
    subprocess.run(
        [
            chromium,
            *QUIET,
            f"--user-data-dir={folder / 'browser'}",
            f"--print-to-pdf={pdf}",
            page.as_uri(),
        ],
        check=True,
        capture_output=True,
        timeout=120,  # seconds: a first start on a loaded machine
        env={"HOME": str(folder), "PATH": "/usr/bin:/bin"},
    )
    text = subprocess.run([pdftotext, pdf, "-"], check=True, capture_output=True, text=True)
    return text.stdout


def words(text: str) -> list[str]:
    """Give the words of a text; how they are wrapped and set apart does not matter."""
    return re.findall(r"\w+", text)


@pytest.mark.wire
@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_it_says_the_same_as_text_and_in_a_browser(desk: Desk, tmp_path: Path) -> None:
    """Who reads the HTML and who reads the plain text read the same words in the same order."""
    desk.invited().answer(RIK, "YES")
    desk.read()
    desk.deliver()

    for mail in desk.mail_to(RIK):
        text, html = mail.get_body(("plain",)), mail.get_body(("html",))
        assert text is not None
        assert html is not None
        assert words(shown(html.get_content(), tmp_path)) == words(text.get_content())
