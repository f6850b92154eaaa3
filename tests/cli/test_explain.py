"""`undersigned explain`, as a coordinator or a native speaker who corrects a rule types it."""

import json
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.reading.accuracy import AUTHSERV, CORPUS, STAND_INS, rows
from undersigned import cli

Run = Callable[..., int]


@pytest.fixture
def run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Run:
    """Give what runs the command where there is no campaign, no setting and no database."""
    monkeypatch.chdir(tmp_path)
    for name in [name for name in os.environ if name.startswith("UNDERSIGNED_")]:
        monkeypatch.delenv(name)

    def command(*words: object) -> int:
        try:
            cli.main(["explain", *map(str, words)])
        except SystemExit as exit_:
            return int(exit_.code or 0)
        return 0

    return command


def row(number: str) -> dict[str, Any]:
    """Give the label of the corpus's message of that number."""
    return next(one for one in rows() if one["file"].startswith(f"messages/{number}-"))


def stand_ins() -> list[str]:
    """Give the options that name the corpus's stand-ins."""
    providers = [word for one in STAND_INS for word in ("--public-provider", one)]
    return [*providers, *(word for one in AUTHSERV for word in ("--authserv-id", one))]


def test_it_tells_a_person_all_that_was_read(
    run: Run, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Words, party, clues, sender, proof, rules and verdict stand on one page."""
    label = row("005")
    party = tmp_path / "party.json"
    party.write_text(json.dumps(label["invited"]), encoding="utf-8")

    assert run(CORPUS / label["file"], "--invited", party, *stand_ins()) == 0

    out = capsys.readouterr().out
    assert "Party:      Open Archive Collective <rik@openarchive.example>" in out
    assert "the sender's address" in out
    assert "Sender:     invited" in out
    assert "Proof:      vouched" in out
    assert "Open Archive Collective (OAC) / Netherlands" in out
    assert "Verdict:    sign, " in out


def test_it_says_which_message_is_answered(
    run: Run, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """With the sent message at hand, each clue says whether it names that message."""
    label = row("005")
    reply = (CORPUS / label["file"]).read_bytes()
    token = reply.split(b"sign+", 1)[1].split(b"@", 1)[0].decode()
    sent = tmp_path / "sent.eml"
    sent.write_bytes(
        f"Message-ID: <other@letters.example>\r\nX-Undersigned-ID: {token}\r\n\r\nHi".encode()
    )

    assert run(CORPUS / label["file"], "--sent", sent) == 0

    out = capsys.readouterr().out
    assert f"token {token} in an address: the message that was sent" in out
    assert "@letters.example>: another message" in out
    assert "Party:      nobody" in out


def test_it_explains_a_delivery_report(run: Run, capsys: pytest.CaptureFixture[str]) -> None:
    """Whether a failure is final can be seen."""
    final, delayed = (
        next(one for one in rows() if one["permanent"] is permanent) for permanent in (True, False)
    )

    assert run(CORPUS / final["file"]) == 0
    assert run(CORPUS / delayed["file"]) == 0

    out = capsys.readouterr().out
    assert "Delivery:   a final failure, status 5." in out
    assert "Delivery:   a delay" in out
    assert "report on " in out


def test_it_gives_one_line_for_each_case(
    run: Run, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Labelled replies can be scored by anybody, and one bad file does not stop the run."""
    good = row("001")
    broken = [{"file": "nowhere.eml", "invited": good["invited"], "state": "invited"}, {"a": 1}]
    (tmp_path / "messages").mkdir()
    (tmp_path / good["file"]).write_bytes((CORPUS / good["file"]).read_bytes())
    (tmp_path / "cases.jsonl").write_text(
        "\n".join([*map(json.dumps, broken), "no JSON", "", json.dumps(good)]), encoding="utf-8"
    )

    assert run("--cases", tmp_path / "cases.jsonl", *stand_ins()) == 0

    first, second, third, last = map(json.loads, capsys.readouterr().out.splitlines())
    assert first["file"] == "nowhere.eml"
    assert (first["intent"], first["auto"]) == ("other", False)
    assert second["file"] is third["file"] is None
    assert last == {
        "file": good["file"],
        "intent": "sign",
        "auto": True,
        "listings": good["listings"],
        "own_words": "YES",
        "permanent": None,
        "language": "en",
        "reason": last["reason"],
    }


def test_it_takes_the_state_from_the_row_or_the_option(
    run: Run, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """A withdrawal is one only of a party that stands on the list."""
    label = next(one for one in rows() if one["intent"] == "withdraw" and one["auto"])
    whole, party = tmp_path / "row.json", tmp_path / "party.json"
    whole.write_text(json.dumps(label), encoding="utf-8")
    party.write_text(json.dumps(label["invited"]), encoding="utf-8")

    assert run(CORPUS / label["file"], "--invited", whole, *stand_ins()) == 0
    by_row = capsys.readouterr().out
    assert run(CORPUS / label["file"], "--invited", party, "--signed", *stand_ins()) == 0

    assert "Verdict:    withdraw, " in by_row
    assert capsys.readouterr().out == by_row


@pytest.mark.parametrize(
    ("words", "answer"),
    [
        ((), "Name one reply"),
        (("nowhere.eml",), "nowhere.eml cannot be read"),
        (("--cases", "latin.txt"), "is no text in UTF-8"),
        (("latin.txt", "--invited", "party.json"), "names no party"),
    ],
)
def test_it_says_what_is_wrong_with_the_question(
    run: Run,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    words: tuple[str, ...],
    answer: str,
) -> None:
    """No traceback, but a sentence."""
    (tmp_path / "latin.txt").write_bytes(b"\xe9t\xe9")
    (tmp_path / "party.json").write_text('{"name": "X"}', encoding="utf-8")

    assert run(*words) == 1

    assert answer in capsys.readouterr().err.replace("\n", " ")


def test_it_opens_no_database(
    run: Run, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Rules can be tried where nothing is installed but the program."""
    monkeypatch.setenv("UNDERSIGNED_DATABASE_URL", "sqlite:////nowhere/at/all.db")

    assert run(CORPUS / row("001")["file"]) == 0

    assert "Own words:  YES" in capsys.readouterr().out
