"""The reckoning: what the servers truly got against what the database says of it."""

from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

from sqlalchemy import func, select

from tests.faults import passages, plan
from tests.faults.field import Field
from tests.faults.relay import Taking
from undersigned.domain.delivery import Outcome, Purpose, State, is_allowed
from undersigned.domain.party import Standing
from undersigned.domain.reply import ReplyState
from undersigned.flows import arrange
from undersigned.flows.batch import GROUP_ROWS
from undersigned.flows.outcomes import LOSSES_LIMIT
from undersigned.store import campaigns, freezes
from undersigned.store.machine_tables import JournalRow
from undersigned.store.tables import (
    AttemptRow,
    DecisionRow,
    DeliveryRow,
    FreezeRow,
    MessageRow,
    ProspectRow,
    ReplyRow,
    ReviewRow,
)

#: Tasks of one process that may each have a group in flight.
THREADS = 4


@dataclass(kw_only=True)
class One:
    """One delivery, as the database and the relay have it."""

    row: DeliveryRow
    message: MessageRow
    outcomes: list[Outcome]
    ways: list[tuple[str, str, str | None]]
    takings: list[Taking]
    #: How often a sweeper took it from somebody: claims that ended without an answer written down.
    swept: int

    @property
    def purpose(self) -> Purpose:
        """What it is for."""
        return Purpose(self.row.purpose)

    @property
    def state(self) -> State:
        """Where it stands."""
        return State(self.row.state)

    @property
    def holders(self) -> set[str]:
        """Who ever held it."""
        return {owner for _, now_is, owner in self.ways if now_is == State.CLAIMED and owner}

    def __str__(self) -> str:
        ways = " ".join(f"{was}>{now_is}" for was, now_is, _ in self.ways)
        return (
            f"{self.purpose} to {self.row.address}: {self.state}, taken {len(self.takings)}, "
            f"answers {[one.value for one in self.outcomes]}, way {ways}"
        )


@dataclass(kw_only=True)
class Reckoning:
    """The table of a campaign, and every difference."""

    counts: list[tuple[str, int, int, int, int, int, int]] = field(default_factory=list)
    lines: list[str] = field(default_factory=list)
    differences: list[str] = field(default_factory=list)

    def table(self) -> str:
        """Give it as text."""
        heads = ("", "made", "accepted", "refused", "uncertain", "taken", "doubled")
        rows = [
            "".join(f"{one:>11}" if number else f"{one:<14}" for number, one in enumerate(row))
            for row in (heads, *self.counts)
        ]
        differences = [f"  DIFFERENCE {one}" for one in self.differences]
        return "\n".join([*(f"  {row}" for row in rows), *self.lines, *differences])


def reckon(field: Field) -> Reckoning:
    """Compare, when a campaign is over."""
    reckoning = Reckoning()
    ones, strays = _collect(field)
    by_purpose: dict[Purpose, list[One]] = {}
    for one in ones:
        by_purpose.setdefault(one.purpose, []).append(one)
    for purpose, some in by_purpose.items():
        states = Counter(one.state for one in some)
        reckoning.counts.append(
            (
                purpose.value,
                len(some),
                states[State.ACCEPTED],
                states[State.REFUSED],
                states[State.UNCERTAIN],
                sum(bool(one.takings) for one in some),
                sum(len(one.takings) > 1 for one in some),
            )
        )
    differences = reckoning.differences
    differences += field.wrongs
    differences += field.processes.raised()
    differences += [f"the relay took what nobody made: {one}" for one in strays]
    for one in ones:
        differences += [f"{sentence}: {one}" for sentence in _faults(field, one)]
    differences += _group_faults(ones)
    differences += _invitation_faults(field, by_purpose.get(Purpose.INVITATION, []))
    differences += _reminder_faults(field, by_purpose.get(Purpose.REMINDER, []))
    differences += _reply_faults(field, reckoning)
    differences += _list_faults(field, reckoning)
    letters = by_purpose.get(Purpose.LETTER, [])
    uncertain = [one for one in letters if one.state is State.UNCERTAIN]
    reckoning.lines.append(
        f"  letters cut between mark and settling: {len(uncertain)}, "
        f"of which the server had taken {sum(bool(one.takings) for one in uncertain)}"
    )
    return reckoning


def _collect(field: Field) -> tuple[list[One], list[Taking]]:
    takings: dict[tuple[str, str], list[Taking]] = {}
    for taking in field.relay.takings:
        takings.setdefault((taking.message_id, taking.recipient), []).append(taking)
    ways = passages.all_of(field.service.store)
    outcomes: dict[int, list[Outcome]] = {}
    with field.service.store.reading() as session:
        for delivery_id, outcome in session.execute(
            select(AttemptRow.delivery_id, AttemptRow.outcome).order_by(AttemptRow.id)
        ):
            outcomes.setdefault(delivery_id, []).append(Outcome(outcome))
        swept = Counter(
            session.scalars(select(JournalRow.subject).where(JournalRow.action == "recovered"))
        )
        rows = session.execute(
            select(DeliveryRow, MessageRow).join(
                MessageRow, MessageRow.id == DeliveryRow.message_id
            )
        ).all()
    ones = [
        One(
            row=row,
            message=message,
            outcomes=outcomes.get(row.id, []),
            ways=ways.get(row.id, []),
            takings=takings.pop((message.message_id, row.address), []),
            swept=swept[f"delivery:{row.id}"],
        )
        for row, message in rows
    ]
    return ones, [one for some in takings.values() for one in some]


def _faults(field: Field, one: One) -> Iterator[str]:
    """Give what is wrong with one delivery."""
    for was, now_is, _ in one.ways:
        if not is_allowed(State(was), State(now_is)):
            yield f"went from {was} to {now_is}"
    for sentence, is_so in _CLAIMS:
        if is_so(field, one):
            yield sentence
    if one.purpose is Purpose.LETTER:
        yield from _letter_faults(one)


def _was_refused(field: Field, one: One) -> bool:
    return any(one.message.token in sender for sender in field.relay.refused)


def _was_cut(field: Field, one: One) -> bool:
    """Say whether the relay, or anything else, may have cut this conversation."""
    cut = any(one.message.token in sender for sender, _ in field.relay.cut)
    return cut or bool(field.processes.kills or field.failures)


#: What must be true of no delivery: the sentence, and when it is.
_CLAIMS: tuple[tuple[str, Callable[[Field, One], bool]], ...] = (
    ("never came to rest", lambda _, one: one.state in passages.AT_WORK),
    ("lost", lambda _, one: one.state is State.ACCEPTED and not one.takings),
    (
        "accepted twice",  # a claim that was lost in the middle has its attempt on record too
        lambda _, one: one.outcomes.count(Outcome.ACCEPTED) > 1 + one.swept,
    ),
    (
        "accepted without an answer",
        lambda _, one: (one.state is State.ACCEPTED) != (Outcome.ACCEPTED in one.outcomes),
    ),
    (
        "refused by nobody",
        lambda field, one: one.state is State.REFUSED and not _was_refused(field, one),
    ),
    ("doubled with other bytes", lambda _, one: len({two.digest for two in one.takings}) > 1),
    (
        "doubled without a cut",
        lambda _, one: (
            len(one.takings)
            > one.swept + one.outcomes.count(Outcome.ACCEPTED) + one.outcomes.count(Outcome.LOST)
        ),
    ),
    (
        "lost inside DATA by nobody",
        lambda field, one: Outcome.LOST in one.outcomes and not _was_cut(field, one),
    ),
    (
        "swept from under a living worker",
        lambda field, one: one.swept > 0 and not (field.processes.kills or field.jumps),
    ),
    (
        "uncertain without being lost twice",
        lambda _, one: (
            one.state is State.UNCERTAIN
            and one.purpose is not Purpose.LETTER
            and one.outcomes.count(Outcome.LOST) < LOSSES_LIMIT
        ),
    ),
)


def _letter_faults(one: One) -> Iterator[str]:
    """Give what is wrong with a letter: cut between mark and settling is uncertain, no other."""
    ways = [(was, now_is) for was, now_is, _ in one.ways]
    if len(one.takings) > 1:
        yield "A LETTER WAS SENT TWICE"
    is_answered_late = (State.UNCERTAIN, State.ACCEPTED) in ways
    is_cut = (State.SENDING, State.UNCERTAIN) in ways and not is_answered_late
    if is_cut != (one.state is State.UNCERTAIN):
        yield "cut between its mark and its settling, and not uncertain; or the other way round"
    if one.takings and one.state not in (State.ACCEPTED, State.UNCERTAIN):
        yield "taken, and neither accepted nor uncertain"
    if Outcome.LOST in one.outcomes and one.state is not State.UNCERTAIN:
        yield "lost inside DATA, and not uncertain"


def _group_faults(ones: list[One]) -> Iterator[str]:
    """Hold that a killed process doubles at most the groups that its tasks had in flight."""
    doubled = Counter(
        owner
        for one in ones
        if len(one.takings) > 1 and one.outcomes.count(Outcome.LOST) < len(one.takings) - 1
        if one.swept
        for owner in one.holders
    )
    for owner, count in doubled.items():
        if count > GROUP_ROWS * THREADS:
            yield f"{owner} doubled {count} messages, more than its groups in flight"


def _invitation_faults(field: Field, ones: list[One]) -> Iterator[str]:
    """Everybody is invited, once."""
    invited = Counter(one.row.address for one in ones)
    for address in field.addresses:
        if invited[address] != 1:
            yield f"{address} was invited {invited[address]} times"


def _reminder_faults(field: Field, ones: list[One]) -> Iterator[str]:
    """Only the silent are reminded, and all of them whose invitation arrived, once each."""
    reminded = Counter(one.row.address for one in ones)
    silent = field.silent or frozenset()
    arrived = passages.made(field.service.store, Purpose.INVITATION, State.ACCEPTED)
    for address in field.addresses:
        if reminded[address] and address not in silent:
            yield f"{address} was reminded, and had answered"
        if reminded[address] > 1:
            yield f"{address} was reminded {reminded[address]} times"
        if address in silent & arrived and not reminded[address]:
            yield f"{address} was silent, and not reminded"


def _reply_faults(field: Field, reckoning: Reckoning) -> Iterator[str]:
    """Every answer is kept, decided once, and answered once."""
    said = sum(len(person.said) for person in field.people.persons.values())
    with field.service.store.reading() as session:
        states = Counter(session.scalars(select(ReplyRow.state)))
        kept = session.scalar(select(func.count(ReplyRow.digest.distinct()))) or 0
        decided = Counter(
            session.scalars(select(DecisionRow.reply_id).where(DecisionRow.replaced_at.is_(None)))
        )
        digests = Counter(
            session.scalars(
                select(ReplyRow.digest).where(
                    ReplyRow.state.in_((ReplyState.DECIDED, ReplyState.REVIEW))
                )
            )
        )
        late = session.scalar(
            select(func.count()).select_from(ReviewRow).where(ReviewRow.reason == "letter-closed")
        )
        strange = session.execute(
            select(ReviewRow.reason, func.count())
            .where(ReviewRow.reason != "letter-closed")
            .group_by(ReviewRow.reason)
        ).all()
        receipts = Counter(
            session.scalars(select(MessageRow.subject).where(MessageRow.purpose == Purpose.RECEIPT))
        )
    counts = ", ".join(f"{state} {count}" for state, count in sorted(states.items()))
    reckoning.lines.append(f"  replies: {said} said; {counts}")
    if kept != said:
        yield f"{said} answers were given, {kept} are kept"
    if len(decided) + (late or 0) != said or max(decided.values(), default=1) > 1:
        yield f"{said} answers, {len(decided)} decided, {late} too late"
    if max(digests.values(), default=1) > 1:
        yield f"{sum(count > 1 for count in digests.values())} answers were decided twice"
    if states[ReplyState.KEPT] or states[ReplyState.QUARANTINED]:
        yield f"replies were not read: {dict(states)}"
    if strange:
        yield f"reviews that nothing asks for: {dict(map(tuple, strange))}"
    if len(receipts) != len(decided) or max(receipts.values(), default=1) > 1:
        yield f"{len(decided)} replies decided, {sum(receipts.values())} receipts"


def _list_faults(field: Field, reckoning: Reckoning) -> Iterator[str]:
    """Hold that the list is what people said, in the mailbox's order, and the letter bears it."""
    with field.service.store.reading() as session:
        campaign = campaigns.get(session, plan.NAME)
        standings = {
            row.email: row.standing
            for row in session.execute(select(ProspectRow.email, ProspectRow.standing))
        }
        printed = arrange.printed_list(session, campaign)["organization"]
        frozen = freezes.current(session, campaign.id)
        sent = session.scalars(select(FreezeRow).where(FreezeRow.started_at.is_not(None))).all()
    signed = 0
    for address, person in field.people.persons.items():
        expected = person.standing_by(field.dates.cutoff)
        signed += expected is Standing.SIGNED
        if standings.get(address) != expected:
            yield f"{address} said {person.said}, and stands as {standings.get(address)}"
        is_printed = any(line.startswith(f"{plan.name(address)} /") for line in printed)
        if is_printed != (expected is Standing.SIGNED):
            yield f"{address} is {'' if is_printed else 'not '}printed, and {expected}"
    reckoning.lines.append(f"  printed {len(printed)}, signed {signed}")
    if len(printed) != signed:
        yield f"{len(printed)} names are printed, {signed} signed"
    if len(sent) > 1:
        yield f"{len(sent)} letters left"
    for one in sent:
        if frozen is None or one.id != frozen.id or one.manifest["list"]["organization"] != printed:
            yield "the letter left with another list"
