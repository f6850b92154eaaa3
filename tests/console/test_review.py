"""Doubtful replies, decided in the browser."""

import email.policy
from collections.abc import Callable
from email.message import EmailMessage

import pytest

from tests.campaigns import NAME, Desk
from tests.console.conftest import ANN, VIC, Browser
from undersigned.console.marking import marked
from undersigned.domain.party import Standing
from undersigned.flows import desk as table
from undersigned.flows.status import status

Browse = Callable[..., Browser]
RIK = "rik@openarchive.example"
REVIEW = f"/campaigns/{NAME}/review"


@pytest.fixture
def doubtful(peopled: Desk) -> Desk:
    """Give a campaign with one reply that waits for a person."""
    peopled.invited()
    peopled.answer(RIK, "Yes, if the third paragraph goes.")
    peopled.read()
    return peopled


def standing(desk: Desk) -> int:
    """Give how many signed."""
    return status(desk.service, NAME).standings.get(Standing.SIGNED, 0)


@pytest.mark.usefixtures("doubtful")
def test_it_shows_words_reason_and_sender(browse: Browse) -> None:
    """Everything that one decides on stands on one page, and says why no machine dared."""
    browser = browse(VIC)

    queue, page = browser.get(REVIEW), browser.get(f"{REVIEW}/1")

    assert "1 reply waits" in queue
    assert "They say yes only under a condition." in page
    assert "<mark>if the third paragraph</mark>" in page
    assert "It came from the address that was invited." in page
    assert "Decide</h2>" not in page  # who may only look sees no button


def test_a_ruling_has_the_effect_of_any_other(browse: Browse, doubtful: Desk) -> None:
    """Signed in the console is signed: on the list, with a receipt, in the journal."""
    where = browse().post(
        f"{REVIEW}/1",
        act="sign",
        **{"kind-0": "organization", "name-0": "Open Archive", "country-0": "ROK"},
    )
    doubtful.clock.go(seconds=11)
    doubtful.deliver()

    assert where.startswith(f"{REVIEW}?undo=1")
    assert standing(doubtful) == 1
    receipt = doubtful.mail_to(RIK)[-1].get_body(("plain",))
    assert receipt is not None
    assert "Open Archive / South Korea" in receipt.get_content()


def test_a_ruling_can_be_taken_back_before_anybody_is_told(browse: Browse, doubtful: Desk) -> None:
    """For ten seconds the receipt waits, and a slip of the key has no effect."""
    browser = browse()
    before = len(doubtful.mail_to(RIK))
    browser.post(f"{REVIEW}/1", act="sign")
    doubtful.deliver()

    browser.post(f"{REVIEW}/1/undo")
    doubtful.clock.go(minutes=1)
    doubtful.deliver()

    assert standing(doubtful) == 0
    assert len(doubtful.mail_to(RIK)) == before
    assert table.case(doubtful.service, NAME, 1).outcome is None


def test_a_ruling_that_was_told_is_not_taken_back(browse: Browse, doubtful: Desk) -> None:
    """After the receipt has left, only a new ruling can change it, and tells the signer."""
    browser = browse()
    browser.post(f"{REVIEW}/1", act="sign")
    doubtful.clock.go(seconds=11)
    doubtful.deliver()

    page = browser.post(f"{REVIEW}/1/undo", 409)

    assert "The receipt has left" in page
    assert standing(doubtful) == 1


def test_one_of_two_coordinators_wins(browse: Browse, doubtful: Desk) -> None:
    """The other is told who did, and what."""
    first, second = browse(), browse(ANN)
    first.post(f"{REVIEW}/1", act="decline")

    page = second.post(f"{REVIEW}/1", 409, act="sign")

    assert "was settled by alice@rights.example" in page
    assert standing(doubtful) == 0


def test_the_signer_can_be_asked(browse: Browse, doubtful: Desk) -> None:
    """A question goes out in the mail for questions, and the review stays open."""
    browse().post(f"{REVIEW}/1/ask", note="Which paragraph, the third?")
    doubtful.deliver()

    question = doubtful.mail_to(RIK)[-1].get_body(("plain",))
    assert question is not None
    assert "Which paragraph, the third?" in question.get_content()
    assert status(doubtful.service, NAME).reviews == 1


def test_a_stranger_can_be_taken_as_a_new_party(browse: Browse, peopled: Desk) -> None:
    """Whom nobody invited, and who signs, is added by a person with a listing."""
    peopled.invited()
    peopled.answer(RIK, "We sign!", sender="new@stranger.example", to="sign@letters.example")
    peopled.read()

    browse().post(
        f"{REVIEW}/1",
        act="add",
        **{"kind-0": "organization", "name-0": "New Friends", "country-0": "France"},
    )

    assert standing(peopled) == 1


HOSTILE = """<script>parent.location='https://evil.example'</script>
<img src="https://evil.example/pixel"><form action="https://evil.example"><input name=a></form>
<a href="https://evil.example">YES</a><div style="position:fixed;inset:0;background:red">cover</div>
<p onclick="alert(1)">We sign \u202enot.</p><iframe src="https://evil.example"></iframe>"""


def test_hostile_mail_does_nothing(browse: Browse, peopled: Desk) -> None:
    """No script, form, link, picture, style or frame of a mail reaches the coordinator."""
    peopled.invited()
    peopled.send_html(RIK, HOSTILE)
    peopled.read()
    browser = browse()

    answer = browser.client.get("/replies/1/html")
    page = browser.get(f"{REVIEW}/1")

    assert "sandbox" in answer.headers["content-security-policy"]
    for bad in ("<script", "<img", "<form", "<a ", "style=", "onclick", "<iframe", "evil.example"):
        assert bad not in answer.text, bad
    assert "We sign" in answer.text
    assert "<script>parent" not in page


def test_marks_stand_where_the_rules_found_them() -> None:
    """A find that does not stand in the words as it is marks nothing."""
    assert marked("", ["x"]) == []
    assert marked("Yes, IF so", ["if", "maybe"]) == [("Yes, ", False), ("IF", True), (" so", False)]
    assert marked("İyi", ["iyi"]) == [("İyi", False)]


def test_a_file_that_came_with_a_reply_is_kept_and_never_shown(
    browse: Browse, peopled: Desk
) -> None:
    """The page says what it is by its content; the browser stores octets under a plain name."""
    newest = peopled.invited().mail_to(RIK)[-1]
    message = EmailMessage(policy=email.policy.SMTP)
    message["From"], message["To"] = RIK, newest["Reply-To"]
    message["Subject"], message["In-Reply-To"] = "Re: letter", newest["Message-ID"]
    message.set_content("Would you look at the enclosed?")
    message.add_attachment(b"%PDF-1.7 x", "image", "png", filename="../../logo.exe")
    peopled.send(message.as_bytes(), sender=RIK, to=str(newest["Reply-To"]))
    peopled.read()
    browser = browse()

    page = browser.get(f"{REVIEW}/1")
    answer = browser.client.get("/replies/1/files/1")

    assert "application/pdf" in page
    assert "image/png" not in page
    assert answer.content == b"%PDF-1.7 x"
    assert answer.headers["content-type"] == "application/octet-stream"
    assert answer.headers["content-disposition"] == "attachment; filename*=UTF-8''1-logo.pdf"
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert "sandbox" in answer.headers["content-security-policy"]
    browser.get("/replies/1/files/9", 409)
    browser.get("/replies/99/files/1", 409)


def test_a_question_is_looked_at_before_it_leaves(browse: Browse, doubtful: Desk) -> None:
    """The page shows the mail to the word; nothing is sent by looking."""
    browser = browse()

    page = browser.get(f"{REVIEW}/1/ask?note=Which+paragraph%3F")
    doubtful.deliver()

    assert f"This goes to {RIK}" in page
    assert "Which paragraph?" in page
    assert len(doubtful.mail_to(RIK)) == 1
    browser.get(f"{REVIEW}/9/ask", 409)
