"""The outbox held against a model: any history of servers, clocks and kills ends as it should."""

import asyncio
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    rule,
    run_state_machine_as_test,
)
from sqlalchemy import delete, select, text

from tests import campaigns as usual
from tests.campaigns import NAME, Desk
from tests.conftest import StillClock
from tests.faults import passages
from tests.faults.relay import Mischief, Phase, Relay, Way
from undersigned.domain.delivery import Purpose, State, is_allowed
from undersigned.flows import deliver, mint, pause, recover
from undersigned.rehearsal.post_office import PostOffice
from undersigned.service import Service, open_service, quiet
from undersigned.store import campaigns, leases, messages
from undersigned.store.machine_tables import JournalRow, SlotRow
from undersigned.store.tables import AttemptRow, DeliveryRow, MessageRow
from undersigned.transport.accounts import Security, SmtpAccount
from undersigned.transport.envelope import Envelope
from undersigned.transport.high_water import HighWater
from undersigned.transport.smtp import SmtpConnection

NOON = datetime(2026, 6, 1, 12, tzinfo=UTC)
RAW = "From: hana@letters.example\r\nMessage-ID: {}\r\nSubject: x\r\n\r\nA matter of principle.\r\n"

#: The longest wait of a retry, and of a lease: after it whatever waits is due.
AGES = timedelta(days=2)

#: What a server's failure comes to for bulk mail and for a letter, told once more in other words:
#: a message that may have arrived is tried once more where that does little harm, a letter never.
AFTER: dict[tuple[Phase, Way], tuple[State, State]] = {
    (Phase.INSIDE, Way.DROP): (State.QUEUED, State.UNCERTAIN),
    (Phase.DOT, Way.DROP): (State.QUEUED, State.UNCERTAIN),
    **{(phase, Way.DROP): (State.QUEUED, State.QUEUED) for phase in (Phase.MAIL, Phase.RCPT)},
    **{
        (phase, way): (after, after)
        for phase in (Phase.MAIL, Phase.RCPT, Phase.DATA, Phase.DOT)
        for way, after in (
            (Way.LATER, State.QUEUED),
            (Way.CLOSE, State.QUEUED),
            (Way.NEVER, State.REFUSED),
        )
    },
    (Phase.DATA, Way.DROP): (State.QUEUED, State.QUEUED),
}


@dataclass
class Expected:
    """What the model knows of one delivery."""

    is_letter: bool
    state: State = State.QUEUED
    #: How often it was lost inside DATA.
    lost: int = 0
    #: How often the server may have got it without anybody knowing.
    unknown: int = 0


class Outbox(RuleBasedStateMachine):
    """Messages, a server that fails as it is told, workers that are killed, and a clock."""

    service: Service
    relay: Relay
    clock: StillClock

    def __init__(self) -> None:
        super().__init__()
        self.expected: dict[int, Expected] = {}
        self.seen = len(self.relay.events)

    @initialize()
    def empty(self) -> None:
        """Begin with an empty outbox."""
        self.relay.behave()
        self.relay.takings.clear()
        self.service.sights.clear()  # an emptied outbox looks like an older state of the database
        self.service.high_water = HighWater()  # as above
        with self.service.store.writing() as session:
            for table in (AttemptRow, DeliveryRow, MessageRow, JournalRow, SlotRow):
                session.execute(delete(table))
            session.execute(text("DELETE FROM passage"))
            campaigns.get(session, NAME).paused_at = None

    @rule(is_letter=st.booleans(), count=st.integers(1, 3))
    def make(self, *, is_letter: bool, count: int) -> None:
        """Put messages into the outbox, with their bytes."""
        purpose = Purpose.LETTER if is_letter else Purpose.NOTICE
        for _ in range(count):
            number = len(self.expected)
            with self.service.store.writing() as session:
                campaign = campaigns.get(session, NAME)
                message = mint.message(
                    campaign,
                    purpose,
                    f"model:{number}",
                    template="notice",
                    now=self.clock(),
                )
                message.raw = RAW.format(message.message_id).encode()
                messages.add(
                    session, message, account="default", to=["a@b.example"], due_at=self.clock()
                )
                session.flush()
                made = session.scalars(
                    select(DeliveryRow.id).where(DeliveryRow.message_id == message.id)
                ).one()
            self.expected[made] = Expected(is_letter=is_letter)

    @rule(fault=st.sampled_from(sorted(AFTER)), times=st.integers(1, 2))
    def fail(self, fault: tuple[Phase, Way], times: int) -> None:
        """Let the server fail at the next messages, and a worker hand over what is due."""
        phase, way = fault
        self.relay.plan(Mischief(phase=phase, way=way, times=times))
        self.work()

    @rule(is_letter=st.booleans(), phase=st.sampled_from((Phase.INSIDE, Phase.DOT)))
    def lose(self, *, is_letter: bool, phase: Phase) -> None:
        """Let the server vanish while it takes a new message."""
        self.make(is_letter=is_letter, count=1)
        self.fail((phase, Way.DROP), 1)

    @rule()
    def work(self) -> None:
        """Let a worker hand over what is due."""
        deliver.deliver(self.service)
        self._learn()

    @rule(step=st.sampled_from(("claimed", "marked", "sent")), is_letter=st.booleans())
    def kill(self, step: str, *, is_letter: bool) -> None:
        """Let a worker claim one message, come as far as a step, and vanish."""
        with self.service.store.writing() as session:
            claims = leases.claim(
                session,
                "default",
                purposes=[Purpose.LETTER if is_letter else Purpose.NOTICE],
                owner="killed",
                now=self.clock(),
                lease=self.service.settings.limits.lease,
                limit=1,
            )
        for claim in claims:
            one = self.expected[claim.id]
            one.state = State.CLAIMED
            if is_letter and step != "claimed":
                with self.service.store.writing() as session:
                    assert leases.mark(session, claim, now=self.clock())
                one.state = State.SENDING
            if step == "sent":
                one.unknown += 1
                self._send(claim.message_id)

    def _send(self, message_id: int) -> None:
        """Hand a message over as the worker does that will be killed before it writes that down."""
        with self.service.store.reading() as session:
            row = session.get_one(MessageRow, message_id)
            raw, sender = row.raw or b"", f"sign+{row.token}@letters.example"
        account = SmtpAccount(host="127.0.0.1", port=self.relay.port, security=Security.PLAIN)

        async def hand_over() -> None:
            async with SmtpConnection(account) as connection:
                await connection.send(Envelope(sender=sender, recipient="a@b.example", message=raw))

        asyncio.run(hand_over())
        self.seen = len(self.relay.events)

    @rule(seconds=st.sampled_from((1, 61, 901, 7200, 90_000)))
    def pass_time(self, seconds: int) -> None:
        """Let time go by."""
        self.clock.go(seconds=seconds)

    @rule()
    def sweep(self) -> None:
        """Let the sweeper look for what killed workers left."""
        with self.service.store.reading() as session:
            ended = session.scalars(
                select(DeliveryRow.id).where(DeliveryRow.lease_until <= self.clock())
            ).all()
        for key in ended:
            one = self.expected[key]
            one.state = State.UNCERTAIN if one.state is State.SENDING else State.QUEUED
        recover.recover(self.service)

    @rule()
    def pause(self) -> None:
        """Shut the gate, let a worker find it shut, and open it."""
        pause.pause(self.service, NAME, by="Alice")
        assert deliver.deliver(self.service) == 0
        assert len(self.relay.events) == self.seen, "sent through a gate that is shut"
        pause.resume(self.service, NAME, by="Alice")

    # What must be true.

    def _learn(self) -> None:
        """Take from what the server saw what must have become of each message."""
        with self.service.store.reading() as session:
            keys = {
                f"sign+{token}@letters.example": key
                for key, token in session.execute(
                    select(DeliveryRow.id, MessageRow.token).join(
                        MessageRow, MessageRow.id == DeliveryRow.message_id
                    )
                )
            }
        events = self.relay.events[self.seen :]
        self.seen += len(events)
        for sender, phase, way in events:
            one = self.expected[keys[sender]]
            assert one.state is State.QUEUED, "sent what was not waiting"
            if way is None:
                one.state = State.ACCEPTED
                continue
            one.state = AFTER[phase, way][one.is_letter]
            if phase in (Phase.INSIDE, Phase.DOT) and way is Way.DROP:
                one.lost += 1
                one.unknown += phase is Phase.DOT
                if one.lost >= 2:
                    one.state = State.UNCERTAIN

    @invariant()
    def agrees(self) -> None:
        """Every delivery stands where the model says, and no letter was taken twice."""
        with self.service.store.reading() as session:
            rows = session.execute(
                select(DeliveryRow.id, DeliveryRow.state, MessageRow.message_id).join(
                    MessageRow, MessageRow.id == DeliveryRow.message_id
                )
            ).all()
        assert {row.id: row.state for row in rows} == {
            key: one.state for key, one in self.expected.items()
        }
        for row in rows:
            one = self.expected[row.id]
            taken = sum(two.message_id == row.message_id for two in self.relay.takings)
            assert taken <= one.unknown + (one.state is State.ACCEPTED)
            assert taken <= 1 or not one.is_letter
            assert taken >= (one.state is State.ACCEPTED)
        for ways in passages.all_of(self.service.store).values():
            assert all(is_allowed(State(was), State(now_is)) for was, now_is, _ in ways)

    def teardown(self) -> None:
        """Whatever happened, in the end nothing is left lying."""
        self.relay.behave()
        for _ in range(3):
            self.clock.go(seconds=AGES.total_seconds())
            self.sweep()
            self.work()
            self.agrees()
        assert not {one.state for one in self.expected.values()} & set(passages.AT_WORK)


@pytest.fixture
def outbox(tmp_path: Path, office: PostOffice) -> Iterator[type[Outbox]]:
    """Give the machine with a service on SQLite, a server of its own, and a still clock."""
    clock = StillClock(NOON)
    url = f"sqlite:///{tmp_path}/undersigned.db"
    with Relay(security=Security.PLAIN, tls=None, on_mail=lambda *_: None) as relay:
        plain = usual.settings(office, url)
        account = replace(
            plain.accounts["default"],
            smtp_port=relay.port,
            smtp_username="",
            smtp_connections=1,
            imap_host="",
        )
        service = open_service(replace(plain, accounts={"default": account}), announce=quiet)
        service.clock = clock
        Desk(service, office, clock, tmp_path / "letter").apply()
        passages.watch(service.store)
        yield type("Held", (Outbox,), {"service": service, "relay": relay, "clock": clock})
        service.close()


@pytest.mark.timeout(600)
def test_it_keeps_the_outbox_as_the_model_has_it(outbox: type[Outbox]) -> None:
    """No history of failures, kills and pauses loses a message or sends a letter twice."""
    run_state_machine_as_test(
        outbox,
        settings=settings(
            max_examples=40,
            stateful_step_count=25,
            suppress_health_check=list(HealthCheck),
        ),
    )
