"""A message that says one thing in plain text and another in HTML."""

from email.message import EmailMessage

import pytest

from tests.reading.accuracy import countries
from undersigned.domain.listing import Kind
from undersigned.domain.party import Prospect
from undersigned.domain.verdict import Verdict
from undersigned.reading import Question, parse, read

KNOWN = countries()


def verdict(plain: str, html: str) -> Verdict:
    """Read a reply of the invited party in both forms."""
    email = EmailMessage()
    email["From"] = "Rik Terpstra <rik@openarchive.example>"
    email["To"] = "sign+token@letters.example"
    email["Subject"] = "Re: Invitation to sign"
    email["Message-ID"] = "<1@openarchive.example>"
    email.set_content(plain)
    email.add_alternative(html, subtype="html")
    prospect = Prospect(
        kind=Kind.ORGANIZATION,
        name="Open Archive Collective",
        country="Netherlands",
        email="rik@openarchive.example",
    )
    question = Question(
        prospect=prospect, signed=False, countries=KNOWN, public_providers=frozenset()
    )
    return read(parse(email.as_bytes()), question)


@pytest.mark.parametrize(
    ("plain", "html"),
    [
        ("Yes, please add us.", "<p>We cannot sign.</p>"),
        ("Yes, please add us.", "<p>Yes, please add us if the board agrees.</p>"),
        ("We sign as: Open Archive / Netherlands", "<p>We sign as: Open Archives / Belgium</p>"),
        ("No.", "<p>Yes, we sign.</p>"),
    ],
)
def test_it_leaves_two_answers_in_one_message_to_a_person(plain: str, html: str) -> None:
    """A person sees the HTML, a machine the plain text: only what both say is decided."""
    found = verdict(plain, html)

    assert not found.automatic
    assert found.reason == "parts-disagree"


@pytest.mark.parametrize(
    "html",
    [
        "<div>Yes, please <b>add</b> us.</div>",
        "<p>Yes, please add us.</p><p>Virus-free. www.scanner.example</p>",
        "<img alt='' src='cid:logo'>",
    ],
)
def test_it_bears_what_programs_add_to_one_form(html: str) -> None:
    """Marks, footers and pictures make no second answer."""
    assert verdict("Yes, please add us.", html).automatic
