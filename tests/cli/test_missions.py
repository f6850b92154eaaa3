"""The missions, on the command line."""

import json
from pathlib import Path

import pytest

from tests.cli.conftest import Run


def test_it_lists_the_council_of_a_day(run: Run, capsys: pytest.CaptureFixture[str]) -> None:
    """Fifteen rows, as a program reads them."""
    assert run("missions", "list", "--on", "2022-12-05", "--json") == 0

    rows = json.loads(capsys.readouterr().out)
    assert len(rows) == 15
    assert set(rows[0]) == {"country_code", "country", "mission", "permanent", "term"}
    assert {
        "country_code": "AL",
        "country": "Albania",
        "mission": "Permanent Mission of Albania to the United Nations",
        "permanent": False,
        "term": "2022-2023",
    } in rows
    assert sum(row["permanent"] for row in rows) == 5


def test_it_says_why_it_cannot_say(run: Run, capsys: pytest.CaptureFixture[str]) -> None:
    """Beyond the data nobody is guessed."""
    assert run("missions", "list", "--on", "2028-01-01") == 1
    assert "2027-12-31" in capsys.readouterr().err


def test_it_names_who_presides(run: Run, capsys: pytest.CaptureFixture[str]) -> None:
    """The presidency goes from month to month."""
    assert run("missions", "presidency", "2022", "--json") == 0

    rows = json.loads(capsys.readouterr().out)
    assert rows[11] == {"month": "2022-12", "country_code": "IN", "country": "India"}


def test_it_imports_and_compares(
    run: Run, folder: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """What a file would change is shown, asked about, and written."""
    rows = [{"MC_EntityShort": "France", "MC_Category": "1", "MC_Address": "Mission de France"}]
    book = tmp_path / "data.json"
    book.write_text(json.dumps({"countries": rows, "bluebooks": []}), encoding="utf-8")
    supplied = ("--bluebook", str(book), "--fetched-on", "2022-06-01")

    assert run("missions", "diff", *supplied, "--json") == 0
    fields = [row["what"] for row in json.loads(capsys.readouterr().out)]
    assert fields == ["mission", "title"]
    assert run("missions", "import", *supplied) == 1
    assert run("missions", "import", *supplied, "--yes") == 0
    assert "Mission de France" in (folder / "missions.csv").read_text("utf-8")
    capsys.readouterr()
    assert run("missions", "import", *supplied, "--yes", "--json") == 0
    assert json.loads(capsys.readouterr().out)["changes"] == []


def test_it_asks_on_which_day_a_file_was_fetched(
    run: Run, folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """An address counts as verified on a day that a person names, and on no day to come."""
    assert run("missions", "import", "--bluebook", str(folder / "missions.csv")) == 1
    assert "--fetched-on" in capsys.readouterr().err
    late = ("--bluebook", str(folder / "missions.csv"), "--fetched-on", "2099-01-01")
    assert run("missions", "import", *late) == 1
    assert "still to come" in capsys.readouterr().err
    assert run("missions", "import") == 1
    assert "Name one file" in capsys.readouterr().err


def test_it_shows_the_campaign_s_missions(run: Run, capsys: pytest.CaptureFixture[str]) -> None:
    """Each mission with its greeting; and what stops the arming makes the check fail."""
    run("apply", "--yes")
    capsys.readouterr()
    assert run("missions", "list", "--json") == 0

    rows = json.loads(capsys.readouterr().out)
    assert {row["salutation"] for row in rows} == {"Dear Ambassador,"}
    Path("missions.csv").write_text("country_code,mission,to\nFR,M,a@fr.example\n", "utf-8")
    run("apply", "--yes")
    assert run("missions", "check") == 1
