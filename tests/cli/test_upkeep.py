"""Backup, restore and adopt, as an administrator types them."""

import json
from pathlib import Path

import pytest

from tests.cli.conftest import Run


def test_it_backs_up_and_restores(
    run: Run,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    """One command writes the database into a file, another puts it back; nothing is overwritten."""
    file = tmp_path / "backups" / "monday.db"
    assert run("apply", "--yes") == 0
    capsys.readouterr()

    assert run("backup", str(file), "--json") == 0
    assert json.loads(capsys.readouterr().out)["rows"] > 3
    assert run("backup", str(file)) == 1
    assert "Replace" in capsys.readouterr().err
    assert run("backup", str(file), "--yes") == 0
    assert run("restore", str(file)) == 1
    assert run("restore", str(file), "--yes") == 0
    said = capsys.readouterr().out

    assert "every campaign is paused" in said
    assert "No note could be left in the mailbox yet" in said
    assert len(list(file.parent.iterdir())) == 2
    assert run("status") == 0
    assert "paused" in capsys.readouterr().out


def test_it_refuses_to_adopt_without_a_mailbox(
    run: Run,
    capsys: pytest.CaptureFixture[str],
) -> None:
    """Without a mailbox no other copy could be told, so nothing is adopted."""
    assert run("apply", "--yes") == 0
    assert run("adopt") == 1
    assert run("adopt", "--yes") == 1
    assert "no notes to read" in capsys.readouterr().err
