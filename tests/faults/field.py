"""The field: a campaign in processes of its own, and a post office that counts what it got."""

import os
import signal
import subprocess
import sys
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

from tests import campaigns as usual
from undersigned.flows import apply, check, dispatch, invite
from undersigned.rehearsal.post_office import PostOffice
from undersigned.rehearsal.script import Person, Script, ScriptedAnswer
from undersigned.rehearsal.signers import Signers
from undersigned.service import Service, open_service, quiet, utc_now
from undersigned.store import campaigns, freezes

#: The longest wait for one thing to happen, however often processes die before it; in seconds.
PATIENCE_SECONDS = 120

YORK = ZoneInfo("America/New_York")


class Field:
    """One campaign under fire."""

    def __init__(self, folder: Path, *, database_url: str, broker_url: str, parties: int) -> None:
        self.folder = folder
        self.parties = parties
        self.database_url = database_url
        self.broker_url = broker_url
        self.addresses = [f"office@party{number}.example" for number in range(parties)]
        self.order = folder / "kill-at"

    @contextmanager
    def open(self) -> Iterator["Field"]:
        """Open the post office, let the signers listen, take the campaign over."""
        with PostOffice(clock=utc_now, mailbox=usual.REPLY) as self.office:
            people = tuple(
                Person(
                    party=f"Party {number}",
                    address=address,
                    name=f"Signer {number}",
                    language="en",
                    answers=(ScriptedAnswer(says="Yes", after=timedelta(0)),),
                )
                for number, address in enumerate(self.addresses)
            )
            signers = Signers(Script(people=people), self.office.strangers_account(), clock=utc_now)
            self.office.on_mail = signers.on_mail
            settings = replace(
                usual.settings(self.office, self.database_url), broker_url=self.broker_url
            )
            self.service: Service = open_service(settings, announce=quiet)
            ended = threading.Event()
            answering = threading.Thread(target=self._answer, args=(signers, ended))
            answering.start()
            try:
                self._begin()
                yield self
            finally:
                ended.set()
                answering.join()
                self.service.close()

    @staticmethod
    def _answer(signers: Signers, ended: threading.Event) -> None:
        while not ended.wait(0.05):
            signers.act(utc_now())

    def _begin(self) -> None:
        now = utc_now()
        self.write(closes=now + timedelta(days=1))
        invite.open_campaign(self.service, usual.NAME, by="Alice")
        invite.invite(self.service, usual.NAME, by="Alice")

    def write(self, *, closes: datetime, leaves: datetime | None = None) -> None:
        """Write the folder with these instants, and take it over."""
        leaves = leaves or closes + timedelta(days=1)
        plan = {
            "opens = 2026-05-26T09:00:00": f"opens = {_local(utc_now() - timedelta(days=1))}",
            "reminders = [2026-06-09T09:00:00]": "reminders = []",
            "cutoff = 2026-06-19T18:00:00": f"cutoff = {_local(closes)}",
            "dispatch = 2026-06-24T09:00:00": f"dispatch = {_local(leaves)}",
            "latest_start = 2026-06-24T15:00:00": (
                f"latest_start = {_local(leaves + timedelta(hours=1))}"
            ),
        }
        text = usual.CAMPAIGN
        for old, new in plan.items():
            text = text.replace(old, new)
        rows = [
            f"organization,Party {number},,UK,{address},en,"
            for number, address in enumerate(self.addresses)
        ]
        files = {
            "campaign.toml": text,
            "letter.md": usual.LETTER,
            "prospects.csv": "\n".join(["kind,name,title,country,email,language,contact", *rows]),
            "missions.csv": usual.missions(),
        }
        self.folder.mkdir(parents=True, exist_ok=True)
        for name, content in files.items():
            (self.folder / name).write_text(content, encoding="utf-8")
        draft = check.check(self.service, self.folder)
        assert not draft.errors, [str(fault) for fault in draft.errors]
        apply.apply(self.service, draft, by="Alice")

    # The processes.

    @contextmanager
    def engine(self, commands: Sequence[Sequence[str]]) -> Iterator[None]:
        """Keep the commands running, whatever kills them, until the block ends."""
        ended = threading.Event()
        keepers = [
            threading.Thread(target=self._keep, args=(command, ended)) for command in commands
        ]
        for keeper in keepers:
            keeper.start()
        try:
            yield
        finally:
            ended.set()
            for keeper in keepers:
                keeper.join()

    def _keep(self, command: Sequence[str], ended: threading.Event) -> None:
        with (self.folder.parent / f"{command[0]}.log").open("ab") as log:
            while not ended.is_set():
                running = subprocess.Popen(
                    [sys.executable, "-m", "undersigned", *command],
                    env=self._environment(),
                    stdout=log,
                    stderr=log,
                    start_new_session=True,
                )
                while running.poll() is None and not ended.wait(0.05):
                    pass
                _end(running)

    def _environment(self) -> dict[str, str]:
        account = self.service.settings.accounts["default"]
        prefix = "UNDERSIGNED_ACCOUNTS_DEFAULT_"
        ticks = ("DELIVER", "FETCH", "READ", "REMIND", "FREEZE", "DISPATCH", "RECOVER")
        return {
            "PATH": os.environ["PATH"],
            "PYTHONPATH": os.pathsep.join(path for path in sys.path if path),
            "HOME": str(self.folder.parent),
            "UNDERSIGNED_DATABASE_URL": self.database_url,
            "UNDERSIGNED_BROKER_URL": self.broker_url,
            "UNDERSIGNED_KILL_AT": str(self.order),
            # A kill is found out after two seconds and not after fifteen minutes.
            "UNDERSIGNED_LIMITS_LEASE_SECONDS": "2",
            **{f"UNDERSIGNED_TICKS_{tick}_SECONDS": "1" for tick in ticks},
            **{
                f"{prefix}{key.upper()}": str(getattr(account, key))
                for key in (
                    "address",
                    "smtp_host",
                    "smtp_port",
                    "smtp_security",
                    "smtp_username",
                    "smtp_password",
                    "imap_host",
                    "imap_port",
                    "imap_security",
                    "imap_username",
                    "imap_password",
                )
            },
            f"{prefix}AUTHSERV_IDS": ",".join(account.authserv_ids),
        }

    def kill_at(
        self, mark: str, times: int = 1, *, unless: Callable[[], bool] = lambda: False
    ) -> bool:
        """Let a process that passes the mark for the nth time kill itself; says whether one has.

        Waits for the kill, or until there is nothing left to do.
        """
        obeyed = self.order.with_suffix(".obeyed")
        obeyed.unlink(missing_ok=True)
        self.order.write_text(f"{mark} {times}", encoding="ascii")
        self.wait(lambda: obeyed.exists() or unless(), f"a kill at {mark}")
        return obeyed.exists()

    def wait(self, is_done: Callable[[], bool], what: str) -> None:
        """Wait for something that the processes do by themselves, under a watchdog."""
        until = time.monotonic() + PATIENCE_SECONDS
        while not is_done():
            if time.monotonic() > until:
                logs = sorted(self.folder.parent.glob("*.log"))
                tails = "\n".join(path.read_text(errors="replace")[-2000:] for path in logs)
                raise AssertionError(f"still waiting for {what}\n{tails}")
            time.sleep(0.05)

    # What the post office truly got.

    def received(self) -> Counter[tuple[str, str]]:
        """Count each message by (Message-ID, recipient), as the post office took it."""
        return Counter((_message_id(one.raw), one.recipient) for one in self.office.everything())

    def letters(self) -> dict[str, int]:
        """Count the letters in each mission's mailbox."""
        return {
            code: len(self.office.received(f"{code.lower()}@missions.example"))
            for code in usual.MISSION_CODES
        }

    def approve(self) -> None:
        """Approve what is frozen, and arm it."""
        with self.service.store.reading() as session:
            frozen = freezes.current(session, campaigns.get(session, usual.NAME).id)
        assert frozen is not None
        dispatch.approve(self.service, usual.NAME, digest=frozen.digest, by="Bob")
        dispatch.schedule(self.service, usual.NAME, by="Alice")


def _local(moment: datetime) -> str:
    return f"{moment.astimezone(UTC).astimezone(YORK):%Y-%m-%dT%H:%M:%S}"


def _message_id(raw: bytes) -> str:
    for line in raw.partition(b"\r\n\r\n")[0].splitlines():
        if line.lower().startswith(b"message-id:"):
            return line.partition(b":")[2].strip().decode("ascii", "replace")
    return ""


def _end(running: subprocess.Popen[bytes]) -> None:
    """End a process with all its children, at once."""
    with suppress(ProcessLookupError):
        os.killpg(running.pid, signal.SIGKILL)
    running.wait()
