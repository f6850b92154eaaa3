"""Outbox, samples and merges, on the command line."""

import email
import email.policy
import json
from pathlib import Path

import pytest
from sqlalchemy import create_engine, text

from tests.cli.conftest import Run


@pytest.fixture
def invited(run: Run) -> Run:
    """Give a campaign whose invitations wait in the outbox."""
    run("apply", "--yes")
    run("open")
    run("invite", "--yes")
    return run


def spoil(folder: Path, state: str) -> None:
    """Let the first delivery stand in a state."""
    engine = create_engine(f"sqlite:///{folder.parent}/undersigned.db")
    with engine.begin() as connection:
        connection.execute(text("UPDATE delivery SET state = :one WHERE id = 1"), {"one": state})
    engine.dispose()


def test_it_lists_and_tries_again(
    invited: Run, folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """What failed is found by its state, and goes out once more with a reason.

    T32: pentacent/keila#165, #273, no list of who is left.
    """
    spoil(folder, "refused")
    capsys.readouterr()

    assert invited("outbox", "list", "--state", "refused", "--json") == 0
    (failed,) = json.loads(capsys.readouterr().out)
    assert invited("outbox", "retry", str(failed["delivery"]), "--reason", "they called") == 0
    assert "rik@openarchive.example once more" in capsys.readouterr().out
    assert invited("outbox", "retry", str(failed["delivery"]), "--reason", "they called") == 1


def test_it_settles_what_is_uncertain(
    invited: Run, folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """What a person knows is written down."""
    spoil(folder, "uncertain")

    assert invited("outbox", "settle", "1", "arrived", "--reason", "they have it") == 0
    assert "Delivery 1: arrived." in capsys.readouterr().out
    assert invited("outbox", "settle", "1", "lost", "--reason", "they have it") == 1


def test_it_writes_a_message_to_the_last_byte(
    invited: Run, capfdbinary: pytest.CaptureFixture[bytes]
) -> None:
    """A mail that waits is shown as it would leave; so is one that was never made."""
    capfdbinary.readouterr()
    assert invited("outbox", "show", "1") == 0
    waiting = email.message_from_bytes(capfdbinary.readouterr().out, policy=email.policy.default)
    assert invited("mails", "show", "receipt-signed", "--party", "kestrel") == 0
    receipt = email.message_from_bytes(capfdbinary.readouterr().out, policy=email.policy.default)

    assert waiting["To"].addresses[0].addr_spec == "rik@openarchive.example"
    assert "Kestrel Rights Watch" in receipt.get_body(("plain",)).get_content()  # type: ignore[union-attr]


def test_it_sends_a_sample_to_ourselves_alone(
    invited: Run, capsys: pytest.CaptureFixture[str]
) -> None:
    """A coordinator may have one, a party not."""
    assert invited("mails", "send", "invitation", "Desk@letters.example") == 0
    assert "A sample goes to desk@letters.example." in capsys.readouterr().out
    assert invited("mails", "send", "invitation", "rik@openarchive.example") == 1


def test_it_merges_when_asked_twice(invited: Run, capsys: pytest.CaptureFixture[str]) -> None:
    """Nothing undoes a merge, so it asks first."""
    words = ("prospects", "merge", "1", "kestrel", "--reason", "they told us")

    assert invited(*words) == 1
    assert "Nothing undoes it." in capsys.readouterr().err
    assert invited(*words, "--yes") == 0
    assert "Merged into Open Archive" in capsys.readouterr().out
