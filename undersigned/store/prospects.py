"""Prospects: the parties of a campaign."""

import re
from collections.abc import Collection, Iterator, Sequence

from sqlalchemy import ColumnElement, Select, func, select
from sqlalchemy.exc import NoResultFound
from sqlalchemy.orm import Session

from undersigned.domain.listing import Kind
from undersigned.domain.party import Prospect, Standing
from undersigned.domain.roster import party_key
from undersigned.errors import Refused
from undersigned.store.session import READ_ANEW
from undersigned.store.tables import ProspectRow

#: So many parties are named where several fit.
_NAMED = 5


def of(session: Session, campaign_id: int) -> Sequence[ProspectRow]:
    """Give all parties of a campaign in the order in which they came."""
    return session.scalars(
        select(ProspectRow).where(ProspectRow.campaign_id == campaign_id).order_by(ProspectRow.id)
    ).all()


def addresses(session: Session, campaign_id: int) -> frozenset[str]:
    """Give the invited addresses of a campaign."""
    query = select(ProspectRow.email).where(ProspectRow.campaign_id == campaign_id)
    return frozenset(session.scalars(query))


def lock(session: Session, prospect_id: int) -> ProspectRow:
    """Give a party's row, held against other writers until the transaction ends.

    Of one that was merged into another, the other's: what is said of it is said of that one.
    """
    row = session.scalars(
        select(ProspectRow)
        .where(ProspectRow.id == prospect_id)
        .with_for_update(key_share=True)
        .execution_options(**READ_ANEW)
    ).one()
    return row if row.merged_into is None else lock(session, row.merged_into)


def lock_all(session: Session, prospect_ids: Collection[int]) -> dict[int, ProspectRow]:
    """Give the same of several parties, by the ids that were asked for."""
    rows = session.scalars(
        select(ProspectRow)
        .where(ProspectRow.id.in_(list(prospect_ids)))
        .order_by(ProspectRow.id)  # two that lock the same rows do so in the same order
        .with_for_update(key_share=True)
        .execution_options(**READ_ANEW)
    ).all()
    if len(rows) < len(set(prospect_ids)):
        raise NoResultFound("a party is not there any more")
    return {
        row.id: row if row.merged_into is None else lock(session, row.merged_into) for row in rows
    }


def find(session: Session, campaign_id: int, words: str) -> ProspectRow:
    """Give the one party that the words name: its id, address, name, or a part of the name.

    Raises `Refused` where none or several fit.
    """
    mine = select(ProspectRow).where(ProspectRow.campaign_id == campaign_id)
    for fits in _meanings(words):
        query = mine.where(ProspectRow.id.in_(_kept(ProspectRow.campaign_id == campaign_id, fits)))
        found = session.scalars(query.order_by(ProspectRow.id).limit(_NAMED)).all()
        if len(found) == 1:
            return found[0]
        if found:
            names = ", ".join(f"{row.name} (#{row.id})" for row in found)
            raise Refused(f"{words!r} names several parties: {names}. Use the number.")
    raise Refused(
        f"No party of this campaign is called {words!r}. See `undersigned prospects list`."
    )


def _meanings(words: str) -> Iterator[ColumnElement[bool]]:
    """Give in SQL what the words may mean, the plainest first."""
    number, key = words.lstrip("#"), party_key(words)
    if re.fullmatch(r"[1-9][0-9]{0,8}", number):
        yield ProspectRow.id == int(number)
    # The kinds are named so that the index of twins leads there.
    yield ProspectRow.kind.in_([one.value for one in Kind]) & (ProspectRow.key == key)
    yield ProspectRow.email == words.strip().lower()
    if key:
        yield ProspectRow.key.contains(key, autoescape=True)


def _kept(*fits: ColumnElement[bool]) -> Select[int]:
    """Give the query of the parties that fit, or of those that they were merged into."""
    return select(func.coalesce(ProspectRow.merged_into, ProspectRow.id)).where(*fits)


def twin(session: Session, row: ProspectRow) -> ProspectRow | None:
    """Give another party of the campaign with the same name and kind, or None."""
    return session.scalar(
        select(ProspectRow).where(
            ProspectRow.campaign_id == row.campaign_id,
            ProspectRow.kind == row.kind,
            ProspectRow.key == row.key,
            ProspectRow.id != (row.id or 0),
        )
    )


def at_addresses(session: Session, addresses: Collection[str]) -> dict[str, list[int]]:
    """Give the ids of the parties of all campaigns that are invited at addresses, by address.

    Of one that was merged, the other's.
    """
    kept = func.coalesce(ProspectRow.merged_into, ProspectRow.id)
    query = select(ProspectRow.email, kept).where(ProspectRow.email.in_(list(addresses)))
    found: dict[str, list[int]] = {one: [] for one in addresses}
    for address, number in session.execute(query.distinct().order_by(kept)):
        found[address].append(number)
    return found


def by_id(session: Session, prospect_ids: Collection[int]) -> dict[int, ProspectRow]:
    """Give parties by their ids."""
    query = select(ProspectRow).where(ProspectRow.id.in_(list(prospect_ids)))
    return {row.id: row for row in session.scalars(query)}


def not_invited(
    session: Session, campaign_id: int, *, above: int = 0, limit: int | None = None
) -> Sequence[ProspectRow]:
    """Give the parties that wait to be invited, at a corrected address too; those above an id."""
    return session.scalars(
        select(ProspectRow)
        .where(
            ProspectRow.campaign_id == campaign_id,
            ProspectRow.standing == Standing.PROSPECT,
            ProspectRow.id > above,
        )
        .order_by(ProspectRow.id)
        .limit(limit)
    ).all()


def standings(session: Session, campaign_id: int) -> dict[Standing, int]:
    """Count the parties in each standing."""
    counts = session.execute(
        select(ProspectRow.standing, func.count())
        .where(ProspectRow.campaign_id == campaign_id)
        .group_by(ProspectRow.standing)
    )
    found = {Standing(standing): count for standing, count in counts}
    return {standing: found.get(standing, 0) for standing in Standing}


def value(row: ProspectRow) -> Prospect:
    """Give a row as the domain's value."""
    return Prospect(
        kind=Kind(row.kind),
        name=row.name,
        title=row.title,
        country=row.country,
        email=row.email,
        contact=row.contact,
        language=row.language,
        more=dict(row.more),
    )
