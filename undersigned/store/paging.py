"""Paging: a long list a page at a time, by the key of its rows.

Rows are never counted off (OFFSET): the hundredth page costs what the first does, and a row that
came in between neither repeats a line nor hides one.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Generic, TypeVar, TypeVarTuple, cast

from sqlalchemy import Row, Select
from sqlalchemy.orm import InstrumentedAttribute, Session

Line = TypeVar("Line")
Other = TypeVar("Other")
Columns = TypeVarTuple("Columns")


@dataclass(frozen=True, kw_only=True)
class Page(Generic[Line]):
    """Some lines of a long list."""

    lines: Sequence[Line]
    #: The key of its last line, behind which the next page begins; None on the last page.
    more: int | str | None

    def of(self, as_other: Callable[[Line], Other]) -> "Page[Other]":
        """Give the page with each line as something else."""
        return Page(lines=[as_other(line) for line in self.lines], more=self.more)


def rising(
    session: Session,
    query: Select[*Columns],
    key: InstrumentedAttribute[int],
    *,
    after: int,
    size: int,
) -> Page[Row[*Columns]]:
    """Give the page of a query's rows whose key is greater; the row's first column has the key."""
    query = query.where(key > after).order_by(key)
    return _page(session, query, key, size)


def falling(
    session: Session,
    query: Select[*Columns],
    key: InstrumentedAttribute[int],
    *,
    before: int,
    size: int,
) -> Page[Row[*Columns]]:
    """Give the page of the rows whose key is less, the greatest first; 0 stands for the end."""
    query = query.where(key < before) if before else query
    return _page(session, query.order_by(key.desc()), key, size)


def _page(
    session: Session, query: Select[*Columns], key: InstrumentedAttribute[int], size: int
) -> Page[Row[*Columns]]:
    rows = session.execute(query.limit(size + 1)).all()
    here = rows[:size]
    if len(rows) == len(here):
        return Page(lines=here, more=None)
    last = cast("tuple[Any, ...]", here[-1])[0]
    return Page(lines=here, more=getattr(last, key.key))
