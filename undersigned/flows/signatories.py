"""Signatories: the list as it would be printed now, its exports, its pins."""

import csv
import io
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from undersigned.domain import signatories
from undersigned.domain.listing import Kind
from undersigned.domain.signatories import Signatory
from undersigned.errors import Refused
from undersigned.flows import arrange, void
from undersigned.service import Service
from undersigned.store import campaigns, journal
from undersigned.store.tables import PinRow

Groups = Mapping[Kind, Sequence[Signatory]]

#: What a spreadsheet takes for the beginning of a formula (OWASP, CSV injection).
_RUNS = ("=", "+", "-", "@", "\t", "\r")

COLUMNS = ("kind", "place", "name", "title", "country", "line", "signed_at")


def groups(service: Service, name: str) -> Groups:
    """Give the list as it would be printed now, under its headings."""
    with service.store.reading() as session:
        return arrange.arranged(session, campaigns.get(session, name))


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


def as_rows(found: Groups) -> list[dict[str, Any]]:
    """Give the list as one row a signatory."""
    return [
        {
            "kind": kind.value,
            "place": place,
            "name": one.listing.name,
            "title": one.listing.title or "",
            "country": one.listing.country or "",
            "line": one.listing.line,
            "signed_at": one.signed_at.isoformat(),
        }
        for kind, group in found.items()
        for place, one in enumerate(group, start=1)
    ]


def as_csv(found: Groups) -> str:
    """Give the list as CSV; a cell that a spreadsheet would run begins with an apostrophe."""
    out = io.StringIO(newline="")
    writer = csv.DictWriter(out, COLUMNS, lineterminator="\r\n")
    writer.writeheader()
    for row in as_rows(found):
        writer.writerow({key: neutral(str(value)) for key, value in row.items()})
    return out.getvalue()


def neutral(cell: str) -> str:
    """Give a cell that no spreadsheet takes for a formula."""
    return f"'{cell}" if cell.startswith(_RUNS) else cell


def export(found: Groups, to: Path) -> int:
    """Write the list to a .csv or .txt file; gives how many signatories there are."""
    forms = {".csv": as_csv, ".txt": as_text}
    if to.suffix.lower() not in forms:
        raise Refused(f"{to.name}: the file's name must end in .csv or .txt.")
    try:
        # Spreadsheets read UTF-8 only behind a byte order mark.
        encoding = "utf-8-sig" if to.suffix.lower() == ".csv" else "utf-8"
        to.write_text(forms[to.suffix.lower()](found), encoding=encoding, newline="")
    except OSError as exc:
        raise Refused(f"{to} cannot be written: {exc.strerror}.") from exc
    return sum(len(group) for group in found.values())


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
