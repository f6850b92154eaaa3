"""Signatories: the list as it would be printed now, its exports, its pins."""

import csv
import io
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from undersigned.domain import signatories
from undersigned.domain.listing import Kind
from undersigned.domain.signatories import Signatory
from undersigned.errors import Refused
from undersigned.flows import arrange, void
from undersigned.flows.listed import Line, listed
from undersigned.service import Service
from undersigned.store import campaigns, decisions, journal
from undersigned.store.decisions import Grounds
from undersigned.store.paging import Page
from undersigned.store.tables import PinRow

Groups = Mapping[Kind, Sequence[Signatory]]

#: What a spreadsheet takes for the beginning of a formula (OWASP, CSV injection).
_RUNS = ("=", "+", "-", "@", "\t", "\r")

#: The last four say what a signature rests on: who wrote it, what shows that it came from there,
#: which rule or person decided, and on which reply.
COLUMNS = (
    "kind",
    "place",
    "name",
    "title",
    "country",
    "line",
    "signed_at",
    "sender",
    "proof",
    "decided_by",
    "reply",
)


#: Lines of the list on one page.
PAGE = 100


@dataclass(frozen=True, kw_only=True)
class Shown:
    """A page of the list."""

    page: Page[Line]
    #: How many stand under each heading in all.
    counts: Mapping[Kind, int]
    #: What a careful reader marks: on the list as a whole under "", else by the line.
    beside: Mapping[str, Sequence[str]]
    #: Whether that was looked for: thousands of lines are read only when it is asked for.
    is_proofread: bool


def page(service: Service, name: str, *, after: str = "", proofread: bool = False) -> Shown:
    """Give a page of the list as it would be printed now: the lines that follow a line's key.

    Where that line has left the list meanwhile the list begins anew.
    """
    with service.store.reading() as session:
        found = listed(service, session, campaigns.get(session, name))
    start = found.at.get(after, -1) + 1
    lines = found.lines[start : start + PAGE]
    beside: dict[str, list[str]] = {}
    is_proofread = proofread or found.is_proofread
    for one in found.remarks if is_proofread else ():
        beside.setdefault(one.line, []).append(one.sentence)
    return Shown(
        page=Page(lines=lines, more=lines[-1].key if start + PAGE < len(found.lines) else None),
        counts={kind: len(group) for kind, group in found.groups.items()},
        beside=beside,
        is_proofread=is_proofread,
    )


def groups(service: Service, name: str) -> Groups:
    """Give the list as it would be printed now, under its headings."""
    with service.store.reading() as session:
        return listed(service, session, campaigns.get(session, name)).groups


def as_text(found: Groups) -> str:
    """Give the list as the letter prints it."""
    return signatories.as_text(found)


def lines_as_text(lines: Mapping[str, Sequence[str]]) -> str:
    """Give the lines that a manifest holds as the letter prints them."""
    return "".join(
        f"{line}\n"
        for kind, heading in signatories.HEADINGS.items()
        if lines.get(kind.value)
        for line in (heading, *lines[kind.value])
    )


def rows(service: Service, name: str) -> list[dict[str, Any]]:
    """Give the list as one row a signatory, with what each signature rests on."""
    with service.store.reading() as session:
        campaign = campaigns.get(session, name)
        found = listed(service, session, campaign).groups
        return _as_rows(found, decisions.grounds(session, campaign.id))


def _as_rows(found: Groups, grounds: Mapping[int, Grounds]) -> list[dict[str, Any]]:
    return [
        {
            "kind": kind.value,
            "place": place,
            "name": one.listing.name,
            "title": one.listing.title or "",
            "country": one.listing.country or "",
            "line": one.listing.line,
            "signed_at": one.signed_at.isoformat(),
            **asdict(grounds[one.prospect_id]),
        }
        for kind, group in found.items()
        for place, one in enumerate(group, start=1)
    ]


def as_csv(table: Sequence[Mapping[str, Any]]) -> str:
    """Give the rows as CSV; a cell that a spreadsheet would run begins with an apostrophe."""
    out = io.StringIO(newline="")
    writer = csv.DictWriter(out, COLUMNS, lineterminator="\r\n")
    writer.writeheader()
    for row in table:
        writer.writerow({key: neutral(str(row[key])) for key in COLUMNS})
    return out.getvalue()


def neutral(cell: str) -> str:
    """Give a cell that no spreadsheet takes for a formula."""
    return f"'{cell}" if cell.startswith(_RUNS) else cell


def export(service: Service, name: str, to: Path) -> int:
    """Write the list to a .csv or .txt file; gives how many signatories there are.

    The text is what the letter prints. The table also says what each signature rests on, with
    addresses: it is for the coordinators' own use.
    """
    table = rows(service, name)
    match to.suffix.lower():
        case ".csv":  # spreadsheets read UTF-8 only behind a byte order mark
            text, encoding = as_csv(table), "utf-8-sig"
        case ".txt":
            text, encoding = as_text(groups(service, name)), "utf-8"
        case _:
            raise Refused(f"{to.name}: the file's name must end in .csv or .txt.")
    try:
        to.write_text(text, encoding=encoding, newline="")
    except OSError as exc:
        raise Refused(f"{to} cannot be written: {exc.strerror}.") from exc
    return len(table)


def pin(service: Service, name: str, kind: Kind, printed: str, *, place: int, by: str) -> None:
    """Pin a signatory to a place counted from 1; 0 takes the pin out."""
    with service.store.writing() as session:
        campaign = campaigns.lock(session, campaigns.get(session, name).id)
        on_list = {one.listing.name for one in arrange.arranged(session, campaign)[kind]}
        if printed not in on_list:
            raise Refused(f"{printed!r} is not printed under {signatories.HEADINGS[kind]}.")
        row = next(
            (
                one
                for one in campaigns.pins(session, campaign.id)
                if (one.kind, one.name) == (kind, printed)
            ),
            None,
        )
        if row is not None:
            session.delete(row)
            session.flush()
        if place:
            session.add(PinRow(campaign_id=campaign.id, kind=kind, name=printed, place=place))
        session.flush()
        void.void_if_changed(session, campaign, reason="a place was pinned", now=service.now)
        journal.write(
            session,
            "pinned",
            f"listing:{printed}",
            actor=by,
            now=service.now,
            campaign_id=campaign.id,
            place=place,
        )
