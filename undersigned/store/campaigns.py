"""Campaigns and the editions of their letters."""

from collections.abc import Sequence

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from undersigned.domain.letter import Letter
from undersigned.errors import Refused
from undersigned.store.session import READ_ANEW
from undersigned.store.tables import AddresseeRow, CampaignRow, EditionRow, PinRow


def named(session: Session, name: str) -> CampaignRow | None:
    """Give the campaign of that name, or None."""
    return session.scalar(select(CampaignRow).where(CampaignRow.name == name))


def get(session: Session, name: str) -> CampaignRow:
    """Give the campaign of that name; raises `Refused` where there is none."""
    campaign = named(session, name)
    if campaign is None:
        raise Refused(
            f"There is no campaign {name!r} in the database. Run `undersigned apply` in its folder."
        )
    return campaign


def lock(session: Session, campaign_id: int) -> CampaignRow:
    """Give the campaign's row, held against other writers until the transaction ends."""
    return session.scalars(
        select(CampaignRow)
        .where(CampaignRow.id == campaign_id)
        .with_for_update(key_share=True)
        .execution_options(**READ_ANEW)
    ).one()


def all_of(session: Session) -> Sequence[CampaignRow]:
    """Give every campaign, oldest first."""
    return session.scalars(select(CampaignRow).order_by(CampaignRow.id)).all()


def edition(session: Session, campaign_id: int) -> EditionRow:
    """Give the letter's present edition."""
    return session.scalars(
        select(EditionRow)
        .where(EditionRow.campaign_id == campaign_id)
        .order_by(EditionRow.number.desc())
        .limit(1)
    ).one()


def every_edition(session: Session) -> Sequence[EditionRow]:
    """Give every edition of every campaign, oldest first."""
    return session.scalars(select(EditionRow).order_by(EditionRow.id)).all()


def editions(session: Session) -> dict[int, EditionRow]:
    """Give the present edition of every campaign, by its number."""
    rows = session.scalars(select(EditionRow).order_by(EditionRow.number))
    return {row.campaign_id: row for row in rows}


def words(row: EditionRow) -> Letter:
    """Give an edition as the domain's value."""
    return Letter(
        title=row.title,
        date=row.date,
        subject=row.subject,
        salutation=row.salutation,
        text=row.text,
    )


def consented_edition(session: Session, campaign_id: int) -> int:
    """Give the last edition of substance: consent to it or to a later one still holds."""
    number = session.scalar(
        select(func.max(EditionRow.number)).where(
            EditionRow.campaign_id == campaign_id, EditionRow.substance
        )
    )
    return number or 1


def addressees(session: Session, campaign_id: int) -> Sequence[AddresseeRow]:
    """Give whom the letter goes to, in the order of their codes."""
    return session.scalars(
        select(AddresseeRow)
        .where(AddresseeRow.campaign_id == campaign_id, AddresseeRow.taken_out_at.is_(None))
        .order_by(AddresseeRow.code)
    ).all()


def every_addressee(session: Session, campaign_id: int) -> Sequence[AddresseeRow]:
    """Give the same, and those that were taken out."""
    return session.scalars(
        select(AddresseeRow)
        .where(AddresseeRow.campaign_id == campaign_id)
        .order_by(AddresseeRow.code)
    ).all()


def pins(session: Session, campaign_id: int) -> Sequence[PinRow]:
    """Give the pinned places, by heading and place."""
    return session.scalars(
        select(PinRow).where(PinRow.campaign_id == campaign_id).order_by(PinRow.kind, PinRow.place)
    ).all()


def paused(session: Session) -> frozenset[int]:
    """Give the campaigns whose gate is shut."""
    query = select(CampaignRow.id).where(CampaignRow.paused_at.is_not(None))
    return frozenset(session.scalars(query))
