"""Troubles: what is wrong now, in a sentence that says what to do."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import delete, select, update
from sqlalchemy.orm import Session

from undersigned.store.machine_tables import TroubleRow
from undersigned.store.session import ensure


def tell(
    session: Session, key: str, sentence: str, *, now: datetime, campaign_id: int | None = None
) -> bool:
    """Note that something is wrong; says whether it is news. `since` stays what it was."""
    values = {"key": key, "campaign_id": campaign_id, "sentence": sentence, "since": now}
    if ensure(session, TroubleRow, **values):
        return True
    session.execute(update(TroubleRow).where(TroubleRow.key == key).values(sentence=sentence))
    return False


def mend(session: Session, key: str) -> None:
    """Note that it is right again."""
    session.execute(delete(TroubleRow).where(TroubleRow.key == key))


def forget(session: Session, beginning: str, *, before: datetime) -> None:
    """Leave out what was told long enough: nothing mends it, it only happened."""
    session.execute(
        delete(TroubleRow).where(
            TroubleRow.key.startswith(beginning, autoescape=True), TroubleRow.since <= before
        )
    )


def keys(session: Session, beginning: str) -> Sequence[str]:
    """Give the keys of the troubles that begin so."""
    query = select(TroubleRow.key).where(TroubleRow.key.startswith(beginning, autoescape=True))
    return session.scalars(query).all()


def now_for(session: Session, campaign_id: int) -> Sequence[TroubleRow]:
    """Give what concerns a campaign: its own troubles and those of everything it uses."""
    return session.scalars(
        select(TroubleRow)
        .where((TroubleRow.campaign_id == campaign_id) | TroubleRow.campaign_id.is_(None))
        .order_by(TroubleRow.since, TroubleRow.key)
    ).all()
