"""A small campaign to work on, and the people who answer it."""

import asyncio
import email
import email.policy
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import datetime
from email.message import EmailMessage
from email.utils import format_datetime, make_msgid
from pathlib import Path
from typing import TYPE_CHECKING

from undersigned.domain.addresses import domain
from undersigned.flows import (
    apply,
    arrange,
    check,
    deliver,
    dispatch,
    freeze,
    invite,
    read,
    receive,
)
from undersigned.rehearsal.post_office import AUTHSERV_ID, PostOffice
from undersigned.service import Service, configured
from undersigned.settings import Settings
from undersigned.store import campaigns, freezes, leases
from undersigned.store.leases import Claim
from undersigned.transport.envelope import Envelope
from undersigned.transport.smtp import SmtpConnection

if TYPE_CHECKING:
    from tests.conftest import StillClock

NAME = "test-letter"
REPLY = "sign@letters.example"
#: A row of prospects.csv: a party that comes later.
LAMP = "organization,Prairie Lamp Society,,Canada,del@prairielamp.example,en,Del\n"

CAMPAIGN = f"""
name = "{NAME}"
organizer = "The Example Coalition"

[sender]
name = "Hana Whitfield"
address = "hana@letters.example"
reply = "{REPLY}"
coordinators = ["desk@letters.example"]

[dates]
zone = "America/New_York"
opens = 2026-05-26T09:00:00
reminders = [2026-06-09T09:00:00]
cutoff = 2026-06-19T18:00:00
dispatch = 2026-06-24T09:00:00
latest_start = 2026-06-24T15:00:00

[addressees]
file = "missions.csv"
council_on = 2022-12-05
"""

LETTER = """---
title: "An Open Letter"
date: 2026-06-24
subject: "Re: A matter of principle"
salutation: "Dear Ambassador,"
---

We write to you about a matter of principle.

Sincerely,
"""

PROSPECTS = """kind,name,title,country,email,language,contact
organization,Open Archive Collective (OAC),,Netherlands,rik@openarchive.example,en,Rik Terpstra
organization,Kestrel Rights Watch,,UK,i.farrow@kestrelrights.example,en,Imogen Farrow
individual,Ingrid Aaltonen,"Professor, University of Norrhamn",Finland,ingrid@norrhamn.example,en,
"""

RIK = "rik@openarchive.example"
IMOGEN = "i.farrow@kestrelrights.example"
INGRID = "ingrid@norrhamn.example"

MISSION_CODES = "AE AL BR CN FR GA GB GH IE IN KE MX NO RU US".split()  # noqa: SIM905 - one line


def missions() -> str:
    """Give a table of fifteen missions with addresses on reserved domains."""
    rows = [
        f"{code},Mission of {code},{code.lower()}@missions.example,2026-06-15"
        for code in MISSION_CODES
    ]
    return "\n".join(["country_code,mission,to,verified_on", *rows, ""])


def settings(office: PostOffice, database_url: str) -> Settings:
    """Give settings whose one account is the post office's."""
    smtp, imap = office.accounts()
    prefix = "UNDERSIGNED_ACCOUNTS_DEFAULT_"
    values = {
        "SMTP_HOST": smtp.host,
        "SMTP_PORT": str(smtp.port),
        "SMTP_SECURITY": smtp.security.value,
        "SMTP_USERNAME": smtp.username or "",
        "SMTP_PASSWORD": smtp.password or "",
        "IMAP_HOST": imap.host,
        "IMAP_PORT": str(imap.port),
        "IMAP_SECURITY": imap.security.value,
        "IMAP_USERNAME": imap.username,
        "IMAP_PASSWORD": imap.password,
        "AUTHSERV_IDS": AUTHSERV_ID,
        "CARRIER": "nobody",
    }
    loaded = configured({f"{prefix}{key}": value for key, value in values.items()})
    return replace(loaded, database_url=database_url, coordinator="Alice")


class Desk:
    """A coordinator's desk, and everybody who writes to it."""

    def __init__(
        self, service: Service, office: PostOffice, clock: "StillClock", folder: Path
    ) -> None:
        self.service = service
        self.office = office
        self.clock = clock
        self.folder = folder
        folder.mkdir(parents=True, exist_ok=True)
        self.write("campaign.toml", CAMPAIGN)
        self.write("letter.md", LETTER)
        self.write("prospects.csv", PROSPECTS)
        self.write("missions.csv", missions())

    def write(self, name: str, text: str) -> None:
        """Write a file of the campaign's folder."""
        (self.folder / name).write_text(text, encoding="utf-8")

    def add(self, rows: str = LAMP) -> None:
        """Add rows to prospects.csv, and take the folder over."""
        self.write("prospects.csv", (self.folder / "prospects.csv").read_text("utf-8") + rows)
        self.apply()

    def queued(self) -> "Desk":
        """Take over and open; everybody's invitation is in the outbox."""
        self.apply()
        invite.open_campaign(self.service, NAME, by="Alice")
        self.clock.go(days=1, hours=2)
        invite.invite(self.service, NAME, by="Alice")
        return self

    def apply(self, *, substance: bool = False) -> None:
        """Take the folder over."""
        draft = check.check(self.service, self.folder)
        assert not draft.errors, [str(fault) for fault in draft.errors]
        apply.apply(self.service, draft, by="Alice", substance=substance)

    def invited(self) -> "Desk":
        """Take over, open, and invite everybody; the invitations have left."""
        self.apply()
        invite.open_campaign(self.service, NAME, by="Alice")
        self.clock.now = datetime.fromisoformat("2026-05-26T13:00:00+00:00")
        invite.invite(self.service, NAME, by="Alice")
        self.deliver()
        return self

    def claim(self, owner: str) -> list[Claim]:
        """Let a worker claim the mail that waits, letters apart, and do nothing more."""
        with self.service.store.writing() as session:
            return leases.claim(
                session,
                "default",
                purposes=deliver.BULK,
                owner=owner,
                now=self.clock(),
                lease=self.service.settings.limits.lease,
                limit=20,
            )

    def deliver(self) -> int:
        """Hand over what is due."""
        return deliver.deliver(self.service)

    def read(self) -> int:
        """Poll the mailbox and read what came."""
        receive.receive(self.service)
        return read.read_kept(self.service)

    def answer(
        self,
        address: str,
        text: str,
        *,
        sender: str | None = None,
        subject: str | None = None,
        to: str | None = None,
        headers: dict[str, str] | None = None,
    ) -> bytes:
        """Let somebody answer the newest mail at an address; it is delivered, not yet read."""
        newest = self.mail_to(address)[-1]
        raw = self.reply(
            newest, text, sender=sender or address, subject=subject, to=to, headers=headers
        )
        self.send(raw, sender=sender or address, to=to or str(newest["Reply-To"]))
        return raw

    def reply(
        self,
        original: EmailMessage,
        text: str,
        *,
        sender: str,
        subject: str | None = None,
        to: str | None = None,
        headers: dict[str, str] | None = None,
    ) -> bytes:
        """Give the bytes of a reply as a plain mail program writes them, the original quoted."""
        message = EmailMessage(policy=email.policy.SMTP)
        message["From"] = sender
        message["To"] = to or original["Reply-To"]
        message["Subject"] = subject or f"Re: {original['Subject']}"
        message["Date"] = format_datetime(self.clock.now)
        message["Message-ID"] = make_msgid(domain=domain(sender))
        message["In-Reply-To"] = original["Message-ID"]
        message["References"] = original["Message-ID"]
        for name, value in (headers or {}).items():
            message[name] = value
        body = original.get_body(("plain",))
        assert body is not None
        quoted = "\n".join(f"> {line}" for line in body.get_content().splitlines())
        message.set_content(f"{text}\n\nOn Tue, 26 May 2026, Hana Whitfield wrote:\n{quoted}\n")
        return message.as_bytes()

    def send(self, raw: bytes, *, sender: str, to: str) -> None:
        """Hand a message to the post office, as the world does."""
        address = to.rpartition("<")[2].rstrip(">")

        async def send() -> None:
            async with SmtpConnection(self.office.strangers_account()) as connection:
                answer = await connection.send(
                    Envelope(sender=sender, recipient=address, message=raw)
                )
                assert answer.code == 250, answer

        # In a thread of its own: a browser's driver has a loop in this one.
        with ThreadPoolExecutor(1) as apart:
            apart.submit(asyncio.run, send()).result()

    def send_html(self, address: str, html: str) -> None:
        """Let somebody answer the newest mail at an address with HTML alone."""
        newest = self.mail_to(address)[-1]
        message = EmailMessage(policy=email.policy.SMTP)
        message["From"] = address
        message["To"] = newest["Reply-To"]
        message["Subject"] = f"Re: {newest['Subject']}"
        message["Message-ID"] = make_msgid(domain=domain(address))
        message["In-Reply-To"] = newest["Message-ID"]
        message.set_content(html, subtype="html")
        self.send(message.as_bytes(), sender=address, to=str(newest["Reply-To"]))

    def mail_to(self, address: str) -> list[EmailMessage]:
        """Give the messages that an address received, parsed."""
        return [
            email.message_from_bytes(one.raw, policy=email.policy.default)
            for one in self.office.received(address)
        ]

    def closed(self) -> "Desk":
        """Go past the cut-off, with the mailbox read."""
        self.clock.now = datetime.fromisoformat("2026-06-19T22:00:01+00:00")
        self.read()
        self.deliver()
        return self

    def frozen(self) -> str:
        """Freeze; gives the digest."""
        return freeze.freeze(self.service, NAME, by="Alice").digest

    def armed(self) -> "Desk":
        """Freeze, approve and schedule."""
        digest = self.frozen()
        dispatch.approve(self.service, NAME, digest=digest, by="Bob")
        dispatch.schedule(self.service, NAME, by="Alice")
        return self

    def at_dispatch(self) -> "Desk":
        """Go to the minute of dispatch, with the mailbox read."""
        self.clock.now = datetime.fromisoformat("2026-06-24T13:00:00+00:00")
        self.read()
        return self

    def printed(self) -> dict[str, list[str]]:
        """Give the list as it would be printed now."""
        with self.service.store.reading() as session:
            return arrange.printed_list(session, campaigns.get(session, NAME))

    def is_frozen(self) -> bool:
        """Say whether a freeze holds."""
        with self.service.store.reading() as session:
            campaign = campaigns.get(session, NAME)
            return freezes.current(session, campaign.id) is not None
