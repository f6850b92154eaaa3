"""The field: a campaign in processes of its own, between servers that count what they got."""

import os
import ssl
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager, suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path
from random import Random
from typing import Any

from tests import servers
from tests.faults import launch, passages, plan
from tests.faults.door import Door
from tests.faults.ground import Ground
from tests.faults.launch import Clock
from tests.faults.people import People
from tests.faults.processes import EMBEDDED, WORKERS, Processes
from tests.faults.relay import PASSWORD, USER, Relay
from tests.servers import postgres
from undersigned.errors import TemporaryFailure
from undersigned.flows import apply, check, dispatch, freeze, invite
from undersigned.rehearsal.post_office import PostOffice
from undersigned.service import Service, configured, open_service, quiet
from undersigned.store import campaigns, freezes
from undersigned.store.session import Store
from undersigned.transport.accounts import Security

#: The longest wait for one thing to happen, however often processes die before it and whatever else
#: the machine does; in seconds.
PATIENCE_SECONDS = 240
#: Nothing happens for so long, in seconds: then the clock goes on to what is due next.
QUIET_SECONDS = 0.3
#: As above, where that is the end of a lease whose holder still lives.
HELD_SECONDS = 15


class Field:
    """One campaign under fire."""

    def __init__(self, ground: Ground, folder: Path, *, database_url: str, draw: Random) -> None:
        is_embedded = ground.postgres is None
        self.ground = ground
        self.folder = folder
        self.database_url = database_url
        self.draw = draw
        self.addresses: list[str] = []
        self.processes = Processes(ground.launcher, folder, EMBEDDED if is_embedded else WORKERS)
        #: How often the database failed, and a clock was wrong, for the reckoning.
        self.failures = 0
        self.jumps = 0
        #: What was seen to be wrong before the reckoning.
        self.wrongs: list[str] = []
        self._copies: list[str] = []
        #: Who had said nothing when the time of the reminder came.
        self.silent: frozenset[str] | None = None
        #: The clock does not go beyond this instant by itself.
        self.ceiling = datetime.max.replace(tzinfo=UTC)
        #: Whether nothing is left that could be struck: what a phase waits for.
        self.is_done: Callable[[], bool] = self.is_settled
        self._last: tuple[object, float] = (None, 0.0)

    @contextmanager
    def open(self) -> Iterator["Field"]:
        """Open the servers, take the campaign over, start the processes."""
        self.folder.mkdir(parents=True)
        self.dates = plan.dates(self.draw)
        #: What the world lives by, and what the processes do, whose clocks may be wrong.
        self.world = Clock(self.folder / "world")
        self.clock = Clock(self.folder / "clock")
        self.set_clocks(self.dates.opens + timedelta(minutes=1))
        self.security = self.draw.choice((Security.PLAIN, Security.STARTTLS, Security.TLS))
        with ExitStack() as stack:
            stack.callback(self._clear_away)
            self.office = stack.enter_context(PostOffice(clock=self.world, mailbox=plan.REPLY))
            self.door = stack.enter_context(Door(self.office.accounts()[1].port))
            self.people = stack.enter_context(People(self.put, self.world))
            self.relay = stack.enter_context(
                Relay(security=self.security, tls=self._tls(), on_mail=self.people.take)
            )
            redis = self.ground.redis
            broker = redis.url if redis else "memory://"
            environment = self._settings(self.database_url, broker, "undersigned")
            self.processes.environment = environment
            self.service = self._service(environment)
            stack.callback(self.service.close)
            passages.watch(self.service.store)
            stack.callback(self.processes.end)
            yield self

    def _clear_away(self) -> None:
        """Remove the databases: a server that crashes syncs all it holds before it is up again."""
        if self.ground.postgres is not None:
            for url in (self.database_url, *self._copies):
                postgres.drop(url)

    def _tls(self) -> ssl.SSLContext:
        context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
        issued = self.ground.certificates
        context.load_cert_chain(issued.certificate, issued.key)
        return context

    def _settings(self, database_url: str, broker_url: str, name: str) -> dict[str, str]:
        """Write the settings of a deployment's processes; gives their environment."""
        path = self.folder / f"{name}.toml"
        path.write_text(
            plan.SETTINGS.format(
                console_port=servers.free_port(),
                database=database_url,
                broker=broker_url,
                smtp_port=self.relay.port,
                security=self.security.value,
                imap_port=self.door.port,
                user=USER,
                password=PASSWORD,
                ca_file=self.ground.certificates.authority,
            ),
            encoding="utf-8",
        )
        return {
            "PATH": os.environ["PATH"],
            "HOME": str(self.folder),
            "UNDERSIGNED_CONFIG": str(path),
            "UNDERSIGNED_KILL_AT": str(self.processes.order),
            launch.CLOCK: str(self.folder / "clock"),
            launch.OWNERS: str(self.processes.owners),
        }

    def _service(self, environment: Mapping[str, str]) -> Service:
        service = open_service(configured(environment), announce=quiet)
        service.clock = self.clock
        return service

    # The clocks.

    def set_clocks(self, now: datetime) -> None:
        """Let it be that instant, in the world and in the processes."""
        self.world.set(now)
        self.clock.set(now)

    def go_to(self, instant: datetime) -> None:
        """Go forward to an instant, if it lies ahead; clocks that are wrong stay as wrong."""
        ahead = instant - self.clock()
        if ahead > timedelta(0):
            self.world.go(ahead)
            self.clock.go(ahead)

    # The campaign.

    def put(self, raw: bytes) -> datetime:
        """Put a message into the mailbox; gives when."""
        at = self.world()
        self.office.put(raw)
        return at

    def take_over(self) -> None:
        """Write the campaign's folder, and take it over."""
        folder = self.folder / "letter"
        plan.write(folder, self.dates, self.addresses)
        draft = check.check(self.service, folder)
        assert not draft.errors, [str(fault) for fault in draft.errors]
        apply.apply(self.service, draft, by="Alice")

    def invite_more(self, count: int) -> None:
        """Invite so many more parties; they know what they will say."""
        new = [
            f"office@party{number}.example"
            for number in range(len(self.addresses), len(self.addresses) + count)
        ]
        self.people.meet(new, self.draw)
        is_first = not self.addresses
        self.addresses += new
        self.insist(self.take_over)
        if is_first:
            invite.open_campaign(self.service, plan.NAME, by="Alice")
        self.insist(lambda: invite.invite(self.service, plan.NAME, by="Alice"))

    def insist(self, act: Callable[[], Any]) -> None:
        """Do what a coordinator does who is told to try later: try later."""
        until = time.monotonic() + PATIENCE_SECONDS
        while True:
            try:
                act()
            except TemporaryFailure:
                if time.monotonic() > until:
                    raise
                time.sleep(0.1)
            else:
                return

    def approve(self) -> None:
        """Approve what is frozen, and arm it."""
        with self.service.store.reading() as session:
            frozen = freezes.current(session, campaigns.get(session, plan.NAME).id)
        assert frozen is not None
        self.insist(
            lambda: dispatch.approve(self.service, plan.NAME, digest=frozen.digest, by="Bob")
        )
        self.insist(lambda: dispatch.schedule(self.service, plan.NAME, by="Alice"))

    def freeze(self) -> None:
        """Freeze anew, by hand."""
        self.insist(
            lambda: freeze.freeze(self.service, plan.NAME, by="Alice", despite_reviews=True)
        )

    # Copies.

    def another_database(self) -> str:
        """Give the URL of a database that is not there yet, for a copy."""
        number = len(self._copies) + 1
        if self.ground.postgres is None:
            self._copies.append(f"sqlite:///{self.folder}/copy{number}/undersigned.db")
        else:
            self._copies.append(f"{self.database_url}copy{number}")
        return self._copies[-1]

    @contextmanager
    def beside(self, url: str) -> Iterator[None]:
        """Run a second deployment on a database, until the block ends."""
        environment = self._settings(url, "memory://", f"copy{len(self._copies)}")
        second = Processes(self.ground.launcher, self.folder, EMBEDDED)
        second.environment = environment
        second.tend()
        try:
            yield
        finally:
            second.end()

    def watch_still(self, trouble: str, *, why: str, url: str | None = None) -> None:
        """Wait until a database tells of a trouble, and then some more."""
        store = self.service.store if url is None else Store(url)
        try:
            self.wait(lambda: passages.has_trouble(store, trouble), f"a word that {why}")
            time.sleep(1)
        finally:
            if url is not None:
                store.close()

    def hold(self, is_so: bool, otherwise: str) -> None:  # noqa: FBT001 - what must be so
        """Note a difference where something is not so."""
        if not is_so:
            self.wrongs.append(otherwise)

    # Waiting.

    def wait(self, is_done: Callable[[], bool], what: str) -> None:
        """Wait for something that the processes do by themselves, under a watchdog.

        Where nothing more happens at this hour, the clock goes on to what is due next.
        """
        until = time.monotonic() + PATIENCE_SECONDS
        while True:
            self.processes.tend()
            if self.people.fault is not None:
                raise self.people.fault
            with suppress(TemporaryFailure):
                if is_done():
                    return
                self._go_on()
            if time.monotonic() > until:
                raise TimeoutError(f"still waiting for {what}: {self.standstill()}")
            time.sleep(0.05)

    def _go_on(self) -> None:
        now = time.monotonic()
        sight = passages.sight(self.service.store)
        seen = (sight, len(self.relay.takings), len(self.people.answers))
        if seen != self._last[0]:
            self._last = (seen, now)
            return
        quiet = now - self._last[1]
        if quiet < QUIET_SECONDS:
            return
        due = passages.due(
            self.service.store,
            self.clock(),
            is_held=lambda owner: quiet < HELD_SECONDS and self.processes.is_alive(owner),
        )
        if due is not None and due < self.ceiling:
            self.go_to(due + timedelta(milliseconds=10))
            self._last = (None, now)

    def end(self) -> None:
        """Wait for the end of everything, and stop the processes there: some tick may write yet."""
        while True:
            self.wait(self.is_settled, "the end of everything")
            self.processes.end()
            if self.is_settled():
                return
            self.processes.kills += 1  # something began just then: it has to come to rest as well

    def standstill(self) -> str:
        """Say where everything stands, for whoever looks for a fault."""
        return (
            f"{passages.counts(self.service.store)}, {len(self.people.answers)} answers, "
            f"{len(self.relay.takings)} taken, at {self.clock():%Y-%m-%d %H:%M:%S}; "
            f"{passages.told(self.service.store)} {self.processes.raised()[:3]}"
        )

    def is_settled(self) -> bool:
        """Say whether nothing waits: no message, no reply, nobody who has something to say."""
        return (
            self.people.is_quiet
            and passages.sight(self.service.store).is_settled(answers=len(self.people.answers))
            and self.people.is_quiet
        )
