"""The mail programs: each puts the same words on the wire in its own way."""

from datetime import timedelta
from email import message_from_bytes, policy
from email.message import EmailMessage
from typing import Any

import pytest

from tests.rehearsal.letters import NOW, REPLY_TO, ours
from undersigned.rehearsal.mail_programs import PROGRAMS, Draft
from undersigned.rehearsal.received import read


def draft(**changes: Any) -> Draft:
    """Give an answer that nobody has typed yet."""
    values: dict[str, Any] = {
        "says": "Yes, we sign.\n\nBo",
        "received": read(ours("bo@party.example"), "bo@party.example", "bounces@letters.example"),
        "name": "Bo (Party)",
        "address": "bo@party.example",
        "language": "en",
        "at": NOW + timedelta(hours=5),
    }
    return Draft(**{**values, **changes})


def written(program: str, **changes: Any) -> EmailMessage:
    """Give what a program wrote, as its reader gets it."""
    raw = PROGRAMS[program](draft(**changes)).as_bytes()
    message = message_from_bytes(raw, policy=policy.default)
    assert isinstance(message, EmailMessage)
    return message


def text_of(message: EmailMessage, subtype: str = "plain") -> str:
    """Give a body part's text."""
    part = message.get_body((subtype,))
    return part.get_content().replace("\r\n", "\n") if part is not None else ""


@pytest.mark.parametrize("program", PROGRAMS)
def test_it_answers_the_message_it_got(program: str) -> None:
    """An answer goes to Reply-To and names what it answers (RFC 5322 §3.6.4)."""
    message = written(program)

    assert message["To"].addresses[0].addr_spec == REPLY_TO
    assert message["From"].addresses[0].addr_spec == "bo@party.example"
    assert message["In-Reply-To"] == "<1.bo@party.example>"
    assert message["References"] == "<1.bo@party.example>"
    assert message["Subject"].lower() == "re: invitation to sign"
    assert message["Date"].datetime == NOW + timedelta(hours=5)
    assert not message.defects
    assert all(not part.defects for part in message.walk())


@pytest.mark.parametrize("program", PROGRAMS)
@pytest.mark.parametrize("language", ["en", "es", "ja", "ko"])
def test_it_says_the_words_above_a_quote_of_what_it_answers(program: str, language: str) -> None:
    """The reader must find the words above the quote, in every program and language."""
    message = written(program, language=language)

    body = text_of(message) or text_of(message, "html")
    words, quote = body.index("Yes, we sign."), body.index("Dear friends")
    assert words < quote
    assert "Hana Whitfield" in body[words:quote]


MARKS = [
    (
        "gmail",
        "en",
        "On Thu, Nov 10, 2022 at 2:02\u202fPM Hana Whitfield <hana@letters.example>",
    ),
    (
        "gmail",
        "ko",
        "2022년 11월 10일 (목) 오후 11:02, Hana Whitfield <hana@",
    ),
    ("gmail", "ja", "2022年11月10日(木) 23:02 Hana Whitfield <hana@letters.example>:"),
    ("gmail", "es", "El jue, 10 nov 2022 a las 11:02, Hana Whitfield (<hana@letters.example>) es"),
    ("outlook", "en", "Sent: Thursday, November 10, 2022 2:02 PM\n"),
    ("outlook", "ko", "보낸 날짜: 2022년 11월 10일 목요일 오후 11:02\n"),
    ("outlook", "ja", "送信日時: 2022年11月10日 23:02\n"),
    ("outlook", "es", "Enviado: jueves, 10 de noviembre de 2022 11:02\n"),
    ("apple-mail", "en", "> On Nov 10, 2022, at 2:02 PM, Hana Whitfield <hana@letters.example>\n"),
    ("iphone", "en", "Bo\n\nSent from my iPhone\n\n> On Nov 10, 2022"),
    (
        "iphone",
        "ja",
        "iPhoneから送信\n\n> 2022/11/10 23:02、Hana Whitfield <hana@",
    ),
    ("iphone", "ko", "> 2022. 11. 10. 오후 11:02, Hana Whitfield <hana@letters.example> 작성:"),
    ("thunderbird", "en", "On 11/10/22 2:02 PM, Hana Whitfield wrote:\n> Dear friends,"),
    ("thunderbird", "ko", "2022-11-10 오후 11:02에 Hana Whitfield 이(가) 쓴 글:\n> Dear friends,"),
    ("mutt", "en", "On Thu, Nov 10, 2022 at 02:02:11PM +0000, Hana Whitfield wrote:\n> Dear"),
    ("naver", "ko", "Sent: 2022-11-10 (목) 23:02:11 (GMT+09:00)\n"),
    ("yahoo-japan", "ja", ">Date: 2022/11/10, Thu 23:02\n"),
]


@pytest.mark.parametrize(("program", "language", "mark"), MARKS)
def test_it_marks_the_quote_as_the_program_does(program: str, language: str, mark: str) -> None:
    """These lines are what the reader knows a quote by."""
    assert mark in text_of(written(program, language=language))


def test_outlook_on_the_web_sends_html_alone() -> None:
    """Some replies have no plain text at all."""
    message = written("outlook-web")

    assert message.get_content_type() == "text/html"
    assert '<div id="appendonsend">' in message.get_content()


@pytest.mark.parametrize(
    ("program", "language", "charset"),
    [("yahoo-japan", "ja", "iso-2022-jp"), ("outlook", "ko", "ks_c_5601-1987")],
)
def test_it_writes_in_the_charset_of_the_country(program: str, language: str, charset: str) -> None:
    """What the charset lacks becomes a question mark, as it does in life."""
    says = "賛同します。" if language == "ja" else "예 ☃"
    message = written(program, language=language, says=says)

    part = message.get_body(("plain",))
    assert part is not None
    assert part.get_content_charset() == charset
    assert part.get_content().startswith(says.replace("☃", "?"))


def test_it_fills_the_form_where_it_stands_in_the_quote() -> None:
    """Many answer inside what they quote."""
    body = text_of(written("thunderbird", form={"Name": "The Party (TP)", "Country": "Chile"}))

    assert "> Name: The Party (TP)\n" in body
    assert "> Country: Chile\n" in body
    assert "> Title (individuals only):\n" in body


def test_it_leaves_an_answer_without_words_empty() -> None:
    """A reply may hold nothing but our own words."""
    body = text_of(written("gmail", says=""))

    assert body.strip().startswith("On Thu")


def test_it_does_not_pile_up_re() -> None:
    """A reply to a reply has one Re:."""
    raw = ours("bo@party.example").replace(b"Subject: Inv", b"Subject: RE: Inv")

    message = written("gmail", received=read(raw, "bo@party.example", ""))

    assert message["Subject"] == "RE: Invitation to sign"


def test_it_cannot_answer_what_has_no_sender() -> None:
    """A message of ours always has Date and From, and a rehearsal that finds none must fail."""
    with pytest.raises(ValueError, match="no Date or no From"):
        read(b"Subject: x\r\n\r\n", "bo@party.example", "")
