"""What was made of a campaign's letter: the frozen copies, and its page for the web."""

from datetime import datetime

from sqlalchemy import ForeignKey, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from undersigned.store.base import Base


class CopyRow(Base):
    """A frozen letter as one addressee will get it: what was approved is what leaves."""

    __tablename__ = "copy"
    __table_args__ = (UniqueConstraint("freeze_id", "code"),)
    id: Mapped[int] = mapped_column(primary_key=True)
    freeze_id: Mapped[int] = mapped_column(ForeignKey("freeze.id"))
    #: The addressee's.
    code: Mapped[str]
    subject: Mapped[str]
    text: Mapped[str]
    html: Mapped[str]
    pdf: Mapped[bytes]
    language: Mapped[str]


class PageRow(Base):
    """The letter's page for the web, where it was last written to."""

    __tablename__ = "page"
    campaign_id: Mapped[int] = mapped_column(ForeignKey("campaign.id"), primary_key=True)
    #: An absolute folder of the machine that wrote it.
    folder: Mapped[str]
    #: Where people read it, or empty.
    url: Mapped[str]
    #: How many decisions the campaign had when it was written.
    decisions: Mapped[int]
    written_at: Mapped[datetime]
