"""Erasure: what is taken out of the rows of a person who asked for it.

No row goes: others rest on it, and the counts stay true.
"""

import re
from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import delete, func, or_, select, update
from sqlalchemy.orm import Session

from undersigned.domain.decision import Act
from undersigned.domain.delivery import Purpose, State
from undersigned.store.machine_tables import JournalRow, TroubleRow
from undersigned.store.paper_tables import CopyRow
from undersigned.store.tables import (
    AttemptRow,
    DecisionRow,
    DeliveryRow,
    FreezeRow,
    MessageRow,
    PinRow,
    ProspectRow,
    ReplyRow,
    ReviewRow,
)

#: Stands where something was.
GONE = "(erased)"
#: A domain that never is one (RFC 2606 §2).
NOWHERE = "erased.invalid"
_FROZEN_LEFT = FreezeRow.started_at.is_not(None) & FreezeRow.voided_at.is_(None)


def replies_of(session: Session, address: str, parties: Collection[int]) -> list[int]:
    """Give the replies of some parties, and all that came from an address."""
    query = select(ReplyRow.id).where(
        or_(ReplyRow.prospect_id.in_(parties), ReplyRow.sender == address)
    )
    return list(session.scalars(query))


def messages_of(session: Session, address: str, parties: Collection[int]) -> list[int]:
    """Give the messages to some parties or to an address, less letters to addressees."""
    to = select(DeliveryRow.message_id).where(DeliveryRow.address == address)
    query = select(MessageRow.id).where(
        MessageRow.purpose != Purpose.LETTER,
        or_(MessageRow.prospect_id.in_(parties), MessageRow.id.in_(to)),
    )
    return list(session.scalars(query))


def parties_of(session: Session, address: str) -> Sequence[ProspectRow]:
    """Give the parties that are invited at an address, merged ones too."""
    query = select(ProspectRow).where(ProspectRow.email == address).order_by(ProspectRow.id)
    return session.scalars(query).all()


def proofs(
    session: Session, replies: Collection[int], erased: Collection[int]
) -> dict[int, ProspectRow]:
    """Give the replies by which parties that are not erased stand where they stand."""
    rows = session.execute(
        select(DecisionRow.reply_id, ProspectRow)
        .join(ProspectRow, ProspectRow.id == DecisionRow.prospect_id)
        .where(
            DecisionRow.reply_id.in_(replies),
            DecisionRow.prospect_id.not_in(erased),
            DecisionRow.act != Act.NOTE,
            DecisionRow.replaced_at.is_(None),
        )
    )
    return {number: row for number, row in rows if number is not None}


def party(row: ProspectRow, *, keep_name: bool, now: datetime) -> None:
    """Take a party's person out; the name stays where a letter that left bears it."""
    row.email = f"erased-{row.id}@{NOWHERE}"
    row.contact = row.language = None
    row.more = {}
    row.unsubscribed_at = row.unsubscribed_at or now
    if not keep_name:
        row.name, row.key = f"{GONE} #{row.id}", f"erased {row.id}"
        row.title = row.country = None


#: Why nothing can be seen of a reply.
ERASED = "erased"


def replies(session: Session, ids: Collection[int], *, now: datetime, by: str) -> None:
    """Take out what came in, and close what waits for a person about it."""
    session.execute(
        update(ReplyRow)
        .where(ReplyRow.id.in_(ids))
        .values(
            raw=b"",
            keys={},
            sender=None,
            sender_name=None,
            title=None,
            mail_id=None,
            verdict=None,
            reason=ERASED,
        )
    )
    session.execute(
        update(ReviewRow)
        .where(ReviewRow.reply_id.in_(ids), ReviewRow.settled_at.is_(None))
        .values(settled_at=now, settled_by=by, outcome="erased", blocks=False)
    )


def decisions(session: Session, parties: Collection[int]) -> None:
    """Take out what was to be printed, who said it, and what was laid before us."""
    session.execute(
        update(DecisionRow)
        .where(DecisionRow.prospect_id.in_(parties))
        .values(listings=[], sender="", evidence=None, evidence_name=None)
    )


def messages(session: Session, ids: Collection[int], *, now: datetime) -> None:
    """Take out what was sent and to whom; what waits in the outbox does not leave."""
    of_these = DeliveryRow.message_id.in_(ids)
    session.execute(
        update(DeliveryRow)
        .where(of_these, DeliveryRow.state.in_((State.QUEUED, State.CLAIMED)))
        .values(
            state=State.CANCELLED,
            owner=None,
            lease_until=None,
            fence=DeliveryRow.fence + 1,
            changed_at=now,
        )
    )
    numbers = list(session.scalars(select(DeliveryRow.id).where(of_these)))
    for number in numbers:
        session.execute(
            update(DeliveryRow)
            .where(DeliveryRow.id == number)
            .values(address=f"erased-{number}@{NOWHERE}", domain=NOWHERE, answer=None)
        )
    session.execute(
        update(AttemptRow).where(AttemptRow.delivery_id.in_(numbers)).values(answer=GONE)
    )
    session.execute(update(MessageRow).where(MessageRow.id.in_(ids)).values(raw=b"", facts={}))


def mentions(session: Session, campaign_id: int, words: Collection[str], *, now: datetime) -> None:
    """Take the words out of what else tells of them: the journal, notices, troubles, pins."""
    for row in session.scalars(select(JournalRow).where(JournalRow.campaign_id == campaign_id)):
        row.detail = without(row.detail, words)
    notices = session.scalars(
        select(MessageRow).where(
            MessageRow.campaign_id == campaign_id, MessageRow.purpose == Purpose.NOTICE
        )
    )
    told = [row.id for row in notices if without(row.facts, words) != row.facts]
    messages(session, told, now=now)
    for trouble in session.scalars(select(TroubleRow)):
        if without(trouble.sentence, words) == GONE:
            session.delete(trouble)
    session.execute(delete(PinRow).where(PinRow.campaign_id == campaign_id, PinRow.name.in_(words)))


def freezes(session: Session, campaign_id: int, words: Collection[str]) -> None:
    """Take the words out of letters that were frozen and never left."""
    never_left = select(FreezeRow).where(FreezeRow.campaign_id == campaign_id, ~_FROZEN_LEFT)
    for row in session.scalars(never_left):
        manifest = without(row.manifest, words)
        if manifest == row.manifest:
            continue
        row.manifest, row.pdf = manifest, b""
        session.execute(delete(CopyRow).where(CopyRow.freeze_id == row.id))
        session.execute(
            update(MessageRow).where(MessageRow.freeze_id == row.id).values(raw=b"", facts={})
        )


def without(value: Any, words: Collection[str]) -> Any:
    """Give a JSON value in which the texts that hold one of the words are gone.

    >>> without({"name": "Rik", "act": "sign"}, ["Rik"])
    {'name': '(erased)', 'act': 'sign'}
    """
    if isinstance(value, dict):
        return {key: without(one, words) for key, one in value.items()}
    if isinstance(value, list):
        return [without(one, words) for one in value]
    if isinstance(value, str) and any(_names(word, value) for word in words):
        return GONE
    return value


def _names(word: str, text: str) -> bool:
    """Say whether a text holds a word as a whole: Ana is in no Banana."""
    return re.search(rf"(?<!\w){re.escape(word)}(?!\w)", text) is not None


def is_waiting(session: Session, ids: Collection[int]) -> bool:
    """Say whether a worker has one of the messages in hand."""
    query = select(func.count()).where(
        DeliveryRow.message_id.in_(ids), DeliveryRow.state == State.CLAIMED
    )
    return bool(session.scalar(query))
