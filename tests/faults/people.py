"""The people: they answer our mail, each after a plan, and remember what they said."""

import queue
import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from email import message_from_bytes
from email.message import Message
from email.utils import format_datetime
from enum import StrEnum
from random import Random
from typing import Self

from undersigned.domain.addresses import domain
from undersigned.domain.party import Standing
from undersigned.rehearsal.post_office import AUTHSERV_ID

#: What is said, and where it puts a party: the fold, told in another way.
WORDS = {
    "YES": lambda _: Standing.SIGNED,
    "NO": lambda _: Standing.DECLINED,
    "WITHDRAW": lambda before: (
        Standing.WITHDRAWN if before is Standing.SIGNED else Standing.DECLINED
    ),
}


class Cue(StrEnum):
    """What makes somebody speak."""

    INVITATION = "invitation"
    REMINDER = "reminder"
    RECEIPT = "receipt"
    #: Nothing: it follows the line before it at once.
    AT_ONCE = "at once"


@dataclass(frozen=True)
class Line:
    """One answer of a plan."""

    cue: Cue
    words: str


#: Plans, and how many of a hundred people follow each.
PLANS: tuple[tuple[int, tuple[Line, ...]], ...] = (
    (50, (Line(Cue.INVITATION, "YES"),)),
    (4, (Line(Cue.INVITATION, "YES"), Line(Cue.AT_ONCE, "WITHDRAW"))),
    (4, (Line(Cue.INVITATION, "NO"), Line(Cue.AT_ONCE, "YES"))),
    (8, (Line(Cue.INVITATION, "NO"),)),
    (8, (Line(Cue.INVITATION, "YES"), Line(Cue.RECEIPT, "WITHDRAW"))),
    (6, (Line(Cue.INVITATION, "NO"), Line(Cue.RECEIPT, "YES"))),
    (10, (Line(Cue.REMINDER, "YES"),)),
    (10, ()),
)


@dataclass
class Person:
    """Somebody who was invited."""

    address: str
    plan: Sequence[Line]
    turn: int = 0
    #: What was said, in the order in which the mailbox received it, with when.
    said: list[tuple[datetime, str]] = field(default_factory=list)
    #: Message-IDs that were answered, so that a doubled letter is answered once.
    answered: set[str] = field(default_factory=set)

    @property
    def follows(self) -> Line | None:
        """The line that follows the last one at once, if there is one."""
        line = self.plan[self.turn] if self.turn < len(self.plan) else None
        return line if line is not None and line.cue is Cue.AT_ONCE else None

    @property
    def standing(self) -> Standing:
        """Where the party stands after everything that was said."""
        return self.standing_by(None)

    def standing_by(self, cutoff: datetime | None) -> Standing:
        """Give where it stands, where a yes after the cut-off puts no new name on the list."""
        standing = Standing.INVITED
        for at, words in self.said:
            if words == "YES" and cutoff is not None and at > cutoff:
                continue
            standing = WORDS[words](standing)
        return standing


class People:
    """Everybody who may answer. `take` may be called from any thread; a context manager."""

    def __init__(self, put: Callable[[bytes], datetime], clock: Callable[[], datetime]) -> None:
        """Let them speak through `put`, which gives the instant of the mailbox."""
        self._put = put
        self._clock = clock
        self.persons: dict[str, Person] = {}
        #: The bytes of every answer, in the order of the mailbox.
        self.answers: list[bytes] = []
        #: The last message that each of them found.
        self.mail: dict[str, Message] = {}
        self._mail: queue.SimpleQueue[tuple[str, bytes] | None] = queue.SimpleQueue()
        self._is_busy = threading.Lock()
        self._count = 0
        #: What went wrong with them, if anything did.
        self.fault: Exception | None = None

    def __enter__(self) -> Self:
        self._thread = threading.Thread(target=self._live, name="people")
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._mail.put(None)
        self._thread.join()

    def meet(self, addresses: Sequence[str], draw: Random) -> None:
        """Let more people know of the campaign, each with a plan."""
        weights, plans = zip(*PLANS, strict=True)
        for address in addresses:
            (plan,) = draw.choices(plans, weights)
            self.persons[address] = Person(address=address, plan=plan)

    def take(self, recipient: str, raw: bytes) -> None:
        """Let somebody find a message of ours."""
        if recipient in self.persons:
            self._mail.put((recipient, raw))

    @property
    def is_quiet(self) -> bool:
        """Say whether everybody has answered what came."""
        with self._is_busy:
            return self._mail.empty()

    def say(self, person: Person, original: Message, words: str) -> None:
        """Let somebody answer a message in these words."""
        self._count += 1
        raw = _reply(person.address, original, words, at=self._clock(), number=self._count)
        at = self._put(raw)
        person.said.append((at, words))
        self.answers.append(raw)

    def _live(self) -> None:
        while True:
            item = self._mail.get()
            if item is None:
                return
            with self._is_busy:
                try:
                    self._answer(*item)
                except Exception as exc:  # noqa: BLE001 - shown by whoever waits for them
                    self.fault = exc

    def _answer(self, recipient: str, raw: bytes) -> None:
        person, original = self.persons[recipient], message_from_bytes(raw)
        self.mail[recipient] = original
        if original["Message-ID"] in person.answered or person.turn >= len(person.plan):
            return
        line = person.plan[person.turn]
        if _cue(original) is not line.cue:
            return
        person.answered.add(original["Message-ID"])
        while line is not None:
            person.turn += 1
            self.say(person, original, line.words)
            line = person.follows


def _cue(original: Message) -> Cue:
    if original["Auto-Submitted"] == "auto-replied":
        return Cue.RECEIPT
    # A reminder stands in the thread of its invitation.
    return Cue.REMINDER if original["In-Reply-To"] else Cue.INVITATION


def _reply(sender: str, original: Message, words: str, *, at: datetime, number: int) -> bytes:
    host = domain(sender)
    return (
        f"Authentication-Results: {AUTHSERV_ID}; dkim=pass header.d={host}; "
        f"dmarc=pass header.from={host}\r\n"
        f"From: {sender}\r\n"
        f"To: {original['Reply-To']}\r\n"
        f"Subject: Re: {str(original['Subject']).replace(chr(13), '').replace(chr(10), '')}\r\n"
        f"Date: {format_datetime(at)}\r\n"
        f"Message-ID: <answer{number}@{host}>\r\n"
        f"In-Reply-To: {original['Message-ID']}\r\n"
        f"References: {original['Message-ID']}\r\n"
        'Content-Type: text/plain; charset="utf-8"\r\n'
        "\r\n"
        f"{words}\r\n\r\n"
        "On Tue, 26 May 2026, Hana Whitfield wrote:\r\n> We ask you to sign a letter.\r\n"
    ).encode()
