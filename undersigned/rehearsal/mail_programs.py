"""The mail programs of the rehearsing signers: the same words, as each puts them on the wire.

Each writes what it really writes: structure, charset, attribution, quoting and footers.
"""

import html
import textwrap
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime
from hashlib import sha256
from zoneinfo import ZoneInfo

from undersigned.rehearsal import attributions
from undersigned.rehearsal.received import Received

#: Where people who write a language sit, for the dates their programs print.
_ZONES = {
    "en": ZoneInfo("Europe/London"),
    "es": ZoneInfo("America/Argentina/Buenos_Aires"),
    "ja": ZoneInfo("Asia/Tokyo"),
    "ko": ZoneInfo("Asia/Seoul"),
}


@dataclass(frozen=True, kw_only=True)
class Draft:
    """An answer before a mail program gets it."""

    says: str
    received: Received
    #: Who writes: display name and address.
    name: str
    address: str
    #: "en", "es", "ja" or "ko": the language the program speaks.
    language: str
    at: datetime
    #: Fields of the invitation's form, filled in where they stand in the quote.
    form: Mapping[str, str] = field(default_factory=dict)

    @property
    def sent_at(self) -> datetime:
        """When the answer is written, in the writer's own zone."""
        return self.at.astimezone(_ZONES[self.language])

    @property
    def quoted_at(self) -> datetime:
        """When the message came that is answered, in the writer's own zone."""
        return self.received.date.astimezone(_ZONES[self.language])

    @property
    def quoted_text(self) -> str:
        """The text that is answered, with the form filled in."""
        return "\n".join(self._filled(line) for line in self.received.text.strip().split("\n"))

    def _filled(self, line: str) -> str:
        for label, value in self.form.items():
            head, colon, _ = line.partition(":")
            if colon and head.strip().lower().startswith(label.lower()):
                return f"{head}: {value}"
        return line


def gmail(draft: Draft) -> EmailMessage:
    """Write as Gmail's web page does."""
    words = attributions.GMAIL[draft.language](draft.quoted_at, draft.received.sender)
    message = _reply(draft, domain="mail.gmail.example")
    _text(message, f"{draft.says}\n\n{words}\n\n{_marked(draft.quoted_text)}\n")
    message.add_alternative(
        f'<div dir="ltr">{_divs(draft.says)}</div><br>'
        f'<div class="gmail_quote"><div dir="ltr" class="gmail_attr">{html.escape(words)}<br></div>'
        '<blockquote class="gmail_quote" style="margin:0px 0px 0px 0.8ex;'
        'border-left:1px solid rgb(204,204,204);padding-left:1ex">'
        f"{draft.received.html}</blockquote></div>",
        subtype="html",
        cte="quoted-printable",
    )
    return message


def outlook(draft: Draft) -> EmailMessage:
    """Write as Outlook on Windows does: a block of headers, and no mark on what is quoted."""
    message = _reply(draft, domain="namprd01.prod.outlook.example", prefix="RE: ")
    message["Thread-Topic"] = draft.received.subject
    message["Accept-Language"] = f"{draft.language}, en-US"
    message["X-MS-Has-Attach"] = ""
    charset = {"ko": "ks_c_5601-1987"}.get(draft.language, "utf-8")
    rows = _outlook_rows(draft)
    header = "\n".join(f"{label} {value}" for label, value in rows)
    _text(message, f"{draft.says}\n\n{header}\n\n{draft.quoted_text}\n", charset=charset)
    block = "<br>".join(f"<b>{label}</b> {html.escape(value)}" for label, value in rows)
    page = (
        f'<html><head><meta http-equiv="Content-Type" content="text/html; charset={charset}">'
        '</head><body lang="EN-US"><div class="WordSection1">'
        + _paragraphs(draft.says, 'p class="MsoNormal"')
        + '<p class="MsoNormal">&nbsp;</p><div style="border:none;border-top:solid #E1E1E1 1.0pt;'
        f'padding:3.0pt 0cm 0cm 0cm"><p class="MsoNormal">{block}</p></div>'
        f'<p class="MsoNormal">&nbsp;</p>{draft.received.html}</div></body></html>'
    )
    message.add_alternative(
        _within(page, charset), subtype="html", charset=charset, cte="quoted-printable"
    )
    return message


def outlook_web(draft: Draft) -> EmailMessage:
    """Write as Outlook on the web does for some: HTML and nothing else."""
    message = _reply(draft, domain="eurprd05.prod.outlook.example")
    message["Thread-Topic"] = draft.received.subject
    block = "<br>\n".join(f"<b>{k}</b> {html.escape(v)}" for k, v in _outlook_rows(draft))
    message.set_content(
        '<html><head><meta http-equiv="Content-Type" content="text/html; charset=utf-8">'
        '<style type="text/css" style="display:none;"> P {margin-top:0;margin-bottom:0;} </style>'
        '</head><body dir="ltr">'
        + _paragraphs(draft.says, 'div class="elementToProof" style="font-size: 12pt;"')
        + '<div id="appendonsend"></div><hr style="display:inline-block;width:98%" tabindex="-1">'
        f'<div id="divRplyFwdMsg" dir="ltr"><font face="Calibri, sans-serif">{block}</font>'
        f"<div>&nbsp;</div></div>{draft.received.html}</body></html>",
        subtype="html",
        cte="quoted-printable",
    )
    return message


def apple_mail(draft: Draft) -> EmailMessage:
    """Write as Mail on a Mac does."""
    return _apple(draft, mailer="Apple Mail (2.3731.200.110.1.12)", footer="")


def iphone(draft: Draft) -> EmailMessage:
    """Write as an iPhone does, footer included."""
    footer = attributions.IPHONE_FOOTERS[draft.language]
    return _apple(draft, mailer="iPhone Mail (20B110)", footer=footer)


def _apple(draft: Draft, *, mailer: str, footer: str) -> EmailMessage:
    words = attributions.APPLE[draft.language](draft.quoted_at, draft.received.sender)
    message = _reply(draft, domain="icloud.example")
    message["X-Mailer"] = mailer
    below = f"\n\n{footer}" if footer else ""
    quote = _marked(f"{words}\n\n{draft.quoted_text}", bare="> ")
    _text(message, f"{draft.says}{below}\n\n{quote}\n", cte="base64" if footer else None)
    mark = f'<div dir="ltr">{html.escape(footer)}</div>' if footer else ""
    message.add_alternative(
        '<html><head><meta http-equiv="content-type" content="text/html; charset=utf-8"></head>'
        f'<body dir="auto">{_divs(draft.says)}<br>{mark}<div><br><blockquote type="cite">'
        f"<div>{html.escape(words)}</div><br></blockquote></div>"
        f'<blockquote type="cite"><div>{draft.received.html}</div></blockquote></body></html>',
        subtype="html",
        cte="quoted-printable",
    )
    return message


def thunderbird(draft: Draft) -> EmailMessage:
    """Write as Thunderbird does: plain text that flows (RFC 3676)."""
    words = attributions.THUNDERBIRD[draft.language](draft.quoted_at, draft.received.sender)
    message = _reply(draft, domain=draft.address.partition("@")[2])
    message["User-Agent"] = "Mozilla Thunderbird"
    message["Content-Language"] = draft.language
    _text(message, f"{draft.says}\n\n{words}\n{_marked(draft.quoted_text)}\n")
    message.set_param("format", "flowed")
    return message


def mutt(draft: Draft) -> EmailMessage:
    """Write as mutt does."""
    words = attributions.mutt(draft.quoted_at, draft.received.sender)
    message = _reply(draft, domain=draft.address.partition("@")[2])
    message["User-Agent"] = "Mutt/2.2.9"
    _text(message, f"{draft.says}\n\n{words}\n{_marked(draft.quoted_text, bare='> ')}\n")
    return message


def naver(draft: Draft) -> EmailMessage:
    """Write as Naver's web page does."""
    received = draft.received
    rows = (
        ("From:", received.sender),
        ("To:", f"<{received.recipient}>"),
        ("Cc:", ""),
        ("Sent:", attributions.naver_date(draft.quoted_at)),
        ("Subject:", received.subject),
    )
    message = _reply(draft, domain="cweb01.nm.naver.example", prefix="RE: ")
    message["Importance"] = "normal"
    head = "\n".join(f"{label} {value}".rstrip() for label, value in rows)
    _text(
        message,
        f"{draft.says}\n\n-----Original Message-----\n{head}\n\n{draft.quoted_text}\n",
        cte="base64",
    )
    block = "<br>".join(f"<b>{label}</b> {html.escape(value)}" for label, value in rows)
    message.add_alternative(
        "<html><head><style>p{margin-top:0px;margin-bottom:0px;}</style></head><body>"
        '<div style="font-size:10pt; font-family:Gulim;">'
        + _paragraphs(draft.says, "p")
        + '<p>&nbsp;</p><blockquote style="padding-left: 10px; margin: 0px 0px 0px 10px; '
        'border-left: 2px solid #c4c4c4;"><p style="font-size:10pt;">-----Original Message-----<br>'
        f"{block}</p><p>&nbsp;</p>{received.html}</blockquote></div></body></html>",
        subtype="html",
        cte="base64",
    )
    return message


def yahoo_japan(draft: Draft) -> EmailMessage:
    """Write as Yahoo Japan's web page does: ISO-2022-JP, quoted without a space."""
    received = draft.received
    head = (
        f"From: {received.sender}\nTo: {received.recipient}\n"
        f"Date: {attributions.yahoo_japan_date(draft.quoted_at)}\nSubject: {received.subject}\n\n"
    )
    quote = "\n".join(f">{line}" for line in (head + draft.quoted_text).split("\n"))
    message = _reply(draft, domain="mail.yahoo-jp.example")
    message["X-Mailer"] = "YahooMailWebService/0.8.111_74"
    _text(
        message,
        f"{draft.says}\n\n----- Original Message -----\n{quote}\n",
        charset="iso-2022-jp",
        cte="7bit",
    )
    return message


#: By the names that rehearsal.toml uses.
PROGRAMS: Mapping[str, Callable[[Draft], EmailMessage]] = {
    "gmail": gmail,
    "outlook": outlook,
    "outlook-web": outlook_web,
    "apple-mail": apple_mail,
    "iphone": iphone,
    "thunderbird": thunderbird,
    "mutt": mutt,
    "naver": naver,
    "yahoo-japan": yahoo_japan,
}


def _reply(draft: Draft, *, domain: str, prefix: str = "Re: ") -> EmailMessage:
    """Give an answer's headers (RFC 5322 §3.6.4)."""
    received = draft.received
    subject = received.subject
    mark = sha256(f"{draft.address} {draft.at} {received.message_id}".encode()).hexdigest()[:24]
    message = EmailMessage(policy=SMTP)
    message["Date"] = format_datetime(draft.sent_at)
    message["From"] = Address(display_name=draft.name, addr_spec=draft.address)
    message["To"] = received.reply_field
    message["Subject"] = subject if subject.lower().startswith("re:") else prefix + subject
    message["Message-ID"] = f"<{mark}@{domain}>"
    if received.message_id:
        message["In-Reply-To"] = received.message_id
        message["References"] = " ".join((*received.references, received.message_id))
    return message


def _text(
    message: EmailMessage, text: str, *, charset: str = "utf-8", cte: str | None = None
) -> None:
    message.set_content(_within(text, charset), charset=charset, cte=cte)


def _within(text: str, charset: str) -> str:
    """Give the text as the charset can say it, as mail programs do for what they quote."""
    return text.encode(charset, "replace").decode(charset)


def _marked(text: str, *, bare: str = ">") -> str:
    """Give the text with a mark before each line, wrapped as programs wrap what they quote."""
    lines = [
        piece
        for line in text.split("\n")
        for piece in textwrap.wrap(line, 72, break_long_words=False, break_on_hyphens=False) or [""]
    ]
    return "\n".join(f"> {line}" if line else bare for line in lines)


def _divs(text: str) -> str:
    first, *others = text.split("\n")
    return html.escape(first) + "".join(
        f"<div>{html.escape(line) or '<br>'}</div>" for line in others
    )


def _paragraphs(text: str, tag: str) -> str:
    name = tag.partition(" ")[0]
    return "".join(f"<{tag}>{html.escape(line) or '&nbsp;'}</{name}>" for line in text.split("\n"))


def _outlook_rows(draft: Draft) -> tuple[tuple[str, str], ...]:
    received = draft.received
    values = (
        received.sender,
        attributions.OUTLOOK_DATES[draft.language](draft.quoted_at),
        received.recipient,
        received.subject,
    )
    return tuple(zip(attributions.OUTLOOK_LABELS[draft.language], values, strict=True))
