"""The director of a rehearsal: brings on what comes next whenever everything is at rest."""

import time
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Protocol
from zoneinfo import ZoneInfo

from undersigned.domain import instants
from undersigned.domain.decision import Act
from undersigned.errors import PermanentFailure
from undersigned.flows import apply as applying
from undersigned.flows import dispatch, freeze, invite, replies, review
from undersigned.rehearsal import rest
from undersigned.rehearsal.office import Office
from undersigned.rehearsal.signers import Signers
from undersigned.rehearsal.stage import Stage
from undersigned.service import Service
from undersigned.store import campaigns, freezes

#: Hears what happens: the campaign's time, and a sentence.
Hear = Callable[[datetime, str], None]

#: Who decides what waits for a person in a rehearsal.
COORDINATOR = "the rehearsal's coordinator"
#: Answers due within this span of each other come by one jump of the clock, in their order.
TOGETHER = timedelta(hours=6)
#: The longest wait for everything to come to rest; a rehearsal that needs more has stopped.
PATIENCE = timedelta(seconds=60)


class Calendar(Protocol):
    """The rehearsal's time."""

    def __call__(self) -> datetime:
        """Give the time now, aware UTC."""

    def jump_to(self, instant: datetime) -> datetime:
        """Bring the rehearsal to an instant, never back, and give the time now."""


class Director:
    """Puts the clock forward, lets the signers act, and decides what waits for a person."""

    def __init__(
        self,
        stage: Stage,
        service: Service,
        office: Office,
        clock: Calendar,
        hear: Hear,
    ) -> None:
        self.stage = stage
        self.service = service
        self.office = office
        self.clock = clock
        self.hear = hear
        #: Answers due within this span of each other come together.
        self.together = TOGETHER
        self.name = stage.plan.name
        self.signers = Signers(
            stage.script, office.strangers_account(), clock, dated=lambda: service.now
        )
        office.on_mail = self.signers.on_mail

    def play(self) -> None:
        """Play from the first invitation to the last letter."""
        plan = self.stage.plan
        applying.apply(self.service, self.stage.draft, by=COORDINATOR)
        invite.open_campaign(self.service, self.name, by=COORDINATOR)
        self.clock.jump_to(plan.opens_at)
        made = invite.invite(self.service, self.name, by=COORDINATOR)
        self.say(f"{made} invitations leave")
        self.settle("the invitations")
        for what, instant, is_done in self.milestones():
            self.until(instant)
            self.clock.jump_to(instant)
            self.say(what)
            self.wait(is_done, what)
            self.settle(what)

    def milestones(self) -> list[tuple[str, datetime, Callable[[], bool]]]:
        """Give what the campaign does by itself, when, and how one sees that it is done."""
        plan, here = self.stage.plan, rest.Rest(self.service, self.office, self.name)
        reminders = [
            (f"reminder {number} to the silent", at, lambda n=number: here.is_reminded(n))
            for number, at in enumerate(plan.reminders, start=1)
        ]
        return [
            *reminders,
            ("the list closes", plan.cutoff_at, here.is_frozen),
            ("the letter leaves", plan.dispatch_at, here.is_dispatched),
        ]

    def until(self, instant: datetime) -> None:
        """Live through everybody's answers up to an instant."""
        while (due := self.signers.next_instant()) is not None and due < instant:
            self.clock.jump_to(min(due + self.together, instant - timedelta(seconds=1)))
            count = self.signers.act(self.clock())
            self.settle("the answers")
            self.say(f"{count} {'answer comes' if count == 1 else 'answers come'} in")

    def settle(self, what: str) -> None:
        """Wait until all is at rest and nothing waits for a person."""
        here = rest.Rest(self.service, self.office, self.name)
        self.wait(here.is_quiet, what)
        while self.coordinate():
            self.wait(here.is_quiet, what)

    def wait(self, is_done: Callable[[], bool], what: str) -> None:
        """Wait in real time; raises PermanentFailure with what is missing."""
        until = time.monotonic() + PATIENCE.total_seconds()
        while not is_done():
            if time.monotonic() > until:
                raise PermanentFailure(f"The rehearsal stopped at: {what}.")
            time.sleep(0.02)

    # The coordinator.

    def coordinate(self) -> bool:
        """Do what a coordinator would do now; says whether there was anything."""
        return self.decide_reviews() or self.bring_to_dispatch()

    def decide_reviews(self) -> bool:
        """Decide every review as the script says; what it does not speak of changes nothing."""
        waiting = replies.reviews(self.service, self.name)
        rulings = {one.party: one for one in self.stage.script.rulings}
        for one in waiting:
            ruling = rulings.get(one.party)
            act = ruling.decide if ruling else Act.NOTE
            decided = review.Ruling(
                act=act if one.party else None,
                reason=ruling.reason if ruling else "not spoken of in the script",
                by=COORDINATOR,
            )
            review.rule_on_review(self.service, one.id, decided, campaign=self.name)
            self.say(f"{COORDINATOR} decides on {one.party or one.sender}: {act.value}")
        return bool(waiting)

    def bring_to_dispatch(self) -> bool:
        """Freeze again what became void, approve what is frozen, schedule what is approved."""
        with self.service.store.reading() as session:
            campaign = campaigns.get(session, self.name)
            frozen = freezes.current(session, campaign.id)
            was_frozen = bool(freezes.count(session, campaign.id))
        if frozen is None and was_frozen:
            freeze.freeze(self.service, self.name, by=COORDINATOR)
            self.say("the list changed: the letter is frozen again")
        elif frozen is not None and frozen.approved_at is None:
            dispatch.approve(self.service, self.name, digest=frozen.digest, by=COORDINATOR)
            self.say(f"the frozen letter is approved, digest {frozen.digest[:12]}")
        elif frozen is not None and frozen.armed_at is None:
            at = dispatch.schedule(self.service, self.name, by=COORDINATOR)
            shown = instants.shown(at, ZoneInfo(self.stage.plan.zone))
            self.say(f"armed for {shown}")
        else:
            return False
        return True

    def say(self, sentence: str) -> None:
        """Tell what happens, at the rehearsal's time."""
        self.hear(self.clock().astimezone(ZoneInfo(self.stage.plan.zone)), sentence)
