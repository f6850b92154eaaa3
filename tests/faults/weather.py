"""The weather: everything that goes wrong, one function a kind, in two halves.

A fault begins; then the round lets things happen; then the fault waits until it has struck, or
until there is nothing left to strike, and ends. What it returns at its end goes into the table.
"""

import signal
import time
from collections.abc import Callable, Generator
from datetime import timedelta
from functools import partial
from random import Random

from tests.faults import copies, outages, passages, plan
from tests.faults.door import Fate
from tests.faults.field import Field
from tests.faults.relay import Mischief, Phase, Way
from undersigned.flows import pause

#: A fault on its way: what it yields once is "begun"; it returns what it came to.
Fault = Generator[None, None, str]
MakeFault = Callable[[Field], Fault]

#: Steps that are passed for each message, or more often: a kill at a late one is drawn.
OFTEN = {
    "store.committing": 60,
    "store.committed": 60,
    "smtp.asking": 150,
    "smtp.answered": 150,
    "smtp.written": 40,
    "imap.asking": 12,
    "imap.answered": 12,
    "read.parsed": 30,
    "read.decided": 6,
    "read.committed": 6,
    "letter.marked": 8,
    "letter.answered": 8,
    "letter.settled": 8,
}


def killed_at(field: Field, mark: str, *, times: int) -> Fault:
    """Let a process kill itself at a marked step."""
    obeyed = field.processes.order.with_suffix(".obeyed")
    obeyed.unlink(missing_ok=True)
    field.processes.order.write_text(f"{mark} {times}", encoding="ascii")
    yield
    field.wait(lambda: obeyed.exists() or field.is_done(), f"a kill at {mark}")
    field.processes.order.unlink(missing_ok=True)
    field.processes.kills += obeyed.exists()
    return f"kill {mark} {times}{'' if obeyed.exists() else ' (not passed)'}"


def misled(field: Field, phase: Phase, way: Way, *, times: int, does: str = "") -> Fault:
    """Let the SMTP server drop, hang or refuse at a phase; or kill who speaks to it just then."""
    then = partial(_kill_all_senders, field) if does else None
    mischief = Mischief(phase=phase, way=way, times=times, then=then)
    if phase in (Phase.CONNECT, Phase.EHLO, Phase.STARTTLS, Phase.AUTH):
        # Connections are kept: one must be lost for another to be made.
        field.relay.plan(Mischief(phase=Phase.MAIL, way=Way.CLOSE, times=2))
    field.relay.plan(mischief)
    yield
    field.wait(lambda: field.relay.is_over(mischief) or field.is_done(), f"{way} at {phase}")
    is_over = field.relay.is_over(mischief)
    field.relay.behave()
    return f"{does or 'smtp'} {phase} {way} {times}{'' if is_over else ' (not all)'}"


def _kill_all_senders(field: Field) -> None:
    field.processes.kill("up" if field.ground.postgres is None else "worker")


def signalled(field: Field, role: str, how: signal.Signals, *, after: int) -> Fault:
    """Send a process a signal when the server begins to take the next message but so many."""
    done: list[bool] = []

    def strike() -> None:
        done.append(True)
        if len(done) == after:
            field.processes.kill(role, how)

    field.relay.plan(Mischief(phase=Phase.DATA, way=Way.NOTHING, times=after, then=strike))
    yield
    field.wait(lambda: len(done) >= after or field.is_done(), f"{how.name} for {role}")
    field.relay.behave()
    return f"{how.name} {role or 'all'}{'' if len(done) >= after else ' (not sent)'}"


def halved(field: Field) -> Fault:
    """Kill half of the workers, and add two."""
    field.processes.kill_half()
    yield
    return "half the workers killed, two added"


def another_beat(field: Field) -> Fault:
    """Let a second beat tick beside the first for the rest of the campaign."""
    field.processes.commands.append(("beat",))
    yield
    return "another beat"


# The broker.


def flushed(field: Field) -> Fault:
    """Let Redis forget every wake-up, again and again."""
    import redis  # noqa: PLC0415 - the broker's own client

    assert field.ground.redis is not None
    with redis.Redis.from_url(field.ground.redis.url) as client:
        client.flushall()
        yield
        for _ in range(5):
            client.flushall()
            time.sleep(0.05)
    return "redis FLUSHALL"


def broker_restarted(field: Field) -> Fault:
    """Stop Redis for a moment; it comes back empty."""
    assert field.ground.redis is not None
    field.ground.redis.stop()
    yield
    field.processes.tend()
    time.sleep(0.3)
    field.ground.redis.start()
    return "redis restarted"


# The database.


def database_restarted(field: Field, how: signal.Signals) -> Fault:
    """Stop PostgreSQL, or let it crash, and start it again."""
    assert field.ground.postgres is not None
    yield
    field.failures += 1
    field.ground.postgres.stop(how)
    time.sleep(0.3)
    field.ground.postgres.start()
    return f"postgresql {'crashed' if how == signal.SIGQUIT else 'restarted'}"


def thrown_out(field: Field) -> Fault:
    """End every connection to the database as its administrator may, twice."""
    yield
    field.failures += 1
    for _ in range(2):
        outages.throw_out(field)
        time.sleep(0.05)
    return "connections terminated"


def locked(field: Field, seconds: float) -> Fault:
    """Hold SQLite's write lock for so long, as another program may."""
    yield
    field.failures += 1
    with outages.sqlite_lock(field.database_url):
        time.sleep(seconds)
    return f"sqlite busy for {seconds:.1f} s"


def full(field: Field) -> Fault:
    """Let the disk be full for a while."""
    yield
    field.failures += 1
    if field.ground.postgres is None:
        field.processes.limit_files(4096)
        time.sleep(0.8)
        field.processes.limit_files(-1)
        return "disk full"
    # Hosts of PostgreSQL shut a database for writing when its disk is full.
    with outages.shut_for_writing(field):
        time.sleep(0.8)
    return "disk full, so read-only"


# The mailbox.


def fetched_badly(field: Field, fate: Fate) -> Fault:
    """Let the mailbox's server end a conversation in the middle of a message."""
    field.door.plan(fate)
    yield
    field.wait(lambda: field.door.is_quiet or field.is_done(), fate)
    is_quiet = field.door.is_quiet
    field.door.open()
    return f"imap {fate}{'' if is_quiet else ' (not fetched)'}"


def renumbered(field: Field) -> Fault:
    """Let the mailbox number its messages anew, as it does when it was restored."""
    yield
    outages.renumber(field)
    return "UIDVALIDITY changed"


def doubled(field: Field) -> Fault:
    """Let the mailbox show some messages twice, as it does when people copy them."""
    yield
    again = field.draw.sample(field.people.answers, min(5, len(field.people.answers)))
    for raw in again:
        field.office.put(raw)
    return f"{len(again)} answers in the mailbox twice"


def out_of_reach(field: Field) -> Fault:
    """Let nobody into the mailbox for a while."""
    field.door.shut()
    yield
    time.sleep(0.5)
    field.door.open()
    return "mailbox out of reach"


# Copies of the database.


def put_back(field: Field) -> Fault:
    """Put an older state of the database back under the running processes, with work to do in it.

    It must send nothing; then the true one comes back.
    """
    older = yield from _with_work(field, "older")
    newer = None
    while newer is None:  # something began just then: it has to come to rest as well
        field.door.open()
        field.wait(field.is_settled, "everything before the older state is put back")
        field.door.shut()  # neither state would know a note that is left between the two
        newer = older.exchange(field.database_url, field.folder / "newer.db")
    taken = len(field.relay.takings)
    field.door.open()
    field.watch_still("witness:", why="an older state was put back")
    field.hold(len(field.relay.takings) == taken, "AN OLDER DATABASE SENT MAIL")
    newer.put(field.database_url)
    field.failures += 1
    return "older database put back"


def second_deployment(field: Field) -> Fault:
    """Let a second deployment run on a copy of the database beside the first one; it is told so."""
    copied = yield from _with_work(field, "copied")
    url = field.another_database()
    copied.copy(url)
    copies.open_gate(url)
    attempts = passages.attempts(url)
    with field.beside(url):
        field.wait(field.is_settled, "everything beside a copy")
        field.watch_still("witness:", why="a copy was started", url=url)
    field.hold(passages.attempts(url) == attempts, "A COPY SENT MAIL")
    return "second deployment on a copy"


def _with_work(field: Field, name: str) -> Generator[None, None, copies.State]:
    """Take a state of the database in which mail waits to be sent."""
    field.insist(lambda: pause.pause(field.service, plan.NAME, by="Alice"))
    yield
    taken = copies.State.of(field.database_url, field.folder / f"{name}.db")
    field.insist(lambda: pause.resume(field.service, plan.NAME, by="Alice"))
    return taken


# The clock.


def clock_wrong(field: Field, span: timedelta) -> Fault:
    """Let the machine's clock be wrong by so much for a while."""
    field.jumps += 1
    field.clock.go(span)
    yield
    time.sleep(0.7)
    field.clock.go(-span)
    return f"clock wrong by {span.total_seconds() / 3600:+.0f} h"


# What is drawn from.

SMTP_WAYS: tuple[tuple[Phase, Way], ...] = tuple(
    (phase, way)
    for phase in Phase
    for way in (Way.DROP, Way.HANG, Way.LATER, Way.NEVER, Way.CLOSE)
    if phase is not Phase.INSIDE or way in (Way.DROP, Way.HANG)
)

#: Marks that are passed while people are invited and answer, while they are reminded, while the
#: list closes, and while the letter leaves.
MARKS: dict[str, tuple[str, ...]] = {
    "open": (
        *("store.committing", "store.committed", "smtp.asking", "smtp.answered", "smtp.written"),
        *("imap.asking", "imap.answered", "deliver.claimed", "deliver.composed"),
        *("deliver.answered", "deliver.settled", "receive.fetched", "receive.kept"),
        *("read.claimed", "read.parsed", "read.decided", "read.committed", "recover.swept"),
    ),
    "reminding": ("remind.made", "remind.committed"),
    "closing": ("freeze.pressed", "freeze.made", "freeze.committed"),
    "leaving": (
        *("dispatch.made", "dispatch.committed", "letter.marked", "letter.answered"),
        *("letter.settled", "smtp.asking", "smtp.answered", "smtp.written"),
        *("store.committing", "store.committed", "recover.swept"),
    ),
}


def kill(draw: Random, phase: str, mark: str | None = None) -> MakeFault:
    """Give a kill at a mark of a phase, or at this one."""
    mark = mark or draw.choice(MARKS[phase])
    most = 15 if phase == "leaving" and mark.startswith("s") else OFTEN.get(mark, 3)
    return partial(killed_at, mark=mark, times=draw.randint(1, most))


def smtp(draw: Random, *, times: int = 3) -> MakeFault:
    """Give a fault of the SMTP server."""
    phase, way = draw.choice(SMTP_WAYS)
    return partial(misled, phase=phase, way=way, times=draw.randint(1, times))


def smtp_kill(draw: Random) -> MakeFault:
    """Give a kill of everything that sends, at a phase as the server sees it."""
    phase = draw.choice(tuple(Phase))
    return partial(misled, phase=phase, way=Way.NOTHING, times=1, does="SIGKILL")


def mailbox(draw: Random) -> MakeFault:
    """Give a fault of the mailbox."""
    return draw.choice(
        (
            *(partial(fetched_badly, fate=fate) for fate in Fate),
            renumbered,
            doubled,
            out_of_reach,
        )
    )


def database(draw: Random, kind: str) -> MakeFault:
    """Give a fault of the database."""
    if kind == "sqlite":
        return draw.choice((partial(locked, seconds=0.5), partial(locked, seconds=2.5), full))
    return draw.choice(
        (
            partial(database_restarted, how=signal.SIGINT),
            partial(database_restarted, how=signal.SIGQUIT),
            thrown_out,
            full,
        )
    )


def process(draw: Random, kind: str) -> MakeFault:
    """Give a signal to a process, or what else happens to them."""
    after = draw.randint(1, 30)
    hows = (signal.SIGKILL, signal.SIGTERM)
    roles = ("up",) if kind == "sqlite" else ("worker", "beat", "listen", "")
    signals = [
        partial(signalled, role=role, how=how, after=after) for role in roles for how in hows
    ]
    more = () if kind == "sqlite" else (halved, another_beat, flushed, broker_restarted)
    return draw.choice((*signals, *more))


def clock(draw: Random) -> MakeFault:
    """Give a clock that is wrong by a day, either way."""
    return partial(clock_wrong, span=timedelta(days=draw.choice((1, -1))))


def any_of(draw: Random, phase: str, kind: str) -> MakeFault:
    """Give any fault that may come in a phase, on a kind of database."""
    makes: tuple[tuple[int, Callable[[], MakeFault]], ...] = (
        (30, lambda: kill(draw, phase)),
        (30, lambda: smtp(draw)),
        (10, lambda: smtp_kill(draw)),
        (10, lambda: mailbox(draw)),
        (10, lambda: database(draw, kind)),
        (10, lambda: process(draw, kind)),
        (5, lambda: clock(draw)),
        (4 if phase == "open" else 0, lambda: draw.choice((put_back, second_deployment))),
    )
    weights, choices = zip(*makes, strict=True)
    (made,) = draw.choices(choices, weights)
    return made()
