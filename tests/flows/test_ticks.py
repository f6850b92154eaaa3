"""Ticks: any number of them, at any moment and from any number of beats, change nothing."""

import ast
import threading
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path

import pytest
from sqlalchemy import func, select
from sqlalchemy.exc import IntegrityError

import undersigned
import worker
from tests.campaigns import IMOGEN, INGRID, NAME, RIK, Desk
from undersigned.domain.delivery import Purpose
from undersigned.errors import Refused
from undersigned.flows import deliver, dispatch, freeze, invite, mint, read, receive, remind
from undersigned.hosts import smtp_account
from undersigned.service import Service, configured
from undersigned.store import campaigns, freezes, messages
from undersigned.store.tables import FreezeRow, MessageRow


def at_once(acts: Sequence[Callable[[], object]]) -> None:
    """Do things at the same moment, each in a thread of its own."""
    gate = threading.Barrier(len(acts))

    def act(one: Callable[[], object]) -> None:
        gate.wait()
        one()

    with ThreadPoolExecutor(len(acts)) as threads:
        for done in [threads.submit(act, one) for one in acts]:
            done.result()


def made(service: Service, purpose: Purpose) -> int:
    """Count the messages of a purpose."""
    with service.store.reading() as session:
        query = select(func.count()).select_from(MessageRow)
        return session.scalar(query.where(MessageRow.purpose == purpose)) or 0


def test_it_reminds_once_however_many_beats_there_are(
    desk: Desk, open_one: Callable[[], Service]
) -> None:
    """Ticks of several beats that fall together make one reminder for each silent party.

    T3: celery/celery#2856; T9: mautic/mautic#3669; T10: mautic/mautic#9880.
    """
    desk.invited()
    desk.clock.go(days=15)
    desk.read()
    beats = [open_one() for _ in range(4)]

    at_once([partial(remind.remind_due, one) for one in beats])
    at_once([partial(deliver.deliver, one) for one in beats])

    assert made(desk.service, Purpose.REMINDER) == 3
    assert [len(desk.mail_to(one)) for one in (RIK, IMOGEN, INGRID)] == [2, 2, 2]


def test_it_freezes_and_dispatches_once_however_many_beats_there_are(
    desk: Desk, open_one: Callable[[], Service]
) -> None:
    """Ticks that fall together make one frozen letter, and one letter for each mission.

    T3: celery/celery#2856; T4: celery/celery#4041, a daily task that fired 32,000 times.
    """
    desk.invited().closed()
    beats = [open_one() for _ in range(4)]
    at_once([partial(freeze.freeze_due, one) for one in beats])
    with desk.service.store.reading() as session:
        assert session.scalar(select(func.count()).select_from(FreezeRow)) == 1
        frozen = freezes.current(session, campaigns.get(session, NAME).id)
    assert frozen is not None
    dispatch.approve(desk.service, NAME, digest=frozen.digest, by="Bob")
    dispatch.schedule(desk.service, NAME, by="Alice")
    desk.at_dispatch()

    at_once([partial(dispatch.dispatch_due, one) for one in beats])
    at_once([partial(deliver.deliver, one) for one in beats])

    assert made(desk.service, Purpose.LETTER) == 15
    assert len(desk.office.received("ae@missions.example")) == 1


def test_it_fetches_and_reads_once_however_many_beats_there_are(
    desk: Desk, open_one: Callable[[], Service]
) -> None:
    """Polls that fall together keep, decide and answer each reply once.

    T24: nugget/thane-ai-agent#330, one mail answered three times.
    """
    desk.invited()
    for address in (RIK, IMOGEN, INGRID):
        desk.answer(address, "YES")
    beats = [open_one() for _ in range(4)]

    at_once([partial(receive.receive, one) for one in beats])
    at_once([partial(read.read_kept, one) for one in beats])
    desk.read()

    assert made(desk.service, Purpose.RECEIPT) == 3


def test_it_cannot_hold_a_second_message_of_the_same_key(desk: Desk) -> None:
    """That a message exists once is a promise of the database, not of a schedule.

    T4: celery/celery#4041; T10: mautic/mautic#9880.
    """
    desk.invited()
    with desk.service.store.reading() as session:
        first = session.scalars(select(MessageRow).limit(1)).one()
        campaign = campaigns.get(session, NAME)

    def again() -> None:
        with desk.service.store.writing() as session:
            twin = mint.message(
                campaign,
                Purpose(first.purpose),
                first.subject,
                template=first.template,
                now=desk.clock.now,
                number=first.round,
            )
            messages.add(session, twin, account="default", to=[RIK], due_at=desk.clock.now)

    with pytest.raises(IntegrityError):
        again()


def test_it_leaves_no_due_time_to_the_broker() -> None:
    """What is due stands in the database: a wake-up carries no time that could be lost or doubled.

    T1: celery/kombu#337, celery/celery#9882; T2: celery/celery#2481.
    """
    for package in (undersigned, worker):
        for path in Path(str(package.__file__)).parent.rglob("*.py"):
            for call in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
                if isinstance(call, ast.Call):
                    named = {one.arg for one in call.keywords}
                    assert not named & {"eta", "countdown"}, path


def test_it_waits_for_a_server_as_long_as_the_standard_asks() -> None:
    """A client that gives up early sends twice; and no lease ends while a server still thinks.

    T13: freescout-help-desk/freescout#5457; T16: PHPMailer/PHPMailer#1072 (RFC 5321 §4.5.3.2).
    """
    settings = configured({"UNDERSIGNED_ACCOUNTS_DEFAULT_SMTP_HOST": "mx.example.org"})
    account = smtp_account(settings.accounts["default"])

    assert account.command_timeout >= timedelta(minutes=5)
    assert account.data_timeout >= timedelta(minutes=10)
    assert settings.limits.lease > account.data_timeout


@pytest.mark.parametrize(
    ("local", "moment"),
    [
        ("2026-11-01T00:30:00", "2026-11-01T04:30:00+00:00"),  # before the clocks go back
        ("2026-11-01T01:30:00-04:00", "2026-11-01T05:30:00+00:00"),  # the first of two
        ("2026-11-01T01:30:00-05:00", "2026-11-01T06:30:00+00:00"),  # the second of two
        ("2026-11-01T09:00:00", "2026-11-01T14:00:00+00:00"),  # after they went back
    ],
)
def test_it_reminds_once_over_a_change_of_the_clocks(desk: Desk, local: str, moment: str) -> None:
    """A reminder in a night in which the clocks change is due at its moment, and once.

    T12: mautic/mautic#8802, schedules that loop over the calendar's edges.
    """
    text = (desk.folder / "campaign.toml").read_text()
    for old, new in (
        ("2026-06-09T09:00:00", local),
        ("2026-06-19T18:00:00", "2026-11-10T18:00:00"),
        ("2026-06-24T09:00:00", "2026-11-12T09:00:00"),
        ("2026-06-24T15:00:00", "2026-11-12T15:00:00"),
    ):
        text = text.replace(old, new)
    desk.write("campaign.toml", text)
    desk.invited()
    due = datetime.fromisoformat(moment)

    desk.clock.now = (due - timedelta(seconds=1)).astimezone(UTC)
    desk.read()
    assert remind.remind_due(desk.service) == 0
    desk.clock.now = due.astimezone(UTC)
    desk.read()
    assert remind.remind_due(desk.service) == 3
    for hour in range(30):
        desk.clock.now = due.astimezone(UTC) + timedelta(hours=hour)
        assert remind.remind_due(desk.service) == 0


def test_it_writes_to_nobody_before_it_is_told_to(desk: Desk) -> None:
    """Parties that were only read in get nothing, and the status says that nobody was invited.

    T29: benadida/helios-server#74, administrators who thought that uploading voters mails them.
    """
    desk.apply()
    invite.open_campaign(desk.service, NAME, by="Alice")
    desk.clock.go(days=30)
    desk.deliver()

    assert desk.office.everything() == ()
    assert invite.count(desk.service, NAME) == 3


def test_it_takes_a_name_that_it_does_not_know_for_nobody(desk: Desk) -> None:
    """A campaign that is not there is refused, never taken for all of them.

    T28: benadida/helios-server#381, mail to an unknown voter went to all voters.
    """
    desk.apply()
    invite.open_campaign(desk.service, NAME, by="Alice")

    for act in (
        partial(invite.invite, desk.service, "another", by="Alice"),
        partial(remind.remind_now, desk.service, "another", by="Alice"),
        partial(freeze.freeze, desk.service, "another", by="Alice"),
        partial(dispatch.schedule, desk.service, "another", by="Alice"),
    ):
        with pytest.raises(Refused, match="another"):
            act()
    assert made(desk.service, Purpose.INVITATION) == 0
