"""What the machine room remembers: mailboxes read, limits, notes, troubles, the journal."""

from datetime import datetime
from typing import Any

from sqlalchemy import BigInteger, ForeignKey, Index, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from undersigned.store.base import Base


class CursorRow(Base):
    """How far a folder was fetched."""

    __tablename__ = "cursor"
    __table_args__ = (UniqueConstraint("account", "folder"),)
    id: Mapped[int] = mapped_column(primary_key=True)
    account: Mapped[str]
    folder: Mapped[str]
    uidvalidity: Mapped[int] = mapped_column(BigInteger)  # 32 bits without a sign (RFC 9051)
    uid: Mapped[int] = mapped_column(BigInteger)  # as above
    #: How often in a row the messages above it could not be fetched.
    failures: Mapped[int]


class MailboxRow(Base):
    """A mailbox's watermark: the start of its last complete poll."""

    __tablename__ = "mailbox"
    account: Mapped[str] = mapped_column(primary_key=True)
    complete_at: Mapped[datetime | None]
    #: When the other folders were last searched for mail that people filed away.
    filed_at: Mapped[datetime | None]


class QuotaRow(Base):
    """An account that sends; held while what it may still send is counted and claimed."""

    __tablename__ = "quota"
    account: Mapped[str] = mapped_column(primary_key=True)


class SlotRow(Base):
    """A place that one process at a time may hold: a connection to an account, a listener."""

    __tablename__ = "slot"
    #: What it is a place in: "smtp:default", "listener:default".
    key: Mapped[str] = mapped_column(primary_key=True)
    #: Counted from 1.
    number: Mapped[int] = mapped_column(primary_key=True)
    owner: Mapped[str | None]
    lease_until: Mapped[datetime | None]


class InstallationRow(Base):
    """What this database knows of itself; one row. A copy carries it along."""

    __tablename__ = "installation"
    id: Mapped[int] = mapped_column(primary_key=True)
    #: Random, made once.
    instance: Mapped[str]
    #: Raised when a person lets this database go on in place of another.
    epoch: Mapped[int]
    #: Where it lay when it was last allowed to send; see `store.place`.
    place: Mapped[str]
    since: Mapped[datetime]


class NoteRow(Base):
    """A note of the witness, left in a mailbox; see `domain.witness`."""

    __tablename__ = "note"
    __table_args__ = (Index("ix_note_account", "account", "made_at"),)
    key: Mapped[str] = mapped_column(primary_key=True)
    account: Mapped[str]
    instance: Mapped[str]
    epoch: Mapped[int]
    kind: Mapped[str]
    #: Names of the campaigns that it speaks of.
    campaigns: Mapped[list[Any]]
    made_at: Mapped[datetime]
    #: When the mailbox had taken it.
    written_at: Mapped[datetime | None]


class TroubleRow(Base):
    """Something that is wrong now, in a sentence that says what to do; gone when it is mended."""

    __tablename__ = "trouble"
    #: What it is about: "smtp:default", "imap:default", "freeze:3".
    key: Mapped[str] = mapped_column(primary_key=True)
    campaign_id: Mapped[int | None] = mapped_column(ForeignKey("campaign.id"))
    sentence: Mapped[str]
    since: Mapped[datetime]


class JournalRow(Base):
    """Who did what, when and why; only ever added to."""

    __tablename__ = "journal"
    __table_args__ = (Index("ix_journal_campaign", "campaign_id", "id"),)
    id: Mapped[int] = mapped_column(primary_key=True)
    campaign_id: Mapped[int | None] = mapped_column(ForeignKey("campaign.id"))
    at: Mapped[datetime]
    #: A rule ("rule:plain-consent"), a task ("tick"), or a person's name.
    actor: Mapped[str]
    #: What was done, e.g. "decided", "froze", "moved-cutoff".
    action: Mapped[str]
    #: What it was done to, e.g. "reply:12".
    subject: Mapped[str]
    detail: Mapped[dict[str, Any]]
