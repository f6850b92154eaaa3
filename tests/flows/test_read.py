"""From a reply to a decision, a review, or a note that a machine wrote."""

import email.policy
import threading
from collections.abc import Callable
from email.message import EmailMessage

import pytest
from sqlalchemy import event, select

from tests.campaigns import IMOGEN, INGRID, LETTER, NAME, REPLY, RIK, Desk
from undersigned import marks
from undersigned.domain.decision import Act
from undersigned.domain.listing import Kind, Listing
from undersigned.domain.party import Standing
from undersigned.domain.verdict import Verdict
from undersigned.errors import Refused
from undersigned.flows import ask, dispatch, read, receive, remind, replies, review
from undersigned.flows.sitting import Basis
from undersigned.flows.unfold import Unfolded
from undersigned.rehearsal.machines import REPORTS
from undersigned.rehearsal.received import read as take
from undersigned.service import Service
from undersigned.store.tables import DecisionRow, MessageRow, ProspectRow, ReplyRow, ReviewRow

OAC = "Open Archive Collective (OAC) / Netherlands"


def standing(desk: Desk, address: str) -> Standing:
    """Give where a party stands."""
    with desk.service.store.reading() as session:
        found = session.scalars(
            select(ProspectRow.standing).where(ProspectRow.email == address)
        ).one()
        return Standing(found)


def states(desk: Desk) -> list[tuple[str, str | None]]:
    """Give the state and reason of every reply, in order."""
    with desk.service.store.reading() as session:
        rows = session.scalars(select(ReplyRow).order_by(ReplyRow.id)).all()
        return [(row.state, row.reason) for row in rows]


def receipts(desk: Desk, address: str) -> list[str]:
    """Give the texts of the receipts that an address got."""
    return [
        body.get_content()
        for mail in desk.mail_to(address)
        if mail["Auto-Submitted"] == "auto-replied"
        and (body := mail.get_body(("plain",))) is not None
    ]


def test_it_lists_a_plain_yes_and_says_so(desk: Desk) -> None:
    """A yes is on the list at once, and the signer is told how it will be printed."""
    desk.invited().answer(RIK, "YES")
    desk.read()
    desk.deliver()

    assert desk.printed()["organization"] == [OAC]
    assert len(receipts(desk, RIK)) == 1
    assert OAC in receipts(desk, RIK)[0]
    assert "WITHDRAW" in receipts(desk, RIK)[0]


def test_it_answers_a_reply_once(desk: Desk) -> None:
    """However often the tasks run, one reply gets one receipt."""
    desk.invited().answer(RIK, "YES")
    for _ in range(3):
        desk.read()
        desk.deliver()

    assert len(receipts(desk, RIK)) == 1


def test_it_threads_the_receipt_under_the_reply(desk: Desk) -> None:
    """The receipt stands under the answer in any mail program, and names it as a machine's."""
    desk.invited()
    raw = desk.answer(RIK, "YES")
    desk.read()
    desk.deliver()

    receipt = desk.mail_to(RIK)[-1]
    assert receipt["In-Reply-To"].encode() in raw
    assert receipt["Auto-Submitted"] == "auto-replied"


def test_it_takes_a_no_a_yes_and_a_withdrawal_in_turn(desk: Desk) -> None:
    """The last word of a party holds."""
    desk.invited()
    for words, expected in (
        ("NO", Standing.DECLINED),
        ("YES", Standing.SIGNED),
        ("WITHDRAW", Standing.WITHDRAWN),
    ):
        desk.clock.go(hours=1)
        desk.answer(RIK, words)
        desk.read()
        desk.deliver()
        assert standing(desk, RIK) is expected
    assert desk.printed()["organization"] == []


def test_it_holds_the_order_of_the_mailbox_not_of_reading(desk: Desk) -> None:
    """Two answers read together count in the order in which they came."""
    desk.invited()
    desk.answer(RIK, "YES")
    desk.clock.go(minutes=1)
    desk.answer(RIK, "WITHDRAW")
    desk.read()

    assert standing(desk, RIK) is Standing.WITHDRAWN


def test_it_reads_nothing_behind_what_another_reader_holds(
    desk: Desk, open_one: Callable[[], Service], monkeypatch: pytest.MonkeyPatch
) -> None:
    """A no and then a yes are never read the other way round, however many workers read."""
    desk.invited()
    desk.answer(RIK, "NO")
    desk.answer(RIK, "YES")
    receive.receive(desk.service)
    other = open_one()
    monkeypatch.setattr(read, "BATCH", 1)
    read_meanwhile: list[int] = []

    def meanwhile(mark: str) -> None:
        if mark == "read.claimed" and not read_meanwhile:
            read_meanwhile.append(-1)
            read_meanwhile.append(read.read_kept(other))

    monkeypatch.setattr(marks, "passed", meanwhile)
    assert read.read_kept(desk.service) == 2

    assert read_meanwhile == [-1, 0]
    assert [state for state, _ in states(desk)] == ["decided", "decided"]
    assert standing(desk, RIK) is Standing.SIGNED


def test_it_keeps_what_came_later_behind_what_could_not_be_read(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A reply that waits for its next attempt is not overtaken; quarantined, it holds up nobody."""
    desk.invited()
    desk.answer(RIK, "NO")
    desk.answer(RIK, "YES")
    whole = read.reading.parse
    limit = desk.service.settings.limits.read_attempts

    def fail(raw: bytes) -> object:
        if b"\r\n\r\nNO" in raw:
            raise RuntimeError("broken")
        return whole(raw)

    monkeypatch.setattr(read.reading, "parse", fail)
    desk.read()
    assert [state for state, _ in states(desk)] == ["kept", "kept"]

    for _ in range(limit):
        desk.clock.go(minutes=1)
        desk.read()
    assert [state for state, _ in states(desk)] == ["quarantined", "decided"]


def test_it_decides_what_came_before_a_broken_reply(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A message that cannot be read takes nothing back that was read with it."""
    desk.invited()
    desk.answer(RIK, "YES")
    desk.answer(IMOGEN, "Yes, please add us.")
    desk.answer(INGRID, "broken")
    whole = read.weigh.verdict

    def fail(service: Service, one: Unfolded, basis: Basis, sent: bytes | None) -> Verdict:
        if one.incoming.sender == INGRID:
            raise RuntimeError("broken")
        return whole(service, one, basis, sent)

    monkeypatch.setattr(read.weigh, "verdict", fail)
    desk.read()
    desk.deliver()

    assert [state for state, _ in states(desk)] == ["decided", "decided", "kept"]
    assert len(receipts(desk, RIK)) == len(receipts(desk, IMOGEN)) == 1


def test_it_asks_the_database_as_often_for_two_answers_as_for_one(desk: Desk) -> None:
    """Answers that arrive together are settled together: a flood of them is no slower each."""
    asked: list[str] = []
    event.listen(
        desk.service.store.engine,
        "before_cursor_execute",
        lambda *words: asked.extend([words[2]] * (words[2][:6] in ("BEGIN ", "SELECT"))),
    )
    desk.invited()
    desk.answer(RIK, "YES")
    receive.receive(desk.service)
    asked.clear()
    read.read_kept(desk.service)
    for_one = len(asked)
    desk.answer(IMOGEN, "YES")
    desk.answer(INGRID, "YES")
    receive.receive(desk.service)
    asked.clear()

    assert read.read_kept(desk.service) == 2

    assert len(asked) == for_one
    assert standing(desk, IMOGEN) is standing(desk, INGRID) is Standing.SIGNED


def test_it_lets_go_of_a_reply_that_a_put_back_database_does_not_know(desk: Desk) -> None:
    """An older copy came back while a reply was in hand: nothing fails, the mailbox has it."""
    desk.invited()

    assert not read.read(desk.service, 12345)


def test_it_leaves_a_stranger_to_a_person(desk: Desk) -> None:
    """Nobody is listed because somebody else says so."""
    desk.invited().answer(RIK, "YES", sender="otto@somewhere-else.example")
    desk.read()
    desk.deliver()

    assert standing(desk, RIK) is Standing.INVITED
    assert states(desk)[0][0] == "review"
    assert receipts(desk, "otto@somewhere-else.example") == []


def test_it_takes_the_word_of_a_colleague_and_tells_the_invited_address(desk: Desk) -> None:
    """A colleague may answer for an organization; the invited address learns of it."""
    desk.invited().answer(IMOGEN, "YES", sender="desk@kestrelrights.example")
    desk.read()
    desk.deliver()

    assert standing(desk, IMOGEN) is Standing.SIGNED
    assert len(receipts(desk, "desk@kestrelrights.example")) == 1
    assert len(receipts(desk, IMOGEN)) == 1


def test_it_leaves_a_condition_to_a_person(desk: Desk) -> None:
    """A yes with a condition is no yes."""
    desk.invited().answer(RIK, "We would sign if you took out the second paragraph.")
    desk.read()

    assert standing(desk, RIK) is Standing.INVITED
    assert states(desk)[0][0] == "review"


def test_it_does_not_act_on_its_own_words_in_the_quote(desk: Desk) -> None:
    """A reply with nothing of its own decides nothing, whatever our mail says."""
    desk.invited().answer(RIK, "")
    desk.read()

    assert standing(desk, RIK) is Standing.INVITED
    assert states(desk)[0][0] == "review"


def test_it_never_answers_a_machine(desk: Desk) -> None:
    """An out-of-office reply gets no receipt and says nothing."""
    desk.invited().answer(
        RIK,
        "I am out of the office until Monday.",
        subject="Automatic reply: Invitation",
        headers={"Auto-Submitted": "auto-replied"},
    )
    desk.read()
    desk.deliver()

    assert states(desk)[0][0] == "automatic"
    assert receipts(desk, RIK) == []
    assert standing(desk, RIK) is Standing.INVITED


def test_it_matches_by_thread_where_the_token_is_lost(desk: Desk) -> None:
    """People reply to From; the thread still tells whose answer it is."""
    desk.invited().answer(RIK, "YES", to=REPLY)
    desk.read()

    assert standing(desk, RIK) is Standing.SIGNED


def fresh(sender: str, text: str) -> bytes:
    """Give a mail that answers none of ours."""
    message = EmailMessage(policy=email.policy.SMTP)
    message["From"] = sender
    message["To"] = REPLY
    message["Subject"] = "The letter"
    message["Message-ID"] = f"<{len(text)}@{sender.partition('@')[2]}>"
    message.set_content(text)
    return message.as_bytes()


def test_it_matches_by_sender_where_all_else_is_lost(desk: Desk) -> None:
    """A fresh mail from an invited address belongs to its party, and agrees to the oldest text."""
    desk.invited().send(fresh(RIK, "YES"), sender=RIK, to=REPLY)
    desk.read()

    assert standing(desk, RIK) is Standing.SIGNED
    with desk.service.store.reading() as session:
        assert session.scalars(select(DecisionRow.edition)).one() == 1


def test_it_keeps_a_yes_of_somebody_nobody_invited(desk: Desk) -> None:
    """A yes from outside is a review, and may become a new party."""
    who = "new@newcomers.example"
    desk.invited().send(fresh(who, "Yes, please add Newcomers for Rights."), sender=who, to=REPLY)
    desk.read()
    waiting = replies.reviews(desk.service, NAME)
    assert [(one.reason, one.sender) for one in waiting] == [("unknown-sender", who)]

    listing = Listing(kind=Kind.ORGANIZATION, name="Newcomers for Rights", country="UK")
    ruling = review.Ruling(act=Act.SIGN, reason="known to us", by="Alice", listings=(listing,))
    review.add_party(desk.service, waiting[0].id, ruling, campaign=NAME)
    desk.deliver()

    assert desk.printed()["organization"] == ["Newcomers for Rights / UK"]
    assert len(receipts(desk, who)) == 1


def test_it_closes_the_door_for_new_names_at_the_cut_off(desk: Desk) -> None:
    """A yes that comes late waits for a person; a withdrawal is honoured still."""
    desk.invited().answer(RIK, "YES")
    desk.read()
    desk.deliver()
    desk.closed()
    desk.clock.go(hours=1)
    desk.answer(IMOGEN, "YES")
    desk.answer(RIK, "WITHDRAW")
    desk.read()

    assert standing(desk, IMOGEN) is Standing.INVITED
    assert ("review", "letter-closed") in states(desk)
    assert standing(desk, RIK) is Standing.WITHDRAWN


def test_it_does_not_print_while_a_contradiction_waits(desk: Desk) -> None:
    """Where somebody else of the party says no, its name is held back until a person settled it."""
    desk.invited().answer(IMOGEN, "YES")
    desk.read()
    desk.deliver()
    desk.clock.go(hours=1)
    desk.answer(IMOGEN, "NO", sender="desk@kestrelrights.example")
    desk.read()

    assert desk.printed()["organization"] == []
    waiting = replies.reviews(desk.service, NAME)
    review.rule_on_review(
        desk.service,
        waiting[0].id,
        review.Ruling(act=None, reason="she spoke for herself", by="Alice"),
    )
    assert desk.printed()["organization"] == ["Kestrel Rights Watch / UK"]


def test_it_lets_a_person_decide_with_the_same_effect(desk: Desk) -> None:
    """A ruling changes the list, sends the receipt, and stands in the journal."""
    desk.invited().answer(RIK, "We would sign if you took out the second paragraph.")
    desk.read()
    waiting = replies.reviews(desk.service, NAME)

    ruling = review.Ruling(act=Act.SIGN, reason="she agreed by telephone", by="Alice")
    review.rule_on_review(desk.service, waiting[0].id, ruling)
    desk.deliver()

    assert desk.printed()["organization"] == [OAC]
    assert len(receipts(desk, RIK)) == 1
    with pytest.raises(Refused, match="settled by Alice"):
        review.rule_on_review(desk.service, waiting[0].id, ruling)


def test_it_does_not_outrank_a_later_word(desk: Desk) -> None:
    """What a person decides on an old reply never beats what the signer said since."""
    desk.invited().answer(RIK, "We would sign if you took out the second paragraph.")
    desk.read()
    desk.clock.go(hours=1)
    desk.answer(RIK, "NO")
    desk.read()

    waiting = replies.reviews(desk.service, NAME)
    review.rule_on_review(
        desk.service, waiting[0].id, review.Ruling(act=Act.SIGN, reason="meant yes", by="Alice")
    )

    assert standing(desk, RIK) is Standing.WITHDRAWN
    assert desk.printed()["organization"] == []


def test_it_records_a_word_given_by_telephone(desk: Desk) -> None:
    """Consent given elsewhere goes through the same door, with its evidence and a receipt."""
    desk.invited()
    review.rule_on_party(
        desk.service,
        NAME,
        "Kestrel",
        review.Ruling(act=Act.SIGN, reason="telephone, I. Farrow", by="Alice"),
        evidence=("note.txt", b"spoke at noon"),
    )
    desk.deliver()

    assert standing(desk, IMOGEN) is Standing.SIGNED
    assert len(receipts(desk, IMOGEN)) == 1
    with desk.service.store.reading() as session:
        assert session.scalars(select(DecisionRow.evidence)).one() == b"spoke at noon"


@pytest.mark.parametrize("act", [Act.AMEND, Act.WITHDRAW])
def test_it_changes_nothing_of_who_is_not_on_the_list(desk: Desk, act: Act) -> None:
    """There is nothing to amend or take back where nobody signed."""
    desk.invited()

    with pytest.raises(Refused, match="not on the list"):
        review.rule_on_party(
            desk.service, NAME, "Kestrel", review.Ruling(act=act, reason="x", by="Alice")
        )


def test_it_stops_writing_to_who_asks_for_it(desk: Desk) -> None:
    """An unsubscribe is a no, and no reminder follows."""
    desk.invited().answer(RIK, "UNSUBSCRIBE")
    desk.read()

    assert standing(desk, RIK) is Standing.DECLINED
    with desk.service.store.reading() as session:
        row = session.scalars(select(ProspectRow).where(ProspectRow.email == RIK)).one()
    assert row.unsubscribed_at is not None


def test_it_files_the_answer_of_a_mission(desk: Desk) -> None:
    """A mission's "yes" is filed to the mission and signs nothing."""
    desk.invited().closed().armed().at_dispatch()
    dispatch.dispatch_due(desk.service)
    desk.deliver()
    desk.answer("fr@missions.example", "YES, we received it.")
    desk.read()

    assert ("filed", "addressee-answered") in states(desk)
    assert desk.printed()["organization"] == []


def test_it_knows_its_own_mail(desk: Desk) -> None:
    """Our own invitation that turns up in the mailbox is known as ours, whatever its From.

    T66: freescout-help-desk/freescout#2977, sent mail polled as answers.
    """
    desk.invited()
    desk.office.put(desk.office.received(RIK)[0].raw)
    desk.read()

    assert states(desk) == [("own", "our-own-mail")]


def test_it_knows_its_own_mail_without_reading_it(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What we wrote ourselves needs no verdict, and none can fail."""
    desk.invited()
    desk.office.put(desk.office.received(RIK)[0].raw)

    def fail(*_: object) -> None:
        raise RuntimeError("broken")

    monkeypatch.setattr(read.weigh, "verdict", fail)
    desk.read()

    assert states(desk) == [("own", "our-own-mail")]


def test_it_decides_a_moved_message_once(desk: Desk) -> None:
    """A message that the mailbox gives under a second number is not decided twice.

    T51: freescout-help-desk/freescout#5591; T63: chatwoot/chatwoot#12054.
    """
    desk.invited().answer(RIK, "YES")
    desk.read()
    with desk.service.store.reading() as session:
        raw = session.scalars(select(ReplyRow.raw)).one()
    desk.office.put(raw)
    desk.read()
    desk.deliver()

    assert [state for state, _ in states(desk)] == ["decided", "duplicate"]
    assert len(receipts(desk, RIK)) == 1


def test_it_decides_a_doubled_message_once_with_two_readers(
    desk: Desk, open_one: Callable[[], Service], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Two workers that read the two copies of one message at the same moment decide it once."""
    raw = desk.invited().answer(RIK, "YES")
    copied = desk.office.everything()[-1].raw
    assert raw in copied
    desk.office.put(copied)
    receive.receive(desk.service)
    with desk.service.store.reading() as session:
        first, second = session.scalars(select(ReplyRow.id).order_by(ReplyRow.id)).all()
    other = open_one()
    beside = threading.Thread(target=read.read, args=(other, second))

    def meanwhile(mark: str) -> None:
        if mark == "read.decided" and threading.current_thread() is not beside:
            beside.start()
            beside.join(1)  # where the one waits for the other it goes on after the commit

    monkeypatch.setattr(marks, "passed", meanwhile)
    read.read(desk.service, first)
    beside.join()

    assert [state for state, _ in states(desk)] == ["decided", "duplicate"]
    desk.deliver()
    assert len(receipts(desk, RIK)) == 1


def test_it_quarantines_what_makes_the_reader_fail(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A message that cannot be read is kept and shown, never dropped, never tried for ever.

    T64: chatwoot/chatwoot#5081, one mail fetched for ever.
    """
    desk.invited().answer(RIK, "YES")

    def fail(*_: object) -> None:
        raise RuntimeError("poison")

    monkeypatch.setattr("undersigned.reading.clues", fail)
    for _ in range(5):
        desk.read()
        desk.clock.go(minutes=1)
    monkeypatch.undo()
    desk.read()

    assert states(desk) == [("quarantined", "unreadable")]
    assert standing(desk, RIK) is Standing.INVITED


@pytest.mark.parametrize(
    "raw",
    [
        b"",
        b"\r\n\r\n",
        b"\x00\xff\xfe",
        b"From: x\r\nContent-Type: multipart/mixed\r\n\r\nno boundary",
        b"Content-Type: text/plain; charset=klingon\r\n\r\nYES",
        b"From: =?bogus?q?=ff?= <a@b>\r\nSubject: =?utf-8?b?!!!?=\r\n\r\nYES",
    ],
)
def test_it_keeps_mail_that_no_one_sane_would_write(desk: Desk, raw: bytes) -> None:
    """Bytes that are hardly mail are kept, put to review, and crash nothing."""
    desk.invited()
    desk.office.put(raw)
    desk.read()

    assert len(states(desk)) == 1
    assert states(desk)[0][0] in ("review", "quarantined", "automatic")


def test_it_notes_a_bounce_of_ours(desk: Desk) -> None:
    """An invitation that comes back for good is shown, and the party is not reminded."""
    desk.invited()
    kept = desk.office.received(RIK)[0]
    report = REPORTS["failure"](take(kept.raw, RIK, kept.envelope_from), desk.clock.now)
    desk.send(report, sender="", to=kept.envelope_from)
    desk.read()

    assert states(desk) == [("bounce", "delivery-report")]
    assert standing(desk, RIK) is Standing.BOUNCED


def test_it_does_not_believe_a_bounce_of_nothing(desk: Desk) -> None:
    """A forged report that returns none of our mail silences nobody."""
    desk.invited()
    desk.office.put(
        b"From: MAILER-DAEMON@openarchive.example\r\nTo: sign@letters.example\r\n"
        b"Subject: Undelivered Mail\r\nMIME-Version: 1.0\r\n"
        b'Content-Type: multipart/report; report-type=delivery-status; boundary="x"\r\n\r\n'
        b"--x\r\nContent-Type: text/plain\r\n\r\nfailed\r\n"
        b"--x\r\nContent-Type: message/delivery-status\r\n\r\n"
        b"Reporting-MTA: dns; mx.example\r\n\r\n"
        b"Final-Recipient: rfc822; rik@openarchive.example\r\nAction: failed\r\nStatus: 5.1.1\r\n"
        b"\r\n--x--\r\n"
    )
    desk.read()

    assert standing(desk, RIK) is Standing.INVITED
    assert states(desk)[0][0] == "review"


def test_it_shows_a_reply_with_everything_made_of_it(desk: Desk) -> None:
    """For every printed name there are the words, the rule and the decision."""
    desk.invited().answer(INGRID, "YES")
    desk.read()

    shown = replies.reply(desk.service, 1)
    text = "\n".join(shown.lines())
    assert "Ingrid Aaltonen" in text
    assert "YES" in text
    assert "sign by rule:" in text
    assert shown.table()["verdict"]["intent"] == "sign"
    with desk.service.store.reading() as session:
        assert session.scalars(select(ReviewRow)).all() == []
        assert session.scalars(select(MessageRow).where(MessageRow.purpose == "receipt")).one()


def test_it_asks_the_signer_what_is_meant(desk: Desk) -> None:
    """A question back to the signer goes into the thread, and the answer is read as any other."""
    desk.invited().answer(RIK, "We would sign if you took out the second paragraph.")
    desk.read()
    waiting = replies.reviews(desk.service, NAME)

    asked = ask.ask(desk.service, waiting[0].id, note="The text stands. Would you sign?", by="Al")
    desk.deliver()

    assert asked == RIK
    question = desk.mail_to(RIK)[-1]
    body = question.get_body(("plain",))
    assert body is not None
    assert "The text stands." in body.get_content()
    desk.clock.go(hours=1)
    desk.answer(RIK, "YES")
    desk.read()
    assert standing(desk, RIK) is Standing.SIGNED


def test_it_asks_no_machine_and_nobody_unknown(desk: Desk) -> None:
    """A question goes only to a person whom we invited."""
    desk.invited().send(fresh("x@y.example", "Yes!"), sender="x@y.example", to=REPLY)
    desk.read()
    waiting = replies.reviews(desk.service, NAME)

    with pytest.raises(Refused, match="Nobody knows"):
        ask.ask(desk.service, waiting[0].id, note="", by="Al")
    with pytest.raises(Refused, match="no open review"):
        ask.ask(desk.service, 99, note="", by="Al")


def test_it_takes_a_bare_yes_for_the_oldest_text(desk: Desk) -> None:
    """Without token and thread, a yes agrees to the oldest text that the party was sent."""
    desk.invited()
    desk.write("letter.md", LETTER.replace("principle.", "principle, and demand a vote."))
    desk.apply(substance=True)
    desk.clock.go(days=15)
    desk.read()
    remind.remind_due(desk.service)
    desk.deliver()

    desk.send(fresh(RIK, "YES"), sender=RIK, to=REPLY)
    desk.answer(IMOGEN, "YES")
    desk.read()

    with desk.service.store.reading() as session:
        editions = session.scalars(select(DecisionRow.edition).order_by(DecisionRow.id)).all()
    assert sorted(editions) == [1, 2]
    assert desk.printed()["organization"] == ["Kestrel Rights Watch / UK"]
