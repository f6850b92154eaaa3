"""The list, on the command line."""

import json
from pathlib import Path

import pytest

from tests.cli.conftest import Run

EXAMPLE = Path(__file__).parents[2] / "examples" / "security-council-2022"


def test_it_proofreads_a_list_in_a_file(run: Run, capsys: pytest.CaptureFixture[str]) -> None:
    """The example letter's list has six things to look at."""
    names, words = EXAMPLE / "expected_signatories.txt", EXAMPLE / "letter.md"
    assert run("signatories", "check", str(names), "--letter", str(words), "--json") == 1

    found = json.loads(capsys.readouterr().out)
    assert len(found) == 6
    assert found[0]["what"] == "person-under-organizations"


def test_it_proofreads_the_campaign(run: Run, capsys: pytest.CaptureFixture[str]) -> None:
    """The campaign's own list is read as it would be printed."""
    run("apply", "--yes")
    assert run("signatories", "check") == 0
    assert "nothing to mark" in capsys.readouterr().out
    run(
        "decide",
        "Ingrid",
        "sign",
        "--reason",
        "by telephone",
        "--listing",
        "individual|Archive Union",
    )
    capsys.readouterr()
    assert run("signatories", "check", "--json") == 1
    assert {one["what"] for one in json.loads(capsys.readouterr().out)} == {
        "organization-under-individuals",
        "no-country",
    }


def test_it_names_a_file_that_it_cannot_read(
    run: Run, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """A wrong path is told by its name."""
    assert run("signatories", "check", str(tmp_path / "none.txt")) == 1
    assert "none.txt cannot be read" in capsys.readouterr().err
