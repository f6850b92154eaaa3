"""A database that is away for a moment: nothing lost, nothing twice, nothing left lying."""

import threading
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import select

from tests import servers
from tests.campaigns import IMOGEN, INGRID, NAME, RIK, Desk
from tests.outage import Outage
from undersigned.domain.delivery import Purpose, State
from undersigned.errors import TemporaryFailure
from undersigned.flows import (
    deliver,
    dispatch,
    invite,
    lines,
    listen,
    outcomes,
    pause,
    read,
    receive,
    recover,
)
from undersigned.service import Service
from undersigned.store.machine_tables import MailboxRow
from undersigned.store.tables import AttemptRow, DeliveryRow, ReplyRow


def rows(service: Service, purpose: Purpose) -> list[DeliveryRow]:
    """Give the deliveries of a purpose."""
    with service.store.reading() as session:
        return list(session.scalars(select(DeliveryRow).where(DeliveryRow.purpose == purpose)))


def at_its_minute(desk: Desk) -> Desk:
    """Put the letters into the outbox."""
    desk.invited().closed().armed().at_dispatch()
    dispatch.dispatch_due(desk.service)
    return desk


@pytest.mark.parametrize("purpose", [Purpose.INVITATION, Purpose.LETTER])
def test_it_puts_rows_back_when_the_database_fails_before_they_leave(
    desk: Desk, purpose: Purpose
) -> None:
    """A database that is away between claim and send delays mail by seconds, not by a lease."""
    (Desk.queued if purpose is Purpose.INVITATION else at_its_minute)(desk)
    outage = Outage(desk.service)
    outage.after_commits(1 if purpose is Purpose.LETTER else 2)

    with outage.ending_soon(), pytest.raises(TemporaryFailure, match="does not answer"):
        desk.deliver()

    assert {(row.state, row.owner) for row in rows(desk.service, purpose)} == {("queued", None)}
    desk.deliver()
    for row in rows(desk.service, purpose):
        assert row.state == State.ACCEPTED
        assert len(desk.office.received(row.address)) == 1


@pytest.mark.parametrize("purpose", [Purpose.INVITATION, Purpose.LETTER])
def test_it_keeps_an_answer_until_the_database_takes_it(desk: Desk, purpose: Purpose) -> None:
    """What a server has taken is written down, though the database restarts at that moment."""
    (Desk.queued if purpose is Purpose.INVITATION else at_its_minute)(desk)
    outage = Outage(desk.service)
    desk.office.on_mail = lambda *_: outage.begin()

    with outage.ending_soon():
        desk.deliver()
    desk.deliver()

    delivered = rows(desk.service, purpose)
    assert {row.state for row in delivered} == {State.ACCEPTED}
    assert [len(desk.office.received(row.address)) for row in delivered] == [1] * len(delivered)


def test_it_gives_an_answer_up_after_one_lease(desk: Desk) -> None:
    """A worker does not wait for ever for a database that is gone: the sweepers decide then."""
    desk.queued()
    service = desk.service
    short = replace(service.settings.limits, lease=timedelta(seconds=0.2))
    service.settings = replace(service.settings, limits=short)
    outage = Outage(service)
    desk.office.on_mail = lambda *_: outage.begin()

    try:
        with pytest.raises(TemporaryFailure):
            desk.deliver()
    finally:
        outage.end()

    desk.clock.go(minutes=1)
    assert {row.state for row in rows(service, Purpose.INVITATION)} == {State.CLAIMED}


def test_it_writes_an_attempt_once(desk: Desk) -> None:
    """An answer that is written a second time, since the first was not confirmed, counts once."""
    desk.queued()
    claims = deliver._claim(desk.service, "default", deliver.BULK, 1)  # noqa: SLF001 - one step
    answer = outcomes.Answer(phase=outcomes.Phase.RCPT, code=550, text="5.1.1 No such user")

    outcomes.settle(desk.service, "default", [(claims[0], answer)])
    outcomes.settle(desk.service, "default", [(claims[0], answer)])

    with desk.service.store.reading() as session:
        attempts = session.scalars(select(AttemptRow)).all()
        delivery = session.get_one(DeliveryRow, claims[0].id)
    assert [one.outcome for one in attempts] == ["refused"]
    assert (delivery.state, delivery.attempts) == (State.REFUSED, 1)


def test_it_tries_once_more_what_was_lost_once(desk: Desk) -> None:
    """A refusal that passes is no loss: mail lost inside DATA after it may still leave again."""
    desk.queued()
    body, rcpt = outcomes.Phase.BODY, outcomes.Phase.RCPT
    greylisted = outcomes.Answer(phase=rcpt, code=450, text="4.7.1 Greylisted")
    cut = outcomes.Answer(phase=body, text="Connection lost")

    states = []
    for answer in (greylisted, cut, greylisted, cut):
        claims = deliver._claim(desk.service, "default", deliver.BULK, 1)  # noqa: SLF001 - one step
        outcomes.settle(desk.service, "default", [(claims[0], answer)])
        with desk.service.store.writing() as session:
            row = session.get_one(DeliveryRow, claims[0].id)
            states.append(row.state)
            row.due_at = row.created_at  # first in the queue again

    assert states == [State.QUEUED, State.QUEUED, State.QUEUED, State.UNCERTAIN]


def test_it_writes_the_answers_that_a_put_back_database_knows(desk: Desk) -> None:
    """An older state that lacks one row of a group loses no answer of the others."""
    desk.queued()
    claims = deliver._claim(desk.service, "default", deliver.BULK, 2)  # noqa: SLF001 - one step
    taken = outcomes.Answer(phase=outcomes.Phase.BODY, code=250, text="2.0.0 OK")
    unknown = replace(claims[0], id=9999)

    outcomes.settle(desk.service, "default", [(unknown, taken), (claims[1], taken)])

    with desk.service.store.reading() as session:
        assert session.get_one(DeliveryRow, claims[1].id).state == State.ACCEPTED
        assert len(session.scalars(select(AttemptRow)).all()) == 1


def test_it_stops_in_mid_batch_when_the_campaign_is_paused(desk: Desk) -> None:
    """Pause holds what a worker has claimed already, and resume lets it leave.

    T8: knadh/listmonk#2070, resume that began at the beginning.
    """
    desk.queued()
    service = desk.service
    claims = deliver._claim(service, "default", deliver.BULK, 3)  # noqa: SLF001 - one step
    ready = deliver.prepare.ready(service, claims).ready
    batch = deliver.Batch(service, lines.Lines(service, "default"), ready)
    pause.pause(service, NAME, by="Alice")
    answer = outcomes.Answer(phase=outcomes.Phase.BODY, code=250, text="OK")
    news = outcomes.settle(service, "default", [(claims[0], answer)], still=claims[1:])
    batch.left.pop()  # the one that left

    batch.heed(news)
    batch.end()

    states = sorted(row.state for row in rows(service, Purpose.INVITATION))
    assert states == [State.ACCEPTED, State.QUEUED, State.QUEUED]
    pause.resume(service, NAME, by="Alice")
    assert desk.deliver() == 2
    assert {len(desk.office.received(one)) for one in (RIK, IMOGEN, INGRID)} <= {0, 1}


def test_it_sends_no_more_of_a_batch_that_others_took_over(
    desk: Desk, open_one: Callable[[], Service]
) -> None:
    """A machine that slept over its lease, or whose clock jumped, doubles no whole batch.

    T21: alphagov/notifications-api#747, #3125.
    """
    desk.queued()
    service, other = desk.service, open_one()
    claims = deliver._claim(service, "default", deliver.BULK, 3)  # noqa: SLF001 - one step
    ready = deliver.prepare.ready(service, claims).ready
    batch = deliver.Batch(service, lines.Lines(service, "default"), ready)
    desk.clock.go(days=1)
    assert recover.recover(other) == 3
    assert deliver.deliver(other) == 3
    desk.clock.go(days=-1)
    answer = outcomes.Answer(phase=outcomes.Phase.BODY, code=250, text="OK")
    batch.left.pop()  # the one that left before anybody knew

    batch.heed(outcomes.settle(service, "default", [(claims[0], answer)], still=claims[1:]))

    assert batch.left == []
    batch.end()
    assert {row.state for row in rows(service, Purpose.INVITATION)} == {State.ACCEPTED}
    assert {len(desk.office.received(one)) for one in (RIK, IMOGEN, INGRID)} == {1}


@pytest.mark.parametrize("who", ["deliver", "read"])
def test_it_waits_for_no_lease_of_a_clock_that_was_put_right(
    desk: Desk, open_one: Callable[[], Service], who: str
) -> None:
    """What a process held that was killed with its clock a day ahead is free in minutes."""
    desk.queued()
    killed, lease = open_one(), desk.service.settings.limits.lease
    desk.deliver()
    desk.answer(RIK, "YES")
    receive.receive(desk.service)
    desk.apply()
    desk.clock.go(days=1)
    if who == "deliver":
        invite_another(desk)
        lines.Lines(killed, "default").__enter__()
        assert deliver._claim(killed, "default", deliver.BULK, 9)  # noqa: SLF001 - one step
    else:
        assert read._claim(killed, "default")  # noqa: SLF001 - one step
    desk.clock.go(days=-1)

    desk.clock.now += lease
    recover.recover(desk.service)
    read.read_kept(desk.service)

    with desk.service.store.reading() as session:
        kept = session.scalars(select(ReplyRow.state)).all()
        claimed = session.scalars(select(DeliveryRow.id).where(DeliveryRow.state == State.CLAIMED))
        assert list(claimed) == []
    assert kept == ["decided"]
    assert desk.deliver() >= 1


def invite_another(desk: Desk) -> None:
    """Invite one more party."""
    desk.add()
    invite.invite(desk.service, NAME, by="Alice")


def test_it_fetches_again_when_the_database_was_away(desk: Desk) -> None:
    """A poll that the database could not keep moves no watermark and loses no reply."""
    desk.invited()
    desk.answer(RIK, "Yes, please add our name.")
    outage = Outage(desk.service)
    outage.begin()

    try:
        with pytest.raises(TemporaryFailure):
            receive.receive(desk.service)
    finally:
        outage.end()

    with desk.service.store.reading() as session:
        assert session.get(MailboxRow, "default") is None
    assert desk.read() == 1


def test_it_puts_replies_back_that_it_could_not_read(desk: Desk) -> None:
    """A reply whose reading was cut by the database is read at the next tick, not after a lease."""
    desk.invited()
    for address in (RIK, IMOGEN, INGRID):
        desk.answer(address, "Yes, please add our name.")
    receive.receive(desk.service)
    outage = Outage(desk.service)
    outage.after_commits(1)

    with outage.ending_soon(), pytest.raises(TemporaryFailure, match="does not answer"):
        read.read_kept(desk.service)

    assert read.read_kept(desk.service) == 3
    assert len(desk.printed()["organization"]) == 2


def test_it_goes_on_listening_after_the_database_was_away(
    desk: Desk, caplog: pytest.LogCaptureFixture
) -> None:
    """A listener outlives a restart of the database."""
    desk.invited()
    outage = Outage(desk.service)
    listener = threading.Thread(target=listen.listen, args=(desk.service, "default"))
    outage.begin()
    try:
        listener.start()
        servers.wait_until(lambda: "the listener waits" in caplog.text, "the listener's failure")
    finally:
        outage.end()

    assert listener.is_alive()
    desk.service.stop()
    listener.join(30)
    assert not listener.is_alive()
