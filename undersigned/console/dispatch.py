"""Dispatch: the board of missions, and what a person knows of a letter on its way."""

import json

from starlette.responses import Response

from undersigned.console.files import download
from undersigned.console.visit import Visit
from undersigned.errors import Refused
from undersigned.flows import board as flow
from undersigned.flows import dispatch_report, letters
from undersigned.flows import settle as settling


def board(visit: Visit) -> Response:
    """Show where the letter is on its way to each mission."""
    name = visit.path["name"]
    rows = flow.missions(visit.service, name)
    counts: dict[str, int] = {}
    for row in rows:
        counts[row.word] = counts.get(row.word, 0) + 1
    return visit.show(
        "dispatch",
        name=name,
        rows=rows,
        counts=counts,
        frozen=flow.frozen(visit.service, name),
    )


def report(visit: Visit) -> Response:
    """Give the report of the dispatch as a file."""
    found = dispatch_report.report(visit.service, visit.path["name"])
    match visit.path["form"]:
        case "pdf":
            return download(dispatch_report.as_pdf(visit.service, found), "dispatch.pdf")
        case "json":
            text = json.dumps(dispatch_report.as_table(found), ensure_ascii=False, default=str)
            return download(text.encode(), "dispatch.json")
        case "txt":
            return download("\n".join(found.lines()).encode(), "dispatch.txt")
    raise Refused("The report comes as .pdf, .json and .txt.")


def settle(visit: Visit) -> Response:
    """Record what a person knows of an uncertain letter."""
    name, code = visit.path["name"], visit.path["code"]
    known, reason = visit.text("known"), visit.text("reason")
    if known == "lost":
        visit.typed(name)  # it is sent once more
    settling.settle(visit.service, name, code, known, reason=reason, by=visit.by)
    return visit.go(f"/campaigns/{name}/dispatch", f"The letter to {code}: {known}.")


def send_again(visit: Visit) -> Response:
    """Send a mission whose letter bounced its letter at a corrected address."""
    name, code = visit.path["name"], visit.path["code"]
    visit.typed(name)
    to = visit.text("to").replace(",", " ").split()
    letters.send_again(visit.service, name, code, to, reason=visit.text("reason"), by=visit.by)
    return visit.go(f"/campaigns/{name}/dispatch", f"The letter to {code} is in the outbox again.")
