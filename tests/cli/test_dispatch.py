"""The letter and its dispatch, on the command line."""

import json
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import pytest

from tests.campaigns import NAME, Desk
from tests.flows.test_letters import sent, small
from undersigned import cli

Run = Callable[..., int]


@pytest.fixture
def command(desk: Desk, database_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Run:
    """Give what runs a command on the desk's database and post office, in the campaign's folder."""
    monkeypatch.chdir(desk.folder)
    monkeypatch.setenv("UNDERSIGNED_DATABASE_URL", database_url)
    monkeypatch.setenv("UNDERSIGNED_COORDINATOR_NAME", "Carol")
    account = desk.service.settings.accounts["default"]
    for server in ("smtp", "imap"):
        for what in ("host", "port", "username", "password", "security"):
            value = str(getattr(account, f"{server}_{what}"))
            name = f"UNDERSIGNED_ACCOUNTS_DEFAULT_{server}_{what}".upper()
            monkeypatch.setenv(name, value)

    def run(*words: str) -> int:
        try:
            cli.main(list(words))
        except SystemExit as exit_:
            return int(exit_.code or 0)
        return 0

    assert tmp_path.is_dir()
    return run


def test_it_approves_and_arms_for_an_hour_in_a_zone(
    desk: Desk, command: Run, capsys: pytest.CaptureFixture[str]
) -> None:
    """An hour that the clocks skip or double is refused with the choices there are.

    T33: knadh/listmonk#2585, #58, sent at another hour than was meant.
    """
    small(desk)
    text = (desk.folder / "missions.csv").read_text("utf-8")
    today = f"{_today():%Y-%m-%d}"
    desk.write("missions.csv", text.replace("2026-06-15", today))
    digest = desk.invited().closed().frozen()
    assert command("dispatch", "approve", digest[:12]) == 1
    assert "Nobody was sent a test of it" in " ".join(capsys.readouterr().err.split())
    assert command("dispatch", "approve", digest[:12], "--yes") == 0
    capsys.readouterr()

    assert command("dispatch", "schedule", "--at", "2035-11-04T01:30", "--yes") == 1
    told = " ".join(capsys.readouterr().err.split())
    assert "happens twice" in told
    assert "2035-11-04 01:30-04:00 or 2035-11-04 01:30-05:00" in told
    assert command("dispatch", "schedule", "--at", "2035-03-11T02:30", "--yes") == 1
    assert "does not exist" in capsys.readouterr().err
    zone = ("--zone", "Asia/Seoul")
    assert command("dispatch", "schedule", "--at", "2035-11-05T23:00", *zone, "--yes") == 0
    assert "2035-11-05 23:00 KST (09:00 EST in New York, 14:00 UTC)" in capsys.readouterr().out
    assert command("dispatch", "cancel") == 0


def _today() -> datetime:
    return datetime.now(UTC)  # the commands live by the real clock


def test_it_sends_a_test(desk: Desk, command: Run, capsys: pytest.CaptureFixture[str]) -> None:
    """The coordinators get the letter before any mission does."""
    small(desk).invited().closed().frozen()

    assert command("dispatch", "test", "FR", "--yes", "--json") == 0
    assert json.loads(capsys.readouterr().out) == {"campaign": NAME, "made": 1}
    desk.clock.now = _today()
    desk.deliver()
    assert str(desk.mail_to("desk@letters.example")[-1]["Subject"]) == "[TEST] An Open Letter"


def test_it_shows_and_proves_what_was_sent(
    desk: Desk, command: Run, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Board, report, manifest, verification: one command each."""
    sent(small(desk))
    assert command("dispatch", "status") == 0
    assert "accepted" in capsys.readouterr().out
    assert command("dispatch", "report", "--pdf", str(tmp_path / "report.pdf")) == 0
    assert "2 of 2 accepted" in capsys.readouterr().out
    assert (tmp_path / "report.pdf").read_bytes().startswith(b"%PDF")
    assert command("dispatch", "report", "--json") == 0
    assert json.loads(capsys.readouterr().out)["missions"][0]["code"] == "FR"
    assert command("dispatch", "report", "--pdf", str(tmp_path / "no" / "report.pdf")) == 1
    capsys.readouterr()

    assert command("letter", "manifest") == 0
    exported = tmp_path / "manifest.json"
    exported.write_text(capsys.readouterr().out, "utf-8")
    assert command("letter", "verify", str(exported)) == 0
    assert "made again came out the same" in capsys.readouterr().out
    table = json.loads(exported.read_text("utf-8"))
    table["manifest"]["organizer"] = "Somebody else"
    exported.write_text(json.dumps(table), "utf-8")
    assert command("letter", "verify", str(exported), "--json") == 1
    assert json.loads(capsys.readouterr().out)["different"]
    assert command("letter", "verify", str(tmp_path / "none")) == 1


def test_it_follows_and_publishes(
    desk: Desk, command: Run, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """A supplement with nobody in it is refused; the page is written after a question."""
    sent(small(desk))

    assert command("letter", "supplement", "--yes") == 1
    assert "Nobody has signed since" in capsys.readouterr().err
    assert command("decide", "Kestrel", "sign", "--reason", "by telephone") == 0
    own = tmp_path / "supplement.md"
    front = "title: A\ndate: 2026-07-01\nsubject: B\nsalutation: C\n"
    own.write_text(f"---\n{front}---\n\nMore.\n", "utf-8")
    capsys.readouterr()
    assert command("letter", "supplement", "--text", str(own), "--yes", "--json") == 0
    assert json.loads(capsys.readouterr().out)["names"] == 1
    assert command("letter", "correction", "--yes") == 1
    assert command("publish", str(tmp_path / "site")) == 1
    assert command("publish", str(tmp_path / "site"), "--yes") == 0
    assert (tmp_path / "site" / "index.html").is_file()
    assert command("letter", "preview", str(tmp_path / "out")) == 0
    assert "+ Kestrel Rights Watch / UK" in capsys.readouterr().err


def test_it_sends_again_to_a_corrected_address(
    desk: Desk, command: Run, capsys: pytest.CaptureFixture[str]
) -> None:
    """Only a person does it, with a reason, and only where the letter did not arrive."""
    sent(small(desk))

    again = ("dispatch", "send-again", "FR", "--to", "x@un.example", "--reason", "by telephone")
    assert command(*again) == 1
    capsys.readouterr()
    assert command(*again, "--yes") == 1
    assert "is accepted" in capsys.readouterr().err
