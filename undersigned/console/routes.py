"""The table of routes: what each path shows or changes, and who may."""

from undersigned.console import (
    campaign,
    dispatch,
    entrance,
    letter,
    mail,
    prospects,
    review,
    signatories,
    unsubscribe,
    vitals,
)
from undersigned.console.guard import Page, Way
from undersigned.flows.sign_in import Role


def _shows(path: str, page: Page, least: Role | None = Role.VIEWER) -> Way:
    return Way(method="GET", path=path, page=page, least=least)


def _changes(path: str, page: Page, least: Role | None = Role.COORDINATOR) -> Way:
    return Way(method="POST", path=path, page=page, least=least)


ROUTES: tuple[Way, ...] = (
    # Machines.
    _shows("/healthz", vitals.alive, None),
    _shows("/readyz", vitals.ready, None),
    _shows("/metrics", vitals.metrics, None),
    # The entrance.
    _shows("/sign-in", entrance.ask, None),
    _changes("/sign-in", entrance.mail, None),
    _shows("/sign-in/{token}", entrance.confirm, None),
    _changes("/sign-in/{token}", entrance.enter, None),
    _changes("/sign-out", entrance.leave, Role.VIEWER),
    # From a mail, by whoever it was written to.
    _shows("/unsubscribe/{token}", unsubscribe.show, None),
    Way(method="POST", path="/unsubscribe/{token}", page=unsubscribe.press, least=None, form=False),
    # Campaigns.
    _shows("/", campaign.all_of_them),
    _shows("/campaigns/{name}", campaign.overview),
    _changes("/campaigns/{name}/pause", campaign.pause),
    _changes("/campaigns/{name}/resume", campaign.resume),
    # Review.
    _shows("/campaigns/{name}/review", review.queue),
    _shows("/campaigns/{name}/review/{number:int}", review.one),
    _changes("/campaigns/{name}/review/{number:int}", review.rule),
    _changes("/campaigns/{name}/review/{number:int}/undo", review.take_back),
    _shows("/campaigns/{name}/review/{number:int}/ask", review.draft, Role.COORDINATOR),
    _changes("/campaigns/{name}/review/{number:int}/ask", review.ask),
    _shows("/replies/{number:int}/html", review.frame),
    _shows("/replies/{number:int}/files/{file:int}", review.file),
    # Signatories.
    _shows("/campaigns/{name}/signatories", signatories.listed),
    _shows("/campaigns/{name}/signatories.{form}", signatories.export, Role.COORDINATOR),
    _changes("/campaigns/{name}/signatories/pin", signatories.pin),
    # The letter.
    _shows("/campaigns/{name}/letter", letter.preview),
    _shows("/campaigns/{name}/letter.{form}", letter.document),
    _changes("/campaigns/{name}/letter/freeze", letter.freeze),
    _changes("/campaigns/{name}/letter/approve", letter.approve, Role.APPROVER),
    _changes("/campaigns/{name}/letter/test", letter.send_test),
    _changes("/campaigns/{name}/letter/arm", letter.arm, Role.APPROVER),
    _changes("/campaigns/{name}/letter/disarm", letter.disarm),
    # Dispatch.
    _shows("/campaigns/{name}/dispatch", dispatch.board),
    _shows("/campaigns/{name}/dispatch.{form}", dispatch.report),
    _changes("/campaigns/{name}/dispatch/{code}/settle", dispatch.settle),
    _changes("/campaigns/{name}/dispatch/{code}/again", dispatch.send_again),
    # Mails, outbox, journal.
    _shows("/campaigns/{name}/mails", mail.mails),
    _shows("/campaigns/{name}/mails.html", mail.mail_html),
    _changes("/campaigns/{name}/mails/send", mail.send_sample),
    _shows("/campaigns/{name}/outbox", mail.outbox),
    _shows("/campaigns/{name}/outbox/{number:int}", mail.message),
    _shows("/campaigns/{name}/outbox/{number:int}.eml", mail.message_file),
    _changes("/campaigns/{name}/outbox/{number:int}/retry", mail.retry),
    _changes("/campaigns/{name}/outbox/{number:int}/settle", mail.settle),
    _shows("/campaigns/{name}/journal", mail.lines),
    # Prospects.
    _shows("/campaigns/{name}/prospects", prospects.roll),
    _shows("/campaigns/{name}/prospects/upload", prospects.upload, Role.COORDINATOR),
    _changes("/campaigns/{name}/prospects/upload", prospects.look),
    _changes("/campaigns/{name}/prospects/enrol", prospects.enrol),
    _changes("/campaigns/{name}/prospects/add", prospects.add),
    _changes("/campaigns/{name}/prospects/invite", prospects.invite),
    _shows("/campaigns/{name}/prospects/{number:int}", prospects.one),
    _changes("/campaigns/{name}/prospects/{number:int}", prospects.edit),
    _shows("/campaigns/{name}/prospects/{number:int}/merge", prospects.beside, Role.COORDINATOR),
    _changes("/campaigns/{name}/prospects/{number:int}/merge", prospects.merge),
)
