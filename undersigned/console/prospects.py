"""Prospects: the roll, one party with all that passed, new ones one by one or by CSV."""

from starlette.responses import Response

from undersigned.console.numbers import number
from undersigned.console.visit import Visit
from undersigned.domain.listing import Kind
from undersigned.domain.party import Prospect, Standing
from undersigned.errors import Refused
from undersigned.flows import enrol as enrolling
from undersigned.flows import invite as inviting
from undersigned.flows import merge as merging
from undersigned.flows import prospects as flow
from undersigned.flows import roll as rolls

#: What a coordinator may correct, as the form calls it.
FIELDS = ("name", "title", "country", "email", "contact", "language")
#: Faults and new parties shown of a CSV; the counts say how many there are.
SHOWN = 200


def roll(visit: Visit) -> Response:
    """Show a page of the parties."""
    name, query = visit.path["name"], visit.query
    standing, words = query.get("standing", ""), query.get("words", "").strip()
    after = number(query.get("after") or "0")
    page = rolls.page(visit.service, name, standing=standing, words=words, after=after)
    return visit.show(
        "prospects",
        name=name,
        page=page,
        standing=standing,
        words=words,
        standings=list(Standing),
        kinds=list(Kind),
    )


def one(visit: Visit) -> Response:
    """Show a party with everything that passed."""
    name = visit.path["name"]
    found = rolls.party(visit.service, name, visit.path["number"])
    return visit.show("prospect", name=name, found=found, fields=FIELDS)


def add(visit: Visit) -> Response:
    """Add a party; it is invited with the next invitations."""
    name = visit.path["name"]
    if visit.text("kind") not in set(Kind):
        raise Refused("A party is an organization or an individual.")
    party = Prospect(
        kind=Kind(visit.text("kind")),
        name=visit.text("name"),
        title=visit.text("title") or None,
        country=visit.text("country") or None,
        email=visit.text("email"),
        contact=visit.text("contact") or None,
        language=visit.text("language") or None,
    )
    row = flow.add(visit.service, name, party, by=visit.by)
    return visit.go(f"/campaigns/{name}/prospects/{row.id}", f"{row.name} was added.")


def edit(visit: Visit) -> Response:
    """Correct a party; at another address it is invited anew."""
    name, here = visit.path["name"], visit.path["number"]
    changes = {field: visit.text(field) for field in FIELDS if field in visit.form}
    row = flow.edit(visit.service, name, f"#{here}", changes, by=visit.by)
    told = " It is invited anew with the next invitations." if row.standing == "prospect" else ""
    return visit.go(f"/campaigns/{name}/prospects/{here}", f"{row.name} was corrected.{told}")


def beside(visit: Visit) -> Response:
    """Show two parties beside each other that may be one."""
    name, here = visit.path["name"], visit.path["number"]
    pair = merging.look(visit.service, name, f"#{here}", visit.query.get("other", ""))
    return visit.show("merge", name=name, pair=pair)


def merge(visit: Visit) -> Response:
    """Make one party of two."""
    name, here = visit.path["name"], visit.path["number"]
    row = merging.merge(
        visit.service,
        name,
        f"#{here}",
        f"#{number(visit.text('other'))}",
        word=visit.text("word"),
        reason=visit.text("reason"),
        by=visit.by,
    )
    return visit.go(f"/campaigns/{name}/prospects/{row.id}", f"They are one now: {row.name}.")


def invite(visit: Visit) -> Response:
    """Invite everybody who was not invited yet."""
    name = visit.path["name"]
    count = inviting.invite(visit.service, name, by=visit.by)
    return visit.go(f"/campaigns/{name}/prospects", f"{count} invitations are in the outbox.")


def upload(visit: Visit) -> Response:
    """Show the form that takes a CSV."""
    return visit.show("upload", name=visit.path["name"], found=None, source="", shown=SHOWN)


def look(visit: Visit) -> Response:
    """Show what a CSV would add, line by line; nothing is taken."""
    name = visit.path["name"]
    source = _source(visit)
    found = enrolling.look(visit.service, name, source)
    return visit.show("upload", name=name, found=found, source=source, shown=SHOWN)


def enrol(visit: Visit) -> Response:
    """Take the parties of the CSV that was looked at."""
    name = visit.path["name"]
    count = enrolling.enrol(visit.service, name, visit.text("source"), by=visit.by)
    return visit.go(f"/campaigns/{name}/prospects", f"{count} parties were added.")


def _source(visit: Visit) -> str:
    file = visit.file("file")
    if file is None:
        raise Refused("Choose a CSV file first.")
    try:
        return file.file.read().decode("utf-8-sig")
    except UnicodeDecodeError as exc:
        raise Refused(
            "The file is not UTF-8: save it as “CSV UTF-8” in your spreadsheet program."
        ) from exc
