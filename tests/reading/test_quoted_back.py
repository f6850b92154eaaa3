"""Our own emails, sent back as a quote with nothing added: no word in them is the signer's."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from email.message import EmailMessage
from email.policy import SMTP
from functools import cache
from zoneinfo import ZoneInfo

import pytest

from tests.reading.accuracy import countries
from tests.writing.conftest import TEMPLATES, TESTS
from tests.writing.test_emails import BUILDERS, LANGUAGES
from undersigned.domain.letter import parse as parse_letter
from undersigned.domain.listing import Kind
from undersigned.domain.party import Prospect
from undersigned.domain.verdict import Verdict
from undersigned.reading import Question, parse, read
from undersigned.rehearsal.mail_programs import PROGRAMS, Draft
from undersigned.rehearsal.received import Received
from undersigned.rehearsal.received import read as receive
from undersigned.writing.compose import Headers, compose
from undersigned.writing.emails import Occasion, Recipient
from undersigned.writing.render import Templates

pytestmark = pytest.mark.costly

KNOWN = countries()
SHIPPED = Templates([TEMPLATES])
SENT_AT = datetime(2022, 11, 10, 14, 5, tzinfo=UTC)
PARTY = Prospect(
    kind=Kind.ORGANIZATION,
    name="Lakeshore Refugee Advocates (LRA)",
    country="USA",
    email="office@lakeshore.example",
)
OURS = "Hana Seo <sign@letters.example>"

#: How programs whose users read other languages put a quote below an answer: the line or lines
#: above it, and what stands before each line of it.
STYLES: dict[str, tuple[str, str]] = {
    "original message": (
        (
            "-----Original Message-----\nFrom: {who}\nSent: Thursday, November 10, 2022 2:05 PM\n"
            "To: office@lakeshore.example\nSubject: {subject}\n"
        ),
        "",
    ),
    "outlook in German": (
        (
            "________________________________\nVon: {who}\nGesendet: Donnerstag, 10. November 2022 "
            "15:05\nAn: office@lakeshore.example\nBetreff: {subject}\n"
        ),
        "",
    ),
    "outlook in French": (
        (
            "De : {who}\nEnvoyé : jeudi 10 novembre 2022 15:05\nÀ : office@lakeshore.example\n"
            "Objet : {subject}\n"
        ),
        "",
    ),
    "outlook in Portuguese": (
        (
            "De: {who}\nEnviado: quinta-feira, 10 de novembro de 2022 11:05\n"
            "Para: office@lakeshore.example\nAssunto: {subject}\n"
        ),
        "",
    ),
    "outlook in Russian": (
        (
            "От: {who}\nОтправлено: 10 ноября 2022 г. 17:05\nКому: office@lakeshore.example\n"
            "Тема: {subject}\n"
        ),
        "",
    ),
    "outlook in Chinese": (
        (
            "发件人: {who}\n发送时间: 2022年11月10日 22:05\n收件人: office@lakeshore.example\n"
            "主题: {subject}\n"
        ),
        "",
    ),
    "outlook in Arabic": (
        (
            "من: {who}\nتاريخ الإرسال: 10 نوفمبر 2022 16:05\nإلى: office@lakeshore.example\n"
            "الموضوع: {subject}\n"
        ),
        "",
    ),
    "outlook in Indonesian": (
        (
            "Dari: {who}\nDikirim: Kamis, 10 November 2022 21:05\nKe: office@lakeshore.example\n"
            "Perihal: {subject}\n"
        ),
        "",
    ),
    "outlook in Thai": (
        "จาก: {who}\nส่ง: 10 พฤศจิกายน 2565 21:05\nถึง: office@lakeshore.example\nเรื่อง: {subject}\n",
        "",
    ),
    "qq": (
        (
            "------------------ 原始邮件 ------------------\n"
            '发件人: "Hana Seo"<sign@letters.example>;\n'
            "发送时间: 2022年11月10日(星期四) 晚上10:05\n"
            '收件人: "office"<office@lakeshore.example>;\n'
            "主题: {subject}\n"
        ),
        "",
    ),
    "163": ("在 2022-11-10 22:05:00，{who} 写道：\n", "> "),
    "gmail in German": ("Am Do., 10. Nov. 2022 um 15:05 Uhr schrieb {who}:\n", "> "),
    "gmail in French": ("Le jeu. 10 nov. 2022 à 15:05, {who} a écrit :\n", "> "),
    "gmail in Portuguese": ("Em qui., 10 de nov. de 2022 às 11:05, {who} escreveu:\n", "> "),
    "gmail in Russian": ("чт, 10 нояб. 2022 г. в 17:05, {who}:\n", "> "),
    "gmail in Arabic": (
        "في الخميس، 10 نوفمبر 2022 في 4:05 م تمت كتابة ما يلي بواسطة {who}:\n",
        "> ",
    ),
    "gmail in Indonesian": ("Pada Kam, 10 Nov 2022 pukul 21.05 {who} menulis:\n", "> "),
    "gmail in Thai": ("ในวันที่ พฤ. 10 พ.ย. 2022 เวลา 21:05 {who} เขียนว่า:\n", "> "),
    "marks alone": ("", "> "),
}


def _occasion() -> Occasion:
    return Occasion(
        campaign="Open letter 2022",
        organizer="Coalition for an Open Meeting",
        sender="Hana Seo",
        letter=parse_letter((TESTS / "golden" / "letter.md").read_text("utf-8")),
        cutoff=datetime(2022, 12, 2, 22, tzinfo=UTC),
        dispatch=datetime(2022, 12, 5, 14, tzinfo=UTC),
        zone=ZoneInfo("America/New_York"),
    )


@cache
def sent(email: str, language: str) -> bytes:
    """Give an email of ours as it goes out."""
    recipient = Recipient(
        prospect=replace(PARTY, language=language), language=language, reference="r"
    )
    context = BUILDERS[email](_occasion(), recipient)
    rendered = SHIPPED.render(context.template, context, language)
    headers = Headers(
        from_name="Hana Seo",
        from_address="sign@letters.example",
        to_address=PARTY.email,
        reply_to="sign+abcdefghijklmnop@letters.example",
        message_id="<1@letters.example>",
        own_id="abcdefghijklmnop",
        date=SENT_AT,
    )
    return compose(headers, rendered)


#: The program's language for each of ours: the rehearsal's programs speak four.
_SPOKEN = {"ko": "ko", "ja": "ja", "es": "es"}


def _by_program(received: Received, language: str) -> Iterator[tuple[str, bytes]]:
    for name, program in PROGRAMS.items():
        draft = Draft(
            says="",
            received=received,
            name="Bo",
            address=PARTY.email,
            language=_SPOKEN.get(language, "en"),
            at=SENT_AT,
        )
        yield name, program(draft).as_bytes()


def _by_style(received: Received) -> Iterator[tuple[str, bytes]]:
    for name, (above, mark) in STYLES.items():
        quoted = "\n".join(mark + line for line in received.text.strip().split("\n"))
        message = EmailMessage(policy=SMTP)
        message["From"] = f"Bo <{PARTY.email}>"
        message["To"] = received.reply_field
        message["Subject"] = f"Re: {received.subject}"
        message["Message-ID"] = "<2@lakeshore.example>"
        head = above.format(who=OURS, subject=received.subject)
        message.set_content(f"\n\n{head}\n{quoted}\n")
        yield name, message.as_bytes()


def verdicts(email: str, language: str) -> Iterator[tuple[str, Verdict]]:
    """Give what is read in one email of ours, sent back in every style."""
    raw = sent(email, language)
    received = receive(raw, PARTY.email, "bounces@letters.example")
    prospect = replace(PARTY, language=language.partition("-")[0])
    for style, back in (*_by_program(received, language), *_by_style(received)):
        for known in (None, raw):
            question = Question(
                prospect=prospect,
                signed=email.startswith("receipt"),
                countries=KNOWN,
                public_providers=frozenset(),
                sent=known,
            )
            yield f"{style}, {known is not None}", read(parse(back), question)


@pytest.mark.parametrize("email", BUILDERS)
@pytest.mark.parametrize("language", LANGUAGES)
def test_it_reads_nothing_in_our_own_words(email: str, language: str) -> None:
    """Who sends our mail back without a word has not answered, whatever program quoted it."""
    read_in = {
        f"{style}: {one.intent} {one.reason} {one.own_words!r}"
        for style, one in verdicts(email, language)
        if one.automatic or one.own_words
    }

    assert not read_in
