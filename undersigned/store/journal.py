"""The journal: who did what, when and why."""

from collections.abc import Iterator
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from undersigned.store import paging
from undersigned.store.machine_tables import JournalRow
from undersigned.store.paging import Page


def write(
    session: Session,
    action: str,
    subject: str,
    *,
    actor: str,
    now: datetime,
    campaign_id: int | None,
    **detail: Any,
) -> None:
    """Add a line, in the transaction of the change that it tells of."""
    session.add(
        JournalRow(
            campaign_id=campaign_id,
            at=now,
            actor=actor,
            action=action,
            subject=subject,
            detail=detail,
        )
    )


def latest(session: Session, campaign_id: int, action: str) -> JournalRow | None:
    """Give the newest line of a campaign about something that was done, or None."""
    query = select(JournalRow).where(
        JournalRow.campaign_id == campaign_id, JournalRow.action == action
    )
    return session.scalar(query.order_by(JournalRow.id.desc()).limit(1))


def page(
    session: Session, campaign_id: int, *, before: int, size: int, **fits: str
) -> Page[JournalRow]:
    """Give a campaign's lines before a number (0 for the end), the newest first.

    `fits` names what the lines must have: an action, an actor, a subject.
    """
    query = select(JournalRow).where(JournalRow.campaign_id == campaign_id).filter_by(**fits)
    found = paging.falling(session, query, JournalRow.id, before=before, size=size)
    return found.of(lambda row: row[0])


def lines(session: Session, campaign_id: int) -> Iterator[JournalRow]:
    """Give a campaign's lines in the order in which they were written."""
    query = select(JournalRow).where(JournalRow.campaign_id == campaign_id).order_by(JournalRow.id)
    return iter(session.scalars(query.execution_options(yield_per=500)))
