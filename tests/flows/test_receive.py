"""Keeping every message before anything is made of it."""

from dataclasses import replace
from datetime import datetime

import pytest
from sqlalchemy import select

from tests.campaigns import IMOGEN, INGRID, RIK, Desk
from undersigned.errors import TemporaryFailure
from undersigned.flows import freeze, keep, receive
from undersigned.flows import status as statuses
from undersigned.store.machine_tables import CursorRow, MailboxRow, TroubleRow
from undersigned.store.tables import ReplyRow

#: What the receiving server writes on top of Rik's mail.
VOUCHED = (
    b"Authentication-Results: mx.rehearsal.example; dkim=pass header.d=openarchive.example\r\n"
)


def kept(desk: Desk) -> list[ReplyRow]:
    """Give the kept replies."""
    with desk.service.store.reading() as session:
        return list(session.scalars(select(ReplyRow).order_by(ReplyRow.id)))


def test_it_keeps_each_message_once(desk: Desk) -> None:
    """However often the mailbox is polled, each message is kept once, with the server's time."""
    desk.invited().answer(RIK, "YES")

    assert receive.receive(desk.service) == 1
    assert receive.receive(desk.service) == 0
    assert [row.state for row in kept(desk)] == ["kept"]
    assert kept(desk)[0].received_at == desk.clock.now.replace(microsecond=0)


def test_it_wakes_the_reader_while_the_rest_is_fetched(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    """In a flood of answers the first are read before the last are here."""
    desk.invited()
    for address in (RIK, IMOGEN, INGRID):
        desk.answer(address, "YES")
    monkeypatch.setattr(keep, "BATCH", 1)
    kept_by_then: list[int] = []
    desk.service.announce = lambda *_: kept_by_then.append(len(kept(desk)))

    assert receive.receive(desk.service) == 3

    assert kept_by_then == [1, 3]


def test_it_keeps_a_message_that_a_crash_fetched_before_the_cursor_moved(desk: Desk) -> None:
    """A cursor that is behind fetches again and keeps nothing twice."""
    desk.invited().answer(RIK, "YES")
    receive.receive(desk.service)
    with desk.service.store.writing() as session:
        for row in session.scalars(select(CursorRow)):
            row.uid = 0

    assert receive.receive(desk.service) == 0
    assert len(kept(desk)) == 1


def test_it_fetches_all_again_after_a_changed_uidvalidity(desk: Desk) -> None:
    """When the mailbox numbers its messages anew, none is lost and none is decided twice.

    T62: chatwoot/chatwoot#10429, tpitale/mail_room#16.
    """
    desk.invited().answer(RIK, "YES")
    desk.read()
    with desk.service.store.writing() as session:
        for cursor in session.scalars(select(CursorRow)):
            cursor.uidvalidity -= 1
        for reply in session.scalars(select(ReplyRow)):
            reply.uidvalidity -= 1
    desk.read()

    assert [row.state for row in kept(desk)] == ["decided", "duplicate"]


def test_a_word_of_the_same_second_stays_the_last_under_lower_numbers(desk: Desk) -> None:
    """A yes kept under the old numbers stays before the withdrawal that has a new, lower one."""
    desk.invited().answer(RIK, "YES")
    receive.receive(desk.service)
    with desk.service.store.writing() as session:
        for cursor in session.scalars(select(CursorRow)):
            cursor.uidvalidity -= 1
        for reply in session.scalars(select(ReplyRow)):
            reply.uidvalidity, reply.uid = reply.uidvalidity - 1, 1_000_000
    desk.answer(RIK, "WITHDRAW")

    desk.read()

    assert [row.reason for row in kept(desk)] == ["plain-consent", "seen-before", "withdrawal"]
    assert desk.printed()["organization"] == []


def test_it_reads_everything_after_an_outage_of_weeks(desk: Desk) -> None:
    """However long nobody could look, every answer that came meanwhile is read, the oldest first.

    T62: chatwoot/chatwoot#10429, which looked back one day.
    """
    desk.invited()
    for address, words in ((RIK, "NO"), (IMOGEN, "YES"), (RIK, "YES")):
        desk.clock.go(days=6)
        desk.answer(address, words)
    desk.clock.go(hours=1)

    desk.read()

    assert [row.state for row in kept(desk)] == ["decided"] * 3
    assert len(desk.printed()["organization"]) == 2


def test_it_reads_the_junk_folder_too(desk: Desk) -> None:
    """A reply that the provider took for junk is decided as usual."""
    raw = desk.invited().reply(desk.mail_to(RIK)[0], "YES", sender=RIK)
    desk.office.put(VOUCHED + raw, folder="Junk")
    desk.read()

    assert [(row.folder, row.state) for row in kept(desk)] == [("Junk", "decided")]


def test_it_keeps_the_header_of_what_is_too_large(desk: Desk) -> None:
    """A message beyond the limit is kept by its header and put to review, not fetched for ever."""
    limits = replace(desk.service.settings.limits, reply_octets=2000)
    desk.service.settings = replace(desk.service.settings, limits=limits)
    desk.invited().answer(RIK, "YES " + "very " * 2000)
    desk.read()

    assert [(row.is_whole, row.state, row.reason) for row in kept(desk)] == [
        (False, "review", "too-large")
    ]


def test_it_moves_the_watermark_only_after_a_complete_poll(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What decides by the mailbox knows how far it was read."""
    desk.invited()
    receive.receive(desk.service)
    with desk.service.store.reading() as session:
        first = session.scalars(select(MailboxRow.complete_at)).one()
    assert first == desk.clock.now

    desk.clock.go(hours=1)
    account = replace(desk.service.settings.accounts["default"], imap_password="wrong")
    monkeypatch.setattr(
        desk.service, "settings", replace(desk.service.settings, accounts={"default": account})
    )
    assert receive.receive(desk.service) == 0

    with desk.service.store.reading() as session:
        assert session.scalars(select(MailboxRow.complete_at)).one() == first
        trouble = session.get(TroubleRow, "imap:default")
    assert trouble is not None
    assert "none is lost" in trouble.sentence
    assert trouble.sentence in statuses.status(desk.service, "test-letter").troubles


def test_it_does_not_believe_a_poll_that_lies_ahead(desk: Desk) -> None:
    """A clock that was a day ahead makes no unread mailbox pass for a read one."""
    desk.invited()
    desk.clock.now = datetime.fromisoformat("2026-06-19T10:00:00+00:00")
    desk.clock.go(days=1)
    desk.read()
    desk.clock.go(days=-1)

    desk.clock.now = datetime.fromisoformat("2026-06-19T22:00:01+00:00")
    with pytest.raises(TemporaryFailure, match="not been read"):
        freeze.freeze(desk.service, "test-letter", by="Alice")

    desk.read()
    assert freeze.freeze(desk.service, "test-letter", by="Alice").number == 1


def test_it_searches_other_folders_after_a_clock_was_put_right(desk: Desk) -> None:
    """A search that a wrong clock noted a day ahead keeps nobody's filed reply waiting for it."""
    raw = desk.invited().reply(desk.mail_to(RIK)[0], "YES", sender=RIK)
    desk.clock.go(days=1)
    desk.read()
    desk.clock.go(days=-1)
    desk.office.put(VOUCHED + raw, folder="Archive")

    desk.read()

    assert [(row.folder, row.state) for row in kept(desk)] == [("Archive", "decided")]


def test_it_forgets_a_trouble_that_is_mended(desk: Desk) -> None:
    """Status tells what is wrong now, not what was."""
    desk.invited()
    usual = desk.service.settings
    account = replace(usual.accounts["default"], imap_password="wrong")
    desk.service.settings = replace(usual, accounts={"default": account})
    receive.receive(desk.service)
    desk.service.settings = usual
    receive.receive(desk.service)

    assert statuses.status(desk.service, "test-letter").troubles == []


def test_it_finds_what_people_filed_away(desk: Desk) -> None:
    """A reply that a colleague moved to a folder of theirs before we saw it is not lost."""
    raw = desk.invited().reply(desk.mail_to(RIK)[0], "YES", sender=RIK)
    other = desk.reply(desk.mail_to(IMOGEN)[0], "NO", sender=IMOGEN)
    for folder, message in (("Archive", raw), ("Sent", other), ("Trash", other)):
        desk.office.put(VOUCHED + message, folder=folder)
    desk.office.put(b"From: a@b.example\r\nTo: c@d.example\r\n\r\nLunch?", folder="Archive")
    desk.read()

    assert [(row.folder, row.state) for row in kept(desk)] == [("Archive", "decided")]


def test_it_looks_into_other_folders_once_an_hour(desk: Desk) -> None:
    """Folders that people file mail into are searched now and then, and nothing is kept twice."""
    raw = desk.invited().reply(desk.mail_to(RIK)[0], "YES", sender=RIK)
    desk.read()
    desk.office.put(VOUCHED + raw, folder="Archive")
    desk.clock.go(minutes=59)
    assert receive.receive(desk.service) == 0

    desk.clock.go(minutes=1)
    assert receive.receive(desk.service) == 1
    desk.clock.go(hours=1)
    assert receive.receive(desk.service) == 0
