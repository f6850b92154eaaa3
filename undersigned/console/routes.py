"""The table of routes: what each path shows or changes, and who may."""

from undersigned.console import campaign, entrance, review
from undersigned.console.guard import Page, Way
from undersigned.flows.sign_in import Role


def _shows(path: str, page: Page, least: Role | None = Role.VIEWER) -> Way:
    return Way(method="GET", path=path, page=page, least=least)


def _changes(path: str, page: Page, least: Role | None = Role.COORDINATOR) -> Way:
    return Way(method="POST", path=path, page=page, least=least)


ROUTES: tuple[Way, ...] = (
    # The entrance.
    _shows("/sign-in", entrance.ask, None),
    _changes("/sign-in", entrance.mail, None),
    _shows("/sign-in/{token}", entrance.confirm, None),
    _changes("/sign-in/{token}", entrance.enter, None),
    _changes("/sign-out", entrance.leave, Role.VIEWER),
    # Campaigns.
    _shows("/", campaign.all_of_them),
    _shows("/campaigns/{name}", campaign.overview),
    _changes("/campaigns/{name}/pause", campaign.pause),
    _changes("/campaigns/{name}/resume", campaign.resume),
    # Review.
    _shows("/campaigns/{name}/review", review.queue),
    _shows("/campaigns/{name}/review/{number}", review.one),
    _changes("/campaigns/{name}/review/{number}", review.rule),
    _changes("/campaigns/{name}/review/{number}/undo", review.take_back),
    _changes("/campaigns/{name}/review/{number}/ask", review.ask),
    _shows("/replies/{number}/html", review.frame),
)
