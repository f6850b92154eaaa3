"""The outbox: messages, their deliveries, and the claims on them."""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, and_, case, func, select, update
from sqlalchemy.orm import Session

from undersigned.domain.delivery import Answer, Outcome, Purpose, State
from undersigned.store.tables import AttemptRow, CampaignRow, DeliveryRow, MessageRow


def exists(session: Session, purpose: Purpose, subject: str, number: int = 0) -> bool:
    """Say whether the one message of this key was made already."""
    query = select(MessageRow.id).where(
        MessageRow.purpose == purpose, MessageRow.subject == subject, MessageRow.round == number
    )
    return session.scalar(query) is not None


def add(
    session: Session,
    message: MessageRow,
    *,
    account: str,
    to: Sequence[str],
    cc: Sequence[str] = (),
    due_at: datetime,
) -> MessageRow:
    """Add a message with a delivery for each address, in the transaction of what caused it."""
    session.add(message)
    session.flush()
    headers = {**dict.fromkeys(cc, "cc"), **dict.fromkeys(to, "to")}
    for address, header in headers.items():
        session.add(
            DeliveryRow(
                message_id=message.id,
                campaign_id=message.campaign_id,
                account=account,
                purpose=message.purpose,
                address=address,
                header=header,
                state=State.QUEUED,
                attempts=0,
                due_at=due_at,
                fence=0,
                changed_at=message.created_at,
                created_at=message.created_at,
            )
        )
    return message


def next_round(session: Session, purpose: Purpose, subject: str) -> int:
    """Give the number of the next message of this key: 0 for the first."""
    latest = session.scalar(
        select(func.max(MessageRow.round)).where(
            MessageRow.purpose == purpose, MessageRow.subject == subject
        )
    )
    return 0 if latest is None else latest + 1


@dataclass(frozen=True, kw_only=True)
class Claim:
    """A delivery in one worker's hands, until its lease ends or a later claim raises the fence."""

    id: int
    message_id: int
    address: str
    purpose: Purpose
    #: Attempts that were made before this one.
    attempts: int
    fence: int


#: People who wait for a receipt come before people who do not know yet that we write.
_URGENCY = case(
    {
        Purpose.LETTER: 0,
        Purpose.RECEIPT: 1,
        Purpose.CLARIFICATION: 1,
        Purpose.NOTICE: 2,
    },
    value=DeliveryRow.purpose,
    else_=3,
)


def claim(
    session: Session,
    account: str,
    *,
    purposes: Collection[Purpose],
    owner: str,
    now: datetime,
    lease: timedelta,
    limit: int,
) -> list[Claim]:
    """Claim due deliveries by one conditional statement, at most `limit` of them.

    The gate is here: nothing of a paused campaign is claimed.
    """
    due = (
        select(DeliveryRow.id)
        .join(CampaignRow, CampaignRow.id == DeliveryRow.campaign_id)
        .where(
            DeliveryRow.account == account,
            DeliveryRow.state == State.QUEUED,
            DeliveryRow.due_at <= now,
            DeliveryRow.purpose.in_(purposes),
            CampaignRow.paused_at.is_(None),
        )
        .order_by(_URGENCY, DeliveryRow.due_at, DeliveryRow.id)
        .limit(limit)
        .with_for_update(skip_locked=True, of=DeliveryRow)
    )
    rows = session.execute(
        update(DeliveryRow)
        .where(DeliveryRow.id.in_(due.scalar_subquery()))
        .values(
            state=State.CLAIMED,
            owner=owner,
            lease_until=now + lease,
            fence=DeliveryRow.fence + 1,
            changed_at=now,
        )
        .returning(
            DeliveryRow.id,
            DeliveryRow.message_id,
            DeliveryRow.address,
            DeliveryRow.purpose,
            DeliveryRow.attempts,
            DeliveryRow.fence,
        )
        .execution_options(synchronize_session=False)
    ).all()
    return [
        Claim(
            id=row.id,
            message_id=row.message_id,
            address=row.address,
            purpose=Purpose(row.purpose),
            attempts=row.attempts,
            fence=row.fence,
        )
        for row in sorted(rows)
    ]


def _held(one: Claim, owner: str) -> ColumnElement[bool]:
    """Say in SQL that the claim is still ours."""
    return and_(
        DeliveryRow.id == one.id, DeliveryRow.owner == owner, DeliveryRow.fence == one.fence
    )


def renew(session: Session, claims: Iterable[Claim], *, owner: str, until: datetime) -> None:
    """Lengthen the leases of the rows still in hand."""
    session.execute(
        update(DeliveryRow)
        .where(
            DeliveryRow.id.in_([one.id for one in claims]),
            DeliveryRow.owner == owner,
            DeliveryRow.state == State.CLAIMED,
        )
        .values(lease_until=until)
        .execution_options(synchronize_session=False)
    )


def release(session: Session, claims: Iterable[Claim], *, owner: str, due_at: datetime) -> None:
    """Put rows back that were not tried, without counting an attempt."""
    session.execute(
        update(DeliveryRow)
        .where(
            DeliveryRow.id.in_([one.id for one in claims]),
            DeliveryRow.owner == owner,
            DeliveryRow.state == State.CLAIMED,
        )
        .values(state=State.QUEUED, owner=None, lease_until=None, due_at=due_at)
        .execution_options(synchronize_session=False)
    )


def mark(session: Session, one: Claim, *, owner: str, now: datetime) -> bool:
    """Mark a letter as sending; says False where the claim is lost or the gate is shut.

    The caller commits this alone, immediately before MAIL FROM.
    """
    is_open = (
        select(CampaignRow.id)
        .where(CampaignRow.id == DeliveryRow.campaign_id, CampaignRow.paused_at.is_(None))
        .exists()
    )
    row = session.execute(
        update(DeliveryRow)
        .where(
            _held(one, owner),
            DeliveryRow.state == State.CLAIMED,
            DeliveryRow.lease_until > now,
            is_open,
        )
        .values(state=State.SENDING, changed_at=now)
        .returning(DeliveryRow.id)
        .execution_options(synchronize_session=False)
    ).first()
    return row is not None


@dataclass(frozen=True, kw_only=True)
class Settled:
    """What became of one attempt."""

    claim: Claim
    state: State
    answer: Answer
    outcome: Outcome
    attempts: int
    due_at: datetime


def settle(session: Session, settled: Iterable[Settled], *, owner: str, now: datetime) -> None:
    """Write what became of a group of attempts; a row whose claim was lost keeps its state."""
    for one in settled:
        answer = one.answer
        session.execute(
            update(DeliveryRow)
            .where(_held(one.claim, owner))
            .values(
                state=one.state,
                attempts=one.attempts,
                due_at=one.due_at,
                owner=None,
                lease_until=None,
                phase=answer.phase,
                code=answer.code,
                enhanced=answer.enhanced,
                answer=answer.text,
                changed_at=now,
            )
            .execution_options(synchronize_session=False)
        )
        session.add(
            AttemptRow(
                delivery_id=one.claim.id,
                at=now,
                phase=answer.phase,
                code=answer.code,
                enhanced=answer.enhanced,
                answer=answer.text,
                outcome=one.outcome,
            )
        )


def expired(session: Session, state: State, now: datetime) -> Sequence[DeliveryRow]:
    """Give the deliveries in a state whose lease ran out, held against other sweepers."""
    return session.scalars(
        select(DeliveryRow)
        .where(DeliveryRow.state == state, DeliveryRow.lease_until <= now)
        .order_by(DeliveryRow.id)
        .with_for_update(skip_locked=True)
    ).all()


def cancel(session: Session, *conditions: ColumnElement[bool], now: datetime) -> list[int]:
    """Take back the queued deliveries that fit; what a worker holds goes its way."""
    rows = session.scalars(
        update(DeliveryRow)
        .where(DeliveryRow.state == State.QUEUED, *conditions)
        .values(state=State.CANCELLED, changed_at=now)
        .returning(DeliveryRow.id)
        .execution_options(synchronize_session=False)
    )
    return list(rows)


def by_token(session: Session, tokens: Collection[str]) -> Sequence[MessageRow]:
    """Give the messages of ours that carry one of the reply tokens."""
    if not tokens:
        return ()
    return session.scalars(select(MessageRow).where(MessageRow.token.in_(tokens))).all()


def by_message_id(session: Session, message_ids: Collection[str]) -> Sequence[MessageRow]:
    """Give the messages of ours that have one of the Message-IDs."""
    if not message_ids:
        return ()
    return session.scalars(select(MessageRow).where(MessageRow.message_id.in_(message_ids))).all()


def latest_to(session: Session, prospect_id: int) -> MessageRow | None:
    """Give the newest message to a party that its owner may be answering."""
    return session.scalar(
        select(MessageRow)
        .where(MessageRow.prospect_id == prospect_id)
        .order_by(MessageRow.id.desc())
        .limit(1)
    )


def states(session: Session, campaign_id: int) -> dict[tuple[Purpose, State], int]:
    """Count a campaign's deliveries by purpose and state."""
    counts = session.execute(
        select(DeliveryRow.purpose, DeliveryRow.state, func.count())
        .where(DeliveryRow.campaign_id == campaign_id)
        .group_by(DeliveryRow.purpose, DeliveryRow.state)
    )
    return {(Purpose(purpose), State(state)): count for purpose, state, count in counts}
