"""A signer who takes the name back: at every point on the letter's way."""

from collections.abc import Callable, Sequence
from email.message import EmailMessage

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import select

from tests.campaigns import IMOGEN, NAME, REPLY, RIK, Desk
from undersigned.domain.decision import Act, fold
from undersigned.domain.party import Standing
from undersigned.errors import Refused
from undersigned.flows import again, arrange, dispatch, replies, review
from undersigned.store import campaigns, decisions, freezes
from undersigned.store.tables import DecisionRow, FreezeRow, ProspectRow

ARCHIVE = "Open Archive Collective (OAC) / Netherlands"


def signed(desk: Desk) -> None:
    """Have the archive on the list."""
    desk.invited().answer(RIK, "YES")
    desk.read()
    desk.deliver()


def frozen(desk: Desk) -> None:
    """Freeze after the cut-off."""
    signed(desk)
    desk.closed().frozen()


def approved(desk: Desk) -> None:
    """Freeze and approve."""
    frozen(desk)
    with desk.service.store.reading() as session:
        row = freezes.current(session, campaigns.get(session, NAME).id)
        assert row is not None
        digest = row.digest
    dispatch.approve(desk.service, NAME, digest=digest, by="Bob")


def armed(desk: Desk) -> None:
    """Freeze, approve, arm."""
    approved(desk)
    dispatch.schedule(desk.service, NAME, by="Alice")


def begun(desk: Desk) -> None:
    """Begin the dispatch; all letters wait in the outbox."""
    armed(desk)
    desk.at_dispatch()
    assert dispatch.dispatch_due(desk.service) == 15


@pytest.mark.parametrize("point", [frozen, approved, armed, begun])
def test_until_the_first_letter_leaves_the_name_comes_out(
    desk: Desk, point: Callable[[Desk], None]
) -> None:
    """Freeze and approval are void, nothing leaves, and one step freezes it again without it."""
    text = (desk.folder / "campaign.toml").read_text("utf-8")
    desk.write("campaign.toml", f'{text}\n[approval]\npeople = ["chair@letters.example"]\n')
    point(desk)
    desk.clock.go(minutes=1)
    desk.answer(RIK, "WITHDRAW")
    desk.read()
    desk.deliver()

    assert not desk.is_frozen()
    assert not desk.office.received("fr@missions.example")
    for told in ("desk@letters.example", "chair@letters.example"):
        assert "void" in str(desk.mail_to(told)[-1].get_body(("plain",)))
    desk.frozen()
    with desk.service.store.reading() as session:
        rows = session.scalars(select(FreezeRow).order_by(FreezeRow.number)).all()
    assert [row.voided_at is None for row in rows] == [False, True]
    assert ARCHIVE not in rows[1].manifest["list"]["organization"]
    assert rows[1].approved_at is None


def test_after_it_the_name_is_off_our_list_and_the_letter_stays(desk: Desk) -> None:
    """What has left cannot be called back; the signer learns that, and the freeze stands."""
    begun(desk)
    desk.deliver()
    desk.clock.go(minutes=1)
    desk.answer(RIK, "WITHDRAW")
    desk.read()
    desk.deliver()

    assert desk.is_frozen()
    assert desk.printed()["organization"] == []
    receipt = " ".join(str(desk.mail_to(RIK)[-1].get_body(("plain",))).split())
    assert "24 June 2026" in receipt
    assert len(desk.office.received("fr@missions.example")) == 1


def test_between_two_letters_it_is_too_late_for_both(desk: Desk) -> None:
    """Once one mission may have the name, the others get the same letter."""
    desk.write(
        "campaign.toml",
        (desk.folder / "campaign.toml").read_text("utf-8") + "[dispatch]\nspacing_seconds = 60\n",
    )
    begun(desk)
    desk.deliver()
    desk.answer(RIK, "WITHDRAW")
    desk.read()
    desk.clock.go(minutes=20)
    desk.deliver()

    letters = [len(desk.office.received(f"{one}@missions.example")) for one in ("ae", "us")]
    assert letters == [1, 1]


def test_a_name_that_came_back_late_was_not_in_what_left(desk: Desk) -> None:
    """Who was never printed under the letter is not told that it left with the name."""
    begun(desk)
    desk.deliver()
    desk.clock.go(minutes=1)
    review.rule_on_party(
        desk.service,
        NAME,
        "Kestrel",
        review.Ruling(act=Act.SIGN, reason="by telephone", by="Alice"),
    )
    desk.clock.go(minutes=1)
    desk.answer(IMOGEN, "WITHDRAW")
    desk.read()
    desk.deliver()

    receipt = " ".join(str(desk.mail_to(IMOGEN)[-1].get_body(("plain",))).split())
    assert "24 June 2026, 09:00" not in receipt


@settings(
    max_examples=12,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(
    st.lists(
        st.tuples(
            st.sampled_from(["Open Archive", "Kestrel", "Ingrid"]),
            st.sampled_from([Act.SIGN, Act.AMEND, Act.DECLINE, Act.WITHDRAW]),
        ),
        max_size=8,
    )
)
def test_the_printed_list_is_the_fold_of_the_decisions(
    desk: Desk, words: list[tuple[str, Act]]
) -> None:
    """Whatever came in whatever order, exactly those print whose last word is a yes."""
    desk.apply()
    for party, act in words:
        desk.clock.go(minutes=1)
        _say(desk, party, act)

    with desk.service.store.reading() as session:
        campaign = campaigns.get(session, NAME)
        printed = arrange.printed_list(session, campaign)
        rows = session.scalars(
            select(ProspectRow).where(ProspectRow.campaign_id == campaign.id)
        ).all()
        expected = sorted(
            listing.line
            for row in rows
            if (position := fold(decisions.of(session, row.id))).standing is Standing.SIGNED
            for listing in position.listings
        )
        last = _last_words(session.scalars(select(DecisionRow).order_by(DecisionRow.id)).all())
    assert sorted(line for group in printed.values() for line in group) == expected
    assert len(expected) == sum(act in (Act.SIGN, Act.AMEND) for act in last.values())


def _last_words(rows: Sequence[DecisionRow]) -> dict[int, Act]:
    return {row.prospect_id: Act(row.act) for row in rows}


def _say(desk: Desk, party: str, act: Act) -> None:
    ruling = review.Ruling(act=act, reason="a word", by="Alice")
    try:
        review.rule_on_party(desk.service, NAME, party, ruling)
    except Refused:  # amend or withdraw of a party that is not on the list
        assert act in (Act.AMEND, Act.WITHDRAW)


def test_a_stranger_s_no_stops_the_start_until_somebody_looked(desk: Desk) -> None:
    """Somebody unknown who asks to be taken off may be a signer: the letter waits for a person."""
    armed(desk)
    desk.clock.go(minutes=1)
    stranger = "someone@elsewhere.example"
    message = EmailMessage()
    message["From"], message["To"] = stranger, REPLY
    message["Subject"], message["Message-ID"] = "Please remove us", "<1@elsewhere.example>"
    message.set_content("Please take our name off the letter. We withdraw our signature.\n")
    desk.send(message.as_bytes(), sender=stranger, to=REPLY)
    desk.read()
    desk.at_dispatch()

    assert dispatch.dispatch_due(desk.service) == 0
    waiting = replies.reviews(desk.service, NAME)
    ruling = review.Ruling(act=None, reason="nobody of ours", by="Alice")
    review.rule_on_review(desk.service, waiting[0].id, ruling)
    assert dispatch.dispatch_due(desk.service) == 15


def test_one_step_freezes_and_approves_it_again(desk: Desk) -> None:
    """After a withdrawal the letter without the name is a step away, for who may approve."""
    frozen(desk)
    with pytest.raises(Refused, match="No earlier letter was approved"):
        again.freeze_and_approve(desk.service, NAME, by="Alice")
    with desk.service.store.reading() as session:
        row = freezes.current(session, campaigns.get(session, NAME).id)
        assert row is not None
    dispatch.approve(desk.service, NAME, digest=row.digest, by="Bob")
    desk.clock.go(minutes=1)
    desk.answer(RIK, "WITHDRAW")
    desk.read()

    made = again.freeze_and_approve(desk.service, NAME, by="Bob")

    with desk.service.store.reading() as session:
        row = freezes.current(session, campaigns.get(session, NAME).id)
        assert row is not None
        assert (row.digest, row.approved_by) == (made.digest, "Bob")
        assert row.manifest["list"]["organization"] == []


def test_a_second_person_is_not_stepped_over(desk: Desk) -> None:
    """Where two people are asked for, one step of one person is refused."""
    approved(desk)
    text = (desk.folder / "campaign.toml").read_text("utf-8")
    desk.write("campaign.toml", f"{text}[approval]\nsecond_person = true\n")
    desk.apply()

    with pytest.raises(Refused, match="second person"):
        again.freeze_and_approve(desk.service, NAME, by="Bob")
