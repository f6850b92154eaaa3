"""What we remember, table by table. The migrations in `migrations/` build exactly this."""

from datetime import date, datetime
from typing import Any

from sqlalchemy import (
    BigInteger,
    ForeignKey,
    Index,
    UniqueConstraint,
    text,
)
from sqlalchemy.orm import Mapped, mapped_column

from undersigned.store.base import Base


class CampaignRow(Base):
    """One letter's run."""

    __tablename__ = "campaign"
    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(unique=True)
    #: `domain.campaign.Plan` as JSON: dates, people, house style, policy.
    plan: Mapped[dict[str, Any]]
    account: Mapped[str]
    #: When invitations may begin; set by `undersigned open`.
    opened_at: Mapped[datetime | None]
    #: The one gate for every send: nothing of this campaign leaves while it is set.
    paused_at: Mapped[datetime | None]
    created_at: Mapped[datetime]


class EditionRow(Base):
    """A text of the letter; every change is a new edition."""

    __tablename__ = "edition"
    __table_args__ = (UniqueConstraint("campaign_id", "number"),)
    id: Mapped[int] = mapped_column(primary_key=True)
    campaign_id: Mapped[int] = mapped_column(ForeignKey("campaign.id"))
    #: Counted from 1.
    number: Mapped[int]
    title: Mapped[str]
    date: Mapped[date]
    subject: Mapped[str]
    salutation: Mapped[str]
    text: Mapped[str]
    #: SHA-256 of the letter's canonical form, hexadecimal.
    digest: Mapped[str]
    #: Whether those who signed an earlier edition must be asked again.
    substance: Mapped[bool]
    created_at: Mapped[datetime]


class ProspectRow(Base):
    """A party that was or will be invited."""

    __tablename__ = "prospect"
    __table_args__ = (
        UniqueConstraint("campaign_id", "kind", "key"),
        Index("ix_prospect_standing", "campaign_id", "standing", "id"),
        Index("ix_prospect_email", "email"),
        Index("ix_prospect_campaign", "campaign_id", "id"),
        Index(
            "ix_prospect_answered",
            "campaign_id",
            "standing",
            sqlite_where=text("answered_at IS NOT NULL"),
            postgresql_where=text("answered_at IS NOT NULL"),
        ),
    )
    id: Mapped[int] = mapped_column(primary_key=True)
    campaign_id: Mapped[int] = mapped_column(ForeignKey("campaign.id"))
    kind: Mapped[str]
    name: Mapped[str]
    #: The name as two spellings of it share it; one party is one row.
    key: Mapped[str]
    title: Mapped[str | None]
    country: Mapped[str | None]
    email: Mapped[str]
    contact: Mapped[str | None]
    language: Mapped[str | None]
    more: Mapped[dict[str, Any]]
    #: What the party's decisions come to; written by `flows.decide` alone, and by a merge.
    standing: Mapped[str]
    #: The party that it turned out to be.
    merged_into: Mapped[int | None] = mapped_column(ForeignKey("prospect.id"))
    #: When the first word of a person came, whatever it said. Nobody who answered is reminded.
    answered_at: Mapped[datetime | None]
    #: When the party asked not to be written to again.
    unsubscribed_at: Mapped[datetime | None]
    created_at: Mapped[datetime]


class AddresseeRow(Base):
    """Whom the letter goes to."""

    __tablename__ = "addressee"
    __table_args__ = (UniqueConstraint("campaign_id", "code"),)
    id: Mapped[int] = mapped_column(primary_key=True)
    campaign_id: Mapped[int] = mapped_column(ForeignKey("campaign.id"))
    #: ISO 3166 alpha-2 of a mission's country, or the set's own code.
    code: Mapped[str]
    country: Mapped[str]
    #: The mission's name as it calls itself.
    mission: Mapped[str]
    head: Mapped[str | None]
    title: Mapped[str | None]
    to: Mapped[list[Any]]
    cc: Mapped[list[Any]]
    salutation: Mapped[str | None]
    verified_on: Mapped[date | None]
    source: Mapped[str | None]
    #: When the coordinator took it out; what was sent to it stays known.
    taken_out_at: Mapped[datetime | None]


class MessageRow(Base):
    """One set of bytes that we send. It exists once by (purpose, subject, round)."""

    __tablename__ = "message"
    __table_args__ = (
        UniqueConstraint("purpose", "subject", "round"),
        Index("ix_message_prospect", "prospect_id", "purpose"),
    )
    id: Mapped[int] = mapped_column(primary_key=True)
    campaign_id: Mapped[int] = mapped_column(ForeignKey("campaign.id"))
    purpose: Mapped[str]
    #: What it is about: "prospect:7", "reply:12", "decision:3", "addressee:4", "digest:2026-05-26".
    subject: Mapped[str]
    round: Mapped[int]
    #: 80 random bits, lower-case base32; names this message in reply addresses.
    token: Mapped[str] = mapped_column(unique=True)
    #: Minted once, with its angle brackets.
    message_id: Mapped[str] = mapped_column(unique=True)
    prospect_id: Mapped[int | None] = mapped_column(ForeignKey("prospect.id"))
    addressee_id: Mapped[int | None] = mapped_column(ForeignKey("addressee.id"))
    edition_id: Mapped[int | None] = mapped_column(ForeignKey("edition.id"))
    freeze_id: Mapped[int | None] = mapped_column(ForeignKey("freeze.id"))
    #: The template's folder in templates/email.
    template: Mapped[str]
    language: Mapped[str]
    #: What the template needs and no other row has, fixed when the message was made.
    facts: Mapped[dict[str, Any]]
    #: The exact bytes, written before the first attempt and never again.
    raw: Mapped[bytes | None] = mapped_column(deferred=True)
    #: Letters only: when a copy stood in Sent.
    filed_at: Mapped[datetime | None]
    created_at: Mapped[datetime]


class DeliveryRow(Base):
    """One message to one address: one envelope recipient, its own attempts and state."""

    __tablename__ = "delivery"
    __table_args__ = (
        UniqueConstraint("message_id", "address"),
        Index("ix_delivery_due", "account", "state", "due_at"),
        Index("ix_delivery_campaign", "campaign_id", "purpose", "state", "id"),
        Index("ix_delivery_address", "address", "created_at"),
        Index(
            "ix_delivery_lease",
            "state",
            "lease_until",
            sqlite_where=text("lease_until IS NOT NULL"),
            postgresql_where=text("lease_until IS NOT NULL"),
        ),
        Index("ix_delivery_domain", "account", "domain", "state"),
    )
    id: Mapped[int] = mapped_column(primary_key=True)
    message_id: Mapped[int] = mapped_column(ForeignKey("message.id"))
    campaign_id: Mapped[int] = mapped_column(ForeignKey("campaign.id"))
    account: Mapped[str]
    purpose: Mapped[str]
    address: Mapped[str]
    #: The address's: servers that take much at once from one sender grow suspicious.
    domain: Mapped[str]
    #: Whether the address stands in To or in Cc.
    header: Mapped[str]
    state: Mapped[str]
    attempts: Mapped[int]
    #: How many of these ended inside DATA: the server may have taken the message each time.
    losses: Mapped[int]
    #: Not before this instant.
    due_at: Mapped[datetime]
    #: Who holds the claim, and until when.
    owner: Mapped[str | None]
    lease_until: Mapped[datetime | None]
    #: Raised by every claim: a worker that lost its lease writes nothing.
    fence: Mapped[int]
    #: The server's last answer.
    phase: Mapped[str | None]
    code: Mapped[int | None]
    enhanced: Mapped[str | None]
    answer: Mapped[str | None]
    #: When a report last said that it is delayed and still being tried.
    delayed_at: Mapped[datetime | None]
    #: When it came into its present state.
    changed_at: Mapped[datetime]
    created_at: Mapped[datetime]


class AttemptRow(Base):
    """One attempt at a delivery and the server's full answer."""

    __tablename__ = "attempt"
    __table_args__ = (
        UniqueConstraint("delivery_id", "fence"),
        Index("ix_attempt_account", "account", "at"),
    )
    id: Mapped[int] = mapped_column(primary_key=True)
    delivery_id: Mapped[int] = mapped_column(ForeignKey("delivery.id"))
    #: Of the claim under which it was made: one claim, one attempt.
    fence: Mapped[int]
    #: Whose server was asked; None where the message could not be written.
    account: Mapped[str | None]
    at: Mapped[datetime]
    phase: Mapped[str]
    code: Mapped[int | None]
    enhanced: Mapped[str | None]
    answer: Mapped[str]
    outcome: Mapped[str]


class ReplyRow(Base):
    """A message that came in, kept before it is read."""

    __tablename__ = "reply"
    __table_args__ = (
        UniqueConstraint("account", "folder", "uidvalidity", "uid"),
        Index("ix_reply_state", "state", "received_at", "uidvalidity", "uid"),
        Index("ix_reply_prospect", "prospect_id"),
        Index("ix_reply_addressee", "addressee_id"),
        Index("ix_reply_campaign", "campaign_id", "state"),
        Index("ix_reply_digest", "digest"),
    )
    id: Mapped[int] = mapped_column(primary_key=True)
    account: Mapped[str]
    folder: Mapped[str]
    uidvalidity: Mapped[int] = mapped_column(BigInteger)  # 32 bits without a sign (RFC 9051)
    uid: Mapped[int] = mapped_column(BigInteger)  # as above
    #: INTERNALDATE: when the mailbox received it.
    received_at: Mapped[datetime]
    fetched_at: Mapped[datetime]
    #: Octets on the server.
    size: Mapped[int] = mapped_column(BigInteger)
    #: The whole message, or its header alone where it was too large.
    raw: Mapped[bytes] = mapped_column(deferred=True)
    is_whole: Mapped[bool]
    #: SHA-256 of the raw bytes, hexadecimal.
    digest: Mapped[str]
    #: The DKIM key records that it names, as base64 by DNS name; None until they were asked for.
    keys: Mapped[dict[str, Any] | None]
    state: Mapped[str]
    campaign_id: Mapped[int | None] = mapped_column(ForeignKey("campaign.id"))
    prospect_id: Mapped[int | None] = mapped_column(ForeignKey("prospect.id"))
    addressee_id: Mapped[int | None] = mapped_column(ForeignKey("addressee.id"))
    #: The message of ours that it answers.
    answers_id: Mapped[int | None] = mapped_column(ForeignKey("message.id"))
    sender: Mapped[str | None]
    sender_name: Mapped[str | None]
    title: Mapped[str | None]
    mail_id: Mapped[str | None]
    #: What was read, as `flows.decide` got it.
    verdict: Mapped[dict[str, Any] | None]
    #: The reason word of what became of it.
    reason: Mapped[str | None]
    attempts: Mapped[int]
    owner: Mapped[str | None]
    lease_until: Mapped[datetime | None]


class ReviewRow(Base):
    """A reply that waits for a person."""

    __tablename__ = "review"
    __table_args__ = (Index("ix_review_open", "campaign_id", "settled_at"),)
    id: Mapped[int] = mapped_column(primary_key=True)
    reply_id: Mapped[int] = mapped_column(ForeignKey("reply.id"), unique=True)
    campaign_id: Mapped[int | None] = mapped_column(ForeignKey("campaign.id"))
    prospect_id: Mapped[int | None] = mapped_column(ForeignKey("prospect.id"))
    reason: Mapped[str]
    #: Until it is settled the party does not print: somebody else's word contradicts its own.
    blocks: Mapped[bool]
    #: When the invited address was asked whether this consent is its own.
    asked_at: Mapped[datetime | None]
    opened_at: Mapped[datetime]
    settled_at: Mapped[datetime | None]
    settled_by: Mapped[str | None]
    #: What the person decided: an act's word, or "dismissed".
    outcome: Mapped[str | None]


class DecisionRow(Base):
    """What a rule or a person made of a reply, or of a word given elsewhere."""

    __tablename__ = "decision"
    __table_args__ = (
        Index("ix_decision_prospect", "prospect_id"),
        Index("ix_decision_campaign", "campaign_id"),
        Index(
            "uq_decision_reply",
            "reply_id",
            "prospect_id",
            unique=True,
            sqlite_where=text("replaced_at IS NULL"),
            postgresql_where=text("replaced_at IS NULL"),
        ),
    )
    id: Mapped[int] = mapped_column(primary_key=True)
    campaign_id: Mapped[int] = mapped_column(ForeignKey("campaign.id"))
    prospect_id: Mapped[int] = mapped_column(ForeignKey("prospect.id"))
    reply_id: Mapped[int | None] = mapped_column(ForeignKey("reply.id"))
    act: Mapped[str]
    listings: Mapped[list[Any]]
    #: Number of the edition agreed to.
    edition: Mapped[int]
    received_at: Mapped[datetime]
    uidvalidity: Mapped[int] = mapped_column(BigInteger)  # as above
    uid: Mapped[int] = mapped_column(BigInteger)  # as above
    sender: Mapped[str]
    decided_by: Mapped[str]
    reason: Mapped[str]
    #: What a person laid before us: a scan, a note of a telephone call.
    evidence: Mapped[bytes | None] = mapped_column(deferred=True)
    evidence_name: Mapped[str | None]
    at: Mapped[datetime]
    #: When a person's decision on the same reply took its place.
    replaced_at: Mapped[datetime | None]


class PinRow(Base):
    """A place in the list that a coordinator pinned."""

    __tablename__ = "pin"
    __table_args__ = (UniqueConstraint("campaign_id", "kind", "name"),)
    id: Mapped[int] = mapped_column(primary_key=True)
    campaign_id: Mapped[int] = mapped_column(ForeignKey("campaign.id"))
    kind: Mapped[str]
    name: Mapped[str]
    #: Counted from 1 under the heading.
    place: Mapped[int]


class FreezeRow(Base):
    """The letter as it will leave: its text, list and addressees, and what was done with it."""

    __tablename__ = "freeze"
    __table_args__ = (UniqueConstraint("campaign_id", "number"),)
    id: Mapped[int] = mapped_column(primary_key=True)
    campaign_id: Mapped[int] = mapped_column(ForeignKey("campaign.id"))
    edition_id: Mapped[int] = mapped_column(ForeignKey("edition.id"))
    number: Mapped[int]
    #: A `domain.letter.Errand`: the letter, or one that follows it.
    kind: Mapped[str]
    #: The freeze whose letter this one follows.
    first_id: Mapped[int | None] = mapped_column(ForeignKey("freeze.id"))
    #: Text, list, addressees, templates, their SHA-256, and the counts.
    manifest: Mapped[dict[str, Any]]
    #: SHA-256 of the manifest's canonical JSON, hexadecimal; what an approval names.
    digest: Mapped[str]
    pdf: Mapped[bytes] = mapped_column(deferred=True)
    frozen_at: Mapped[datetime]
    frozen_by: Mapped[str]
    voided_at: Mapped[datetime | None]
    void_reason: Mapped[str | None]
    approved_at: Mapped[datetime | None]
    approved_by: Mapped[str | None]
    armed_at: Mapped[datetime | None]
    armed_by: Mapped[str | None]
    dispatch_at: Mapped[datetime | None]
    latest_start_at: Mapped[datetime | None]
    started_at: Mapped[datetime | None]
    finished_at: Mapped[datetime | None]
