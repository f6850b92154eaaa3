"""The inbox: replies, the cursors of their folders, and the reviews they wait in."""

import re
from collections import defaultdict
from collections.abc import Callable, Collection, Sequence
from datetime import datetime, timedelta
from itertools import accumulate, takewhile

from sqlalchemy import ColumnElement, Nullable, ScalarResult, Select, func, select, update
from sqlalchemy.exc import NoResultFound
from sqlalchemy.orm import Session, undefer

from undersigned.domain.reply import ReplyState
from undersigned.store.machine_tables import CursorRow, MailboxRow
from undersigned.store.session import READ_ANEW, ensure, has_ended, still_ended
from undersigned.store.tables import ProspectRow, ReplyRow, ReviewRow


def known_uids(
    session: Session, account: str, folder: str, uidvalidity: int, uids: Sequence[int]
) -> set[int]:
    """Give which of the UIDs are kept already."""
    return set(
        session.scalars(
            select(ReplyRow.uid).where(
                ReplyRow.account == account,
                ReplyRow.folder == folder,
                ReplyRow.uidvalidity == uidvalidity,
                ReplyRow.uid.in_(uids),
            )
        )
    )


def cursor(session: Session, account: str, folder: str) -> CursorRow | None:
    """Give how far a folder was fetched, or None where it never was."""
    return session.scalar(
        select(CursorRow).where(CursorRow.account == account, CursorRow.folder == folder)
    )


def hold_cursor(session: Session, account: str, folder: str, uidvalidity: int) -> CursorRow:
    """Give a folder's cursor, held against other fetchers until the transaction ends."""
    values = {"uidvalidity": uidvalidity, "uid": 0, "failures": 0}
    ensure(session, CursorRow, account=account, folder=folder, **values)
    return session.scalars(
        select(CursorRow)
        .where(CursorRow.account == account, CursorRow.folder == folder)
        .with_for_update(key_share=True)
        .execution_options(**READ_ANEW)
    ).one()


def watermark(session: Session, account: str, now: datetime) -> datetime | None:
    """Give the start of the mailbox's last complete poll, or None where there was none.

    One that lies ahead was written by a clock that was wrong: nobody knows when it was.
    """
    row = session.get(MailboxRow, account)
    at = row.complete_at if row else None
    return at if at is not None and at <= now else None


def complete(session: Session, account: str, at: datetime, *, now: datetime) -> None:
    """Note a complete poll of all the mailbox's folders that began at an instant."""
    ensure(session, MailboxRow, account=account)
    row = session.get_one(MailboxRow, account, with_for_update={"key_share": True})
    is_known = row.complete_at is not None and row.complete_at <= now
    row.complete_at = max(row.complete_at, at) if is_known and row.complete_at else at


def is_time_to_search(session: Session, account: str, *, now: datetime, every: timedelta) -> bool:
    """Say whether the folders that are not polled are to be searched again."""
    row = session.get(MailboxRow, account)
    return row is None or row.filed_at is None or not now - every < row.filed_at <= now


def searched(session: Session, account: str, at: datetime) -> None:
    """Note that the other folders were searched."""
    ensure(session, MailboxRow, account=account)
    session.get_one(MailboxRow, account, with_for_update={"key_share": True}).filed_at = at


def unread_accounts(session: Session) -> Sequence[str]:
    """Give the accounts in whose mailboxes replies wait to be read."""
    query = select(ReplyRow.account).where(ReplyRow.state == ReplyState.KEPT).distinct()
    return session.scalars(query.order_by(ReplyRow.account)).all()


#: The order in which a mailbox received its replies. Of one second, UIDs tell it; a mailbox that
#: numbers its messages anew may begin below the old numbers, under a higher UIDVALIDITY (RFC 9051).
ORDER = (ReplyRow.received_at, ReplyRow.uidvalidity, ReplyRow.uid, ReplyRow.id)


def claim(
    session: Session, account: str, *, owner: str, now: datetime, lease: timedelta, limit: int
) -> list[int]:
    """Claim a mailbox's first kept replies, in the order in which it received them; gives ids.

    Nothing behind a reply that is in other hands or waits for its next attempt: whoever said no and
    then yes must not be read the other way round.
    """
    first = session.execute(
        select(ReplyRow.id, ReplyRow.lease_until)
        .where(ReplyRow.account == account, ReplyRow.state == ReplyState.KEPT)
        .order_by(*ORDER)
        .limit(limit)
        .with_for_update()
    ).all()
    free = [
        row.id
        for row in takewhile(lambda row: row.lease_until is None or row.lease_until <= now, first)
    ]
    session.execute(
        update(ReplyRow)
        .where(ReplyRow.id.in_(free))
        .values(owner=owner, lease_until=now + lease)
        .execution_options(synchronize_session=False)
    )
    return free


def expired(session: Session, clock: Callable[[], datetime], *, lease: timedelta) -> list[ReplyRow]:
    """Give the replies that wait to be read and whose lease ran out, held against others."""
    rows = session.scalars(
        select(ReplyRow)
        .where(
            ReplyRow.state == ReplyState.KEPT,
            has_ended(ReplyRow.lease_until, clock(), lease),
        )
        .order_by(ReplyRow.id)
        .with_for_update(skip_locked=True)
    )
    return still_ended(rows, clock, lease)


def release(session: Session, reply_ids: Sequence[int], *, owner: str) -> None:
    """Put claimed replies back that were not read."""
    session.execute(
        update(ReplyRow)
        .where(
            ReplyRow.id.in_(reply_ids),
            ReplyRow.owner == owner,
            ReplyRow.state == ReplyState.KEPT,
        )
        .values(owner=None, lease_until=None)
        .execution_options(synchronize_session=False)
    )


def whole(session: Session, reply_id: int) -> ReplyRow:
    """Give a reply with its bytes."""
    return session.scalars(
        select(ReplyRow).where(ReplyRow.id == reply_id).options(undefer(ReplyRow.raw))
    ).one()


def all_whole(session: Session, reply_ids: Sequence[int], *, octets: int) -> list[ReplyRow]:
    """Give the first of the replies with their bytes: as many as have so few, and one at least."""
    sizes = dict(session.execute(select(ReplyRow.id, ReplyRow.size).where(_among(reply_ids))).all())
    if len(sizes) < len(reply_ids):
        raise NoResultFound("a reply is not there any more")
    summed = accumulate(sizes[one] for one in reply_ids)
    fitting = [one for one, total in zip(reply_ids, summed, strict=True) if total <= octets]
    chosen = fitting or reply_ids[:1]
    rows = session.scalars(select(ReplyRow).where(_among(chosen)).options(undefer(ReplyRow.raw)))
    found = {row.id: row for row in rows}
    return [found[one] for one in chosen]


def _among(reply_ids: Sequence[int]) -> ColumnElement[bool]:
    return ReplyRow.id.in_(reply_ids)


def lock(session: Session, reply_id: int) -> ReplyRow:
    """Give a reply's row, held against other writers until the transaction ends."""
    return _locked(session, reply_id).one()


def lock_all(session: Session, reply_ids: Sequence[int]) -> dict[int, ReplyRow]:
    """Give the same of several replies, by their ids."""
    rows = session.scalars(
        select(ReplyRow)
        .where(_among(reply_ids))
        .order_by(ReplyRow.id)  # two that lock the same rows do so in the same order
        .with_for_update(key_share=True)
        .execution_options(**READ_ANEW)
    ).all()
    if len(rows) < len(reply_ids):
        raise NoResultFound("a reply is not there any more")
    return {row.id: row for row in rows}


def lock_if_there(session: Session, reply_id: int) -> ReplyRow | None:
    """Give the same, or None where an older database was put back that knows nothing of it."""
    return _locked(session, reply_id).one_or_none()


def _locked(session: Session, reply_id: int) -> ScalarResult[ReplyRow]:
    return session.scalars(
        select(ReplyRow)
        .where(ReplyRow.id == reply_id)
        .with_for_update(key_share=True)
        .execution_options(**READ_ANEW)
    )


def waiting(session: Session, account: str, until: datetime) -> int:
    """Count the replies of a mailbox, received up to an instant, that were not read yet."""
    return (
        session.scalar(
            select(func.count())
            .select_from(ReplyRow)
            .where(
                ReplyRow.account == account,
                ReplyRow.state == ReplyState.KEPT,
                ReplyRow.received_at <= until,
            )
        )
        or 0
    )


def twins(session: Session, several: Collection[ReplyRow]) -> dict[int, ReplyRow]:
    """Give another row that holds the same bytes, by the id of each reply that has one.

    Where the mailbox moved a message its UID is new and its bytes are the same. The Message-ID
    alone would not do: some systems use one for many messages.
    An older row stands for both even where it is not read yet: another worker may be reading it.
    """
    digests = {reply.digest for reply in several}
    query = select(ReplyRow).where(ReplyRow.digest.in_(list(digests))).order_by(ReplyRow.id)
    alike: dict[tuple[str, str], list[ReplyRow]] = defaultdict(list)
    for row in session.scalars(query):
        alike[row.account, row.digest].append(row)
    unread = (ReplyState.KEPT, ReplyState.DUPLICATE)
    found: dict[int, ReplyRow] = {}
    for reply in several:
        for row in alike[reply.account, reply.digest]:
            if row.id < reply.id or (row.id > reply.id and row.state not in unread):
                found.setdefault(reply.id, row)
    return found


def decided_before(
    session: Session, prospect_ids: Collection[int], mail_ids: Collection[str]
) -> set[tuple[int, str]]:
    """Give which parties' messages were decided on, by party and Message-ID; see `sent_before`."""
    query = select(ReplyRow.prospect_id, ReplyRow.mail_id).where(
        ReplyRow.prospect_id.in_(list(prospect_ids)),
        ReplyRow.mail_id.in_(list(mail_ids)),
        ReplyRow.state == ReplyState.DECIDED,
    )
    return {(party, mail) for party, mail in session.execute(query) if party and mail}


def sent_before(session: Session, reply: ReplyRow) -> ReplyRow | None:
    """Give the row by which the same message of a party was decided on, whatever way it came.

    A copy that came another way has another trace, so its header is not compared.
    """
    if reply.mail_id is None or reply.prospect_id is None:
        return None
    decided = session.scalars(
        _decided(reply.prospect_id)
        .where(ReplyRow.mail_id == reply.mail_id, ReplyRow.sender == reply.sender)
        .where(ReplyRow.id != reply.id)
        .options(undefer(ReplyRow.raw))
    )
    return next((one for one in decided if _body(one.raw) == _body(reply.raw)), None)


def has_spoken_since(session: Session, reply: ReplyRow) -> bool:
    """Say whether a later word of the same party was decided on."""
    later = _decided(reply.prospect_id).where(ReplyRow.received_at > reply.received_at)
    return session.scalar(later.limit(1)) is not None


def _decided(prospect_id: int | None) -> Select[ReplyRow]:
    return select(ReplyRow).where(
        ReplyRow.prospect_id == prospect_id, ReplyRow.state == ReplyState.DECIDED
    )


def _body(raw: bytes) -> bytes:
    return re.split(rb"\r?\n\r?\n", raw, maxsplit=1)[-1].rstrip()


def states(session: Session, campaign_id: int) -> dict[ReplyState, int]:
    """Count a campaign's replies by state."""
    counts = session.execute(
        select(ReplyRow.state, func.count())
        .where(ReplyRow.campaign_id == campaign_id)
        .group_by(ReplyRow.state)
    )
    return {ReplyState(state): count for state, count in counts}


def open_reviews(session: Session, campaign_id: int) -> Sequence[ReviewRow]:
    """Give the reviews that wait for a person, oldest first.

    Those that belong to no campaign wait in every campaign's list.
    """
    return session.scalars(
        select(ReviewRow).where(*open_in(campaign_id)).order_by(ReviewRow.id)
    ).all()


def count_open(session: Session, campaign_id: int) -> int:
    """Count the same."""
    query = select(func.count()).select_from(ReviewRow).where(*open_in(campaign_id))
    return session.scalar(query) or 0


def open_cases(campaign_id: int) -> Select[ReviewRow, ReplyRow, ProspectRow | None]:
    """Give the query of the same, each with its reply and its party."""
    return (
        select(ReviewRow, ReplyRow, Nullable(ProspectRow))
        .join(ReplyRow, ReplyRow.id == ReviewRow.reply_id)
        .join(ProspectRow, ProspectRow.id == ReviewRow.prospect_id, isouter=True)
        .where(*open_in(campaign_id))
    )


def open_in(campaign_id: int) -> tuple[ColumnElement[bool], ColumnElement[bool]]:
    """Give in SQL which reviews wait in a campaign's list."""
    return (
        (ReviewRow.campaign_id == campaign_id) | ReviewRow.campaign_id.is_(None),
        ReviewRow.settled_at.is_(None),
    )
