"""Bulk mail: the same mail as ever, from a skeleton."""

import email
import email.policy
import logging
from dataclasses import replace
from datetime import UTC, datetime
from email.message import EmailMessage
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from undersigned import resources
from undersigned.domain import letter
from undersigned.domain.listing import Kind, Listing
from undersigned.domain.party import Prospect
from undersigned.errors import PermanentFailure
from undersigned.writing import emails
from undersigned.writing.bulk import Bulk
from undersigned.writing.compose import Headers, compose
from undersigned.writing.emails import Occasion, Recipient
from undersigned.writing.render import Templates

LANGUAGES = ("en", "ar", "de", "fr", "ja", "ko", "ru", "th", "zh-Hant")
SOURCE = (resources.example("security-council-2022") / "letter.md").read_text("utf-8")
OCCASION = Occasion(
    campaign="test-letter",
    organizer="Coalition for Šťastný & <Others>",
    sender="Hana Whitfield",
    letter=letter.parse(SOURCE),
    cutoff=datetime(2026, 6, 19, 22, tzinfo=UTC),
    dispatch=datetime(2026, 6, 24, 13, tzinfo=UTC),
    zone=ZoneInfo("America/New_York"),
)
HEADERS = Headers(
    from_name="Hana Whitfield",
    from_address="hana@letters.example",
    to_address="rik@openarchive.example",
    reply_to="sign+abcdefghijklmnop@letters.example",
    message_id="<abcdefghijklmnop@letters.example>",
    own_id="abcdefghijklmnop",
    date=datetime(2026, 5, 26, 13, tzinfo=UTC),
)
SHIPPED = Templates([resources.root() / "templates"])
BULK = Bulk(SHIPPED)

#: Names as people have them, and as nobody should: markup, blanks, dots, long words, any script.
names = (
    st.text(st.characters(exclude_categories=["Cs", "Cc"]), min_size=1, max_size=120)
    | st.text("a <&>\"'{}%.=?_-\u00a0한字ا“", min_size=1, max_size=200)
    | st.sampled_from(["From here / South Korea", ".", "..", "A / B / C", "=20", "x" * 300])
)
prospects = st.builds(
    Prospect,
    kind=st.sampled_from(Kind),
    name=names,
    title=st.none() | names,
    country=st.none() | names,
    email=st.just("rik@openarchive.example"),
    contact=st.none() | names,
    more=st.dictionaries(st.sampled_from(["salutation", "note"]), st.just("") | names),
)


def invited(party: Prospect, language: str = "en") -> Any:
    """Give what an invitation says."""
    recipient = Recipient(prospect=party, language=language, reference="abcdefghijklmnop")
    return emails.invitation(OCCASION, recipient)


def told(raw: bytes) -> tuple[list[tuple[str, str]], list[tuple[str, str]]]:
    """Give what a mail program reads: the header fields, and each part's type and words."""
    message = email.message_from_bytes(raw, policy=email.policy.default)
    assert isinstance(message, EmailMessage)
    assert not message.defects
    parts = [(one.get_content_type(), one.get_content()) for one in message.iter_parts()]
    assert not any(one.defects for one in message.iter_parts())
    return [(name, str(value)) for name, value in message.items()], parts


def both(
    templates: Templates, bulk: Bulk, context: Any, language: str = "en", headers: Headers = HEADERS
) -> tuple[bytes, bytes]:
    """Give a message from its skeleton, and as the standard library builds it."""
    name = context.template
    bulk.compose(headers, name, context, language)  # the first one is made both ways by itself
    whole = compose(headers, templates.render(name, context, language))
    return bulk.compose(headers, name, context, language), whole


@given(prospects, st.sampled_from(LANGUAGES))
@settings(max_examples=300)
def test_it_says_what_the_standard_library_would_build(party: Prospect, language: str) -> None:
    """A party reads the same invitation, whichever way it was made."""
    made, whole = both(SHIPPED, BULK, invited(party, language), language)

    assert told(made) == told(whole)


@given(prospects, st.lists(names, max_size=3))
@settings(max_examples=100)
def test_it_fills_every_line_of_a_renewal(party: Prospect, lines: list[str]) -> None:
    """A signer who is asked again reads all names that will stand again."""
    recipient = Recipient(prospect=party, reference="abcdefghijklmnop")
    listings = [Listing(kind=party.kind, name=one) for one in lines]
    context = emails.renewal(OCCASION, recipient, listings=listings, until=OCCASION.cutoff)

    made, whole = both(SHIPPED, BULK, context)

    assert told(made) == told(whole)


@given(prospects)
@settings(max_examples=100)
def test_its_lines_are_short_ascii_that_ends_with_crlf(party: Prospect) -> None:
    """No server on the way has a reason to touch the bytes (RFC 5322 §2.1.1)."""
    made, _ = both(SHIPPED, BULK, invited(party))

    assert made.isascii()
    assert made.replace(b"\r\n", b"").count(b"\n") == made.replace(b"\r\n", b"").count(b"\r") == 0
    assert all(len(line) <= 78 for line in made.split(b"\r\n"))


RIK = Prospect(
    kind=Kind.ORGANIZATION,
    name="Open Archive Collective",
    country="Netherlands",
    email="rik@openarchive.example",
    more={"note": "the one with the long archive"},
)
OTHER = replace(RIK, name="Kestrel Rights Watch & Friends", more={"note": "short"})


def own(folder: Path, subject: str, body: str, html: str) -> Templates:
    """Give an operator's own invitation."""
    place = folder / "email" / "invitation"
    place.mkdir(parents=True, exist_ok=True)
    for name, words in (("subject.txt", subject), ("body.txt", body), ("body.html", html)):
        (place / name).write_text(words, encoding="utf-8")
    return Templates([folder, resources.root() / "templates"])


@pytest.mark.parametrize(
    ("body", "html"),
    [
        ("{{ party|upper }}\n", "<p>{{ party|upper }}</p>"),
        ("{% if party|length > 24 %}long{% else %}short{% endif %}\n", "<p>{{ party|length }}</p>"),
        ("{% if party == 'Open Archive Collective' %}you{% endif %}!\n", "<p>x</p>"),
        ("{{ party[:4] }} {{ party.split()[0] }}\n", "<p>{{ party.lower() }}</p>"),
        ("{{ ('(' ~ party ~ ')').upper() }}\n", "<p>{{ ('(' ~ party ~ ')')|title }}</p>"),
        ("{{ prospect.more.note|wrap }}\n", "<p>{{ prospect.more['note'] }}</p>"),
        ("{{ prospect.listing.line }}\n", "<p>{{ prospect.listing.line }}</p>"),
        ("{% for one in party %}{{ one }}-{% endfor %}\n", "<p>{{ party|list|length }}</p>"),
        ("{{ [party, reference]|join(' / ') }}\n", "<p>{{ party|safe }}</p>"),
        ("{{ party|replace('Open', 'Closed') }}\n", "<p>{{ party|e }} {{ party|wordcount }}</p>"),
        (
            "{% set x %}{{ party }}{% endset %}{{ x|wrap }}\n",
            "{% set x %}{{ party }}{% endset %}{{ x }}",
        ),
        ("{{ '%s!'|format(party) }}\n", "<p title=\"{{ party }}\">{{ party ~ '<' }}</p>"),
        ("{{ party is in ['Open Archive Collective'] }}\n", "<p>{{ 'Open' in party }}</p>"),
    ],
)
def test_it_does_whatever_an_own_template_asks(tmp_path: Path, body: str, html: str) -> None:
    """A coordinator's own template means for each party what it says, whatever it does."""
    templates = own(tmp_path, "To {{ party }}", body, html)
    bulk = Bulk(templates)

    for party in (RIK, OTHER, RIK):
        made, whole = both(templates, bulk, invited(party))
        assert told(made) == told(whole)


def test_it_fills_the_subject(tmp_path: Path) -> None:
    """Each subject names its own party."""
    templates = own(tmp_path, "To  {{ party }}", "x\n", "<p>x</p>")
    bulk = Bulk(templates)

    subjects = [
        email.message_from_bytes(both(templates, bulk, invited(party))[0])["Subject"]
        for party in (RIK, OTHER)
    ]

    assert subjects == ["To Open Archive Collective", "To Kestrel Rights Watch & Friends"]


def test_a_name_of_several_lines_is_composed_as_ever() -> None:
    """No line that a name brings along escapes what is done to lines."""
    party = replace(RIK, name="Open\nArchive\r\n\r\nCollective")

    made, whole = both(SHIPPED, BULK, invited(party))

    assert made == whole


def test_a_template_that_is_wrong_says_so(tmp_path: Path) -> None:
    """A coordinator learns of a wrong template as from any other mail."""
    bulk = Bulk(own(tmp_path, "x", "{{ unknown }}\n", "<p>x</p>"))

    with pytest.raises(PermanentFailure, match="unknown"):
        bulk.compose(HEADERS, "invitation", invited(RIK), "en")


def test_a_skeleton_that_says_another_thing_is_dropped(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    """What no hole can stand in for is found out with the first message, before it leaves."""
    body = "{% if ('(' ~ party ~ ')') == '(Open Archive Collective)' %}Old{% endif %} friend\n"
    templates = own(tmp_path, "x", body, "<p>x</p>")
    bulk = Bulk(templates)

    with caplog.at_level(logging.ERROR):
        made = [bulk.compose(HEADERS, "invitation", invited(RIK), "en") for _ in range(2)]

    assert [told(one)[1][0][1].split() for one in made] == [["Old", "friend"]] * 2
    assert "a skeleton says another thing than its template" in caplog.text
