"""Conversation: one step with an SMTP server, and what comes of it as an answer.

Only the phase in which a connection was lost says whether a message may be sent again (RFC 1047).
"""

import asyncio
import re
from collections.abc import Awaitable
from typing import TypeVar

import aiosmtplib

from undersigned import marks
from undersigned.domain.delivery import Answer, Phase

_T = TypeVar("_T")

DONE = 250
GO_AHEAD = 354
BAD_NEWS = 400  # RFC 5321 §4.2.1: the first digit of replies that refuse is 4 or 5
CLOSING = 421

_ENHANCED = re.compile(r"\s*([245]\.\d{1,3}\.\d{1,3})\b")  # RFC 3463 §2


class Stopped(Exception):
    """The conversation ended before it was done; `answer` says how."""

    def __init__(self, answer: Answer) -> None:
        super().__init__(answer.text)
        self.answer = answer


async def said(phase: Phase, step: Awaitable[_T]) -> _T:
    """Give the step's result, or end the conversation with what happened in this phase."""
    marks.passed("smtp.asking")
    try:
        result = await step
    except aiosmtplib.SMTPResponseException as exc:
        raise Stopped(answer_of(phase, exc.code, exc.message)) from exc
    except (aiosmtplib.SMTPException, OSError, UnicodeError) as exc:
        raise Stopped(failure(phase, exc)) from exc
    marks.passed("smtp.answered")
    return result


def answer_of(phase: Phase, code: int, message: str) -> Answer:
    """Give the server's reply as an answer; one that makes no sense counts as none.

    Below 400 nothing but 250 ends a message, so anything else there is no yes.
    """
    text = message.encode("utf-8", "surrogateescape").decode("utf-8", "replace").strip()
    if code < 0:  # the library's mark for a reply that is no SMTP
        return Answer(phase=phase, text=f"The server's answer is no SMTP: {text}")
    if phase is Phase.BODY and code < BAD_NEWS and code != DONE:
        return Answer(phase=phase, text=f"The server answered {code} to the message: {text}")
    found = _ENHANCED.match(text)
    return Answer(phase=phase, code=code, enhanced=found[1] if found else None, text=text)


def failure(phase: Phase, exc: Exception) -> Answer:
    """Give what ended the conversation in a phase as an answer."""
    reason = exc.message if isinstance(exc, aiosmtplib.SMTPException) else str(exc)
    if isinstance(exc, aiosmtplib.SMTPResponseException):
        return answer_of(phase, exc.code, exc.message)
    return Answer(phase=phase, text=str(reason) or type(exc).__name__)


def drop(client: aiosmtplib.SMTP, transport: asyncio.BaseTransport | None = None) -> None:
    """Hang up at once.

    `SMTP.close` would go on sending what is still in the buffer: a message that was given up for
    lost could arrive minutes later.
    """
    transport = transport or client.transport
    if isinstance(transport, asyncio.WriteTransport):
        transport.abort()
    client.close()
