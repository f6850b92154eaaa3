"""Handing mail to the servers: nothing lost, nothing twice."""

import threading
from collections.abc import Callable
from dataclasses import replace

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from tests import servers
from tests.campaigns import IMOGEN, INGRID, NAME, PROSPECTS, RIK, Desk
from undersigned.domain.delivery import Purpose, State
from undersigned.errors import Refused
from undersigned.flows import (
    deliver,
    dispatch,
    invite,
    outcomes,
    pause,
    recover,
    remind,
    settle,
)
from undersigned.service import Service
from undersigned.store import leases
from undersigned.store.leases import Claim
from undersigned.store.machine_tables import JournalRow, TroubleRow
from undersigned.store.tables import AttemptRow, DeliveryRow, MessageRow


def states(service: Service, purpose: Purpose) -> dict[str, State]:
    """Give each delivery's state by address."""
    with service.store.reading() as session:
        rows = session.scalars(select(DeliveryRow).where(DeliveryRow.purpose == purpose))
        return {row.address: State(row.state) for row in rows}


def test_it_goes_on_after_a_refused_recipient(desk: Desk) -> None:
    """One address that a server refuses never keeps the others from getting their mail.

    T11: mautic/mautic#7226; T38: bytedeck/bytedeck#2510.
    """
    desk.office._refuse[IMOGEN] = ["550 5.1.1 No such user"]  # noqa: SLF001 - the script of the test

    desk.invited()

    assert states(desk.service, Purpose.INVITATION) == {
        RIK: State.ACCEPTED,
        IMOGEN: State.REFUSED,
        INGRID: State.ACCEPTED,
    }


def test_it_tries_again_later_after_a_passing_refusal(desk: Desk) -> None:
    """Greylisting delays an invitation and does not lose it."""
    desk.office._refuse[RIK] = ["450 4.7.1 Greylisted"]  # noqa: SLF001 - the script of the test
    desk.invited()
    assert states(desk.service, Purpose.INVITATION)[RIK] is State.QUEUED

    desk.clock.go(seconds=30)
    assert desk.deliver() == 0

    desk.clock.go(seconds=31)
    assert desk.deliver() == 1
    assert states(desk.service, Purpose.INVITATION)[RIK] is State.ACCEPTED


def test_it_keeps_every_answer_of_the_server(desk: Desk) -> None:
    """Each attempt is on record with the server's own words."""
    desk.office._refuse[RIK] = ["450 4.7.1 Greylisted"]  # noqa: SLF001 - the script of the test
    desk.invited()
    desk.clock.go(minutes=2)
    desk.deliver()

    with desk.service.store.reading() as session:
        delivery = session.scalars(select(DeliveryRow).where(DeliveryRow.address == RIK)).one()
        attempts = session.scalars(
            select(AttemptRow).where(AttemptRow.delivery_id == delivery.id).order_by(AttemptRow.id)
        ).all()
    assert [(one.code, one.outcome) for one in attempts] == [(450, "later"), (250, "accepted")]
    assert "Greylisted" in attempts[0].answer


def test_it_sends_the_same_bytes_at_every_attempt(desk: Desk) -> None:
    """A message has one Message-ID and one set of bytes, minted once.

    T17: codefuturist/email-mcp#62, a fresh Message-ID at each attempt.
    """
    desk.office._refuse[RIK] = ["450 4.7.1 Greylisted"]  # noqa: SLF001 - the script of the test
    desk.invited()
    with desk.service.store.reading() as session:
        first = session.scalars(
            select(MessageRow.raw).join(DeliveryRow).where(DeliveryRow.address == RIK)
        ).one()
    desk.clock.go(minutes=2)

    desk.deliver()

    assert first is not None
    sent = desk.office.received(RIK)[0].raw
    assert sent.endswith(first) or first in sent


def test_it_rests_an_account_whose_server_is_away(desk: Desk) -> None:
    """A server that is down costs no message an attempt; status says what to do.

    T36: fossasia/eventyay-exhibition#108, attempts used up by "not yet".
    """
    account = desk.service.settings.accounts["default"]
    away = replace(account, smtp_port=servers.free_port())
    desk.service.settings = replace(desk.service.settings, accounts={"default": away})

    desk.invited()

    with desk.service.store.reading() as session:
        rows = session.scalars(select(DeliveryRow)).all()
        trouble = session.get(TroubleRow, "smtp:default")
    assert {(row.state, row.attempts) for row in rows} == {("queued", 0)}
    assert trouble is not None
    assert "nothing is lost" in trouble.sentence


def test_it_rests_an_account_that_has_sent_too_much(desk: Desk) -> None:
    """A provider's limit is met once and not two hundred times: each try would lock it for longer.

    T43: WPManageNinja/fluent-smtp#214.
    """
    parties = [f"organization,Party {one},,UK,office@party{one}.example,en," for one in range(40)]
    desk.write("prospects.csv", "\n".join([PROSPECTS.splitlines()[0], *parties, ""]))
    limit = "550 5.4.5 Daily user sending limit exceeded"
    for one in range(40):
        desk.office._refuse[f"office@party{one}.example"] = [limit]  # noqa: SLF001 - the script

    desk.invited()

    with desk.service.store.reading() as session:
        asked = session.scalar(select(func.count()).select_from(AttemptRow))
        trouble = session.get_one(TroubleRow, "smtp:default")
    assert asked is not None
    assert asked <= desk.service.account("default").smtp_connections
    assert set(states(desk.service, Purpose.INVITATION).values()) == {State.QUEUED}
    assert "lower smtp_per_minute" in trouble.sentence

    desk.office._refuse.clear()  # noqa: SLF001 - the script of the test
    desk.clock.go(minutes=2)
    desk.deliver()
    assert set(states(desk.service, Purpose.INVITATION).values()) == {State.ACCEPTED}


def test_it_sends_each_message_once_with_eight_workers(
    desk: Desk, open_one: Callable[[], Service]
) -> None:
    """However many workers there are, each message leaves once.

    T5: ui/django-post_office#326; T7: postalserver/postal#2222, up to 17 copies with 8 workers.
    """
    parties = [f"organization,Party {one},,UK,office@party{one}.example,en," for one in range(60)]
    desk.write("prospects.csv", "\n".join([PROSPECTS.splitlines()[0], *parties, ""]))
    desk.apply()
    invite.open_campaign(desk.service, NAME, by="Alice")
    desk.clock.go(days=1, hours=2)
    deliver_later(desk)
    workers = [open_one() for _ in range(8)]
    for worker in workers:
        limits = replace(worker.settings.limits, batch_rows=5)
        worker.settings = replace(worker.settings, limits=limits)

    threads = [threading.Thread(target=deliver.deliver, args=(one,)) for one in workers]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert len(desk.office.everything()) == 60
    assert {len(desk.office.received(f"office@party{one}.example")) for one in range(60)} == {1}


def test_it_holds_every_kind_of_mail_while_paused(desk: Desk) -> None:
    """One gate shuts every way out: invitations, receipts, reminders, questions and notices.

    T35: frappe/erpnext#27529, "suspend sending" ignored on one path.
    """
    desk.invited().answer(RIK, "YES")
    desk.answer(INGRID, "What exactly do you mean by principle?")
    desk.read()
    desk.clock.go(days=15)
    desk.read()
    assert remind.remind_due(desk.service)
    with desk.service.store.reading() as session:
        waiting = set(
            session.scalars(select(DeliveryRow.purpose).where(DeliveryRow.state == State.QUEUED))
        )
    assert {Purpose.RECEIPT, Purpose.REMINDER} <= waiting
    before = len(desk.office.everything())

    pause.pause(desk.service, NAME, by="Alice")

    assert desk.deliver() == 0
    assert len(desk.office.everything()) == before
    pause.resume(desk.service, NAME, by="Alice")
    assert desk.deliver() >= 2


def test_it_hands_each_address_of_a_mission_its_own_copy(desk: Desk) -> None:
    """A letter to two addresses is two deliveries of one recipient each, not two to both.

    T19: frappe/frappe#29197.
    """
    missions = (desk.folder / "missions.csv").read_text()
    both = missions.replace("ae@missions.example", "ae@missions.example;deputy@missions.example")
    assert both != missions
    desk.write("missions.csv", both)
    desk.invited().closed().armed().at_dispatch()
    dispatch.dispatch_due(desk.service)
    desk.deliver()

    for address in ("ae@missions.example", "deputy@missions.example"):
        assert len(desk.mail_to(address)) == 1
        assert "deputy@missions.example" in str(desk.mail_to(address)[0]["To"])


def test_it_frees_what_a_killed_worker_had_claimed(desk: Desk) -> None:
    """A worker that is killed holding invitations loses none of them.

    T26: pretix/pretix#5433, a task that gets lost; T32: pentacent/keila#165.
    """
    desk.invited()
    desk.add()
    deliver_later(desk)
    assert len(desk.claim("killed")) == 1

    desk.clock.go(minutes=14)
    assert recover.recover(desk.service) == 0
    desk.clock.go(minutes=2)
    assert recover.recover(desk.service) == 1
    desk.deliver()

    assert len(desk.mail_to("del@prairielamp.example")) == 1


def deliver_later(desk: Desk) -> None:
    """Put the invitations of new parties into the outbox without delivering them."""
    invite.invite(desk.service, "test-letter", by="Alice")


def test_it_lets_two_workers_claim_different_rows(desk: Desk) -> None:
    """Two workers at once never hold the same delivery.

    T6: fossasia/eventyay#3485, a lock released before the mail was sent.
    """
    desk.apply()
    invite.open_campaign(desk.service, "test-letter", by="Alice")
    desk.clock.go(days=1, hours=2)
    deliver_later(desk)
    claims = []
    for owner in ("one", "two"):
        with desk.service.store.writing() as session:
            claims.append(
                leases.claim(
                    session,
                    "default",
                    purposes=deliver.BULK,
                    owner=owner,
                    now=desk.clock.now,
                    lease=desk.service.settings.limits.lease,
                    limit=2,
                )
            )

    assert [len(one) for one in claims] == [2, 1]
    assert not {one.id for one in claims[0]} & {one.id for one in claims[1]}


def claimed_letter(session: Session, desk: Desk, *, owner: str) -> Claim:
    """Claim one letter, as a worker would."""
    return leases.claim(
        session,
        "default",
        purposes=frozenset({Purpose.LETTER}),
        owner=owner,
        now=desk.clock.now,
        lease=desk.service.settings.limits.lease,
        limit=1,
    )[0]


def cut_letter(desk: Desk) -> Claim:
    """Give the claim on a letter that was cut after its mark, and swept since."""
    desk.invited().closed().armed().at_dispatch()
    dispatch.dispatch_due(desk.service)
    with desk.service.store.writing() as session:
        claim = claimed_letter(session, desk, owner="killed")
        assert leases.mark(session, claim, now=desk.clock.now)
    desk.clock.go(minutes=20)
    recover.recover(desk.service)
    return claim


@pytest.mark.parametrize("state", [State.CLAIMED, State.SENDING])
def test_it_never_sends_a_letter_again_after_its_mark(desk: Desk, state: State) -> None:
    """A letter cut after its mark is uncertain for good; one cut before it goes out.

    T14: pimalaya/core#46; T15: knadh/listmonk#1109; T18: hexclave/hexclave#1356.
    """
    desk.invited().closed().armed().at_dispatch()
    dispatch.dispatch_due(desk.service)
    with desk.service.store.writing() as session:
        claim = claimed_letter(session, desk, owner="killed")
    if state is State.SENDING:
        with desk.service.store.writing() as session:
            assert leases.mark(session, claim, now=desk.clock.now)

    desk.clock.go(minutes=20)
    recover.recover(desk.service)
    desk.deliver()

    expected = State.UNCERTAIN if state is State.SENDING else State.ACCEPTED
    assert states(desk.service, Purpose.LETTER)[claim.address] is expected
    assert len(desk.office.received(claim.address)) == (state is State.CLAIMED)


def test_it_believes_an_answer_that_comes_after_the_sweeper(
    desk: Desk, open_one: Callable[[], Service]
) -> None:
    """A letter that was swept while its server took it is accepted when the server says so."""
    desk.invited().closed().armed().at_dispatch()
    dispatch.dispatch_due(desk.service)
    other, swept = open_one(), []

    def sleep(*_: object) -> None:
        if not swept:  # the machine wakes up, and another process looks first
            desk.clock.go(minutes=20)
            swept.append(recover.recover(other))

    desk.office.on_mail = sleep

    desk.deliver()

    assert swept == [1]
    assert set(states(desk.service, Purpose.LETTER).values()) == {State.ACCEPTED}
    with desk.service.store.reading() as session:
        of_deliveries = select(JournalRow.action).where(JournalRow.subject.startswith("delivery:"))
        assert session.scalars(of_deliveries.order_by(JournalRow.id)).all() == [
            "recovered",
            "accepted",
        ]


def test_it_leaves_what_is_uncertain_where_the_late_answer_is_no_yes(desk: Desk) -> None:
    """Only a yes settles it; whether it goes again is for a person to say."""
    claim = cut_letter(desk)

    late = outcomes.Answer(phase=outcomes.Phase.DATA, code=451, text="4.3.0 Not now")
    outcomes.settle(desk.service, "default", [(claim, late)])

    assert states(desk.service, Purpose.LETTER)[claim.address] is State.UNCERTAIN


@pytest.mark.parametrize(("known", "letters"), [("arrived", 0), ("lost", 1)])
def test_it_lets_a_person_settle_what_is_uncertain(desk: Desk, known: str, letters: int) -> None:
    """A person who knows says so; only then, and only as lost, is a letter sent once more."""
    claim = cut_letter(desk)
    desk.deliver()
    dispatch.dispatch_due(desk.service)
    code = claim.address[:2]
    with pytest.raises(Refused, match="how you know"):
        settle.settle(desk.service, NAME, code, known, reason=" ", by="Al")
    with pytest.raises(Refused, match="none of"):
        settle.settle(desk.service, NAME, code, "perhaps", reason="x", by="Al")

    assert settle.settle(desk.service, NAME, code, known, reason="telephone", by="Al") == 1
    desk.deliver()

    assert states(desk.service, Purpose.LETTER)[claim.address] is State.ACCEPTED
    assert len(desk.office.received(claim.address)) == letters
    with pytest.raises(Refused, match="is uncertain"):
        settle.settle(desk.service, NAME, code, known, reason="telephone", by="Al")


def test_it_does_not_mark_a_letter_whose_claim_was_lost(desk: Desk) -> None:
    """A worker that slept beyond its lease sends nothing: another may hold the letter."""
    desk.invited().closed().armed().at_dispatch()
    dispatch.dispatch_due(desk.service)
    with desk.service.store.writing() as session:
        claim = claimed_letter(session, desk, owner="slow")
    desk.clock.go(minutes=20)
    recover.recover(desk.service)
    desk.deliver()

    with desk.service.store.writing() as session:
        assert not leases.mark(session, claim, now=desk.clock.now)
    assert len(desk.office.received(claim.address)) == 1
