"""How many connections an account may have, whoever opens them."""

import threading
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta

import pytest
from sqlalchemy import select, update

from tests import servers
from tests.campaigns import NAME, PROSPECTS, RIK, Desk
from tests.turnstile import Turnstile
from undersigned.flows import deliver, dispatch, invite, listen
from undersigned.flows.lines import Lines
from undersigned.service import Service
from undersigned.store import slots
from undersigned.store.machine_tables import SlotRow

PARTIES = 60


def opened(desk: Desk) -> None:
    """Put many invitations into the outbox, due now."""
    parties = [
        f"organization,Party {number},,UK,office@party{number}.example,en,"
        for number in range(PARTIES)
    ]
    desk.write("prospects.csv", "\n".join([PROSPECTS.splitlines()[0], *parties]))
    desk.apply()
    invite.open_campaign(desk.service, NAME, by="Alice")
    desk.clock.go(days=1, hours=2)
    invite.invite(desk.service, NAME, by="Alice")


def through(service: Service, turnstile: Turnstile, connections: int) -> Service:
    """Give the service with an account behind the turnstile that allows so many connections."""
    account = replace(
        service.settings.accounts["default"],
        smtp_port=turnstile.port,
        smtp_connections=connections,
    )
    limits = replace(service.settings.limits, batch_rows=10)
    service.settings = replace(service.settings, accounts={"default": account}, limits=limits)
    return service


@pytest.mark.parametrize("connections", [1, 2, 3])
def test_it_keeps_four_workers_to_the_connections_of_an_account(
    desk: Desk, open_one: Callable[[], Service], connections: int
) -> None:
    """Two connections mean two, not three, for invitations and letters, of all workers together."""
    opened(desk)
    smtp, _ = desk.office.accounts()
    with Turnstile(smtp.port) as turnstile:
        workers = [through(open_one(), turnstile, connections) for _ in range(4)]

        deliver_at_once(workers)
        desk.closed().armed().at_dispatch()
        dispatch.dispatch_due(desk.service)
        deliver_at_once(workers)

        assert turnstile.most == connections
    assert len(desk.office.everything()) >= PARTIES + 15
    assert len({one.recipient for one in desk.office.everything()}) >= PARTIES + 15


def deliver_at_once(workers: list[Service]) -> None:
    """Let all workers deliver until nothing is left."""
    threads = [threading.Thread(target=deliver.deliver, args=(one,)) for one in workers]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


def test_it_takes_over_the_connections_of_a_killed_worker(
    service: Service, open_one: Callable[[], Service], desk: Desk
) -> None:
    """A worker that was killed blocks its connections for a minute, and not longer."""
    with Lines(service, "default") as killed:
        killed.widen()
        killed.widen()
        assert killed.count == 4
        assert killed._beating is not None  # noqa: SLF001 - what a kill ends
        killed._beating.cancel()  # noqa: SLF001 - as above
        with Lines(open_one(), "default") as other:
            assert other.count == 0

        desk.clock.go(minutes=2)

        with Lines(open_one(), "default") as other:
            assert other.count == 2


def test_it_keeps_its_connections_while_a_server_is_slow(service: Service, desk: Desk) -> None:
    """Whoever sends keeps its slots by a heartbeat, and notices when others took them."""
    limits = replace(service.settings.limits, lease=timedelta(seconds=0.15))
    service.settings = replace(service.settings, limits=limits)
    with Lines(service, "default") as lines:
        assert lines.count == 2
        desk.clock.go(hours=1)
        servers.wait_until(lambda: leases_of(service) == {desk.clock.now + limits.lease}, "a beat")
        assert lines.keep()

        with service.store.writing() as session:
            session.execute(update(SlotRow).values(owner="another"))
        servers.wait_until(lambda: not lines.keep(), "the loss")


def leases_of(service: Service) -> set[datetime | None]:
    """Give until when the held slots are leased."""
    with service.store.reading() as session:
        held = select(SlotRow.lease_until).where(SlotRow.owner.is_not(None))
        return set(session.scalars(held))


def test_it_leaves_half_of_the_connections_to_the_next_worker(
    service: Service, open_one: Callable[[], Service]
) -> None:
    """Two workers share an account's connections; one alone comes to all of them."""
    with Lines(service, "default") as first, Lines(open_one(), "default") as second:
        assert (first.count, second.count) == (2, 1)
        first.widen()
        assert first.count == 3
        first.widen()
        assert first.count == 3

    with Lines(service, "default") as alone:
        alone.widen()
        alone.widen()
        assert alone.count == 4


def test_it_lets_one_listener_listen_and_another_take_over(
    desk: Desk, open_one: Callable[[], Service]
) -> None:
    """One connection waits for mail however many listeners run; the next one takes over."""
    _, imap = desk.office.accounts()
    with Turnstile(imap.port) as turnstile:
        listeners = [listening(open_one(), turnstile) for _ in range(2)]
        first = threading.Thread(target=listen.listen, args=(listeners[0], "default"))
        first.start()
        servers.wait_until(lambda: turnstile.open == 1, "the first listener")

        with desk.service.store.writing() as session:
            taken = slots.take(
                session,
                "listener:default",
                limit=1,
                owner="x",
                clock=desk.clock,
                lease=listen.LISTENER_LEASE,
            )
        assert taken == 0
        listeners[0].stop()
        first.join()
        second = threading.Thread(target=listen.listen, args=(listeners[1], "default"))
        second.start()
        servers.wait_until(lambda: turnstile.passed == 2, "the second listener")

        listeners[1].stop()
        second.join()
        assert turnstile.most == 1


def listening(service: Service, turnstile: Turnstile) -> Service:
    """Give the service with a mailbox behind the turnstile."""
    account = replace(service.settings.accounts["default"], imap_port=turnstile.port)
    service.settings = replace(service.settings, accounts={"default": account})
    return service


def test_it_renews_the_connection_of_a_listener(desk: Desk) -> None:
    """An idle connection is opened anew in good time, and mail that came meanwhile is found.

    T61: mjs/imapclient#349, IDLE that hangs after hours.
    """
    desk.invited()
    _, imap = desk.office.accounts()
    with Turnstile(imap.port) as turnstile:
        service = listening(desk.service, turnstile)
        listener = threading.Thread(
            target=listen.listen,
            args=(service, "default"),
            kwargs={"renew": timedelta(seconds=0.2)},
        )
        listener.start()
        servers.wait_until(lambda: turnstile.passed >= 4, "two connections and their polls")
        service.stop()
        listener.join()
    desk.answer(RIK, "Yes")
