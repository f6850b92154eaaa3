"""A database as one file, and back, on whichever database."""

import sqlite3
import stat
import threading
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from sqlalchemy import func, select

from tests.campaigns import NAME, RIK, Desk
from undersigned.errors import Refused
from undersigned.flows import backup, deliver, invite, pause, status, witness
from undersigned.service import Service, open_service
from undersigned.store.base import Base
from undersigned.store.machine_tables import InstallationRow, JournalRow
from undersigned.store.tables import CampaignRow, MessageRow


def rows(service: Service) -> dict[str, list[tuple[object, ...]]]:
    """Give everything in the database that a backup must bring back as it was."""
    changed = {"installation", "note", "journal", "campaign", "trouble"}
    with service.store.reading() as session:
        return {
            table.name: [
                tuple(row)
                for row in session.execute(select(table).order_by(*table.primary_key.columns))
            ]
            for table in Base.metadata.sorted_tables
            if table.name not in changed
        }


def played(desk: Desk) -> Desk:
    """Play a campaign to where something stands in most tables."""
    desk.invited()
    desk.answer(RIK, "Yes, please add our name.")
    desk.read()
    desk.deliver()
    return desk


def test_it_brings_everything_back(desk: Desk, tmp_path: Path) -> None:
    """What was backed up stands there again, paused, and in a later epoch."""
    played(desk)
    before, printed = rows(desk.service), desk.printed()
    done = backup.back_up(desk.service, tmp_path / "backups" / "monday.db")
    desk.apply()
    invite.invite(desk.service, NAME, by="Alice")
    desk.answer(RIK, "We withdraw our name.")
    desk.read()
    assert desk.printed() != printed

    restored = backup.restore(desk.service, done.path, by="Alice")

    assert rows(desk.service) == before
    assert desk.printed() == printed
    assert restored.epoch > 1
    assert restored.kept is not None
    assert restored.kept.is_file()
    assert stat.S_IMODE(done.path.stat().st_mode) == 0o600
    with desk.service.store.reading() as session:
        assert session.scalars(select(CampaignRow.paused_at)).one() is not None
        actions = session.scalars(select(JournalRow.action)).all()
    assert list(actions[-2:]) == ["restored", "adopted"]
    assert "was restored from monday.db" in " ".join(status.status(desk.service, NAME).troubles)
    assert desk.deliver() == 0


def test_it_goes_on_after_a_restore(desk: Desk, tmp_path: Path) -> None:
    """Restored and resumed, a campaign takes new replies and sends new mail."""
    played(desk)
    done = backup.back_up(desk.service, tmp_path / "monday.db")
    desk.answer(RIK, "We withdraw our name.")
    desk.read()
    backup.restore(desk.service, done.path, by="Alice")
    pause.resume(desk.service, NAME, by="Alice")
    assert not status.status(desk.service, NAME).troubles

    assert desk.read() == 1  # the withdrawal is fetched again
    assert desk.deliver() == 1  # and receipted

    assert "Open Archive Collective" not in str(desk.printed())
    with desk.service.store.reading() as session:
        ids = session.scalars(select(MessageRow.id)).all()
    assert len(ids) == len(set(ids))


def test_it_stops_whoever_runs_beside_a_restored_one(
    desk: Desk, open_one: Callable[[], Service], tmp_path: Path
) -> None:
    """A backup restored elsewhere goes on, and the database it was made of stops."""
    played(desk)
    done = backup.back_up(desk.service, tmp_path / "monday.db")
    url = f"sqlite:///{tmp_path}/elsewhere.db"
    elsewhere = open_service(replace(desk.service.settings, database_url=url))
    elsewhere.clock = desk.clock

    assert backup.restore(elsewhere, done.path, by="Alice").kept is None

    assert witness.may_send(elsewhere, "default")
    elsewhere.close()
    assert not witness.may_send(open_one(), "default")


def test_it_backs_up_while_others_write(desk: Desk, tmp_path: Path) -> None:
    """A backup made in the middle of the work is whole: every delivery has its message."""
    parties = [f"organization,P {n},,UK,office@party{n}.example,en," for n in range(80)]
    header = "kind,name,title,country,email,language,contact"
    desk.write("prospects.csv", "\n".join([header, *parties]))
    desk.apply()
    invite.open_campaign(desk.service, NAME, by="Alice")
    desk.clock.go(days=1, hours=2)
    invite.invite(desk.service, NAME, by="Alice")
    sending = threading.Thread(target=deliver.deliver, args=(desk.service,))
    sending.start()

    done = [backup.back_up(desk.service, tmp_path / f"{n}.db") for n in range(3)]
    sending.join()

    for one in done:
        with sqlite3.connect(one.path) as connection:
            assert connection.execute("PRAGMA integrity_check").fetchone() == ("ok",)
            assert not connection.execute("PRAGMA foreign_key_check").fetchall()
            unmatched = connection.execute(
                "SELECT count(*) FROM delivery d WHERE (d.state = 'accepted') <> "
                "EXISTS (SELECT 1 FROM attempt a WHERE a.delivery_id = d.id)"
            )
            assert unmatched.fetchone() == (0,)
        connection.close()
    assert len(desk.office.everything()) == 80


def test_it_refuses_a_file_that_is_no_backup(desk: Desk, tmp_path: Path) -> None:
    """A wrong file changes nothing."""
    played(desk)
    before = rows(desk.service)
    wrong = tmp_path / "letter.pdf"
    wrong.write_bytes(b"%PDF-1.7 " * 1000)

    with pytest.raises(Refused, match="no backup"):
        backup.restore(desk.service, wrong, by="Alice")
    with pytest.raises(Refused, match="no file"):
        backup.restore(desk.service, tmp_path / "absent.db", by="Alice")

    assert rows(desk.service) == before
    with desk.service.store.reading() as session:
        assert session.scalar(select(func.max(InstallationRow.epoch))) == 1


def test_it_says_when_a_backup_cannot_be_written(desk: Desk, tmp_path: Path) -> None:
    """A folder that is none is a clear sentence."""
    (tmp_path / "file").write_text("")

    with pytest.raises(Refused, match="cannot be written"):
        backup.back_up(desk.service, tmp_path / "file" / "monday.db")
