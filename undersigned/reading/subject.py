"""An answer that stands in the subject alone."""

import re

from undersigned.reading.incoming import Incoming, parse

_ANSWER_PREFIX = re.compile(
    r"^(?:(?:re|aw|sv|vs|antw|odp|ynt|rif|res|ref|fw|fwd|wg|tr|rv|enc|回复|回覆|答复|答覆|转发|轉寄|返信|転送|回信|답장|회신|전달|ответ|отв|رد|ตอบ|balas|bls)\s*(?:\[\d+\])?\s*[:：]\s*"
    r"|\[(?:ext|external|외부|外部|extern)[^\]]{0,20}\]\s*)+",
    re.IGNORECASE,
)


def spoken_subject(incoming: Incoming, sent: bytes | None) -> str:
    """Give the words of a subject that is itself the answer, less the subject that is answered.

    `sent` is our message that is answered, where it is known.
    """
    subject = _ANSWER_PREFIX.sub("", incoming.subject).strip()
    ours = parse(sent).subject if sent is not None else (incoming.header("thread-topic") or "")
    if ours and ours.casefold() in subject.casefold():
        start = subject.casefold().index(ours.casefold())
        subject = subject[:start].strip()
    # "Yes, please add us. Re: Invitation …": what stands before the mark of an answer is new.
    new, mark, _ = subject.partition(" Re: ")
    subject = new if mark else re.split(r"\s(?:RE|AW|Re|回复|답장)[:：]", subject)[0]
    if (
        subject == _ANSWER_PREFIX.sub("", incoming.subject).strip()
        and _is_answer(incoming)
        and not _is_short(subject)
    ):
        return ""
    return subject


def _is_answer(incoming: Incoming) -> bool:
    return _ANSWER_PREFIX.match(incoming.subject) is not None


def _is_short(subject: str) -> bool:
    return len(subject) < 40  # noqa: PLR2004 - ours are longer, an answer in the subject is not
