"""Commands said one by one and at once: what is told of the end is the same."""

import asyncio
import copy
from collections.abc import Coroutine
from dataclasses import replace
from typing import Any

import pytest

from tests.transport.misbehaving import DROP, DROP_INSIDE, HANG, HANG_INSIDE, Misbehaving
from tests.transport.test_smtp import LETTER, account, hurried
from undersigned.domain.delivery import Answer, Outcome, Phase, outcome
from undersigned.transport.smtp import SmtpConnection

Script = dict[str, list[str]]

LONG = replace(LETTER, message=LETTER.message + b"a line of text\r\n" * 200_000)


def run(work: Coroutine[Any, Any, Any]) -> Any:
    """Run a test's coroutine."""
    return asyncio.run(work)


async def told(script: Script, *, pipelines: bool, envelope: Any = LETTER) -> tuple[Any, ...]:
    """Send two messages; gives both answers, what was accepted, and how often we connected."""
    hangs = any(HANG in said or HANG_INSIDE in said for said in script.values())
    async with Misbehaving(script=copy.deepcopy(script), pipelines=pipelines).serve() as server:
        reached = hurried(server.port) if hangs else account(server.port)
        async with SmtpConnection(reached) as connection:
            answers = [await connection.send(envelope), await connection.send(LETTER)]
        return (*answers, server.accepted, server.connections)


ENDS = [
    "451 4.3.0 Later",
    "421 4.7.0 Too many",
    "550 5.7.1 Never",
    "250-One\r\n250 Two",
    "251 Moved",
]
ENDS += [
    "354 Go on",
    "nonsense",
    "220 ",
    DROP,
    HANG,
    "550-5.1.1 Bo\udceete\r\n550 5.1.1 none",
]


@pytest.mark.parametrize("said", ENDS)
@pytest.mark.parametrize("command", ["MAIL", "RCPT", "DATA", "BODY"])
def test_both_ways_tell_the_same(command: str, said: str) -> None:
    """Whether a message may be sent again does not hang on how fast the commands were said."""
    script = {command: [said]}

    slow = run(told(script, pipelines=False))
    quick = run(told(script, pipelines=True))

    for one, other in zip(slow[:2], quick[:2], strict=True):
        assert (one.phase, one.code, one.enhanced) == (other.phase, other.code, other.enhanced)
        assert outcome(one) is outcome(other)
        if one.code is not None:
            assert one.text == other.text
    assert slow[2] == quick[2]


@pytest.mark.parametrize("said", [DROP_INSIDE, HANG_INSIDE])
def test_a_cut_in_mid_message_is_a_loss(said: str) -> None:
    """A server that went away inside the body may have the message all the same (RFC 1047)."""
    answer, *_ = run(told({"BODY": [said]}, pipelines=True, envelope=LONG))

    assert (answer.phase, answer.code) == (Phase.BODY, None)
    assert outcome(answer) is Outcome.LOST


def test_it_says_the_commands_in_one_breath() -> None:
    """Where the server offers it, a message waits for two answers and not for four."""

    async def work() -> None:
        script = {"MAIL": ["550 No"], "DATA": ["503 No"]}
        async with Misbehaving(pipelines=True, script=script).serve() as server:
            async with SmtpConnection(account(server.port)) as connection:
                await connection.send(LETTER)

            assert [one.split()[0] for one in server.heard[2:]] == (
                ["MAIL", "RCPT", "DATA", "RSET", "QUIT"]
            )

    run(work())


def test_a_letter_is_never_hurried() -> None:
    """A mission's letter is told step by step: RCPT is said when MAIL was answered."""

    async def work() -> None:
        async def mark() -> None:
            pass

        async with Misbehaving(pipelines=True, script={"MAIL": ["550 No"]}).serve() as server:
            async with SmtpConnection(account(server.port)) as connection:
                await connection.send(LETTER, before_mail=mark)

            assert not any(line.startswith(("RCPT", "DATA")) for line in server.heard)

    run(work())


def test_a_server_that_waits_for_a_message_to_nobody_gets_none() -> None:
    """A refused recipient never sees an empty mail (RFC 2920 section 3.1)."""
    first, second, accepted, connections = run(
        told({"RCPT": ["550 5.1.1 Unknown"]}, pipelines=True)
    )

    assert first == Answer(phase=Phase.RCPT, code=550, enhanced="5.1.1", text="5.1.1 Unknown")
    assert second.code == 250
    assert len(accepted) == 1
    assert connections == 2


def test_a_refused_recipient_costs_no_connection() -> None:
    """One refused address stops no batch where the server refuses DATA with it."""
    script = {"RCPT": ["550 5.1.1 Unknown"], "DATA": ["554 No valid recipients"]}

    first, second, _, connections = run(told(script, pipelines=True))

    assert (first.code, second.code, connections) == (550, 250, 1)


@pytest.mark.parametrize("command", ["RCPT", "BODY"])
def test_a_server_that_says_too_much_is_hung_up_on(command: str) -> None:
    """What it said too much would be taken for the answer about the next party's mail."""
    extra = {"RCPT": "550 No\r\n250 Yes\r\n554 No\r\n250 More", "BODY": "250 Yes\r\n250 Yes again"}
    script = {command: [extra[command]], "DATA": ["354 Go on" if command == "BODY" else "554 No"]}

    first, second, accepted, connections = run(told(script, pipelines=True))

    assert first.code == (550 if command == "RCPT" else 250)
    assert second.code == 250
    assert connections == 2
    assert len(accepted) == (1 if command == "RCPT" else 2)


def test_it_ends_with_an_answer_that_never_ends() -> None:
    """A server that streams lines for ever fills no memory."""
    answer, *_ = run(told({"MAIL": ["250-" + "x" * 40_000 + "\r\n250 y"]}, pipelines=True))

    assert (answer.phase, answer.code) == (Phase.MAIL, None)
