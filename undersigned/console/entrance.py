"""The entrance: asking for a link, using it, leaving."""

from starlette.responses import Response

from undersigned.console.guard import COOKIE
from undersigned.console.visit import Visit
from undersigned.flows import sign_in


def ask(visit: Visit) -> Response:
    """Show the form that asks for a link."""
    return visit.show("sign-in", sent=False)


def mail(visit: Visit) -> Response:
    """Mail a link, and say the same whoever asks."""
    sign_in.let_knock(visit.service, visit.client)
    sign_in.mail_link(visit.service, visit.text("address"))
    return visit.show("sign-in", sent=True)


def confirm(visit: Visit) -> Response:
    """Show the button that uses a link: scanners open every link, and press none."""
    return visit.show("sign-in-confirm", token=visit.path["token"])


def enter(visit: Visit) -> Response:
    """Use a link."""
    sign_in.let_knock(visit.service, visit.client)
    token = sign_in.open_session(visit.service, visit.path["token"])
    if token is None:
        return visit.show(
            "refused",
            status=403,
            why="This link opens nothing any more: it works once, within 15 minutes. "
            "Ask for a new one on the sign-in page.",
        )
    answer = visit.go("/")
    answer.set_cookie(
        COOKIE,
        visit.signed(token),
        max_age=int(sign_in.SESSION_LASTS.total_seconds()),
        secure=visit.service.settings.console.url.startswith("https:"),
        httponly=True,
        samesite="strict",
    )
    return answer


def leave(visit: Visit) -> Response:
    """Sign out, in every browser."""
    sign_in.sign_out(visit.service, visit.by)
    answer = visit.go("/sign-in")
    answer.delete_cookie(COOKIE)
    return answer
