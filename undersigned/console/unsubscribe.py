"""The page behind List-Unsubscribe: GET shows it, POST acts, and nobody signs in (RFC 8058)."""

from starlette.responses import Response

from undersigned.console.visit import Visit
from undersigned.domain.suppression import Scope
from undersigned.flows import unsubscribe as flow

#: What a mail program posts, and our own button too (RFC 8058 §3.2).
FIELD, VALUE = "List-Unsubscribe", "One-Click"


def show(visit: Visit) -> Response:
    """Show the button: mail scanners open every link, and press none."""
    return _page(visit, is_done=False)


def press(visit: Visit) -> Response:
    """Do what the button says; a mail program names no scope and means all invitations."""
    is_meant = visit.text(FIELD) == VALUE
    scope = visit.text("scope", Scope.INVITATIONS)
    if is_meant and scope in set(Scope):
        flow.press(visit.service, visit.path["token"], Scope(scope))
    return _page(visit, is_done=is_meant)


def _page(visit: Visit, *, is_done: bool) -> Response:
    """Say the same whether the link is one of ours or not: a guess learns nothing."""
    token = visit.path["token"]
    return visit.show("unsubscribe", token=token, is_done=is_done, field=FIELD, value=VALUE)
