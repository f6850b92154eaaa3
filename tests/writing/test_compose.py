"""Messages as bytes."""

import email
from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone
from email import policy
from email.message import EmailMessage

import pytest
from hypothesis import given
from hypothesis import strategies as st

from undersigned.errors import PermanentFailure
from undersigned.writing.compose import Attachment, Headers, compose, encoding
from undersigned.writing.render import Rendered

HEADERS = Headers(
    from_name="Hana Seo",
    from_address="hana@letters.example",
    to_address="mission@example.org",
    message_id="<abc@letters.example>",
    own_id="abcdefghijklmnop",
    date=datetime(2022, 12, 5, 14, tzinfo=UTC),
)
RENDERED = Rendered(subject="A letter", text="Dear Ambassador,\n", html="<p>Dear Ambassador,\n")
PDF = Attachment(
    filename="letter.pdf", content=b"%PDF-1.7\r\n\x00\xff", media_type="application/pdf"
)


def parse(raw: bytes) -> EmailMessage:
    """Read a message back."""
    message = email.message_from_bytes(raw, policy=policy.default)
    assert isinstance(message, EmailMessage)
    return message


def body(message: EmailMessage, subtype: str) -> str:
    """Give the words of the plain or the HTML part."""
    part = message.get_body((subtype,))
    assert part is not None
    return str(part.get_content()).replace("\r\n", "\n")


def test_it_carries_both_texts() -> None:
    """Every mail program shows the message."""
    message = parse(compose(HEADERS, RENDERED))

    assert message.get_content_type() == "multipart/alternative"
    assert body(message, "plain") == RENDERED.text
    assert body(message, "html") == RENDERED.html


def test_it_carries_the_headers_and_no_others() -> None:
    """Nothing that the campaign did not mean stands above its words."""
    message = parse(compose(HEADERS, RENDERED))

    assert dict(message.items()) == {
        "From": "Hana Seo <hana@letters.example>",
        "To": "mission@example.org",
        "Subject": "A letter",
        "Date": "Mon, 05 Dec 2022 14:00:00 +0000",
        "Message-ID": "<abc@letters.example>",
        "X-Undersigned-ID": "abcdefghijklmnop",
        "Content-Language": "en",
        "MIME-Version": "1.0",
        "Content-Type": message["Content-Type"],
    }


def test_it_carries_what_a_receipt_needs() -> None:
    """A receipt stands in the signer's thread and says that a machine wrote it (RFC 3834)."""
    headers = replace(
        HEADERS,
        to_name="서울인권모임",
        reply_to="sign+abcdefghijklmnop@letters.example",
        in_reply_to="<q@example.org>",
        references=("<p@example.org>", "<q@example.org>"),
        auto_replied=True,
        cc=("second@example.org",),
    )

    message = parse(compose(headers, RENDERED))

    assert message["To"] == "서울인권모임 <mission@example.org>"
    assert message["Cc"] == "second@example.org"
    assert message["Reply-To"] == "Hana Seo <sign+abcdefghijklmnop@letters.example>"
    assert message["In-Reply-To"] == "<q@example.org>"
    assert message["References"] == "<p@example.org> <q@example.org>"
    assert message["Auto-Submitted"] == "auto-replied"
    assert message["X-Auto-Response-Suppress"] == "OOF, AutoReply"


@pytest.mark.parametrize(
    ("target", "uri"),
    [
        (
            "sign+abcd@letters.example",
            "<mailto:sign+abcd@letters.example?subject=UNSUBSCRIBE>",
        ),
        ("mailto:stop@letters.example", "<mailto:stop@letters.example>"),
        ("https://letters.example/stop/abcd", "<https://letters.example/stop/abcd>"),
    ],
)
def test_it_says_how_to_stop(target: str, uri: str) -> None:
    """A mail program can offer its own button (RFC 2369)."""
    message = parse(compose(replace(HEADERS, list_unsubscribe=target), RENDERED))

    assert message["List-Unsubscribe"] == uri


def test_one_click_stands_beside_the_address() -> None:
    """A mail program that posts finds the page first; one that writes finds the address."""
    message = parse(
        compose(
            replace(
                HEADERS,
                list_unsubscribe="sign+abcd@letters.example",
                one_click="https://letters.example/unsubscribe/abcd",
            ),
            RENDERED,
        )
    )

    assert " ".join(message["List-Unsubscribe"].split()) == (
        "<https://letters.example/unsubscribe/abcd>, "
        "<mailto:sign+abcd@letters.example?subject=UNSUBSCRIBE>"
    )
    assert message["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"


def test_it_attaches_the_letter() -> None:
    """The mission gets the very bytes of the PDF under the name it was given."""
    attachment = replace(PDF, filename="Joint Open Letter — 공동서한.pdf")

    message = parse(compose(HEADERS, RENDERED, [attachment]))

    assert message.get_content_type() == "multipart/mixed"
    [part] = message.iter_attachments()
    assert part.get_filename() == "Joint Open Letter — 공동서한.pdf"
    assert part.get_content_type() == "application/pdf"
    assert part.get_content() == PDF.content
    assert body(message, "plain") == RENDERED.text


def test_it_is_the_same_bytes_again() -> None:
    """What was sent can be made again and compared."""
    assert compose(HEADERS, RENDERED, [PDF]) == compose(HEADERS, RENDERED, [PDF])


def test_two_messages_have_two_boundaries() -> None:
    """A message that is attached to another does not end it."""
    other = replace(HEADERS, message_id="<xyz@letters.example>")

    first, second = parse(compose(HEADERS, RENDERED)), parse(compose(other, RENDERED))

    assert first.get_boundary() != second.get_boundary()


def test_it_gives_the_date_in_utc() -> None:
    """The same instant makes the same bytes, whichever zone it was named in."""
    seoul = HEADERS.date.astimezone(timezone(timedelta(hours=9)))

    assert compose(replace(HEADERS, date=seoul), RENDERED) == compose(HEADERS, RENDERED)


TEXTS = st.text(max_size=400).map(lambda text: text.replace("\r", "") + "\n")


@given(TEXTS.filter(lambda text: text.isprintable() or "\n" in text), st.text(max_size=100))
def test_every_octet_survives_every_server(text: str, name: str) -> None:
    """Seven bits, CRLF alone, lines under 998 octets, whatever the words are (RFC 5322 §2.1.1)."""
    words = "".join(char for char in text if char == "\n" or char.isprintable())
    rendered = Rendered(subject=name, text=words, html=words)

    raw = compose(replace(HEADERS, from_name=name, to_name=name), rendered, [PDF])

    assert raw.isascii()
    assert raw.count(b"\n") == raw.count(b"\r") == raw.count(b"\r\n")
    assert max(map(len, raw.split(b"\r\n"))) <= 78
    assert body(parse(raw), "plain") == words


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("Dear Ambassador,\n", "7bit"),
        ("From the day\n", "quoted-printable"),  # some servers quote it as ">From"
        ("trailing \n", "quoted-printable"),
        ("x" * 79 + "\n", "quoted-printable"),
        ("the DPRK’s “open defiance”\n" * 3, "quoted-printable"),
        ("서명을 정중히 요청드립니다.\n", "base64"),
    ],
)
def test_it_stays_readable_where_it_can(text: str, name: str) -> None:
    """Who looks at the raw message of an English letter can read it."""
    assert encoding(text) == name


def test_a_malformed_id_of_another_costs_the_thread_alone() -> None:
    """A signer whose mail program makes bad ids gets the receipt all the same."""
    headers = replace(HEADERS, in_reply_to="<a b>", references=("", "<ok@example.org>", "<\r\n>"))

    message = parse(compose(headers, RENDERED))

    assert "In-Reply-To" not in message
    assert message["References"] == "<ok@example.org>"


@pytest.mark.parametrize(
    "headers",
    [
        replace(HEADERS, message_id="<a b@letters.example>"),
        replace(HEADERS, own_id="abc\r\nBcc: all@example.org"),
        replace(HEADERS, to_address="a@b.example\r\nBcc: all@example.org"),
        replace(HEADERS, list_unsubscribe="https://letters.example/ stop"),
    ],
)
def test_it_refuses_what_cannot_stand_in_a_header(headers: Headers) -> None:
    """Nothing from outside adds a recipient."""
    with pytest.raises(PermanentFailure):
        compose(headers, RENDERED)
