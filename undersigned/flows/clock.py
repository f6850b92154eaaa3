"""Clock: whether this machine's clock agrees with what was written and received last."""

from datetime import datetime, timedelta

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from undersigned.store.tables import AttemptRow, ReplyRow

#: Clocks of machines and mailboxes differ by this much without harm.
DRIFT = timedelta(minutes=2)


def trouble(session: Session, now: datetime) -> str | None:
    """Say that the last attempt or reply is dated later than now; None where neither is.

    So it is where this clock is slow, and where one that was fast has been put right: then the line
    goes with the next mail.
    """
    found = [
        session.scalar(select(row_at).where(row_id == select(func.max(row_id)).scalar_subquery()))
        for row_at, row_id in ((AttemptRow.at, AttemptRow.id), (ReplyRow.received_at, ReplyRow.id))
    ]
    newest = max(filter(None, found), default=now)
    if newest - now <= DRIFT:
        return None
    return (
        f"The last mail is dated {newest:%Y-%m-%d %H:%M} UTC, and this machine's clock says "
        f"{now:%Y-%m-%d %H:%M}: it is slow, or was fast until now. Set it (NTP): what is due "
        "leaves by it. Where it is right, this line goes with the next mail."
    )
