"""Handing mail to the servers: nothing lost, nothing twice."""

from dataclasses import replace

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from tests import servers
from tests.campaigns import IMOGEN, INGRID, NAME, RIK, Desk
from undersigned.domain.delivery import Purpose, State
from undersigned.errors import Refused
from undersigned.flows import deliver, dispatch, invite, recover, settle
from undersigned.service import Service
from undersigned.store import leases
from undersigned.store.leases import Claim
from undersigned.store.tables import AttemptRow, DeliveryRow, MessageRow, TroubleRow


def states(service: Service, purpose: Purpose) -> dict[str, State]:
    """Give each delivery's state by address."""
    with service.store.reading() as session:
        rows = session.scalars(select(DeliveryRow).where(DeliveryRow.purpose == purpose))
        return {row.address: State(row.state) for row in rows}


def test_it_goes_on_after_a_refused_recipient(desk: Desk) -> None:
    """One address that a server refuses never keeps the others from getting their mail."""
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
    """A message has one Message-ID and one set of bytes, minted once."""
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
    """A server that is down costs no message an attempt; status says what to do."""
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


def test_it_frees_what_a_killed_worker_had_claimed(desk: Desk) -> None:
    """A worker that is killed holding invitations loses none of them."""
    desk.invited()
    desk.write(
        "prospects.csv",
        (desk.folder / "prospects.csv").read_text()
        + "organization,Prairie Lamp Society,,Canada,del@prairielamp.example,en,Del\n",
    )
    desk.apply()
    deliver_later(desk)
    with desk.service.store.writing() as session:
        claimed = leases.claim(
            session,
            "default",
            purposes=deliver.BULK,
            owner="killed",
            now=desk.clock.now,
            lease=desk.service.settings.limits.lease,
            limit=10,
        )
    assert len(claimed) == 1

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
    """Two workers at once never hold the same delivery."""
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


@pytest.mark.parametrize("state", [State.CLAIMED, State.SENDING])
def test_it_never_sends_a_letter_again_after_its_mark(desk: Desk, state: State) -> None:
    """A letter cut after its mark is uncertain for good; one cut before it goes out."""
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


@pytest.mark.parametrize(("known", "letters"), [("arrived", 0), ("lost", 1)])
def test_it_lets_a_person_settle_what_is_uncertain(desk: Desk, known: str, letters: int) -> None:
    """A person who knows says so; only then, and only as lost, is a letter sent once more."""
    desk.invited().closed().armed().at_dispatch()
    dispatch.dispatch_due(desk.service)
    with desk.service.store.writing() as session:
        claim = claimed_letter(session, desk, owner="killed")
        assert leases.mark(session, claim, now=desk.clock.now)
    desk.clock.go(minutes=20)
    recover.recover(desk.service)
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
