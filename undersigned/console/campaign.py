"""Campaigns: the list of them, and the page that says all of one."""

from starlette.responses import Response

from undersigned.console.visit import Visit
from undersigned.flows import overview as flow
from undersigned.flows import pause as gate


def all_of_them(visit: Visit) -> Response:
    """Show every campaign; straight on to the only one."""
    rows = flow.campaigns(visit.service)
    if len(rows) == 1:
        return visit.go(f"/campaigns/{rows[0].name}", visit.query.get("note", ""))
    return visit.show("campaigns", campaigns=rows)


def overview(visit: Visit) -> Response:
    """Show where a campaign stands."""
    name = visit.path["name"]
    return visit.show("campaign", name=name, here=flow.overview(visit.service, name))


def pause(visit: Visit) -> Response:
    """Stop every send of a campaign."""
    name = visit.path["name"]
    gate.pause(visit.service, name, by=visit.by)
    return visit.go(f"/campaigns/{name}", f"{name} is paused: nothing leaves.")


def resume(visit: Visit) -> Response:
    """Let a campaign send again."""
    name = visit.path["name"]
    gate.resume(visit.service, name, by=visit.by)
    return visit.go(f"/campaigns/{name}", f"{name} sends again.")
