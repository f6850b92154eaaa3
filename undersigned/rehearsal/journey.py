"""The journey: a whole campaign on loopback, from the invitation to the missions, in a minute.

The flows, the tasks and the mail are those of any campaign; only the clock, the post office and
the people are the rehearsal's. The director waits until everything is at rest, then puts the
clock forward to whatever comes next.
"""

import shutil
import time
from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

from undersigned.domain import instants
from undersigned.domain.campaign import Plan
from undersigned.domain.decision import Act
from undersigned.errors import PermanentFailure, Refused
from undersigned.flows import apply as applying
from undersigned.flows import check as checking
from undersigned.flows import decide, dispatch, freeze, invite, replies
from undersigned.flows.check import Draft
from undersigned.rehearsal import rest, script
from undersigned.rehearsal.clock import JumpingClock
from undersigned.rehearsal.outcome import Outcome, conclude
from undersigned.rehearsal.post_office import AUTHSERV_ID, PostOffice
from undersigned.rehearsal.script import Script
from undersigned.rehearsal.signers import Signers
from undersigned.service import Service, configured, open_service, quiet
from undersigned.settings import Account, Settings, Ticks
from undersigned.store import campaigns, freezes

#: Runs workers, beat and listeners for a service until the block ends.
Engine = Callable[[Service], AbstractContextManager[None]]
#: Hears what happens: the campaign's time, and a sentence.
Hear = Callable[[datetime, str], None]

#: Who decides what waits for a person in a rehearsal.
COORDINATOR = "the rehearsal's coordinator"
#: Answers due within this span of each other come by one jump of the clock, in their order.
TOGETHER = timedelta(hours=6)
#: The longest wait for everything to come to rest; a rehearsal that needs more has stopped.
PATIENCE = timedelta(seconds=60)
#: Beat's ticks in a rehearsal: real time, so that a minute is enough for a month.
TICK = timedelta(milliseconds=150)


@dataclass(frozen=True, kw_only=True)
class Stage:
    """What a rehearsal plays on."""

    draft: Draft
    plan: Plan
    script: Script
    #: Where the database, the mail and the documents are written.
    into: Path


def stage(folder: Path, into: Path) -> Stage:
    """Read the campaign and its script, and clear the folder to write into.

    Raises `Refused` where the folder has faults, or `into` holds something else than a rehearsal.
    """
    _clear(into)
    with_database = replace(configured({}), database_url=f"sqlite:///{into}/campaign.db")
    service = open_service(with_database, announce=quiet)
    try:
        draft = checking.check(service, folder)
    finally:
        service.close()
    if draft.errors or draft.plan is None:
        raise Refused("\n".join(str(fault) for fault in draft.errors))
    return Stage(draft=draft, plan=draft.plan, script=_script(draft, draft.plan), into=into)


def _clear(into: Path) -> None:
    if into.exists() and any(into.iterdir()) and not (into / "campaign.db").exists():
        raise Refused(f"{into} holds something else than a rehearsal: choose another folder.")
    shutil.rmtree(into, ignore_errors=True)
    into.mkdir(parents=True)


def _script(draft: Draft, plan: Plan) -> Script:
    path = draft.folder / script.FILE
    if path.is_file():
        return script.parse(path.read_text(encoding="utf-8"), draft.prospects, ZoneInfo(plan.zone))
    return script.default(draft.prospects, longest=plan.cutoff_at - plan.opens_at)


def rehearse(stage: Stage, *, engine: Engine, hear: Hear) -> Outcome:
    """Play the whole campaign and give what came of it; everything written is in `stage.into`."""
    clock = JumpingClock(stage.plan.opens_at - timedelta(hours=1))
    office = PostOffice(clock=clock, mailbox=stage.plan.reply_address, keep=stage.into / "mail")
    with office:
        service = open_service(_settings(stage, office), announce=quiet)
        service.clock = clock
        service.find_keys = lambda _names: {}  # loopback has no DNS: the post office vouches
        try:
            director = _Director(stage, service, office, clock, hear)
            with engine(service):
                director.play()
            return conclude(service, office, stage.draft, stage.into)
        finally:
            service.close()


def _settings(stage: Stage, office: PostOffice) -> Settings:
    smtp, imap = office.accounts()
    name = stage.plan.account
    account = Account(
        name=name,
        address=stage.plan.reply_address,
        smtp_host=smtp.host,
        smtp_port=smtp.port,
        smtp_security=smtp.security,
        smtp_username=smtp.username or "",
        smtp_password=smtp.password or "",
        smtp_connections=4,
        imap_host=imap.host,
        imap_port=imap.port,
        imap_security=imap.security,
        imap_username=imap.username,
        imap_password=imap.password,
        ca_file="",
        authserv_ids=(AUTHSERV_ID,),
    )
    return replace(
        configured({}),
        database_url=f"sqlite:///{stage.into}/campaign.db",
        broker_url="memory://",
        coordinator=COORDINATOR,
        accounts={name: account},
        ticks=Ticks(**dict.fromkeys(Ticks.__dataclass_fields__, TICK)),
    )


class _Director:
    """Puts the clock forward, lets the signers act, and decides what waits for a person."""

    def __init__(
        self,
        stage: Stage,
        service: Service,
        office: PostOffice,
        clock: JumpingClock,
        hear: Hear,
    ) -> None:
        self.stage = stage
        self.service = service
        self.office = office
        self.clock = clock
        self.hear = hear
        self.name = stage.plan.name
        self.signers = Signers(stage.script, office.strangers_account())
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
            self.clock.jump_to(min(due + TOGETHER, instant - timedelta(seconds=1)))
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
        for review in waiting:
            ruling = rulings.get(review.party)
            act = ruling.decide if ruling else Act.NOTE
            decided = decide.Ruling(
                act=act if review.party else None,
                reason=ruling.reason if ruling else "not spoken of in the script",
                by=COORDINATOR,
            )
            decide.rule_on_review(self.service, review.id, decided, campaign=self.name)
            self.say(f"{COORDINATOR} decides on {review.party or review.sender}: {act.value}")
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
        self.hear(self.clock().astimezone(ZoneInfo(self.stage.plan.zone)), sentence)
