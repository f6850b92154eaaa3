"""Mails, outbox and journal: what parties get, what left, and who did what."""

from urllib.parse import urlencode

from starlette.responses import Response

from undersigned.console import files
from undersigned.console.numbers import number
from undersigned.console.visit import Visit
from undersigned.domain.delivery import Purpose, State
from undersigned.flows import outbox as flow
from undersigned.flows import retry_by_hand as retrying
from undersigned.flows import samples
from undersigned.flows import settle as settling
from undersigned.store import campaigns, journal

#: What the journal's lines may be narrowed by.
NARROWED = ("action", "actor", "subject")
#: Lines of the journal on one page.
LINES = 100


def mails(visit: Visit) -> Response:
    """Show any mail to any party in any language."""
    name, query = visit.path["name"], visit.query
    template = query.get("mail", "invitation")
    party, language = query.get("party", "").strip(), query.get("language", "")
    found = samples.sample(visit.service, name, template, party=party, language=language)
    return visit.show(
        "mails",
        name=name,
        found=found,
        template=template,
        party=party,
        language=language,
        mails=list(samples.MAILS),
        languages=samples.LANGUAGES,
    )


def mail_html(visit: Visit) -> Response:
    """Show such a mail's HTML."""
    query = visit.query
    found = samples.sample(
        visit.service,
        visit.path["name"],
        query.get("mail", "invitation"),
        party=query.get("party", "").strip(),
        language=query.get("language", ""),
    )
    return files.document(found.html.encode(), "html")


def send_sample(visit: Visit) -> Response:
    """Send such a mail to whoever is signed in."""
    name, to = visit.path["name"], visit.by
    template, party, language = (visit.text(one) for one in ("mail", "party", "language"))
    samples.send(visit.service, name, template, to, party=party, language=language)
    back = urlencode({"mail": template, "party": party, "language": language})
    return visit.go(f"/campaigns/{name}/mails?{back}", f"A sample goes to {to}.")


def outbox(visit: Visit) -> Response:
    """Show a page of the outbox."""
    name, query = visit.path["name"], visit.query
    purpose, state = query.get("purpose", ""), query.get("state", "")
    before = number(query.get("before") or "0")
    found = flow.page(visit.service, name, purpose=purpose, state=state, before=before)
    return visit.show(
        "outbox",
        name=name,
        page=found.page,
        counts=found.counts,
        purpose=purpose,
        state=state,
        purposes=list(Purpose),
        states=list(State),
    )


def message(visit: Visit) -> Response:
    """Show a message with everything that servers said of it."""
    name, here = visit.path["name"], visit.path["number"]
    octets = flow.octets(visit.service, name, here)
    return visit.show(
        "message",
        name=name,
        found=flow.message(visit.service, name, here),
        octets=octets.decode("utf-8", "replace"),
    )


def retry(visit: Visit) -> Response:
    """Send a message once more that did not arrive."""
    name, here = visit.path["name"], visit.path["number"]
    address = retrying.retry_by_hand(
        visit.service,
        name,
        number(visit.text("delivery")),
        to=visit.text("to"),
        reason=visit.text("reason"),
        by=visit.by,
    )
    return visit.go(f"/campaigns/{name}/outbox/{here}", f"It goes to {address} once more.")


def settle(visit: Visit) -> Response:
    """Record what a person knows of mail that was cut while the server took it."""
    name, here, known = visit.path["name"], visit.path["number"], visit.text("known")
    delivery, reason = number(visit.text("delivery")), visit.text("reason")
    settling.settle_mail(visit.service, name, delivery, known, reason=reason, by=visit.by)
    return visit.go(f"/campaigns/{name}/outbox/{here}", f"Delivery {delivery}: {known}.")


def message_file(visit: Visit) -> Response:
    """Give a message's exact bytes as a file."""
    name, here = visit.path["name"], visit.path["number"]
    return files.download(flow.octets(visit.service, name, here), f"message-{here}.eml")


def lines(visit: Visit) -> Response:
    """Show a page of the journal."""
    name = visit.path["name"]
    before = number(visit.query.get("before") or "0")
    asked = {key: visit.query.get(key, "").strip() for key in NARROWED}
    fits = {key: words for key, words in asked.items() if words}
    with visit.service.store.reading() as session:
        campaign = campaigns.get(session, name)
        page = journal.page(session, campaign.id, before=before, size=LINES, **fits)
    return visit.show("journal", name=name, page=page, fits=fits, narrowing=urlencode(fits))
