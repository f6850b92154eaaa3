"""The outcome of a rehearsal: the counts that must agree, and the documents it leaves."""

import json
from collections import Counter
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from undersigned.domain.campaign import Plan
from undersigned.domain.delivery import Purpose, State
from undersigned.domain.party import Standing
from undersigned.domain.reply import ReplyState
from undersigned.flows import documents, signatories
from undersigned.flows.check import Draft
from undersigned.rehearsal.office import Office
from undersigned.service import Service
from undersigned.store import campaigns, freezes, journal
from undersigned.store.tables import (
    CampaignRow,
    DeliveryRow,
    FreezeRow,
    MessageRow,
    ProspectRow,
    ReplyRow,
)

#: What the printed list must equal, where the campaign's folder has it.
EXPECTED = "expected_signatories.txt"

_ACCEPTED = (State.ACCEPTED, State.DELIVERED, State.BOUNCED)


@dataclass(frozen=True, kw_only=True)
class Sum:
    """One equation: a whole, and the parts that must add up to it."""

    what: str
    whole: int
    parts: dict[str, int]

    @property
    def is_right(self) -> bool:
        """Whether it adds up."""
        return self.whole == sum(self.parts.values())


@dataclass(frozen=True, kw_only=True)
class Outcome:
    """What came of a rehearsal."""

    sums: tuple[Sum, ...]
    #: What is wrong beside the sums, one sentence each.
    faults: tuple[str, ...]
    #: Signatories under each heading.
    counts: dict[str, int]
    written: tuple[Path, ...]

    @property
    def is_right(self) -> bool:
        """Whether everything reconciles."""
        return not self.faults and all(one.is_right for one in self.sums)


def conclude(service: Service, office: Office, draft: Draft, into: Path) -> Outcome:
    """Write the documents, and compare the database with what the post office truly holds."""
    assert draft.plan is not None  # noqa: S101 - the stage refuses a folder without a plan
    name = draft.plan.name
    with service.store.reading() as session:
        campaign = campaigns.get(session, name)
        plan = Plan.from_table(campaign.plan)
        sums = (
            _invitations(session, campaign),
            _replies(session, office, plan),
            _letters(session, office, campaign),
        )
        frozen = freezes.current(session, campaign.id)
        faults = [*_doubled(session, office, campaign), *_list_faults(frozen, draft)]
    written = _write(service, name, into)
    counts = {kind: len(lines) for kind, lines in frozen.manifest["list"].items()} if frozen else {}
    return Outcome(sums=sums, faults=tuple(faults), counts=counts, written=written)


def _invitations(session: Session, campaign: CampaignRow) -> Sum:
    """Every invited party answered, bounced, or is silent."""
    rows = session.scalars(select(ProspectRow).where(ProspectRow.campaign_id == campaign.id)).all()
    parts = Counter[str]()
    for row in rows:
        if row.standing == Standing.BOUNCED:
            parts["bounced"] += 1
        elif row.answered_at is not None:
            parts["answered"] += 1
        elif row.standing == Standing.INVITED:
            parts["silent"] += 1
    whole = _deliveries(session, campaign, Purpose.INVITATION)
    return Sum(
        what="invitations",
        whole=whole,
        parts={part: parts[part] for part in ("answered", "bounced", "silent")},
    )


def _deliveries(session: Session, campaign: CampaignRow, purpose: Purpose) -> int:
    query = select(func.count()).select_from(DeliveryRow)
    mine = (DeliveryRow.campaign_id == campaign.id) & (DeliveryRow.purpose == purpose)
    return session.scalar(query.where(mine, DeliveryRow.state != State.CANCELLED)) or 0


def _replies(session: Session, office: Office, plan: Plan) -> Sum:
    """Everything the mailbox holds was decided, reviewed, or is a machine's mail."""
    states = Counter(session.scalars(select(ReplyRow.state)).all())
    names = {
        ReplyState.DECIDED: "decided",
        ReplyState.REVIEW: "reviewed",
        ReplyState.AUTOMATIC: "automatic",
        ReplyState.BOUNCE: "bounces",
    }
    return Sum(
        what="replies in",
        whole=len(office.received(plan.reply_address)),
        parts={word: states[state] for state, word in names.items()},
    )


def _letters(session: Session, office: Office, campaign: CampaignRow) -> Sum:
    """Every letter was accepted, and lies in the mission's mailbox exactly once."""
    rows = session.execute(
        select(DeliveryRow.address, DeliveryRow.state, MessageRow.message_id)
        .join(MessageRow, MessageRow.id == DeliveryRow.message_id)
        .where(
            DeliveryRow.campaign_id == campaign.id,
            DeliveryRow.purpose == Purpose.LETTER,
            DeliveryRow.state != State.CANCELLED,
        )
    ).all()
    accepted = sum(
        row.state in _ACCEPTED and len(office.received(row.address)) == 1 for row in rows
    )
    return Sum(what="letters", whole=len(rows), parts={"accepted": accepted})


def _doubled(session: Session, office: Office, campaign: CampaignRow) -> list[str]:
    """Name each message that the post office took twice for one recipient."""
    ours = set(
        session.scalars(select(MessageRow.message_id).where(MessageRow.campaign_id == campaign.id))
    )
    taken = Counter(
        (one.recipient, message_id)
        for one in office.everything()
        if (message_id := _message_id(one.raw)) in ours
    )
    return [
        f"{message_id} reached {recipient} {count} times."
        for (recipient, message_id), count in taken.items()
        if count > 1
    ]


def _message_id(raw: bytes) -> str:
    for line in raw.split(b"\r\n\r\n", 1)[0].splitlines():
        if line.lower().startswith(b"message-id:"):
            return line.partition(b":")[2].strip().decode("ascii", "replace")
    return ""


def _list_faults(frozen: FreezeRow | None, draft: Draft) -> list[str]:
    if frozen is None:
        return ["The letter was not frozen."]
    path = draft.folder / EXPECTED
    if path.is_file() and path.read_bytes() != _list_text(frozen).encode():
        return [f"The printed list is not {EXPECTED}."]
    return []


def _list_text(frozen: FreezeRow) -> str:
    return signatories.lines_as_text(frozen.manifest["list"])


def _write(service: Service, name: str, into: Path) -> tuple[Path, ...]:
    with service.store.reading() as session:
        campaign = campaigns.get(session, name)
        frozen = freezes.current(session, campaign.id)
        lines = [
            {
                "at": row.at.isoformat(),
                "actor": row.actor,
                "action": row.action,
                "subject": row.subject,
                **({"detail": row.detail} if row.detail else {}),
            }
            for row in journal.lines(session, campaign.id)
        ]
        if frozen is None:
            return ()
        letter = documents.write_frozen(service, session, frozen.id, into)
        text = _list_text(frozen)
    (into / "signatories.txt").write_text(text, encoding="utf-8")
    signatories.export(service, name, into / "signatories.csv")
    (into / "journal.jsonl").write_text(
        "".join(f"{json.dumps(line, ensure_ascii=False)}\n" for line in lines), encoding="utf-8"
    )
    return (
        *letter,
        into / "signatories.txt",
        into / "signatories.csv",
        into / "mail",
        into / "journal.jsonl",
    )
