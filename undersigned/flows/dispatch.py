"""Dispatch: approve, arm, and at the set minute send the letter to every addressee, once."""

from datetime import datetime, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from undersigned import marks
from undersigned.domain import addressees
from undersigned.domain.campaign import Plan
from undersigned.domain.witness import Kind
from undersigned.errors import Refused
from undersigned.flows import letters, missions, sizes, withdrawals, witness
from undersigned.service import Service
from undersigned.store import campaigns, freezes, journal, notes, replies, troubles
from undersigned.store.tables import CampaignRow, FreezeRow


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
        _refuse_same(campaign, frozen.frozen_by, by, "froze it")
        frozen.approved_at, frozen.approved_by = now, by
        _write(session, campaign, frozen, "approved", by, now)


def schedule(
    service: Service,
    name: str,
    *,
    by: str,
    at: datetime | None = None,
    latest_start: datetime | None = None,
) -> datetime:
    """Arm the approved letter for an instant, the plan's where none is named; gives it.

    After `latest_start` it does not leave by itself; as long after the instant as in the plan,
    where none is named. Raises `Refused` where it is not approved, an addressee has no address
    that was verified lately, the latest start has passed, a letter is larger than the server
    takes, or the witness stands against it.
    """
    now = service.now
    with service.store.reading() as session:
        account = campaigns.get(session, name).account
    against = witness.against(service, account, name)
    most = sizes.limit(service, account)
    with service.store.writing() as session:
        campaign, frozen = _frozen(session, name)
        plan = Plan.from_table(campaign.plan)
        if frozen.approved_at is None:
            raise Refused("The frozen letter is not approved yet: `undersigned dispatch approve`.")
        _refuse_same(campaign, frozen.approved_by, by, "approved it")
        _refuse_unfit(session, campaign, now)
        frozen.dispatch_at = at or plan.dispatch_at
        frozen.latest_start_at = latest_start or frozen.dispatch_at + _patience(plan)
        if not frozen.dispatch_at < frozen.latest_start_at:
            raise Refused("The latest start must come after the instant of dispatch.")
        if now > frozen.latest_start_at:
            raise Refused(
                f"The latest start, {frozen.latest_start_at:%Y-%m-%d %H:%M} UTC, has passed: name "
                "a later instant with --at, or set it in campaign.toml and run `undersigned apply`."
            )
        if sentence := against or sizes.too_large(session, frozen, most):
            raise Refused(sentence)
        frozen.armed_at, frozen.armed_by = now, by
        _write(session, campaign, frozen, "armed", by, now)
        return frozen.dispatch_at


def _patience(plan: Plan) -> timedelta:
    return plan.latest_start_at - plan.dispatch_at


def _refuse_same(campaign: CampaignRow, other: str | None, by: str, did: str) -> None:
    """Refuse a second step by the person of the first, where the campaign wants two people."""
    if Plan.from_table(campaign.plan).second_person and other == by:
        raise Refused(f"{by} {did}: campaign.toml asks for a second person here.")


def _refuse_unfit(session: Session, campaign: CampaignRow, now: datetime) -> None:
    found = missions.values(session, campaign)
    wrong = [told for one in found if (told := addressees.unfit(one, on=now.date()))]
    if not found or wrong:
        told = " ".join(wrong) or "The letter goes to nobody."
        raise Refused(f"{told} Put it right in missions.csv, then `undersigned apply`.")


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
    letters.finish(service)
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
        made = letters.make(session, campaign, frozen, now)
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
    watermark = replies.watermark(session, campaign.account, now)
    if frozen.dispatch_at and (watermark is None or watermark < frozen.dispatch_at):
        return (
            "The letter waits until the mailbox has been read up to its minute: "
            "a withdrawal may lie in it."
        )
    if replies.waiting(session, campaign.account, now):
        return "The letter waits until the replies that came are read."
    if doubtful := withdrawals.possible(session, campaign.id):
        numbers = ", ".join(map(str, doubtful))
        return (
            f"A reply that waits for a person may be a withdrawal (review {numbers}), so the "
            "letter waits: `undersigned review show` and `review decide`."
        )
    return None
