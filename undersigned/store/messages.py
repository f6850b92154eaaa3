"""The outbox: messages, their deliveries, and the claims on them."""

from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Select, bindparam, func, insert, select, update
from sqlalchemy.orm import Session

from undersigned.domain.addresses import domain
from undersigned.domain.delivery import Purpose, State
from undersigned.store import suppressions, troubles
from undersigned.store.tables import DeliveryRow, MessageRow

#: Mail that a machine writes because mail came in.
ANSWERS = frozenset({Purpose.RECEIPT, Purpose.CLARIFICATION, Purpose.CONFIRMATION})
#: Answers to one address in a day (RFC 5230 §4.2 has the same fear): more than any office writes,
#: and an end to two machines that answer each other in spite of all.
MOST_ANSWERS = 20
_DAY = timedelta(days=1)
_CAPPED = (
    "{address} was sent {most} answers within a day; no more go to it today. A machine may be "
    "answering there: see `undersigned replies list`."
)


def exists(session: Session, purpose: Purpose, subject: str, number: int = 0) -> bool:
    """Say whether the one message of this key was made already."""
    query = select(MessageRow.id).where(
        MessageRow.purpose == purpose, MessageRow.subject == subject, MessageRow.round == number
    )
    return session.scalar(query) is not None


@dataclass(frozen=True, kw_only=True)
class Addressed:
    """A message that was made, and where it goes."""

    message: MessageRow
    to: Sequence[str]
    cc: Sequence[str] = ()
    #: Not before this instant.
    due_at: datetime

    @property
    def headers(self) -> dict[str, str]:
        """The header that each address stands in."""
        return {**dict.fromkeys(self.cc, "cc"), **dict.fromkeys(self.to, "to")}


def add(
    session: Session,
    message: MessageRow,
    *,
    account: str,
    to: Sequence[str],
    cc: Sequence[str] = (),
    due_at: datetime,
) -> MessageRow:
    """Add a message with a delivery for each address, as `add_all` does."""
    add_all(session, [Addressed(message=message, to=to, cc=cc, due_at=due_at)], account=account)
    return message


def add_all(session: Session, addressed: Sequence[Addressed], *, account: str) -> None:
    """Add messages of one campaign and purpose, in the transaction of what caused them.

    The gate is here: what an address asked not to get is written down as taken back, and not sent.
    """
    if not addressed:
        return
    session.add_all(one.message for one in addressed)
    session.flush()
    first = addressed[0].message
    everyone = {address for one in addressed for address in one.headers}
    stopped = suppressions.stopped(session, everyone, Purpose(first.purpose), first.campaign_id)
    answered = _answered(session, first, everyone)
    rows: list[dict[str, Any]] = []
    for one in addressed:
        for address, header in one.headers.items():
            is_capped = answered[address] >= MOST_ANSWERS
            if is_capped:
                _tell_capped(session, one.message, address)
            is_stopped = is_capped or address in stopped
            answered[address] += not is_stopped and first.purpose in ANSWERS
            rows.append(_delivery(one, address, header, account=account, is_stopped=is_stopped))
    session.connection().execute(insert(DeliveryRow), rows)


def _delivery(
    one: Addressed, address: str, header: str, *, account: str, is_stopped: bool
) -> dict[str, Any]:
    message = one.message
    return {
        "message_id": message.id,
        "campaign_id": message.campaign_id,
        "account": account,
        "purpose": message.purpose,
        "address": address,
        "domain": domain(address),
        "header": header,
        "state": State.CANCELLED if is_stopped else State.QUEUED,
        "attempts": 0,
        "losses": 0,
        "due_at": one.due_at,
        "fence": 0,
        "changed_at": message.created_at,
        "created_at": message.created_at,
    }


def _answered(session: Session, message: MessageRow, addresses: Collection[str]) -> Counter[str]:
    """Count how often each address was answered within a day, where the message is an answer."""
    if message.purpose not in ANSWERS:
        return Counter()
    counts = session.execute(
        select(DeliveryRow.address, func.count())
        .where(
            DeliveryRow.address.in_(list(addresses)),
            DeliveryRow.purpose.in_([one.value for one in ANSWERS]),
            DeliveryRow.state != State.CANCELLED,
            DeliveryRow.created_at > message.created_at - _DAY,
        )
        .group_by(DeliveryRow.address)
    )
    return Counter(dict(counts.all()))


def _tell_capped(session: Session, message: MessageRow, address: str) -> None:
    """Tell that an address was answered so often today that something is wrong."""
    sentence = _CAPPED.format(address=address, most=MOST_ANSWERS)
    now, campaign_id = message.created_at, message.campaign_id
    troubles.tell(session, f"answers:{address}", sentence, now=now, campaign_id=campaign_id)


def keep(session: Session, composed: Mapping[int, bytes]) -> None:
    """Write the bytes of messages, by their ids; bytes that are there already stay."""
    table = MessageRow.__table__
    session.connection().execute(
        update(MessageRow)
        .where(table.c.id == bindparam("message"), table.c.raw.is_(None))
        .values(raw=bindparam("bytes")),
        [{"message": one, "bytes": raw} for one, raw in composed.items()],
    )


def next_round(session: Session, purpose: Purpose, subject: str) -> int:
    """Give the number of the next message of this key: 0 for the first."""
    latest = session.scalar(
        select(func.max(MessageRow.round)).where(
            MessageRow.purpose == purpose, MessageRow.subject == subject
        )
    )
    return 0 if latest is None else latest + 1


def next_rounds(session: Session, purpose: Purpose, subjects: Collection[str]) -> dict[str, int]:
    """Give the same for many subjects."""
    latest = session.execute(
        select(MessageRow.subject, func.max(MessageRow.round))
        .where(MessageRow.purpose == purpose, MessageRow.subject.in_(subjects))
        .group_by(MessageRow.subject)
    )
    return dict.fromkeys(subjects, 0) | {subject: number + 1 for subject, number in latest}


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


def named(
    session: Session, tokens: Collection[str], message_ids: Collection[str]
) -> Sequence[MessageRow]:
    """Give the messages of ours that have one of the tokens or one of the Message-IDs."""
    either = MessageRow.token.in_(list(tokens)) | MessageRow.message_id.in_(list(message_ids))
    return session.scalars(select(MessageRow).where(either)).all()


def raws(session: Session, message_ids: Collection[int]) -> dict[int, bytes]:
    """Give the bytes of messages that were written, by their ids."""
    query = select(MessageRow.id, MessageRow.raw).where(MessageRow.id.in_(list(message_ids)))
    return {number: raw for number, raw in session.execute(query) if raw is not None}


def latest_to(session: Session, prospect_id: int) -> MessageRow | None:
    """Give the newest message to a party that its owner may be answering."""
    return session.scalar(
        select(MessageRow)
        .where(MessageRow.prospect_id == prospect_id)
        .order_by(MessageRow.id.desc())
        .limit(1)
    )


def accounts() -> Select[str | None]:
    """Give the query of the accounts that deliveries go by, one look into an index for each.

    With it a question about all of a state finds the rows that are due by `ix_delivery_due`.
    """
    first = select(func.min(DeliveryRow.account).label("account")).cte("accounts", recursive=True)
    beyond = select(func.min(DeliveryRow.account)).where(DeliveryRow.account > first.c.account)
    rest = select(beyond.scalar_subquery()).where(first.c.account.is_not(None))
    return select(first.union_all(rest).c.account)


def oldest_due(session: Session, account: str | None = None) -> datetime | None:
    """Give since when the oldest delivery that waits to leave has been due, or None.

    Of one account, or of all.
    """
    query = select(func.min(DeliveryRow.due_at)).where(DeliveryRow.state == State.QUEUED)
    if account is None:
        return session.scalar(query.where(DeliveryRow.account.in_(accounts())))
    return session.scalar(query.where(DeliveryRow.account == account))


def count(session: Session, campaign_id: int, purpose: Purpose, *among: State) -> int:
    """Count a campaign's deliveries of one purpose that stand in one of the states."""
    query = select(func.count()).select_from(DeliveryRow)
    fits = (
        DeliveryRow.campaign_id == campaign_id,
        DeliveryRow.purpose == purpose,
        DeliveryRow.state.in_(among),
    )
    return session.scalar(query.where(*fits)) or 0


def states(session: Session, campaign_id: int) -> dict[tuple[Purpose, State], int]:
    """Count a campaign's deliveries by purpose and state."""
    counts = session.execute(
        select(DeliveryRow.purpose, DeliveryRow.state, func.count())
        .where(DeliveryRow.campaign_id == campaign_id)
        .group_by(DeliveryRow.purpose, DeliveryRow.state)
    )
    return {(Purpose(purpose), State(state)): count for purpose, state, count in counts}
