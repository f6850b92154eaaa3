"""A campaign's folder to stand in, and the command line."""

import os
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.campaigns import CAMPAIGN, LETTER, PROSPECTS, missions
from undersigned import cli

Run = Callable[..., int]


@pytest.fixture
def folder(tmp_path: Path, made_file: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Give a campaign's folder to stand in, and a database beside it."""
    folder = tmp_path / "letter"
    folder.mkdir()
    for name, text in {
        "campaign.toml": CAMPAIGN.replace("2026-", "2036-"),  # the commands live by the real clock
        "letter.md": LETTER,
        "prospects.csv": PROSPECTS,
        "missions.csv": missions(),
    }.items():
        (folder / name).write_text(text, encoding="utf-8")
    shutil.copyfile(made_file, tmp_path / "undersigned.db")
    monkeypatch.chdir(folder)
    for name in [name for name in os.environ if name.startswith("UNDERSIGNED_")]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("UNDERSIGNED_DATABASE_URL", f"sqlite:///{tmp_path}/undersigned.db")
    monkeypatch.setenv("UNDERSIGNED_COORDINATOR_NAME", "Alice")
    monkeypatch.setenv("UNDERSIGNED_ACCOUNTS_DEFAULT_CARRIER", "nobody")  # it has no server
    return folder


@pytest.fixture
def run(folder: Path) -> Run:
    """Give what runs a command in the folder and gives its exit code."""

    def command(*words: str) -> int:
        try:
            cli.main(list(words))
        except SystemExit as exit_:
            return int(exit_.code or 0)
        return 0

    assert folder.is_dir()
    return command
