"""Mails, outbox, journal and what machines ask."""

from collections.abc import Callable
from dataclasses import replace

import pytest
from sqlalchemy import select

from tests.campaigns import NAME, Desk
from tests.console.conftest import ALICE, Browser
from undersigned.errors import Refused
from undersigned.flows import samples
from undersigned.flows.outbox import PAGE
from undersigned.store.tables import DeliveryRow

Browse = Callable[..., Browser]
BASE = f"/campaigns/{NAME}"
RIK = "rik@openarchive.example"


@pytest.mark.parametrize("mail", samples.MAILS)
def test_every_mail_can_be_looked_at(browse: Browse, peopled: Desk, mail: str) -> None:
    """For any party in any language, as it would be written now; nothing is sent."""
    peopled.invited()
    before = len(peopled.mail_to(RIK))
    browser = browse()

    for language in ("", "ko", "ar"):
        browser.get(f"{BASE}/mails?mail={mail}&language={language}&party=kestrel")
    html = browser.client.get(f"{BASE}/mails.html?mail={mail}")

    assert "sandbox" in html.headers["content-security-policy"]
    assert len(peopled.mail_to(RIK)) == before


def test_what_is_no_mail_is_refused(browse: Browse, peopled: Desk) -> None:
    """Neither is a mail to a party that there is none of, nor a reminder of nothing."""
    peopled.apply()
    browser = browse()

    browser.get(f"{BASE}/mails?mail=letter-to-mission", 409)
    browser.get(f"{BASE}/mails?language=tlh", 409)
    browser.get(f"{BASE}/mails?party=nobody", 409)
    assert "was not invited yet" in browser.get(f"{BASE}/mails?mail=reminder", 409)


def test_a_campaign_without_parties_has_no_sample(browse: Browse, peopled: Desk) -> None:
    """The page says what is missing."""
    peopled.write("prospects.csv", "kind,name,title,country,email,language,contact\n")
    peopled.apply()

    assert "has no party yet" in browse().get(f"{BASE}/mails", 409)


def test_the_outbox_shows_bytes_and_answers(browse: Browse, peopled: Desk) -> None:
    """What left is shown to the last byte, with every answer of a server."""
    peopled.invited()
    browser = browse()

    page = browser.get(f"{BASE}/outbox?purpose=invitation&state=accepted")
    number = page.partition(f"{BASE}/outbox/")[2].partition('"')[0]
    message = browser.get(f"{BASE}/outbox/{number}")
    raw = browser.client.get(f"{BASE}/outbox/{number}.eml").content

    assert "3 invitation accepted" in page
    assert "Attempts" in message
    addresses = (RIK, "i.farrow@kestrelrights.example", "ingrid@norrhamn.example")
    left = [one.raw for address in addresses for one in peopled.office.received(address)]
    assert any(raw.strip() in one for one in left)
    browser.get(f"{BASE}/outbox?state=lost", 409)
    browser.get(f"{BASE}/outbox/999", 409)
    browser.get(f"{BASE}/outbox/999.eml", 409)
    browser.get(f"{BASE}/outbox?before=x", 409)


def test_a_message_that_has_not_left_is_shown_as_it_would(browse: Browse, peopled: Desk) -> None:
    """Before a worker has written it, the page writes it for the eye alone."""
    peopled.invited()
    peopled.answer(RIK, "Yes, please add us.")
    peopled.read()
    browser = browse()

    page = browser.get(f"{BASE}/outbox?state=queued")
    number = page.partition(f"{BASE}/outbox/")[2].partition('"')[0]

    assert "receipt-signed" in browser.get(f"{BASE}/outbox/{number}")
    assert "queued" in browser.get(f"{BASE}/outbox?before=1000")


def test_the_journal_says_who_did_what(browse: Browse, peopled: Desk) -> None:
    """The newest line first, by pages."""
    peopled.invited()
    browser = browse()
    browser.post(f"{BASE}/pause")

    page = browser.get(f"{BASE}/journal")

    assert page.index("paused") < page.index("invited")
    assert "alice@rights.example" in page
    assert "paused" not in browser.get(f"{BASE}/journal?before=1")
    assert PAGE > 1


def test_machines_ask_without_signing_in(peopled: Desk) -> None:
    """Alive, ready; and the counts for whoever shows the token."""
    peopled.invited()
    client = Browser(peopled.service).client

    assert client.get("/healthz").json() == {"alive": True}
    assert client.get("/readyz").json() == {"ready": True}
    assert client.get("/metrics").status_code == 403
    settings = peopled.service.settings
    console = replace(settings.console, metrics_token="open sesame")
    peopled.service.settings = replace(settings, console=console)
    told = client.get("/metrics", headers={"authorization": "Bearer open sesame"})

    line = f'undersigned_deliveries{{campaign="{NAME}",purpose="invitation",state="accepted"}} 3'
    assert line in told.text
    assert "undersigned_oldest_due_seconds 0" in told.text
    assert client.get("/metrics", headers={"authorization": "Bearer x"}).status_code == 403


def test_what_came_back_is_sent_once_more(browse: Browse, peopled: Desk) -> None:
    """On the message's page, with a reason; what is uncertain is settled there."""
    peopled.invited()
    browser = browse()
    with peopled.service.store.writing() as session:
        rows = session.scalars(select(DeliveryRow).order_by(DeliveryRow.id)).all()
        rows[0].state, rows[1].state = "refused", "uncertain"
    first, second = rows[0], rows[1]

    assert "Send it once more" in browser.get(f"{BASE}/outbox/{first.message_id}")
    assert "Did it arrive?" in browser.get(f"{BASE}/outbox/{second.message_id}")
    browser.post(
        f"{BASE}/outbox/{first.message_id}/retry", delivery=str(first.id), reason="they called"
    )
    browser.post(
        f"{BASE}/outbox/{second.message_id}/settle",
        delivery=str(second.id),
        known="arrived",
        reason="they called",
    )
    peopled.deliver()

    assert len(peopled.mail_to(first.address)) == 2
    assert len(peopled.mail_to(second.address)) == 1
    assert "Did it arrive?" not in browser.get(f"{BASE}/outbox/{second.message_id}")


def test_a_copy_of_any_mail_goes_to_oneself_alone(browse: Browse, peopled: Desk) -> None:
    """It is marked, it reads as the party's would, and the party gets nothing."""
    peopled.invited()
    before = len(peopled.mail_to(RIK))

    browse().post(f"{BASE}/mails/send", mail="invitation", language="ko", party=RIK, to=RIK)
    peopled.deliver()

    (copy,) = peopled.mail_to(ALICE)
    assert str(copy["Subject"]).startswith("[SAMPLE] ")
    assert copy["Content-Language"] == "ko"
    assert len(peopled.mail_to(RIK)) == before


def test_an_answer_to_a_sample_decides_nothing(browse: Browse, peopled: Desk) -> None:
    """A coordinator who tries the reply address signs for nobody."""
    peopled.invited()
    browse().post(f"{BASE}/mails/send", mail="invitation", party=RIK)
    peopled.deliver()

    peopled.answer(ALICE, "Yes, please add us.")
    peopled.read()

    assert peopled.printed() == {"individual": [], "organization": []}


def test_a_sample_goes_to_our_own_people(peopled: Desk) -> None:
    """Whatever address is named: no stranger gets a mail that looks like an invitation."""
    peopled.apply()

    samples.send(peopled.service, NAME, "invitation", "desk@letters.example")
    with pytest.raises(Refused, match="nobody's of ours"):
        samples.send(peopled.service, NAME, "invitation", RIK)
    with pytest.raises(Refused, match="no mail that a party gets"):
        samples.send(peopled.service, NAME, "letter-to-mission", "desk@letters.example")


def test_the_journal_is_narrowed_to_what_one_looks_for(browse: Browse, peopled: Desk) -> None:
    """By who did it, what was done, and to what."""
    peopled.invited()
    browser = browse()
    browser.post(f"{BASE}/pause")

    def rows(query: str) -> int:
        return browser.get(f"{BASE}/journal?{query}").count("<tr><td>")

    assert rows("action=paused") == 1
    assert rows("actor=alice@rights.example") == 1
    assert 1 < rows(f"subject=campaign:{NAME}") < rows("")
    assert rows("action=flew") == 0
