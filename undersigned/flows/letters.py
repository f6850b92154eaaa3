"""Letters: the frozen letter as messages to addressees; again by a person, or as a test."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from undersigned.domain import board
from undersigned.domain.addresses import is_address, normalize
from undersigned.domain.campaign import Plan
from undersigned.domain.delivery import Purpose, State
from undersigned.errors import Refused
from undersigned.flows import mint
from undersigned.service import Service
from undersigned.store import campaigns, freezes, journal, messages
from undersigned.store.tables import (
    AddresseeRow,
    CampaignRow,
    DeliveryRow,
    FreezeRow,
    MessageRow,
)

TEMPLATE = "letter-to-mission"
#: What stands before the subject of a test.
TEST_MARK = "[TEST] "


def make(session: Session, campaign: CampaignRow, frozen: FreezeRow, now: datetime) -> int:
    """Make one message per addressee, spaced as the campaign says; gives how many."""
    plan = Plan.from_table(campaign.plan)
    by_code = {row.code: row for row in campaigns.every_addressee(session, campaign.id)}
    for place, one in enumerate(frozen.manifest["addressees"]):
        row = by_code[one["code"]]
        message = mint.message(
            campaign,
            Purpose.LETTER,
            f"addressee:{row.id}",
            template=TEMPLATE,
            now=now,
            number=frozen.number,
            facts={"code": row.code, "answers": _thread(session, frozen, row)},
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
            due_at=now + place * plan.spacing,
        )
    return len(frozen.manifest["addressees"])


def _thread(session: Session, frozen: FreezeRow, row: AddresseeRow) -> str | None:
    """Give the Message-ID of the letter that a supplement or a correction follows, or None."""
    if frozen.first_id is None:
        return None
    return session.scalar(
        select(MessageRow.message_id)
        .where(MessageRow.freeze_id == frozen.first_id, MessageRow.addressee_id == row.id)
        .order_by(MessageRow.id.desc())
        .limit(1)
    )


_AT_WORK = (State.QUEUED, State.CLAIMED, State.SENDING)


def finish(service: Service) -> None:
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
                .where(
                    MessageRow.freeze_id == frozen.id,
                    MessageRow.purpose == Purpose.LETTER,
                    DeliveryRow.state.in_(_AT_WORK),
                )
                .limit(1)
            )
            if at_work is None:
                frozen.finished_at = service.now


def send_again(
    service: Service, name: str, code: str, addresses: Sequence[str], *, reason: str, by: str
) -> None:
    """Send a mission its letter once more, to corrected addresses: an act of a person.

    Raises `Refused` where the letter may have arrived: then it is settled, not sent again.
    """
    to = [normalize(one) for one in addresses]
    if wrong := [one for one in to if not is_address(one)]:
        raise Refused(f"{wrong[0]!r} is not a mail address.")
    if not to or not reason.strip():
        raise Refused("Name the corrected address (--to), and say why (--reason).")
    now = service.now
    with service.store.writing() as session:
        campaign = campaigns.lock(session, campaigns.get(session, name).id)
        frozen = freezes.lock_current(session, campaign.id)
        if frozen is None or frozen.started_at is None:
            raise Refused(f"The letter of {name} has not left: correct the missions and `apply`.")
        row = _addressee(session, campaign, code)
        _refuse_arrived(session, frozen, row)
        subject = f"addressee:{row.id}/freeze:{frozen.number}"
        message = mint.message(
            campaign,
            Purpose.LETTER,
            subject,
            template=TEMPLATE,
            now=now,
            number=messages.next_round(session, Purpose.LETTER, subject),
            facts={"code": row.code, "answers": _thread(session, frozen, row)},
            addressee_id=row.id,
            edition_id=frozen.edition_id,
            freeze_id=frozen.id,
        )
        messages.add(session, message, account=campaign.account, to=to, due_at=now)
        frozen.finished_at = None
        journal.write(
            session,
            "sent-again",
            f"addressee:{row.id}",
            actor=by,
            now=now,
            campaign_id=campaign.id,
            mission=row.mission,
            to=to,
            reason=reason,
        )
    service.announce("deliver")


def _addressee(session: Session, campaign: CampaignRow, code: str) -> AddresseeRow:
    found = [
        row
        for row in campaigns.every_addressee(session, campaign.id)
        if row.code.casefold() == code.casefold()
    ]
    if not found:
        raise Refused(f"There is no mission {code} in {campaign.name}: see `missions list`.")
    return found[0]


def _refuse_arrived(session: Session, frozen: FreezeRow, row: AddresseeRow) -> None:
    deliveries = session.scalars(
        select(DeliveryRow)
        .join(MessageRow, MessageRow.id == DeliveryRow.message_id)
        .where(
            MessageRow.freeze_id == frozen.id,
            MessageRow.addressee_id == row.id,
            MessageRow.purpose == Purpose.LETTER,
            DeliveryRow.header == "to",
        )
    )
    state = board.of_mission(State(one.state) for one in deliveries)
    if state not in (State.BOUNCED, State.REFUSED):
        raise Refused(
            f"The letter to {row.mission} is {state.value}: only one that bounced or was refused "
            "is sent again. An uncertain one is settled with `undersigned dispatch settle`."
        )


def send_test(service: Service, name: str, codes: Sequence[str], *, by: str) -> int:
    """Send the frozen letter to the coordinators as missions will get it; gives how many.

    Identical but for To, what names the message, and a mark in the subject. No code stands for the
    first mission alone.
    """
    now = service.now
    with service.store.writing() as session:
        campaign = campaigns.lock(session, campaigns.get(session, name).id)
        frozen = freezes.lock_current(session, campaign.id)
        if frozen is None:
            raise Refused(
                f"{name} is not frozen. `undersigned letter freeze` does it after the cut-off."
            )
        plan = Plan.from_table(campaign.plan)
        known = [one["code"] for one in frozen.manifest["addressees"]]
        wanted = [code.upper() if code.upper() in known else code for code in codes] or known[:1]
        if unknown := [code for code in wanted if code not in known]:
            raise Refused(f"The letter does not go to {', '.join(unknown)}.")
        for code in wanted:
            _add_test(session, campaign, frozen, code, plan, now)
        journal.write(
            session,
            "tested",
            f"freeze:{frozen.number}",
            actor=by,
            now=now,
            campaign_id=campaign.id,
            digest=frozen.digest,
            missions=wanted,
        )
    service.announce("deliver")
    return len(wanted)


def _add_test(
    session: Session,
    campaign: CampaignRow,
    frozen: FreezeRow,
    code: str,
    plan: Plan,
    now: datetime,
) -> None:
    subject = f"freeze:{frozen.id}/{code}"
    message = mint.message(
        campaign,
        Purpose.TEST,
        subject,
        template=TEMPLATE,
        now=now,
        number=messages.next_round(session, Purpose.TEST, subject),
        facts={"code": code, "mark": TEST_MARK},
        edition_id=frozen.edition_id,
        freeze_id=frozen.id,
    )
    to = plan.desk
    messages.add(session, message, account=campaign.account, to=list(to), due_at=now)
