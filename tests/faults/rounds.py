"""Rounds: whole campaigns under fire, one after the other, each with a draw of its own."""

import contextlib
import itertools
import tempfile
import traceback
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from random import Random

from sqlalchemy import select

from tests.faults import passages, plan, weather
from tests.faults.field import Field
from tests.faults.ground import Ground, ground
from tests.faults.reckoning import Reckoning, reckon
from tests.faults.weather import MakeFault
from tests.servers import postgres
from undersigned.domain.delivery import Purpose, State
from undersigned.domain.party import Standing
from undersigned.store import campaigns, freezes
from undersigned.store.tables import FreezeRow

_numbers = itertools.count(1)


@dataclass(kw_only=True)
class Script:
    """What goes wrong in a campaign, phase by phase."""

    parties: int
    open: Sequence[MakeFault] = ()
    reminding: Sequence[MakeFault] = ()
    closing: Sequence[MakeFault] = ()
    leaving: Sequence[MakeFault] = ()
    #: Whether the mailbox is out of reach while the list closes.
    is_shut: bool = False
    #: Whether somebody withdraws after the freeze.
    is_voided: bool = False


@dataclass(kw_only=True)
class Result:
    """What a round came to."""

    name: str
    weather: list[str] = field(default_factory=list)
    reckoning: Reckoning = field(default_factory=Reckoning)

    @property
    def is_clean(self) -> bool:
        """Say whether there is no difference."""
        return not self.reckoning.differences

    def __str__(self) -> str:
        verdict = "clean" if self.is_clean else "DIFFERENT"
        return f"{self.name}: {verdict}\n  {'; '.join(self.weather)}\n{self.reckoning.table()}"


def drawn(draw: Random, kind: str) -> Script:
    """Draw a script: a few faults of any kind in each phase."""
    few = draw.randint(2, 5)
    return Script(
        parties=draw.randint(200, 400),
        open=[weather.any_of(draw, "open", kind) for _ in range(few)],
        reminding=[weather.any_of(draw, "reminding", kind) for _ in range(draw.randint(0, 1))],
        closing=[weather.any_of(draw, "closing", kind) for _ in range(draw.randint(0, 1))],
        leaving=[weather.any_of(draw, "leaving", kind) for _ in range(draw.randint(1, 3))],
        is_shut=draw.random() < 0.2,
        is_voided=draw.random() < 0.3,
    )


def play(place: Ground, folder: Path, script: Script, *, name: str, draw: Random) -> Result:
    """Play a campaign to its end, and compare."""
    result = Result(name=name)
    url = (
        postgres.create(place.postgres.url, f"field{next(_numbers)}")
        if place.postgres
        else f"sqlite:///{folder}/undersigned.db"
    )
    with Field(place, folder, database_url=url, draw=draw).open() as field:
        stage = _Stage(field, script, result.weather)
        try:
            stage.invite()
            stage.remind()
            stage.close()
            stage.leave()
            field.end()
            result.reckoning = reckon(field)
        except Exception as exc:  # noqa: BLE001 - a round that fails is a difference like any other
            result.reckoning.differences.append(f"{exc}\n{traceback.format_exc()}")
    return result


class _Stage:
    """A campaign's phases, with what goes wrong in each."""

    def __init__(self, field: Field, script: Script, weather: list[str]) -> None:
        self.field = field
        self.script = script
        self.weather = weather

    @contextlib.contextmanager
    def _under(self, makes: Sequence[MakeFault]) -> Iterator[None]:
        """Begin faults, let the block happen, and end them."""
        faults = [make(self.field) for make in makes]
        for fault in faults:
            next(fault)
        yield
        for fault in faults:
            try:
                next(fault)
            except StopIteration as end:
                self.weather.append(end.value)

    def invite(self) -> None:
        """Invite in waves, one for each fault; everybody answers."""
        field, script = self.field, self.script
        field.ceiling = field.dates.reminder - timedelta(minutes=1)
        field.processes.tend()
        waves = [None, *script.open]
        for make in waves:
            with self._under([make] if make else []):
                field.invite_more(max(1, script.parties // len(waves)))
        field.wait(field.is_settled, "every answer")

    def remind(self) -> None:
        """Go to the reminder; some answer then."""
        field = self.field
        field.ceiling = field.dates.cutoff - timedelta(minutes=1)
        field.silent = frozenset(
            address for address, person in field.people.persons.items() if not person.said
        )
        field.is_done = self._are_reminded
        with self._under(self.script.reminding):
            field.go_to(field.dates.reminder + timedelta(seconds=1))
        field.go_to(field.dates.reminder + timedelta(seconds=1))  # a clock may have been put right
        field.wait(self._are_reminded, "the reminders")
        field.wait(field.is_settled, "the answers to the reminders")

    def _are_reminded(self) -> bool:
        field = self.field
        if not passages.is_read_past(field.service.store, field.dates.reminder):
            return False
        arrived = passages.made(field.service.store, Purpose.INVITATION, State.ACCEPTED)
        reminded = passages.made(field.service.store, Purpose.REMINDER)
        return not (arrived & (field.silent or set())) - reminded

    def close(self) -> None:
        """Go to the cut-off; the list is frozen and the letter approved."""
        field, script = self.field, self.script
        field.ceiling = field.dates.dispatch - timedelta(minutes=1)
        if script.is_shut:
            field.door.shut()
            self.weather.append("mailbox out of reach over the cut-off")
            self._last_words()
        field.is_done = self._is_frozen
        if script.is_shut:
            field.go_to(field.dates.cutoff + timedelta(seconds=1))
            field.wait(self._waits_for_mailbox, "the freeze to wait")
            field.door.open()
        with self._under(script.closing):
            field.go_to(field.dates.cutoff + timedelta(seconds=1))
        field.go_to(field.dates.cutoff + timedelta(seconds=1))
        field.wait(self._is_frozen, "the freeze")
        if script.is_voided:
            self._void()
        self._too_late()
        field.wait(field.is_settled, "the words after the cut-off")
        if not self._is_frozen():
            field.freeze()
        field.approve()

    def _last_words(self) -> None:
        """Let somebody withdraw who is on the list, in the last minute, unseen."""
        self._say("WITHDRAW", Standing.SIGNED, "somebody withdraws in the last minute")

    def _void(self) -> None:
        self._say("WITHDRAW", Standing.SIGNED, "somebody withdraws after the freeze")
        self.field.wait(lambda: not self._is_frozen(), "the freeze to be void")

    def _too_late(self) -> None:
        self._say("YES", Standing.INVITED, "somebody says yes after the cut-off")

    def _say(self, words: str, standing: Standing, what: str) -> None:
        field = self.field
        found = [
            (person, taken)
            for person in field.people.persons.values()
            if person.standing is standing and (taken := field.people.mail.get(person.address))
        ]
        if found:
            person, original = field.draw.choice(found)
            field.people.say(person, original, words)
            self.weather.append(what)

    def _waits_for_mailbox(self) -> bool:
        """Say whether the freeze has looked and says why it waits; it must not have happened."""
        if self._is_frozen():
            raise AssertionError("frozen on a mailbox that nobody could read")
        return passages.has_trouble(self.field.service.store, "freeze:")

    def _is_frozen(self) -> bool:
        with self.field.service.store.reading() as session:
            campaign = campaigns.get(session, plan.NAME)
            return freezes.current(session, campaign.id) is not None

    def leave(self) -> None:
        """Go to the minute of the dispatch; the letters leave."""
        field = self.field
        field.ceiling = field.dates.dispatch + timedelta(days=30)
        field.relay.pace = 0.1
        field.is_done = self._is_finished
        for make in self.script.leaving or (None,):
            with self._under([make] if make else []):
                field.go_to(field.dates.dispatch + timedelta(seconds=1))
        field.go_to(field.dates.dispatch + timedelta(seconds=1))  # a clock may have been put right
        field.wait(self._is_finished, "the last letter")

    def _is_finished(self) -> bool:
        with self.field.service.store.reading() as session:
            query = select(FreezeRow.finished_at).where(FreezeRow.started_at.is_not(None))
            return session.scalar(query) is not None


def rounds(kind: str, *, count: int, seed: int, first: int = 1) -> Iterator[Result]:
    """Play so many campaigns on one kind of database; each is drawn by its number alone."""
    with tempfile.TemporaryDirectory(prefix="undersigned-faults-") as name:
        folder = Path(name)
        with ground(kind, folder) as place:
            for number in range(first - 1, first - 1 + count):
                draw = Random(f"{seed} {kind} {number}")  # noqa: S311 - to be drawn again
                yield play(
                    place,
                    folder / f"round{number}",
                    drawn(draw, kind),
                    name=f"round {number + 1} on {kind}, seed {seed}",
                    draw=draw,
                )
