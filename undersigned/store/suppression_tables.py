"""Who asked not to be written to."""

from datetime import datetime

from sqlalchemy.orm import Mapped, mapped_column

from undersigned.store.base import Base


class SuppressionRow(Base):
    """An address that some mail does not go to, kept without the address."""

    __tablename__ = "suppression"
    #: The address under the installation's key (HMAC-SHA256, hexadecimal): who is erased stays
    #: known as one not to write to, and to nobody by name.
    digest: Mapped[str] = mapped_column(primary_key=True)
    #: What it is about; see `domain.suppression`.
    about: Mapped[str] = mapped_column(primary_key=True)
    since: Mapped[datetime]
