"""Whether a machine wrote it: what standards say and what real systems send.

RFC 3834 §5 (Auto-Submitted), RFC 8098 (read receipts), RFC 2369 and 2919 (lists). The header
X-Auto-Response-Suppress is no sign: Exchange puts it on what people write (RFC 3834 knows nothing
of it).
"""

import re
from enum import StrEnum

from undersigned.reading.incoming import Incoming
from undersigned.reading.mime import Part


class Mark(StrEnum):
    """How sure the marks are that a machine wrote a message."""

    #: No mark.
    NONE = "none"
    #: Help desks and lists mark what people typed, too.
    MARKED = "marked"
    #: Nothing but a machine sends such a message.
    CERTAIN = "certain"


#: Headers whose mere presence, or a value, says that a machine wrote. Order: the surest first.
_HEADERS: tuple[tuple[str, re.Pattern[str], str], ...] = (
    ("auto-submitted", re.compile(r"^(?!no\b)", re.IGNORECASE), "auto-submitted"),
    ("x-autoreply", re.compile(r"^(?!no\b|false)", re.IGNORECASE), "x-autoreply"),
    ("x-autorespond", re.compile(""), "x-autorespond"),
    ("x-autoresponder", re.compile(""), "x-autoresponder"),
    ("x-mail-autoreply", re.compile(""), "x-mail-autoreply"),
    ("x-auto-reply-from", re.compile(""), "x-auto-reply-from"),
    ("x-failed-recipients", re.compile(""), "x-failed-recipients"),
    ("precedence", re.compile(r"auto[_-]?reply", re.IGNORECASE), "precedence"),
    ("x-precedence", re.compile(r"auto[_-]?reply", re.IGNORECASE), "precedence"),
    ("delivered-to", re.compile(r"^autoresponder", re.IGNORECASE), "autoresponder"),
    ("return-path", re.compile(r"^<\s*>$"), "null-return-path"),
    ("x-mailer", re.compile(r"vacation|autoresponder|auto-?reply", re.IGNORECASE), "x-mailer"),
)

#: How the subject of an automatic reply begins, in the languages of the programs that write it.
_SUBJECT = re.compile(
    r"^\s*(?:re:\s*|aw:\s*)?[\[(【<]?\s*(?:automatic reply|auto(?:matic)?[ -]?(?:reply|response|responder)|autoreply|out[ -]of[ -](?:the )?office|ooo\b|vacation"  # noqa: E501 - a pattern is read whole
    r"|away from|i am out of|on leave|automatische antwort|abwesenheit|abwesenheitsnotiz|abwesend|réponse automatique|reponse automatique|absence du bureau|message d'absence"  # noqa: E501 - a pattern is read whole
    r"|absent|respuesta automática|respuesta automatica|fuera de (?:la )?oficina|ausente|resposta automática|resposta automatica|fora do escritório|ausência|risposta automatica|automatisch antwoord"  # noqa: E501 - a pattern is read whole
    r"|autosvar|automaattinen|automatyczna odpowiedź|autoodpowiedź|автоматический ответ|автоответ|отсутств|нет на месте|자동\s?(?:회신|응답|답장)|부재\s?중|부재중|자동회신"  # noqa: E501 - a pattern is read whole
    r"|自動(?:返信|応答|送信)|不在(?:通知|の|連絡)|自动(?:回复|答复|回覆)|自動回覆|外出|رد تلقائي|الرد التلقائي|خارج المكتب|balasan otomatis|jawaban otomatis|sedang cuti|di luar kantor|ตอบกลับอัตโนมัติ|การตอบกลับอัตโนมัติ|ไม่อยู่ที่ทำงาน"  # noqa: E501 - a pattern is read whole
    r"|read:|gelesen:|leído:|lu ?:|lida:|既読|開封確認|읽음|수신확인|прочитано|dibaca:|ticket (?:received|created)|\[?request received|we received your|we've received|case #?\d|your message to \S+ awaits|confirm your message|受付(?:完了|確認)|お問い合わせ(?:ありがとう|を受け))",  # noqa: E501 - a pattern is read whole
    re.IGNORECASE,
)
#: What Outlook writes for an emoji, in its languages; and a telephone's answer by a tap.
_REACTION = re.compile(
    r"\breacted to your message:?\s*$|\breacted via gmail|hat auf ihre nachricht reagiert"
    r"|a réagi à votre message|(?:reaccionó|ha reaccionado) a (?:tu|su) mensaje"
    r"|reagiu à sua mensagem|ha reagito al tuo messaggio|메시지에 반응"
    r"|メッセージにリアクション|对你的邮件做出了?反应|對您的郵件做出反應"
    r"|отреагировал\S* на ваше сообщение"
    r"|^(?:liked|loved|emphasi[sz]ed|disliked|laughed at|questioned) [“\"]",
    re.IGNORECASE | re.MULTILINE,
)
_SENDER = re.compile(
    r"^(?:mailer-daemon|postmaster|no-?reply|do-?not-?reply|donotreply|auto-?reply|bounces?|bounce-.*|.*-bounces|.*-request|vacation)(?:\+.*)?@"
)


def mark(incoming: Incoming) -> tuple[Mark, str]:
    """Give how sure it is that a machine wrote the message, and the sign that says so."""
    top = incoming.parts[0] if incoming.parts else None
    if top is not None and top.content_type == "multipart/report":
        return Mark.CERTAIN, "multipart/report"
    if any(part.content_type == "message/disposition-notification" for part in incoming.parts):
        return Mark.CERTAIN, "read-receipt"
    if _SUBJECT.match(incoming.subject):
        return Mark.CERTAIN, "subject"
    for name, pattern, reason in _HEADERS:
        value = incoming.header(name)
        if value is not None and pattern.search(value):
            return Mark.MARKED, reason
    if _SENDER.match(incoming.sender):
        return Mark.MARKED, "sender"
    return Mark.NONE, ""


def reaction(incoming: Incoming) -> str | None:
    """Give the reason word of a message that is no text: an emoji, a calendar answer."""
    for part in incoming.parts:
        if part.content_type == "text/vnd.google.email-reaction+json":
            return "reaction"
        if part.content_type == "text/calendar" and _is_calendar_answer(part):
            return "calendar-answer"
    if _REACTION.search(incoming.text[:400]) or _REACTION.search(incoming.subject):
        return "reaction"
    return None


def _is_calendar_answer(part: Part) -> bool:
    """Say whether somebody answered a calendar entry (RFC 5546 §3.2.3)."""
    method = part.parameters.get("method", "")
    return (
        "reply" in method.lower()
        or re.search(rb"(?im)^METHOD:(?:REPLY|COUNTER)", part.octets(20_000)) is not None
    )
