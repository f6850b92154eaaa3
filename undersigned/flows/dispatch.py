"""Dispatch: approve, arm, and at the set minute send the letter to every addressee, once."""

from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from undersigned import marks
from undersigned.domain.campaign import Plan
from undersigned.domain.delivery import Purpose, State
from undersigned.domain.witness import Kind
from undersigned.errors import Refused
from undersigned.flows import mint, witness
from undersigned.service import Service
from undersigned.store import campaigns, freezes, journal, messages, notes, replies, troubles
from undersigned.store.tables import (
    CampaignRow,
    DeliveryRow,
    FreezeRow,
    MessageRow,
)


def approve(service: Service, name: str, *, digest: str, by: str) -> None:
    """Approve the frozen letter by the first characters of its digest, at least eight.

    Raises `Refused` where nothing is frozen or the digest is another's: it changed meanwhile.
    """
    now = service.now
    with service.store.writing() as session:
        campaign, frozen = _frozen(session, name)
        if len(digest) < 8 or not frozen.digest.startswith(digest.lower()):  # noqa: PLR2004 - a prefix that nobody hits by chance
            raise Refused(
                f"The frozen letter's digest begins with {frozen.digest[:12]}, not {digest}: look "
                "at it again with `undersigned dispatch status` before you approve."
            )
        if frozen.approved_at is not None:
            raise Refused(f"It was approved by {frozen.approved_by} already.")
        frozen.approved_at, frozen.approved_by = now, by
        _write(session, campaign, frozen, "approved", by, now)


def schedule(service: Service, name: str, *, by: str) -> datetime:
    """Arm the approved letter for the instant of the plan; gives it.

    Raises `Refused` where it is not approved, an addressee has no address, the latest start has
    passed, or the witness stands against it.
    """
    now = service.now
    with service.store.reading() as session:
        account = campaigns.get(session, name).account
    against = witness.against(service, account, name)
    with service.store.writing() as session:
        campaign, frozen = _frozen(session, name)
        plan = Plan.from_table(campaign.plan)
        if frozen.approved_at is None:
            raise Refused("The frozen letter is not approved yet: `undersigned dispatch approve`.")
        addressees = frozen.manifest["addressees"]
        without = [one["mission"] for one in addressees if not one["to"]]
        if without or not addressees:
            raise Refused(f"There is no address for {', '.join(without) or 'anybody'}.")
        if now > plan.latest_start_at:
            raise Refused(
                f"The latest start, {plan.latest_start_at:%Y-%m-%d %H:%M} UTC, has passed: set a "
                "new date in campaign.toml and run `undersigned apply`."
            )
        if against is not None:
            raise Refused(against)
        frozen.armed_at, frozen.armed_by = now, by
        frozen.dispatch_at, frozen.latest_start_at = plan.dispatch_at, plan.latest_start_at
        _write(session, campaign, frozen, "armed", by, now)
        return plan.dispatch_at


def disarm(service: Service, name: str, *, by: str) -> None:
    """Take the arming back; the freeze and its approval stay."""
    with service.store.writing() as session:
        campaign, frozen = _frozen(session, name)
        if frozen.armed_at is None:
            raise Refused(f"{name} is not armed.")
        frozen.armed_at = frozen.armed_by = frozen.dispatch_at = None
        _write(session, campaign, frozen, "disarmed", by, service.now)


def _frozen(session: Session, name: str) -> tuple[CampaignRow, FreezeRow]:
    campaign = campaigns.lock(session, campaigns.get(session, name).id)
    frozen = freezes.lock_current(session, campaign.id)
    if frozen is None:
        raise Refused(
            f"{name} is not frozen. `undersigned letter freeze` does it after the cut-off."
        )
    if frozen.started_at is not None:
        raise Refused(f"The letter left on {frozen.started_at:%Y-%m-%d %H:%M} UTC.")
    return campaign, frozen


def _write(
    session: Session, campaign: CampaignRow, frozen: FreezeRow, action: str, by: str, now: datetime
) -> None:
    journal.write(
        session,
        action,
        f"freeze:{frozen.number}",
        actor=by,
        now=now,
        campaign_id=campaign.id,
        digest=frozen.digest,
    )


# The minute.


def dispatch_due(service: Service) -> int:
    """Begin every armed dispatch whose instant has come; gives how many letters were made."""
    now = service.now
    with service.store.reading() as session:
        due = session.scalars(
            select(FreezeRow.id).where(
                FreezeRow.voided_at.is_(None),
                FreezeRow.armed_at.is_not(None),
                FreezeRow.started_at.is_(None),
                FreezeRow.dispatch_at <= now,
            )
        ).all()
    made = sum(_begin(service, freeze_id, _against(service, freeze_id)) for freeze_id in due)
    if made:
        service.announce("deliver")
    _finish(service)
    return made


def _against(service: Service, freeze_id: int) -> str | None:
    """Give what the witness says against a dispatch that nothing else keeps from beginning."""
    with service.store.reading() as session:
        frozen = session.get_one(FreezeRow, freeze_id)
        campaign = session.get_one(CampaignRow, frozen.campaign_id)
        if _why_not(session, campaign, frozen, service.now) is not None:
            return None  # asked again, and told, when it begins
    return witness.against(service, campaign.account, campaign.name)


def _begin(service: Service, freeze_id: int, against: str | None) -> int:
    """Make one message per addressee, in the transaction that claims the start."""
    now = service.now
    with service.store.writing() as session:
        found = session.get_one(FreezeRow, freeze_id)
        campaign = campaigns.lock(session, found.campaign_id)
        frozen = freezes.lock_current(session, campaign.id)
        if frozen is None or frozen.id != freeze_id or frozen.started_at or not frozen.armed_at:
            return 0
        sentence = _why_not(session, campaign, frozen, now) or against
        key = f"dispatch:{campaign.id}"
        if sentence is not None:
            if troubles.tell(session, key, sentence, now=now, campaign_id=campaign.id):
                service.announce("fetch")
            return 0
        troubles.mend(session, key)
        frozen.started_at = now
        notes.add(session, campaign.account, Kind.DISPATCHED, [campaign.name], now=now)
        made = _make_letters(session, campaign, frozen, now)
        _write(session, campaign, frozen, "dispatched", "tick", now)
        session.flush()
        marks.passed("dispatch.made")
    marks.passed("dispatch.committed")
    return made


def _why_not(
    session: Session, campaign: CampaignRow, frozen: FreezeRow, now: datetime
) -> str | None:
    """Give the sentence that says what keeps the letter from leaving, or None."""
    if frozen.latest_start_at is not None and now > frozen.latest_start_at:
        return (
            f"The letter did not leave by its latest start, {frozen.latest_start_at:%Y-%m-%d %H:%M}"
            " UTC, and will not by itself. Set a new date, run `undersigned apply`, and "
            "schedule it again."
        )
    if campaign.paused_at is not None:
        return "The campaign is paused, so the letter waits. `undersigned resume` lets it leave."
    watermark = replies.watermark(session, campaign.account)
    if frozen.dispatch_at and (watermark is None or watermark < frozen.dispatch_at):
        return (
            "The letter waits until the mailbox has been read up to its minute: "
            "a withdrawal may lie in it."
        )
    if replies.waiting(session, campaign.account, now):
        return "The letter waits until the replies that came are read."
    return None


def _make_letters(session: Session, campaign: CampaignRow, frozen: FreezeRow, now: datetime) -> int:
    by_code = {row.code: row for row in campaigns.addressees(session, campaign.id)}
    addressees = frozen.manifest["addressees"]
    for one in addressees:
        row = by_code[one["code"]]
        message = mint.message(
            campaign,
            Purpose.LETTER,
            f"addressee:{row.id}",
            template="letter-to-mission",
            now=now,
            number=frozen.number,
            facts={"salutation": one["salutation"]},
            addressee_id=row.id,
            edition_id=frozen.edition_id,
            freeze_id=frozen.id,
        )
        messages.add(
            session,
            message,
            account=campaign.account,
            to=one["to"],
            cc=one["cc"],
            due_at=now,
        )
    return len(addressees)


_AT_WORK = (State.QUEUED, State.CLAIMED, State.SENDING)


def _finish(service: Service) -> None:
    """Note when the last letter of a dispatch has come to rest."""
    with service.store.writing() as session:
        begun = session.scalars(
            select(FreezeRow).where(
                FreezeRow.started_at.is_not(None),
                FreezeRow.finished_at.is_(None),
                FreezeRow.voided_at.is_(None),
            )
        ).all()
        for frozen in begun:
            at_work = session.scalar(
                select(DeliveryRow.id)
                .join(MessageRow, MessageRow.id == DeliveryRow.message_id)
                .where(MessageRow.freeze_id == frozen.id, DeliveryRow.state.in_(_AT_WORK))
                .limit(1)
            )
            if at_work is None:
                frozen.finished_at = service.now
