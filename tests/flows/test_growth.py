"""What a campaign's size costs: no query of the worker's looks through a table that grows."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from sqlalchemy import Engine, event

from tests.campaigns import IMOGEN, NAME, RIK, Desk
from undersigned.flows import brief, dispatch, freeze, invite, recover, remind, sent_copies, status
from undersigned.service import Service

#: The tables that have a row for each party, message or reply; all others stay small.
GROWING = frozenset(
    {"prospect", "message", "delivery", "attempt", "reply", "review", "decision", "journal"}
)

Asked = dict[str, Any]


@contextmanager
def noted(engine: Engine) -> Iterator[Asked]:
    """Note every statement that the block has the database do, with its values."""
    asked: Asked = {}

    def note(_connection: Any, _cursor: Any, statement: str, values: Any, *about: Any) -> None:
        _context, many = about
        if statement.split(maxsplit=1)[0] in {"SELECT", "UPDATE", "DELETE", "WITH"}:
            asked.setdefault(statement, values[0] if many else values)

    event.listen(engine, "before_cursor_execute", note)
    try:
        yield asked
    finally:
        event.remove(engine, "before_cursor_execute", note)


def scans(engine: Engine, asked: Asked) -> dict[str, list[str]]:
    """Give the statements that look through a growing table, with what the database says."""
    found = {}
    with engine.connect() as connection:
        is_postgres = connection.dialect.name == "postgresql"
        if is_postgres:  # small tables are scanned all the same, unless it may not
            connection.exec_driver_sql("SET enable_seqscan = off")
        for statement, values in asked.items():
            explain = "EXPLAIN (FORMAT JSON)" if is_postgres else "EXPLAIN QUERY PLAN"
            rows = connection.exec_driver_sql(f"{explain} {statement}", values).all()
            told = _postgres(rows[0][0]) if is_postgres else [str(row[3]) for row in rows]
            if bad := [one for one in told if _is_scan(one)]:
                found[statement] = bad
    return found


def _postgres(plan: Any) -> list[str]:
    """Give each node that reads a table, in SQLite's words."""
    nodes = [one["Plan"] for one in (plan if isinstance(plan, list) else json.loads(plan))]
    told = []
    while nodes:
        node = nodes.pop()
        nodes += node.get("Plans", [])
        if node["Node Type"] == "Seq Scan":
            told.append(f"SCAN {node['Relation Name']}")
    return told


def _is_scan(told: str) -> bool:
    words = told.split()
    return words[0] == "SCAN" and words[1] in GROWING


def test_no_query_of_the_worker_looks_through_all_rows(desk: Desk, service: Service) -> None:
    """A campaign of a hundred thousand costs each party no more than one of a thousand."""
    with noted(service.store.engine) as asked:
        desk.invited()
        desk.answer(RIK, "Yes, please add our name.")
        desk.answer(IMOGEN, "No, thank you.")
        desk.read()
        desk.deliver()
        desk.answer(RIK, "Please take our name off.")
        desk.read()
        desk.clock.go(days=14, hours=1)
        desk.read()
        remind.remind_due(service)
        invite.invite(service, NAME, by="Alice")
        desk.deliver()
        recover.recover(service)
        brief.brief_due(service)
        status.status(service, NAME)
        freeze.freeze_due(service)
        desk.closed()
        desk.armed().at_dispatch()
        dispatch.dispatch_due(service)
        desk.deliver()
        sent_copies.file_copies(service)

    assert len(asked) > 80
    assert scans(service.store.engine, asked) == {}
