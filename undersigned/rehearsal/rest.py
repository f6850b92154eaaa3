"""Rest: when everything that will happen by itself has happened."""

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from undersigned.domain.campaign import Plan
from undersigned.domain.delivery import State
from undersigned.domain.reply import ReplyState
from undersigned.flows import remind
from undersigned.rehearsal.office import Office
from undersigned.service import Service
from undersigned.store import campaigns, freezes, replies
from undersigned.store.machine_tables import JournalRow
from undersigned.store.tables import DeliveryRow, FreezeRow, ReplyRow

_MOVING = (State.CLAIMED, State.SENDING)


class Rest:
    """Looks at a rehearsal from outside: database and post office."""

    def __init__(self, service: Service, office: Office, name: str) -> None:
        self.service = service
        self.office = office
        self.name = name

    def is_quiet(self) -> bool:
        """Say whether all mail is delivered, fetched and read.

        The office is asked before and after: mail that left the database meanwhile is there.
        """
        return self.office.is_empty() and self._is_done() and self.office.is_empty()

    def _is_done(self) -> bool:
        now = self.service.now
        with self.service.store.reading() as session:
            campaign = campaigns.get(session, self.name)
            due = (DeliveryRow.state == State.QUEUED) & (DeliveryRow.due_at <= now)
            moving = session.scalar(
                select(DeliveryRow.id).where(due | DeliveryRow.state.in_(_MOVING)).limit(1)
            )
            if moving is not None:
                return False
            came = len(self.office.received(Plan.from_table(campaign.plan).reply_address))
            return came == _count(session) and not _unread(session)

    def is_reminded(self, number: int) -> bool:
        """Say whether the numbered reminder was made, or there was nobody to remind."""
        with self.service.store.reading() as session:
            campaign = campaigns.get(session, self.name)
            reminded = session.scalars(
                select(JournalRow.detail).where(
                    JournalRow.campaign_id == campaign.id, JournalRow.action == "reminded"
                )
            ).all()
            if any(detail["number"] == number for detail in reminded):
                return True
            at = Plan.from_table(campaign.plan).reminders[number - 1]
            watermark = replies.watermark(session, campaign.account, self.service.now)
        has_looked = watermark is not None and watermark > at
        return has_looked and not remind.silent_count(self.service, self.name)

    def is_frozen(self) -> bool:
        """Say whether the letter is frozen."""
        with self.service.store.reading() as session:
            campaign = campaigns.get(session, self.name)
            return freezes.current(session, campaign.id) is not None

    def is_dispatched(self) -> bool:
        """Say whether the last letter has come to rest."""
        with self.service.store.reading() as session:
            campaign = campaigns.get(session, self.name)
            finished = select(FreezeRow.id).where(
                FreezeRow.campaign_id == campaign.id, FreezeRow.finished_at.is_not(None)
            )
            return session.scalar(finished.limit(1)) is not None


def _count(session: Session) -> int:
    return session.scalar(select(func.count()).select_from(ReplyRow)) or 0


def _unread(session: Session) -> bool:
    query = select(ReplyRow.id).where(ReplyRow.state == ReplyState.KEPT).limit(1)
    return session.scalar(query) is not None
