"""Signatories: the list as it will be printed, its places, and what a careful reader marks."""

from starlette.responses import Response

from undersigned.console.files import download
from undersigned.console.visit import Visit
from undersigned.domain.listing import Kind
from undersigned.domain.signatories import HEADINGS
from undersigned.errors import Refused
from undersigned.flows import signatories as flow


def listed(visit: Visit) -> Response:
    """Show the list as it would be printed now."""
    name = visit.path["name"]
    after, proofread = visit.query.get("after", ""), "proofread" in visit.query
    shown = flow.page(visit.service, name, after=after, proofread=proofread)
    groups = {
        kind: [line for line in shown.page.lines if line.kind is kind] for kind in shown.counts
    }
    return visit.show(
        "signatories", name=name, shown=shown, groups=groups, headings=HEADINGS, after=after
    )


def export(visit: Visit) -> Response:
    """Give the list as a file."""
    name = visit.path["name"]
    match visit.path["form"]:
        case "csv":  # spreadsheets read UTF-8 only behind a byte order mark
            return download(
                flow.as_csv(flow.rows(visit.service, name)).encode("utf-8-sig"), "signatories.csv"
            )
        case "txt":
            return download(
                flow.as_text(flow.groups(visit.service, name)).encode(), "signatories.txt"
            )
    raise Refused("The list comes as .csv and .txt.")


def pin(visit: Visit) -> Response:
    """Pin a line to a place; 0 takes the pin out."""
    name, place = visit.path["name"], visit.text("place") or "0"
    if not place.isdecimal() or visit.text("kind") not in set(Kind):
        raise Refused("A place is a number, counted from 1; 0 takes the pin out.")
    printed = visit.text("printed")
    flow.pin(visit.service, name, Kind(visit.text("kind")), printed, place=int(place), by=visit.by)
    where = f"pinned to place {place}" if int(place) else "no longer pinned"
    return visit.go(f"/campaigns/{name}/signatories", f"{printed} is {where}.")
