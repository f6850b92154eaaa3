"""The ten emails, in twelve languages."""

import re
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from html.parser import HTMLParser
from pathlib import Path
from typing import ClassVar

import pytest

from undersigned.domain.listing import Kind
from undersigned.domain.party import Prospect
from undersigned.writing import emails
from undersigned.writing.context import CoordinatorDigest, ToParty
from undersigned.writing.emails import Occasion, Recipient
from undersigned.writing.printed import PrintedLetter
from undersigned.writing.render import Templates
from undersigned.writing.wrapping import width

LANGUAGES = ("en", "ko", "ja", "zh-Hans", "zh-Hant", "es", "fr", "pt", "de", "ar", "ru", "id", "th")
MONDAY = datetime(2022, 11, 21, 15, tzinfo=UTC)

Builder = Callable[[Occasion, Recipient], ToParty]

BUILDERS: dict[str, Builder] = {
    "invitation": emails.invitation,
    "reminder": lambda one, to: emails.reminder(one, to, invited_at=MONDAY),
    "renewal": lambda one, to: emails.renewal(
        one, to, listings=[to.prospect.listing], until=one.cutoff
    ),
    "confirmation": lambda one, to: emails.confirmation(
        one,
        to,
        listings=[to.prospect.listing],
        received_at=MONDAY,
        sender="office.of.the.secretary@somewhere-else.example",
    ),
    "receipt-signed": lambda one, to: emails.receipt_signed(
        one, to, listings=[to.prospect.listing]
    ),
    "receipt-amended": lambda one, to: emails.receipt_amended(
        one, to, listings=[to.prospect.listing, to.prospect.listing]
    ),
    "receipt-declined": emails.receipt_declined,
    "receipt-withdrawn": emails.receipt_withdrawn,
    "receipt-withdrawn, too late": lambda one, to: emails.receipt_withdrawn(
        one, to, left_at=one.dispatch
    ),
    "clarification": lambda one, to: emails.clarification(one, to, received_at=MONDAY),
    "clarification, with a note": lambda one, to: emails.clarification(
        one, to, received_at=MONDAY, note="You wrote that your board meets on Thursday."
    ),
}


class Words(HTMLParser):
    """The words of an HTML document's body, as a reader sees them."""

    _BLOCKS: ClassVar = {"p", "br", "div", "h1", "h2", "li", "td", "th", "tr"}

    def __init__(self, html: str) -> None:
        super().__init__()
        self.text = ""
        self._is_body = False
        self.feed(html)

    def handle_starttag(self, tag: str, _attrs: object) -> None:
        """Let words of two blocks not run together."""
        self._is_body = self._is_body or tag == "body"
        self.text += " " if tag in self._BLOCKS else ""

    def handle_data(self, data: str) -> None:
        """Keep the words of the body."""
        self.text += data if self._is_body else ""


def plain_words(text: str) -> list[str]:
    """Give the words of a plain text, rules and the spaces between wide letters left out."""
    return list("".join(re.sub(r"-{3,}|[*_]", "", text).split()))


@pytest.fixture(params=LANGUAGES)
def language(request: pytest.FixtureRequest) -> str:
    """Give each language in turn."""
    return str(request.param)


@pytest.fixture(params=BUILDERS)
def build(request: pytest.FixtureRequest) -> Builder:
    """Give the builder of each email to a party in turn."""
    return BUILDERS[request.param]


@pytest.fixture(params=["organization", "individual"])
def recipient(request: pytest.FixtureRequest, language: str) -> Recipient:
    """Give a party of each kind, written to in each language."""
    prospect: Prospect = request.getfixturevalue(request.param)
    return Recipient(prospect=prospect, language=language, reference="abcdefghijklmnop")


def test_it_says_the_same_in_text_and_html(
    templates: Templates, occasion: Occasion, build: Builder, recipient: Recipient
) -> None:
    """Whichever part a mail program shows, the reader learns the same."""
    context = build(occasion, recipient)

    rendered = templates.render(context.template, context, recipient.language)

    assert plain_words(Words(rendered.html).text) == plain_words(rendered.text)


def test_it_fits_a_terminal(
    templates: Templates, occasion: Occasion, build: Builder, recipient: Recipient
) -> None:
    """Every line of the plain text has at most 72 columns, in every script; Thai has no spaces."""
    context = build(occasion, recipient)

    rendered = templates.render(context.template, context, recipient.language)

    limit = 140 if recipient.language == "th" else 72
    assert max(width(line) for line in rendered.text.split("\n")) <= limit
    assert rendered.language == recipient.language
    assert "\n\n\n" not in rendered.text


def test_it_bears_its_reference(
    templates: Templates, occasion: Occasion, build: Builder, recipient: Recipient
) -> None:
    """A reply that quotes the mail can be matched even where every header was rewritten."""
    context = build(occasion, recipient)

    rendered = templates.render(context.template, context, recipient.language)

    assert "abcdefghijklmnop" in rendered.text


@pytest.mark.parametrize("name", ["invitation", "reminder"])
def test_it_asks_plainly(
    templates: Templates, occasion: Occasion, name: str, recipient: Recipient
) -> None:
    """The four words, the listing, the form, the date and the whole letter are there."""
    context = BUILDERS[name](occasion, recipient)

    text = templates.render(name, context, recipient.language).text

    for word in ("YES", "NO", "WITHDRAW", "UNSUBSCRIBE"):
        assert re.search(rf"\b{word}\b", text)
    flat = " ".join(text.split())
    assert recipient.prospect.listing.line in flat
    assert "22:00 UTC" in flat
    assert re.search(r"\n\n([^\n]+[:\uff1a]\n){3}\n", text)
    assert "human rights violations such as exploitation and forced labor go in tandem." in flat
    assert text.index("YES") < text.index("Dear Ambassador,")


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("receipt-signed", ["WITHDRAW"]),
        ("receipt-amended", ["WITHDRAW"]),
        ("receipt-declined", ["YES"]),
        ("receipt-withdrawn", ["YES"]),
        ("receipt-withdrawn, too late", []),
        ("clarification", ["YES", "NO", "WITHDRAW"]),
    ],
)
def test_a_receipt_offers_what_can_still_be_done(
    templates: Templates, occasion: Occasion, recipient: Recipient, name: str, words: list[str]
) -> None:
    """A signer can withdraw, who declined can sign, and after dispatch nothing is promised."""
    context = BUILDERS[name](occasion, recipient)

    text = templates.render(context.template, context, recipient.language).text

    assert re.findall(r"\b(YES|NO|WITHDRAW|UNSUBSCRIBE)\b", text) == words


def test_a_receipt_names_listing_letter_and_date(
    templates: Templates, occasion: Occasion, recipient: Recipient
) -> None:
    """A signer sees how and under what the name is printed."""
    context = BUILDERS["receipt-signed"](occasion, recipient)

    flat = " ".join(templates.render("receipt-signed", context, recipient.language).text.split())

    assert recipient.prospect.listing.line in flat
    assert occasion.letter.title in flat
    assert " ".join(context.letter_date.split()) in flat


def test_it_greets_the_contact_of_an_organization(
    templates: Templates, occasion: Occasion, organization: Prospect
) -> None:
    """Where a person is known, the person is greeted; the organization is asked."""
    prospect = replace(organization, contact="Marisol Ibarra")
    context = emails.invitation(occasion, Recipient(prospect=prospect, reference="a" * 16))

    text = templates.render("invitation", context).text

    assert text.startswith(
        "Dear Marisol Ibarra,\n\nCoalition for an Open Meeting invites Lakeshore"
    )


TEMPLATES = Path(__file__).parents[2] / "templates" / "email"
FOLDERS = sorted({name.partition(",")[0] for name in BUILDERS} | {"_base"})


@pytest.mark.parametrize("name", FOLDERS)
def test_every_language_has_every_phrase(name: str, language: str) -> None:
    """No language lacks what another says, or keeps what nothing prints."""

    def phrases(tag: str) -> list[str]:
        source = (TEMPLATES / name / tag / "words.txt").read_text("utf-8")
        return re.findall(r"\{% set (\w+)", source)

    assert phrases(language) == phrases("en")


def test_the_letter_itself_is_the_mail_to_a_mission(
    templates: Templates, printed: PrintedLetter
) -> None:
    """An ambassador reads one courteous sentence, and then the letter with every name."""
    context = emails.letter_to_mission(printed, templates, sender="Hana Seo")

    rendered = templates.render(context.template, context)

    assert rendered.subject == "Joint Open Letter to UN Security Council Member States"
    assert "signatories, 5 individuals and 46 organizations, I have the honour" in " ".join(
        rendered.text.split()
    )
    assert context.letter_text in rendered.text
    assert plain_words(Words(rendered.html).text) == plain_words(rendered.text)


@pytest.mark.parametrize(
    ("individuals", "organizations", "words"),
    [
        (1, 1, "1 individual and 1 organization"),
        (0, 46, "46 organizations"),
        (2, 0, "2 individuals"),
    ],
)
def test_it_counts_in_words(individuals: int, organizations: int, words: str) -> None:
    """The covering sentence never says “1 organizations”."""
    counts = {Kind.INDIVIDUAL: individuals, Kind.ORGANIZATION: organizations}

    assert emails.signed_by(counts) == words


DIGEST = CoordinatorDigest(
    campaign="Open letter 2022",
    as_of="Monday, 28 November 2022, 09:00 (New York; 14:00 UTC)",
    alarms=["The mailbox has not been read since 03:12 UTC."],
    counts=[("Invited", "61"), ("Signed", "43")],
    news=["12 replies came."],
    reviews=["No Fence: a condition, 2 days old"],
    due=[("Reminders", "Tuesday, 29 November 2022")],
)


@pytest.mark.parametrize(
    ("digest", "subject"),
    [
        (DIGEST, "Open letter 2022: 1 waiting for you, 1 to look at now"),
        (
            replace(DIGEST, alarms=[], news=[], reviews=[], due=[]),
            "Open letter 2022: 0 waiting for you",
        ),
    ],
)
def test_a_digest_says_first_what_needs_a_person(
    templates: Templates, digest: CoordinatorDigest, subject: str
) -> None:
    """A coordinator sees from the subject whether there is work."""
    rendered = templates.render(digest.template, digest)

    assert rendered.subject == subject
    unmarked = re.sub(r"^[!-] ", "", rendered.text, flags=re.MULTILINE)
    assert plain_words(Words(rendered.html).text) == plain_words(unmarked)
