"""The letter: as it stands, and the steps to its leaving, each said before it is taken."""

from starlette.responses import Response

from undersigned.console import files
from undersigned.console.numbers import number
from undersigned.console.visit import Visit
from undersigned.domain import instants
from undersigned.errors import Refused
from undersigned.flows import board, documents, editions, letters, since, status
from undersigned.flows import dispatch as flow
from undersigned.flows import freeze as freezing

FORMS = ("html", "txt", "pdf")
#: Lines of what changed on the page; the letter itself has them all.
SHOWN = 200


def preview(visit: Visit) -> Response:
    """Show the letter as it stands, what changed, and what can be done next."""
    name = visit.path["name"]
    changed = since.last(visit.service, name)
    edition = number(visit.query.get("edition") or "0")
    plan, missions = board.planned(visit.service, name)
    return visit.show(
        "letter",
        name=name,
        text=documents.opening(visit.service, name),
        changed=changed.lines()[:SHOWN] if changed else [],
        frozen=board.frozen(visit.service, name),
        plan=plan,
        missions=missions,
        editions=editions.editions(visit.service, name),
        edition=edition,
        paragraphs=editions.changed(visit.service, name, edition) if edition else (),
        stage=status.stage_of(visit.service, name),
    )


def document(visit: Visit) -> Response:
    """Show the letter in one form."""
    form = visit.path["form"]
    if form not in FORMS:
        raise Refused(f"The letter comes as {', '.join(FORMS)}.")
    return files.document(documents.preview_of(visit.service, visit.path["name"], form), form)


def freeze(visit: Visit) -> Response:
    """Freeze the letter with its list."""
    name = visit.path["name"]
    visit.typed(name)
    despite = visit.text("despite_reviews") == "yes"
    row = freezing.freeze(visit.service, name, by=visit.by, despite_reviews=despite)
    return visit.go(f"/campaigns/{name}/letter", f"Frozen, digest {row.digest[:12]}.")


def approve(visit: Visit) -> Response:
    """Approve what is frozen, by its digest."""
    name = visit.path["name"]
    visit.typed(name)
    flow.approve(visit.service, name, digest=visit.text("digest"), by=visit.by)
    return visit.go(f"/campaigns/{name}/letter", "Approved.")


def send_test(visit: Visit) -> Response:
    """Send the frozen letter to the coordinators."""
    name = visit.path["name"]
    codes = visit.text("codes").replace(",", " ").split()
    made = letters.send_test(visit.service, name, codes, by=visit.by)
    return visit.go(f"/campaigns/{name}/letter", f"{made} test mails are in the outbox.")


def arm(visit: Visit) -> Response:
    """Arm the approved letter for an instant."""
    name = visit.path["name"]
    visit.typed(name)
    plan, _ = board.planned(visit.service, name)
    zone = instants.zone(visit.text("zone") or plan.zone)
    at = instants.parse(visit.text("at"), zone) if visit.text("at") else plan.dispatch_at
    armed = flow.schedule(visit.service, name, by=visit.by, at=at)
    return visit.go(
        f"/campaigns/{name}/letter", f"Armed: the letter leaves on {instants.shown(armed, zone)}."
    )


def disarm(visit: Visit) -> Response:
    """Stop: take the arming back."""
    name = visit.path["name"]
    flow.disarm(visit.service, name, by=visit.by)
    return visit.go(f"/campaigns/{name}/letter", "Disarmed: nothing leaves.")
