"""The rehearsing signers: they get our mail, and answer it as scripted, over real SMTP."""

import asyncio
import heapq
import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime

from undersigned.domain.addresses import normalize
from undersigned.domain.delivery import Outcome, outcome
from undersigned.errors import TemporaryFailure
from undersigned.rehearsal.machines import REPORTS, RESPONDERS
from undersigned.rehearsal.mail_programs import PROGRAMS, Draft
from undersigned.rehearsal.received import Received, read
from undersigned.rehearsal.script import Occasion, Person, Script, ScriptedAnswer
from undersigned.transport.accounts import SmtpAccount
from undersigned.transport.smtp import Envelope, SmtpConnection


@dataclass(kw_only=True)
class _Part:
    """How far a person has come in the script."""

    person: Person
    #: The answer that comes next.
    turn: int = 0
    #: Whether that answer is on its way already.
    is_due: bool = False
    was_invited: bool = False

    @property
    def next_answer(self) -> ScriptedAnswer | None:
        answers = self.person.answers
        return answers[self.turn] if self.turn < len(answers) and not self.is_due else None


@dataclass(order=True, kw_only=True)
class _Due:
    """An answer that waits for its time."""

    at: datetime
    number: int
    part: _Part = field(compare=False)
    answer: ScriptedAnswer = field(compare=False)
    received: Received = field(compare=False)


class Signers:
    """Everybody in the script. `on_mail` may be called from any thread, `act` from one."""

    def __init__(
        self,
        script: Script,
        account: SmtpAccount,
        clock: Callable[[], datetime],
        *,
        dated: Callable[[], datetime] | None = None,
    ) -> None:
        """Set the parts; `account` is how the world reaches the post office.

        `clock` is the time the signers live by, `dated` the one that their mail bears, where a post
        office lives by another: mail that seems to have been on its way for weeks proves nothing.
        """
        self._clock = clock
        self._dated = dated
        self._account = account
        self._parts = {normalize(person.address): _Part(person=person) for person in script.people}
        self._lock = threading.Lock()
        self._due: list[_Due] = []
        self._count = 0

    def on_mail(self, recipient: str, raw: bytes, envelope_from: str) -> None:
        """Take a message that was delivered, and plan the answer that the script has for it."""
        part = self._parts.get(normalize(recipient))
        if part is None:
            return
        received = read(raw, recipient, envelope_from)
        with self._lock:
            occasion = _occasion(received, part)
            part.was_invited = True
            answer = part.next_answer
            if answer is None or answer.to is not occasion:
                return
            at = self._clock() + answer.after
            if answer.not_before is not None:
                at = max(at, answer.not_before)
            part.is_due = True
            self._count += 1
            heapq.heappush(
                self._due,
                _Due(at=at, number=self._count, part=part, answer=answer, received=received),
            )

    def next_instant(self) -> datetime | None:
        """Give when the next answer is due, or None while nobody has one in mind."""
        with self._lock:
            return self._due[0].at if self._due else None

    def act(self, now: datetime) -> int:
        """Send the answers that are due, in order, and give how many; raises TemporaryFailure."""
        due = self._take(now)
        if due:
            asyncio.run(self._send(due))
        return len(due)

    def _take(self, now: datetime) -> list[_Due]:
        taken = []
        with self._lock:
            while self._due and self._due[0].at <= now:
                taken.append(heapq.heappop(self._due))
            for one in taken:  # before it leaves: the answer to it may be back before we are
                one.part.turn += 1
                one.part.is_due = False
        return taken

    async def _send(self, due: list[_Due]) -> None:
        async with SmtpConnection(self._account) as connection:
            for one in due:
                answer = await connection.send(
                    _envelope(one, self._dated() if self._dated else one.at)
                )
                if outcome(answer) is not Outcome.ACCEPTED:
                    raise TemporaryFailure(
                        f"The post office does not take the answer of {one.part.person.party}: "
                        f"{answer.text}"
                    )


def _occasion(received: Received, part: _Part) -> Occasion:
    if received.is_automatic:
        return Occasion.RECEIPT
    return Occasion.REMINDER if part.was_invited else Occasion.INVITATION


def _envelope(due: _Due, at: datetime) -> Envelope:
    """Give the answer as it goes to the wire."""
    answer, received, person = due.answer, due.received, due.part.person
    if answer.by in REPORTS:
        report = REPORTS[answer.by](received, at)
        return Envelope(sender="", recipient=received.envelope_from, message=report)
    draft = Draft(
        says=answer.says,
        received=received,
        name=answer.name or person.name,
        address=answer.address or person.address,
        language=person.language,
        at=at,
        form=answer.form,
    )
    if answer.by in RESPONDERS:
        note = RESPONDERS[answer.by](draft)
        return Envelope(sender="", recipient=received.reply_to, message=note)
    message = PROGRAMS[answer.by](draft).as_bytes()
    return Envelope(sender=draft.address, recipient=received.reply_to, message=message)
