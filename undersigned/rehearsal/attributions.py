"""How mail programs introduce what they quote, in the languages of the rehearsal."""

from collections.abc import Callable
from datetime import datetime

#: Three-letter and full names; Babel's differ from what mail programs print.
_EN_DAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
_EN_MONTHS = (
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
)
_ES_DAYS = ("lunes", "martes", "miércoles", "jueves", "viernes", "sábado", "domingo")
_ES_MONTHS = (
    "enero",
    "febrero",
    "marzo",
    "abril",
    "mayo",
    "junio",
    "julio",
    "agosto",
    "septiembre",
    "octubre",
    "noviembre",
    "diciembre",
)
_KO_DAYS = "월화수목금토일"
_JA_DAYS = "月火水木金土日"
_NOON = 12

#: From language to the words before a quote; given the date and who wrote, "Name <address>".
Attribution = dict[str, Callable[[datetime, str], str]]


def _clock(at: datetime, before: str, after: str) -> str:
    """Give e.g. "9:02 AM" in whatever words the language has for the halves of the day."""
    hour = at.hour % _NOON or _NOON
    return f"{hour}:{at:%M} {after if at.hour >= _NOON else before}"


def _korean_clock(at: datetime) -> str:
    hour = at.hour % _NOON or _NOON
    return f"{'오후' if at.hour >= _NOON else '오전'} {hour}:{at:%M}"


def _name(who: str) -> str:
    return who.partition(" <")[0]


GMAIL: Attribution = {
    "en": lambda at, who: (
        f"On {_EN_DAYS[at.weekday()][:3]}, {_EN_MONTHS[at.month - 1][:3]} {at.day}, {at.year} at "
        f"{_clock(at, 'AM', 'PM').replace(' ', chr(0x202F))} {who} wrote:"
    ),
    "es": lambda at, who: (
        f"El {_ES_DAYS[at.weekday()][:3]}, {at.day} {_ES_MONTHS[at.month - 1][:3]} {at.year} a las "
        f"{at.hour}:{at:%M}, {who.replace(' <', ' (<')}) escribió:"
    ),
    "ja": lambda at, who: (
        f"{at.year}年{at.month}月{at.day}日({_JA_DAYS[at.weekday()]}) {at.hour}:{at:%M} {who}:"
    ),
    "ko": lambda at, who: (
        f"{at.year}년 {at.month}월 {at.day}일 ({_KO_DAYS[at.weekday()]}) {_korean_clock(at)}, "
        f"{who}님이 작성:"
    ),
}

APPLE: Attribution = {
    "en": lambda at, who: (
        f"On {_EN_MONTHS[at.month - 1][:3]} {at.day}, {at.year}, at "
        f"{_clock(at, 'AM', 'PM')}, {who} wrote:"
    ),
    "es": lambda at, who: (
        f"El {at.day} {_ES_MONTHS[at.month - 1][:3]} {at.year}, a las {at.hour}:{at:%M}, "
        f"{who} escribió:"
    ),
    "ja": lambda at, who: f"{at:%Y/%m/%d} {at.hour}:{at:%M}、{who}のメール:",
    "ko": lambda at, who: f"{at.year}. {at.month}. {at.day}. {_korean_clock(at)}, {who} 작성:",
}

THUNDERBIRD: Attribution = {
    "en": lambda at, who: (
        f"On {at.month}/{at.day}/{at:%y} {_clock(at, 'AM', 'PM')}, {_name(who)} wrote:"
    ),
    "es": lambda at, who: (
        f"El {at.day}/{at.month}/{at:%y} a las {at.hour}:{at:%M}, {_name(who)} escribió:"
    ),
    "ja": lambda at, who: f"On {at:%Y/%m/%d} {at.hour}:{at:%M}, {_name(who)} wrote:",
    "ko": lambda at, who: f"{at:%Y-%m-%d} {_korean_clock(at)}에 {_name(who)} 이(가) 쓴 글:",
}

#: What Outlook calls From, Sent, To and Subject.
OUTLOOK_LABELS: dict[str, tuple[str, str, str, str]] = {
    "en": ("From:", "Sent:", "To:", "Subject:"),
    "es": ("De:", "Enviado:", "Para:", "Asunto:"),
    "ja": ("差出人:", "送信日時:", "宛先:", "件名:"),
    "ko": ("보낸 사람:", "보낸 날짜:", "받는 사람:", "제목:"),
}

OUTLOOK_DATES: dict[str, Callable[[datetime], str]] = {
    "en": lambda at: (
        f"{_EN_DAYS[at.weekday()]}, {_EN_MONTHS[at.month - 1]} {at.day}, {at.year} "
        f"{_clock(at, 'AM', 'PM')}"
    ),
    "es": lambda at: (
        f"{_ES_DAYS[at.weekday()]}, {at.day} de {_ES_MONTHS[at.month - 1]} de {at.year} "
        f"{at.hour}:{at:%M}"
    ),
    "ja": lambda at: f"{at.year}年{at.month}月{at.day}日 {at.hour}:{at:%M}",
    "ko": lambda at: (
        f"{at.year}년 {at.month}월 {at.day}일 {_KO_DAYS[at.weekday()]}요일 {_korean_clock(at)}"
    ),
}

#: What an iPhone adds below every message.
IPHONE_FOOTERS: dict[str, str] = {
    "en": "Sent from my iPhone",
    "es": "Enviado desde mi iPhone",
    "ja": "iPhoneから送信",
    "ko": "나의 iPhone에서 보냄",
}


def mutt(at: datetime, who: str) -> str:
    """Give mutt's words, which are English everywhere unless someone changes them."""
    return (
        f"On {_EN_DAYS[at.weekday()][:3]}, {_EN_MONTHS[at.month - 1][:3]} {at:%d, %Y} at "
        f"{at:%I:%M:%S%p %z}, {_name(who)} wrote:"
    )


def naver_date(at: datetime) -> str:
    """Give the date as Naver prints it above a quote."""
    return f"{at:%Y-%m-%d} ({_KO_DAYS[at.weekday()]}) {at:%H:%M:%S} (GMT+09:00)"


def yahoo_japan_date(at: datetime) -> str:
    """Give the date as Yahoo Japan prints it above a quote."""
    return f"{at.year}/{at.month}/{at.day}, {_EN_DAYS[at.weekday()][:3]} {at:%H:%M}"
