"""The command line, as a coordinator types it."""

import json
from pathlib import Path

import pytest

from tests.cli.conftest import Run


def test_it_goes_from_check_to_invite(run: Run, capsys: pytest.CaptureFixture[str]) -> None:
    """The first steps of a campaign, one command each, in the folder one stands in."""
    assert run("check") == 0
    assert run("apply", "--yes") == 0
    assert run("open") == 0
    assert "0 of 3 parties are invited" in capsys.readouterr().out
    assert run("invite", "--yes") == 0
    assert run("invite", "--yes") == 0
    capsys.readouterr()
    assert run("status", "--json") == 0

    status = json.loads(capsys.readouterr().out)
    assert status["parties"]["invited"] == 3
    assert status["messages"] == {"invitation.queued": 3}


def test_it_writes_invitations_without_sending(run: Run, tmp_path: Path) -> None:
    """A dry run leaves files to look at and changes nothing."""
    run("apply", "--yes")
    assert run("invite", "--dry-run", str(tmp_path / "mail")) == 0

    files = sorted((tmp_path / "mail").glob("*.eml"))
    assert len(files) == 3
    assert b"Rik Terpstra" in files[0].read_bytes()


def test_it_asks_before_what_is_dangerous(run: Run, capsys: pytest.CaptureFixture[str]) -> None:
    """Without a person to ask, nothing dangerous is done."""
    run("apply", "--yes")
    run("open")

    assert run("invite") == 1
    assert "Nobody is there to ask" in capsys.readouterr().err


def test_it_records_a_word_and_prints_the_list(
    run: Run, folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Consent by telephone is on the list, and the list is written for a spreadsheet."""
    run("apply", "--yes")
    run("open")
    (folder / "scan.txt").write_text("signed")
    decided = run(
        "decide",
        "Kestrel",
        "sign",
        "--reason",
        "telephone",
        "--evidence",
        "scan.txt",
        "--listing",
        "organization|=Kestrel Rights Watch||United Kingdom",
    )
    assert decided == 0
    capsys.readouterr()
    assert run("signatories", "list") == 0
    assert capsys.readouterr().out == "Organizations\n=Kestrel Rights Watch / UK\n"
    assert run("signatories", "export", "list.csv") == 0
    assert run("signatories", "export", "list.txt") == 0
    assert run("signatories", "export", "list.doc") == 1
    assert run("signatories", "pin", "organization", "=Kestrel Rights Watch", "1") == 0
    assert run("signatories", "pin", "organization", "=Kestrel Rights Watch", "0") == 0
    assert run("signatories", "pin", "organization", "Nobody", "1") == 1
    capsys.readouterr()
    assert run("signatories", "list", "--json") == 0
    assert json.loads(capsys.readouterr().out)[0]["country"] == "UK"

    assert ",'=Kestrel Rights Watch," in (folder / "list.csv").read_text(encoding="utf-8-sig")


def test_it_adds_edits_and_lists_parties(run: Run, capsys: pytest.CaptureFixture[str]) -> None:
    """A coordinator corrects the roster one by one."""
    run("apply", "--yes")
    assert run("prospects", "add", "organization", "New Lamp", "a@lamp.example") == 0
    assert run("prospects", "add", "organization", "NEW  LAMP", "b@lamp.example") == 1
    assert run("prospects", "add", "organization", "Other", "not an address") == 1
    assert run("prospects", "edit", "New Lamp", "--country", "대한민국", "--contact", "") == 0
    assert run("prospects", "edit", "New Lamp", "--country", "Atlantis") == 1
    assert run("prospects", "edit", "New Lamp", "--name", "") == 1
    assert run("prospects", "edit", "a", "--title", "x") == 1
    assert run("prospects", "unsubscribe", "New Lamp", "--scope", "all") == 0
    capsys.readouterr()
    assert run("prospects", "list", "--json") == 0

    rows = json.loads(capsys.readouterr().out)
    assert rows[-1]["country"] == "South Korea"
    assert run("prospects", "list", "--standing", "prospect") == 0
    assert run("prospects", "list", "--standing", "asleep") == 1


def test_it_pauses_and_resumes(run: Run) -> None:
    """One gate, shut and opened by name."""
    run("apply", "--yes")
    assert run("pause") == 0
    assert run("pause") == 1
    assert run("status") == 0
    assert run("resume") == 0
    assert run("resume") == 1


def test_it_previews_the_letter(run: Run, folder: Path) -> None:
    """The letter as it stands is written in three forms."""
    run("apply", "--yes")
    assert run("letter", "preview", "out") == 0

    assert {path.name for path in (folder / "out").iterdir()} == {
        "letter.html",
        "letter.txt",
        "letter.pdf",
    }


@pytest.mark.parametrize(
    "words",
    [
        ("letter", "freeze", "--yes"),
        ("dispatch", "approve", "0123456789", "--yes"),
        ("dispatch", "schedule", "--yes"),
        ("dispatch", "cancel"),
        ("dispatch", "settle", "FR", "arrived", "--reason", "telephone"),
        ("remind", "--yes"),
        ("review", "show", "7"),
        ("review", "decide", "7", "sign"),
        ("review", "decide", "7", "add"),
        ("replies", "show", "7"),
        ("replies", "list", "--state", "asleep"),
        ("decide", "Kestrel", "note", "--reason", "x"),
        ("decide", "Kestrel", "sign", "--reason", "x", "--evidence", "missing.pdf"),
        ("decide", "Kestrel", "sign", "--reason", "x", "--listing", "company|X"),
        ("decide", "Kestrel", "sign", "--reason", "x", "--listing", "organization|X||Atlantis"),
        ("status", "-c", "another"),
        ("new", "."),
        ("rehearse", "nowhere"),
    ],
)
def test_it_refuses_with_a_sentence(
    run: Run, words: tuple[str, ...], capsys: pytest.CaptureFixture[str]
) -> None:
    """What is not allowed exits with 1 and says why, without a traceback."""
    run("apply", "--yes")
    run("open")
    capsys.readouterr()

    assert run(*words) == 1
    said = capsys.readouterr().err
    assert said.strip().endswith((".", "?"))
    assert "Traceback" not in said


@pytest.mark.parametrize("words", [("review", "decide", "7", "perhaps"), ("decide",), ("nothing",)])
def test_it_tells_misuse_apart(run: Run, words: tuple[str, ...]) -> None:
    """A mistyped command exits with 2."""
    run("apply", "--yes")

    assert run(*words) == 2


def test_it_lists_what_is_empty(run: Run, capsys: pytest.CaptureFixture[str]) -> None:
    """Lists work before anything came in."""
    run("apply", "--yes")
    capsys.readouterr()
    for words in (("replies", "list"), ("review", "list"), ("dispatch", "status")):
        assert run(*words) == 0
        assert run(*words, "--json") == 0


def test_it_says_when_the_folder_names_no_campaign(
    run: Run, folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Outside a campaign's folder the command asks for a name."""
    (folder / "campaign.toml").write_text("name = 7\n")
    assert run("status") == 1
    (folder / "campaign.toml").unlink()
    assert run("status") == 1
    assert "Name it with -c" in capsys.readouterr().err


def test_it_reports_faults_for_people_and_machines(
    run: Run, folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """A fault has file, line, problem and remedy."""
    (folder / "prospects.csv").write_text("kind,name,email\ncompany,A,a@a.example\n")
    assert run("check") == 1
    assert "prospects.csv:2" in capsys.readouterr().out
    assert run("check", "--json") == 1

    fault = json.loads(capsys.readouterr().out)[0]
    assert (fault["file"], fault["line"], fault["warning"]) == ("prospects.csv", 2, False)


def test_it_says_when_the_invitations_will_be_done(
    run: Run, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """A coordinator reads the end of the invitations and what the letter has left."""
    monkeypatch.setenv("UNDERSIGNED_ACCOUNTS_DEFAULT_SMTP_PER_DAY", "1")
    run("apply", "--yes")
    run("open")
    capsys.readouterr()

    assert run("plan") == 0
    told = capsys.readouterr().out
    assert run("plan", "--json") == 0
    found = json.loads(capsys.readouterr().out)

    assert "3 invitations to send by account default." in told
    assert "Begun: 2036-05-26 09:00 EDT" in told
    assert "Done:  2036-05-28 09:00 EDT" in told
    assert "Letter: 15 recipients, 2036-06-24 09:00 EDT" in told
    assert "left then of 1 in any 24 hours: 1" in told
    assert "it leaves in parts" in told
    assert (found["letter"], found["in_time"], found["room"]) == (15, True, False)
    assert found["windows"] == [{"window": "24 hours", "limit": 1, "left": 1}]


def test_it_asks_before_it_erases(run: Run, capsys: pytest.CaptureFixture[str]) -> None:
    """Nothing brings a person back, so nobody is erased by a slip; what goes is said first."""
    run("apply", "--yes")
    assert run("prospects", "erase", "nobody@nowhere.example", "--yes") == 1
    assert run("prospects", "erase", "rik@openarchive.example") == 1
    assert "Erase 1 party, 0 messages, 0 replies" in capsys.readouterr().err

    assert run("prospects", "erase", "rik@openarchive.example", "--yes") == 0
    assert run("prospects", "list") == 0

    assert "Open Archive" not in capsys.readouterr().out


@pytest.mark.parametrize(
    "words",
    [
        ("new",),
        ("check",),
        ("apply",),
        ("open",),
        ("invite",),
        ("remind",),
        ("pause",),
        ("resume",),
        ("status",),
        ("prospects", "list"),
        ("prospects", "add"),
        ("prospects", "edit"),
        ("prospects", "unsubscribe"),
        ("prospects", "erase"),
        ("preflight",),
        ("plan",),
        ("replies", "files"),
        ("replies", "list"),
        ("replies", "show"),
        ("review", "list"),
        ("review", "show"),
        ("review", "decide"),
        ("decide",),
        ("signatories", "list"),
        ("signatories", "export"),
        ("signatories", "pin"),
        ("letter", "preview"),
        ("letter", "freeze"),
        ("dispatch", "schedule"),
        ("dispatch", "approve"),
        ("dispatch", "status"),
        ("listen",),
        ("up",),
        ("worker",),
        ("beat",),
        ("rehearse",),
        ("demo",),
    ],
)
def test_it_shows_an_example_for_every_command(
    run: Run, words: tuple[str, ...], capsys: pytest.CaptureFixture[str]
) -> None:
    """--help of every command has an example to copy."""
    assert run(*words, "--help") == 0
    assert "Example: undersigned" in capsys.readouterr().out.replace("\n", " ")
