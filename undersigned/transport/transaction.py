"""Transaction: MAIL, RCPT, DATA and one message over a connection that is open and logged in.

The commands are stepped through one by one; or, for bulk mail and where the server offers it
(RFC 2920), said at once, and their replies read one by one. Either way not a byte of the message
leaves before the server's 354, so the phase in which a connection was lost is known exactly.
"""

from collections.abc import Awaitable, Callable

import aiosmtplib

from undersigned import marks
from undersigned.domain.delivery import Answer, Phase
from undersigned.transport.conversation import (
    BAD_NEWS,
    CLOSING,
    DONE,
    GO_AHEAD,
    Stopped,
    answer_of,
    drop,
    failure,
    said,
)
from undersigned.transport.envelope import Plan
from undersigned.transport.replies import Replies

#: What moves on from each step (RFC 5321 §4.3.2); 251 is a recipient who moved.
_MOVES_ON = {Phase.MAIL: {DONE}, Phase.RCPT: {DONE, 251}, Phase.DATA: {GO_AHEAD}}

#: Gives the server's answer to the message, or raises `Stopped` where it did not come so far.
_HandOver = Callable[[aiosmtplib.SMTP, Plan, float, float], Awaitable[Answer]]


async def transact(
    client: aiosmtplib.SMTP, plan: Plan, *, at_once: bool, patience: float, data_patience: float
) -> Answer:
    """Give what came of one message; the connection is ready for the next one, or closed.

    `at_once` says the commands in one breath, where the server offers it. The time-outs, in
    seconds, are for a command's reply and for the reply to the message.
    """
    quickly = at_once and client.supports_extension("pipelining")
    hand_over: _HandOver = _at_once if quickly else _step_by_step
    try:
        return await hand_over(client, plan, patience, data_patience)
    except Stopped as stopped:
        await _start_over(client, stopped.answer)
        raise
    except BaseException:  # cancelled in mid-conversation: nobody knows where the server is
        drop(client)
        raise


async def _start_over(client: aiosmtplib.SMTP, answer: Answer) -> None:
    """Clear the transaction after a refusal (RFC 5321 §4.1.1.5), or hang up."""
    if answer.code is None or answer.code in (CLOSING, GO_AHEAD) or not client.is_connected:
        drop(client)
        return
    try:
        await client.rset()
    except (aiosmtplib.SMTPException, OSError):
        drop(client)
    except BaseException:  # as above
        drop(client)
        raise


# One by one.


async def _step_by_step(
    client: aiosmtplib.SMTP, plan: Plan, patience: float, data_patience: float
) -> Answer:
    encoding = "utf-8" if plan.is_utf8 else "ascii"
    mail = client.mail(plan.sender, options=plan.mail_options, encoding=encoding, timeout=patience)
    await said(Phase.MAIL, mail)
    rcpt = client.rcpt(
        plan.recipient, options=plan.rcpt_options, encoding=encoding, timeout=patience
    )
    await said(Phase.RCPT, rcpt)
    reply = await said(Phase.DATA, client.execute_command(b"DATA", timeout=patience))
    if reply.code != GO_AHEAD:
        raise Stopped(answer_of(Phase.DATA, reply.code, reply.message))
    return await _body(client, plan.wire, data_patience)


async def _body(client: aiosmtplib.SMTP, wire: bytes, patience: float) -> Answer:
    """Send the bytes and the dot, and give the server's last word on them."""
    protocol = client.protocol
    if protocol is None or not protocol.is_connected:  # not a byte of it has left
        raise Stopped(Answer(phase=Phase.DATA, text="Connection lost"))
    try:
        protocol.write(wire)
        marks.passed("smtp.written")
        reply = await protocol.read_response(timeout=patience)
    except (aiosmtplib.SMTPException, OSError) as exc:
        drop(client)
        return failure(Phase.BODY, exc)
    return _last_word(client, reply)


def _last_word(client: aiosmtplib.SMTP, reply: aiosmtplib.SMTPResponse) -> Answer:
    if reply.code == CLOSING:
        drop(client)
    return answer_of(Phase.BODY, reply.code, reply.message)


# At once.


async def _at_once(
    client: aiosmtplib.SMTP, plan: Plan, patience: float, data_patience: float
) -> Answer:
    with Replies.of(client) as replies:
        marks.passed("smtp.asking")
        try:
            replies.write(_commands(plan))
        except (aiosmtplib.SMTPException, UnicodeError) as exc:
            raise Stopped(failure(Phase.MAIL, exc)) from exc
        await _go_ahead(client, replies, patience)
        if not replies.is_connected:  # not a byte of it has left
            raise Stopped(Answer(phase=Phase.DATA, text="Connection lost"))
        replies.write(plan.wire)
        marks.passed("smtp.written")
        try:
            reply = await replies.next(data_patience)
        except aiosmtplib.SMTPException as exc:
            drop(client)
            return failure(Phase.BODY, exc)
        if replies.are_left:  # it has said more than it was asked: who knows to what
            drop(client)
        return _last_word(client, reply)


def _commands(plan: Plan) -> bytes:
    mail = " ".join((f"MAIL FROM:<{plan.sender}>", *plan.mail_options))
    rcpt = " ".join((f"RCPT TO:<{plan.recipient}>", *plan.rcpt_options))
    return f"{mail}\r\n{rcpt}\r\nDATA\r\n".encode("utf-8" if plan.is_utf8 else "ascii")


async def _go_ahead(client: aiosmtplib.SMTP, replies: Replies, patience: float) -> None:
    """Read the three replies; raises `Stopped` with the first that does not move on."""
    for number, (phase, moves_on) in enumerate(_MOVES_ON.items(), 1):
        try:
            reply = await replies.next(patience)
        except aiosmtplib.SMTPException as exc:
            raise Stopped(failure(phase, exc)) from exc
        marks.passed("smtp.answered")
        if reply.code not in moves_on:
            answer = answer_of(phase, reply.code, reply.message)
            if not await _heard_out(answer, replies, len(_MOVES_ON) - number, patience):
                drop(client)
            raise Stopped(answer)


async def _heard_out(refusal: Answer, replies: Replies, count: int, patience: float) -> bool:
    """Read the replies to the commands after a refused one; False where we must hang up.

    So where the server closes or speaks nonsense, and where it waits for a message although nobody
    is there to get it (RFC 2920 §3.1): hung up on, it keeps nothing.
    """
    if refusal.code is None or refusal.code < BAD_NEWS or refusal.code == CLOSING:
        return False
    try:
        codes = [(await replies.next(patience)).code for _ in range(count)]
    except aiosmtplib.SMTPException:
        return False
    return not replies.are_left and not {GO_AHEAD, CLOSING}.intersection(codes)
