"""Apply a campaign's folder: show what changed against the database, then write it."""

from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

from undersigned.domain import letter as letters
from undersigned.domain.addressees import Addressee
from undersigned.domain.campaign import Plan
from undersigned.domain.letter import Letter
from undersigned.domain.party import Prospect, Standing
from undersigned.domain.roster import party_key
from undersigned.errors import Refused
from undersigned.flows import renew, void
from undersigned.flows.check import Draft
from undersigned.service import Service
from undersigned.store import campaigns, journal, prospects
from undersigned.store.tables import (
    AddresseeRow,
    CampaignRow,
    EditionRow,
    PinRow,
    ProspectRow,
)

#: Rows written in one transaction of a large import, so that others may write between.
CHUNK = 500


@dataclass(frozen=True, kw_only=True)
class Change:
    """One difference between the folder and the database."""

    what: str
    old: str | None = None
    new: str | None = None

    def __str__(self) -> str:
        if self.old is None:
            return f"{self.what}: {self.new}" if self.new is not None else self.what
        return f"{self.what}: {self.old} → {self.new}"


@dataclass(kw_only=True)
class Changes:
    """All differences, by what they concern."""

    is_new: bool
    plan: list[Change] = field(default_factory=list)
    letter: list[Change] = field(default_factory=list)
    prospects: list[Change] = field(default_factory=list)
    addressees: list[Change] = field(default_factory=list)
    pins: list[Change] = field(default_factory=list)

    def __iter__(self) -> Iterator[Change]:
        yield from (*self.plan, *self.letter, *self.prospects, *self.addressees, *self.pins)

    def __bool__(self) -> bool:
        return self.is_new or any(True for _ in self)


def compare(service: Service, draft: Draft) -> Changes:
    """Give what `apply` would change; raises `Refused` where the folder has faults."""
    plan, letter = _sound(draft)
    with service.store.reading() as session:
        campaign = campaigns.named(session, plan.name)
        if campaign is None:
            return Changes(
                is_new=True,
                prospects=[Change(what="new party", new=one.name) for one in draft.prospects],
            )
        return Changes(
            is_new=False,
            plan=_plan_changes(Plan.from_table(campaign.plan), plan),
            letter=_letter_changes(campaigns.edition(session, campaign.id), letter),
            prospects=_prospect_changes(session, campaign.id, draft.prospects),
            addressees=_addressee_changes(session, campaign.id, draft.addressees),
            pins=_pin_changes(session, campaign.id, draft),
        )


def apply(service: Service, draft: Draft, *, by: str, substance: bool = False) -> Changes:
    """Write the folder into the database and the journal; gives what changed.

    A changed text is a new edition. With `substance`, those who signed an earlier one must agree
    again before they are printed. Prospects are never removed here: they may have been written to.
    """
    plan, letter = _sound(draft)
    changes = compare(service, draft)
    now = service.now
    with service.store.writing() as session:
        campaign = campaigns.named(session, plan.name)
        if campaign is None:
            campaign = CampaignRow(
                name=plan.name, plan=plan.as_table(), account=plan.account, created_at=now
            )
            session.add(campaign)
            session.flush()
        campaign.plan, campaign.account = plan.as_table(), plan.account
        edition = _write_edition(session, campaign.id, letter, substance=substance, now=now)
        _write_addressees(session, campaign.id, draft.addressees, now)
        _write_pins(session, campaign.id, draft)
        session.flush()
        void.void_if_changed(session, campaign, reason="the campaign's folder changed", now=now)
        if edition is not None:
            _tell_edition(session, campaign, edition, by=by, now=now)
        journal.write(
            session,
            "applied",
            f"campaign:{campaign.name}",
            actor=by,
            now=now,
            campaign_id=campaign.id,
            changes=[str(change) for change in changes],
        )
        campaign_id = campaign.id
    for start in range(0, len(draft.prospects), CHUNK):
        with service.store.writing() as session:
            _write_prospects(session, campaign_id, draft.prospects[start : start + CHUNK], now)
    return changes


def _sound(draft: Draft) -> tuple[Plan, Letter]:
    if draft.errors or draft.plan is None or draft.letter is None:
        count = len(draft.errors)
        raise Refused(
            f"The folder has {count} {'fault' if count == 1 else 'faults'}. "
            f"`undersigned check {draft.folder}` says where, and what to do."
        )
    return draft.plan, draft.letter


def _plan_changes(old: Plan, new: Plan) -> list[Change]:
    before, after = old.as_table(), new.as_table()
    return [
        Change(what=key, old=str(before.get(key)), new=str(after[key]))
        for key in after
        if before.get(key) != after[key]
    ]


def _letter_changes(row: EditionRow, letter: Letter) -> list[Change]:
    if row.digest == letters.digest(letter):
        return []
    return [
        Change(what="letter", old=f"edition {row.number}", new=f"edition {row.number + 1}"),
        *(Change(what=line) for line in letters.differences(campaigns.words(row), letter)),
    ]


def _fields(prospect: Prospect | ProspectRow) -> dict[str, Any]:
    names = ("name", "title", "country", "email", "contact", "language", "more")
    return {name: getattr(prospect, name) for name in names}


def _prospect_changes(session: Session, campaign_id: int, drafted: list[Prospect]) -> list[Change]:
    rows = {(row.kind, row.key): row for row in prospects.of(session, campaign_id)}
    changes: list[Change] = []
    for prospect in drafted:
        row = rows.pop((prospect.kind, party_key(prospect.name)), None)
        if row is None:
            changes.append(Change(what="new party", new=prospect.name))
            continue
        old, new = _fields(row), _fields(prospect)
        changes += [
            Change(what=f"{prospect.name}, {key}", old=str(old[key]), new=str(new[key]))
            for key in new
            if old[key] != new[key]
        ]
    return changes


def _write_prospects(
    session: Session, campaign_id: int, drafted: list[Prospect], now: datetime
) -> None:
    rows = {(row.kind, row.key): row for row in prospects.of(session, campaign_id)}
    for prospect in drafted:
        key = party_key(prospect.name)
        row = rows.get((prospect.kind, key))
        if row is None:
            session.add(new_prospect(campaign_id, prospect, now))
            continue
        for name, value in _fields(prospect).items():
            if getattr(row, name) != value:
                setattr(row, name, value)


def new_prospect(campaign_id: int, prospect: Prospect, now: datetime) -> ProspectRow:
    """Give the row of a party that was not written to yet."""
    return ProspectRow(
        campaign_id=campaign_id,
        kind=prospect.kind,
        key=party_key(prospect.name),
        standing=Standing.PROSPECT,
        created_at=now,
        **_fields(prospect),
    )


def _write_edition(
    session: Session, campaign_id: int, letter: Letter, *, substance: bool, now: datetime
) -> EditionRow | None:
    """Write the text as a new edition; None where it is the present one to the last comma."""
    digest = letters.digest(letter)
    number = 0
    if session.query(EditionRow.id).filter_by(campaign_id=campaign_id).first():
        latest = campaigns.edition(session, campaign_id)
        if latest.digest == digest:
            return None
        number = latest.number
    edition = EditionRow(
        campaign_id=campaign_id,
        number=number + 1,
        digest=digest,
        substance=substance or number == 0,
        created_at=now,
        **asdict(letter),
    )
    session.add(edition)
    return edition


def _tell_edition(
    session: Session, campaign: CampaignRow, edition: EditionRow, *, by: str, now: datetime
) -> None:
    """Ask the signers of earlier editions where the change is one of substance; journal it."""
    asked = renew.ask_all(session, campaign, now=now) if edition.substance else 0
    journal.write(
        session,
        "changed-text",
        f"edition:{edition.number}",
        actor=by,
        now=now,
        campaign_id=campaign.id,
        digest=edition.digest,
        substance=edition.substance,
        asked_again=asked,
    )


def _addressee_values(one: Addressee) -> dict[str, Any]:
    return {**asdict(one), "to": list(one.to), "cc": list(one.cc)}


def _addressee_changes(
    session: Session, campaign_id: int, drafted: list[Addressee]
) -> list[Change]:
    rows = {row.code: row for row in campaigns.addressees(session, campaign_id)}
    changes: list[Change] = []
    for one in drafted:
        row = rows.pop(one.code, None)
        if row is None:
            changes.append(Change(what="new mission", new=one.mission))
            continue
        changes += [
            Change(what=f"{one.mission}, {key}", old=str(getattr(row, key)), new=str(value))
            for key, value in _addressee_values(one).items()
            if getattr(row, key) != value
        ]
    return changes + [Change(what="mission taken out", new=row.mission) for row in rows.values()]


def _write_addressees(
    session: Session, campaign_id: int, drafted: list[Addressee], now: datetime
) -> None:
    rows = {row.code: row for row in campaigns.every_addressee(session, campaign_id)}
    for one in drafted:
        row = rows.pop(one.code, None)
        if row is None:
            session.add(AddresseeRow(campaign_id=campaign_id, **_addressee_values(one)))
            continue
        row.taken_out_at = None
        for key, value in _addressee_values(one).items():
            setattr(row, key, value)
    for row in rows.values():
        row.taken_out_at = row.taken_out_at or now


def _pins(drafted: Draft) -> dict[tuple[str, str], int]:
    return {(pin.kind.value, pin.name): pin.place for pin in drafted.pins}


def _pin_changes(session: Session, campaign_id: int, draft: Draft) -> list[Change]:
    old: Mapping[tuple[str, str], int] = {
        (row.kind, row.name): row.place for row in campaigns.pins(session, campaign_id)
    }
    new = _pins(draft)
    return [
        Change(what=f"place of {key[1]}", old=str(old.get(key)), new=str(new.get(key)))
        for key in {**old, **new}
        if old.get(key) != new.get(key)
    ]


def _write_pins(session: Session, campaign_id: int, draft: Draft) -> None:
    rows = {(row.kind, row.name): row for row in campaigns.pins(session, campaign_id)}
    for key, place in _pins(draft).items():
        row = rows.pop(key, None)
        if row is None:
            session.add(PinRow(campaign_id=campaign_id, kind=key[0], name=key[1], place=place))
        else:
            row.place = place
    for row in rows.values():
        session.delete(row)
