"""The example letter of 2022 and a campaign around it."""

from datetime import UTC, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from undersigned.domain.letter import Letter, parse
from undersigned.domain.listing import Kind
from undersigned.domain.party import Prospect
from undersigned.writing.emails import Occasion
from undersigned.writing.printed import PrintedLetter
from undersigned.writing.render import Templates

TESTS = Path(__file__).parent.parent
TEMPLATES = TESTS.parent / "templates"


@pytest.fixture(scope="session")
def golden() -> Path:
    """Give the folder of the files that output must equal."""
    return TESTS / "golden"


@pytest.fixture(scope="session")
def typst_template() -> Path:
    """Give the shipped template of the printed letter."""
    return TEMPLATES / "letter" / "letter.typ"


@pytest.fixture(scope="session")
def templates() -> Templates:
    """Give the templates as they ship."""
    return Templates([TEMPLATES])


@pytest.fixture(scope="session")
def letter(golden: Path) -> Letter:
    """Give the words of the example letter."""
    return parse((golden / "letter.md").read_text("utf-8"))


@pytest.fixture(scope="session")
def printed(letter: Letter, golden: Path) -> PrintedLetter:
    """Give the example letter with the 51 lines of its list."""
    lines = (golden / "signatories.txt").read_text("utf-8").splitlines()
    second = lines.index("Organizations")
    return PrintedLetter(
        letter=letter,
        salutation=letter.salutation,
        groups={Kind.INDIVIDUAL: lines[1:second], Kind.ORGANIZATION: lines[second + 1 :]},
        organizer="Coalition for an Open Meeting",
    )


@pytest.fixture(scope="session")
def occasion(letter: Letter) -> Occasion:
    """Give a campaign that closes on a Friday and sends on the Monday after it."""
    return Occasion(
        campaign="Open letter 2022",
        organizer="Coalition for an Open Meeting",
        sender="Hana Seo",
        letter=letter,
        cutoff=datetime(2022, 12, 2, 22, tzinfo=UTC),
        dispatch=datetime(2022, 12, 5, 14, tzinfo=UTC),
        zone=ZoneInfo("America/New_York"),
    )


@pytest.fixture(scope="session")
def organization() -> Prospect:
    """Give an organization that is written to as such."""
    return Prospect(
        kind=Kind.ORGANIZATION,
        name="Lakeshore Refugee Advocates (LRA)",
        country="USA",
        email="office@lakeshore.example",
    )


@pytest.fixture(scope="session")
def individual() -> Prospect:
    """Give a person."""
    return Prospect(
        kind=Kind.INDIVIDUAL,
        name="Ingrid Aaltonen",
        title="Professor of Humanitarian Law, University of Norrhamn",
        country="Finland",
        email="i.aaltonen@norrhamn.example",
    )
