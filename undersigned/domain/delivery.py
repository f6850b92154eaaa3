"""Messages on their way out: purposes, states, and what each answer of a server leads to.

Sources: RFC 5321 §4.2.1 (reply codes) and §4.5.3.2 (time-outs), RFC 3463 (enhanced status codes),
RFC 1047 (why a connection lost after the final dot must not be retried blindly).
"""

import re
from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum


class Purpose(StrEnum):
    """What a message is for. With its subject and round it is the key that lets it exist once."""

    INVITATION = "invitation"
    REMINDER = "reminder"
    #: Our answer to a reply.
    RECEIPT = "receipt"
    #: A question back to a signer.
    CLARIFICATION = "clarification"
    #: The letter itself, to an addressee.
    LETTER = "letter"
    #: A copy to coordinators: of the letter before it is approved, or of any mail as a sample.
    TEST = "test"
    #: The question whether a signer agrees to a text that changed.
    RENEWAL = "renewal"
    #: The question to an invited address whether a yes in its name is its own.
    CONFIRMATION = "confirmation"
    #: What coordinators are told.
    NOTICE = "notice"
    #: A link to the console.
    SIGN_IN = "sign-in"


#: Sent in batches: a kill may double at most the group in flight, with the same Message-ID.
#: Everything else here is bulk; a letter is marked alone, immediately before MAIL FROM.
CAUTIOUS = frozenset({Purpose.LETTER})


class State(StrEnum):
    """Where a delivery (one message to one address) stands."""

    #: Waits for its time and for a worker.
    QUEUED = "queued"
    #: A worker holds it under a lease; nothing has been said to a server yet.
    CLAIMED = "claimed"
    #: Letters only: the mark that is committed immediately before MAIL FROM.
    SENDING = "sending"
    #: The server took it (250 after the final dot).
    ACCEPTED = "accepted"
    #: The server refused it for good, or too many times.
    REFUSED = "refused"
    #: Letters only: cut between the mark and the answer. No machine sends it again.
    UNCERTAIN = "uncertain"
    #: A delivery report said that it arrived.
    DELIVERED = "delivered"
    #: A delivery report said that it will not arrive.
    BOUNCED = "bounced"
    #: Taken back before it left: a pause that became a stop, an answer that made a reminder
    #: needless.
    CANCELLED = "cancelled"


#: From each state, the states it may go to, and what moves it there.
TRANSITIONS: dict[State, dict[State, str]] = {
    State.QUEUED: {
        State.CLAIMED: "a worker claims it",
        State.ACCEPTED: "the copy in Sent, in a restored queue",
        State.CANCELLED: "it is no longer wanted",
    },
    State.CLAIMED: {
        State.QUEUED: "4xx, no connection, a lease that ran out, or a pause",
        State.SENDING: "a letter's mark before MAIL FROM",
        State.ACCEPTED: "250 after the final dot",
        State.REFUSED: "5xx, or the last attempt of the table",
        State.UNCERTAIN: "bulk mail that was lost inside DATA twice",
        State.CANCELLED: "it is no longer wanted",
    },
    State.SENDING: {
        State.QUEUED: "the server answered 4xx, or it failed before DATA",
        State.ACCEPTED: "250 after the final dot",
        State.REFUSED: "5xx",
        State.UNCERTAIN: "a kill after the mark, or a loss inside DATA",
    },
    State.ACCEPTED: {
        State.DELIVERED: "a delivery report (RFC 3464) of success",
        State.BOUNCED: "a delivery report of failure",
    },
    State.UNCERTAIN: {
        State.ACCEPTED: "the copy in Sent, the server's own answer that came late, or a person",
        State.DELIVERED: "a delivery report of success",
        State.BOUNCED: "a delivery report of failure",
        State.QUEUED: "a person who knows that it did not arrive",
    },
    State.DELIVERED: {State.BOUNCED: "a later delivery report of failure"},
    State.REFUSED: {},
    State.BOUNCED: {},
    State.CANCELLED: {},
}


def is_allowed(old: State, new: State) -> bool:
    """Say whether a delivery may go from one state to the other."""
    return new in TRANSITIONS[old]


class Phase(StrEnum):
    """How far a conversation with an SMTP server had come."""

    CONNECT = "connect"
    EHLO = "ehlo"
    STARTTLS = "starttls"
    AUTH = "auth"
    MAIL = "mail"
    RCPT = "rcpt"
    #: The DATA command, before any byte of the message.
    DATA = "data"
    #: The message's bytes, and the wait for the answer to the final dot.
    BODY = "body"


@dataclass(frozen=True, kw_only=True)
class Answer:
    """What came of one attempt to hand one message to one server.

    `code` is None where the server said nothing: the connection failed or was lost in `phase`.
    """

    phase: Phase
    #: The reply code of RFC 5321, e.g. 250.
    code: int | None = None
    #: The enhanced status code of RFC 3463, e.g. "5.1.1", where the server gives one.
    enhanced: str | None = None
    #: The server's own words, or what failed.
    text: str = ""


class Outcome(StrEnum):
    """What an answer means for the delivery."""

    ACCEPTED = "accepted"
    #: Try again later; the answer's own delay is in `RETRIES`.
    LATER = "later"
    #: Never again.
    REFUSED = "refused"
    #: Lost inside DATA: the server may have it.
    LOST = "lost"


#: Refusals that a person can mend on the account, so the messages wait (RFC 3463, RFC 4954 §6).
#: 5.7.30 is Microsoft 365's "basic authentication is disabled"; 535 and 530 are a wrong or missing
#: password.
ACCOUNT_PHASES = frozenset({Phase.CONNECT, Phase.EHLO, Phase.STARTTLS, Phase.AUTH})

#: "Mailbox full" is 5.2.2 by the book and passes within days in life (RFC 3463 §3.3).
PASSING_STATUS = frozenset({"5.2.2"})


#: Codes that speak of the server or the account, not of this message: the service closes (RFC 5321
#: §3.8), the account must wait (RFC 4954 §4.7 and §6).
SLOW_DOWN_CODES = frozenset({421, 432, 454})

#: What providers write when an account has sent too much, under codes from 421 to 554: "550 5.4.5
#: Daily user sending limit exceeded" (Gmail), "452 4.5.3 Too many messages", "451 4.7.500 Server
#: busy" (Exchange Online), "550 5.7.1 … hourly limit" (shared hosts).
_SLOW_DOWN = re.compile(
    r"too many (?:messages|e-?mails|mails|connections|concurrent)|throttl|slow down|server busy"
    r"|(?:rate|sending|daily|hourly|message|relay)\W+(?:\w+\W+)?(?:limit|quota)",
    re.IGNORECASE,
)


def asks_for_rest(answer: Answer) -> bool:
    """Say whether the server asks us to send less; trying on would make it ask for longer.

    >>> asks_for_rest(Answer(phase=Phase.DATA, code=550, text="5.4.5 Daily sending limit exceeded"))
    True
    """
    if answer.code is None or answer.code < 400:  # noqa: PLR2004 - RFC 5321 §4.2.1: no refusal
        return False
    return answer.code in SLOW_DOWN_CODES or _SLOW_DOWN.search(answer.text) is not None


def outcome(answer: Answer) -> Outcome:
    """Give what an answer means.

    >>> outcome(Answer(phase=Phase.RCPT, code=550, enhanced="5.1.1"))
    <Outcome.REFUSED: 'refused'>
    >>> outcome(Answer(phase=Phase.BODY))
    <Outcome.LOST: 'lost'>
    """
    if answer.code is None:
        return Outcome.LOST if answer.phase is Phase.BODY else Outcome.LATER
    if answer.code < 400:  # noqa: PLR2004 - RFC 5321 §4.2.1: below 400 is good news
        return Outcome.ACCEPTED if answer.phase is Phase.BODY else Outcome.LATER
    if answer.phase in ACCOUNT_PHASES or answer.enhanced in PASSING_STATUS:
        return Outcome.LATER
    if asks_for_rest(answer):
        return Outcome.LATER
    return Outcome.LATER if answer.code < 500 else Outcome.REFUSED  # noqa: PLR2004 - as above


#: How long to wait after the nth attempt that came to "later" (RFC 5321 §4.5.4.1 asks for 30
#: minutes or more after the first quick tries). After the last, a delivery is refused and a person
#: is told.
RETRIES: tuple[timedelta, ...] = (
    timedelta(minutes=1),  # greylisting often opens within a minute
    timedelta(minutes=5),
    timedelta(minutes=15),
    timedelta(minutes=30),
    timedelta(hours=1),
    timedelta(hours=2),
    timedelta(hours=4),
    timedelta(hours=8),
    timedelta(hours=16),
    timedelta(hours=24),
    timedelta(hours=24),
    timedelta(hours=24),
)

#: Letters retry quickly and often: their minute matters more than the load on fifteen servers.
LETTER_RETRIES: tuple[timedelta, ...] = (
    (timedelta(minutes=1),) * 5 + (timedelta(minutes=5),) * 11 + (timedelta(minutes=30),) * 22
)


def wait_after(attempts: int, purpose: Purpose) -> timedelta | None:
    """Give how long to wait after that many attempts, or None when the table is at its end."""
    table = LETTER_RETRIES if purpose in CAUTIOUS else RETRIES
    return table[attempts - 1] if attempts <= len(table) else None


#: The greatest age of a delivery in each state that waits for something; older, and a person is
#: told.
GREATEST_AGE: dict[State, timedelta] = {
    State.QUEUED: timedelta(hours=4),
    State.CLAIMED: timedelta(minutes=30),
    State.SENDING: timedelta(minutes=30),
    State.UNCERTAIN: timedelta(0),
}

#: What looks after a row that is stuck in a state, when whoever held it is gone.
SWEEPERS: dict[State, str] = {
    State.QUEUED: "the tick `deliver`, however often a wake-up is lost",
    State.CLAIMED: "`recover` puts it back when its lease has ended",
    State.SENDING: "`recover` makes it uncertain when its lease has ended",
    State.UNCERTAIN: "`receive` looks for its copy in Sent; a delivery report; a person",
}
