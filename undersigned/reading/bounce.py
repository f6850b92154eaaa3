"""Delivery reports: failure, delay or success (RFC 3464, RFC 6522), and what others write."""

import re
from dataclasses import dataclass, field

from undersigned.domain import addresses
from undersigned.reading import charsets, headers, matching, mime
from undersigned.reading.incoming import Incoming

_STATUS = re.compile(r"(?<![\d.])([245]\.\d{1,3}\.\d{1,3})(?![\d.])")
_REPLY_CODE = re.compile(r"(?<![\d.\-/])([45]\d\d)[ -](?=[\w#<(])")
_ADDRESS = re.compile(r"[\w.+'=&/%-]{1,64}@[\w-]+(?:\.[\w-]+)+")
_DAEMON = re.compile(
    r"^(?:mailer-daemon|postmaster|mail-daemon|mdaemon|bounce|bounces|mail[._-]?delivery[\w-]*|microsoftexchange\w+|postman|daemon|mailsystem|mail-system|mailadmin)(?:[+-].*)?@"
)
_SUBJECT = re.compile(
    r"undeliver|delivery (?:status|failure|has failed|incomplete|report|problem|delayed|notification)|returned mail|mail delivery|failure notice|mail failure|delivery failed"  # noqa: E501 - a pattern is read whole
    r"|not delivered|could not be delivered|warning: (?:could not send|message)|delayed mail|unzustellbar|zustellung|non remis|échec de la remise|message non distribu|no se puede entregar|no entregado|error de entrega|devuelto|não entregue|falha na entrega"  # noqa: E501 - a pattern is read whole
    r"|недоставлен|не доставлен|сообщение не|배달\s?(?:실패|불가)|전송\s?(?:실패|불가)|반송|발송\s?실패|수신\s?불가|메일 전송|退信|投递失败|投遞失敗|系统退信|无法投递|無法傳遞|未送达|配信(?:できません|不能|エラー)|送信(?:エラー|できませんでした)|届きませんでした|gagal (?:terkirim|dikirim)|tidak terkirim|ส่งไม่สำเร็จ|ไม่สามารถส่ง|تعذر تسليم|فشل التسليم",  # noqa: E501 - a pattern is read whole
    re.IGNORECASE,
)
_DELAY = re.compile(
    r"\bdelayed\b|\bwarning\b|will (?:keep trying|retry|continue to (?:try|attempt))|still (?:being retried|trying)|has not (?:yet )?been delivered|do not need to resend|no action is required|not a failure|temporar(?:y|ily)|wird (?:weiter|erneut) versucht|verzögert|retardé|retras|demora|atras|повтор|지연|재시도|再送を試み|遅延|延迟|重试|稍后",  # noqa: E501 - a pattern is read whole
    re.IGNORECASE,
)
_FAILURE = re.compile(
    r"permanent|fatal|given up|could not be delivered|couldn't be delivered|does not exist|doesn't exist|user unknown|unknown user|no such user|no mailbox|mailbox (?:unavailable|not found|full)|recipient (?:rejected|not found)|unrouteable|address rejected|account (?:disabled|has been disabled)|not found|relay access denied|undeliverable|failed"  # noqa: E501 - a pattern is read whole
    r"|존재하지\s?않|없는\s?(?:아이디|계정|메일|사용자)|수신자를 찾을 수 없|휴면|실패|不存在|无法|失败|失敗|拒收|退信|存在しま|見つかりま|できません|n'existe pas|introuvable|no existe|não existe|не существует|nicht (?:gefunden|vorhanden)|existiert nicht|tidak ada|tidak ditemukan|لا يوجد|غير موجود|ไม่พบ",  # noqa: E501 - a pattern is read whole
    re.IGNORECASE,
)
_RETURNED = re.compile(
    r"(?im)^(?:-{2,}\s*(?:this is a copy|below this line|the header of the original|original message|returned message|message header|undelivered message|원본|原邮件|原信).{0,80}|return-path:.*|received: from .*)$"  # noqa: E501 - a pattern is read whole
)
_OF_A_RECIPIENT = frozenset({"action", "status", "final-recipient"})
_HUMAN_OCTETS = 20_000
_SEARCHED = 60_000


@dataclass(frozen=True, kw_only=True)
class BounceReport:
    """What a delivery report says about one message of ours."""

    #: The address that was written to, where the report names it.
    recipient: str | None = None
    #: Whether the server gave up; the status says whether another try has hope (5.2.2: full).
    permanent: bool = True
    #: The enhanced status code (RFC 3463), e.g. "5.1.1".
    status: str | None = None
    #: "failed", "delayed", "delivered", "relayed" or "expanded".
    action: str = "failed"
    diagnostic: str = ""
    #: Message-ID of the message it reports on, from the returned headers.
    message_ids: tuple[str, ...] = ()
    #: Reply tokens in the returned headers, or in the address the report was sent to.
    tokens: tuple[str, ...] = field(default=())


def bounce_report(incoming: Incoming) -> BounceReport | None:
    """Give what a delivery report says, or None where the message is none.

    It ends a reading only when the flow finds the message it reports on among ours.
    """
    status_parts = [
        part
        for part in incoming.parts
        if part.content_type.endswith("/delivery-status")
        or part.content_type == "message/global-delivery-status"
    ]
    if status_parts:
        return _standard(incoming, charsets.decode(status_parts[0].octets(_SEARCHED)))
    if any(part.content_type == "message/disposition-notification" for part in incoming.parts):
        return None
    return _other(incoming)


def _standard(incoming: Incoming, report: str) -> BounceReport:
    """Read the fields of RFC 3464; of several recipients the first that failed counts."""
    blocks = [_fields(block) for block in re.split(r"\r?\n\r?\n", report.strip())]
    recipients = [block for block in blocks if _OF_A_RECIPIENT & block.keys()]
    chosen = next((one for one in recipients if one.get("action", "").startswith("fail")), None)
    block = chosen or (recipients[0] if recipients else {})
    status = _first(_STATUS, block.get("status", "")) or _first(
        _STATUS, block.get("diagnostic-code", "")
    )
    action = (
        (block.get("action", "") or ("delayed" if (status or "5").startswith("4") else "failed"))
        .split()[0]
        .lower()
    )
    diagnostic = block.get("diagnostic-code", "").partition(";")[2].strip() or block.get(
        "diagnostic-code", ""
    )
    address = _ADDRESS.search(block.get("original-recipient", "")) or _ADDRESS.search(
        block.get("final-recipient", "")
    )
    message_ids, tokens = _original(incoming)
    return BounceReport(
        recipient=addresses.normalize(address.group(0)) if address else None,
        permanent=action == "failed",
        status=status,
        action=action
        if action in {"failed", "delayed", "delivered", "relayed", "expanded"}
        else "failed",
        diagnostic=diagnostic[:500],
        message_ids=message_ids,
        tokens=tokens,
    )


def _fields(block: str) -> dict[str, str]:
    unfolded = re.sub(r"\r?\n[ \t]+", " ", block)
    pairs = (line.partition(":") for line in unfolded.splitlines() if ":" in line)
    found: dict[str, str] = {}
    for name, _, value in pairs:
        found.setdefault(name.strip().lower(), value.strip())
    return found


def _other(incoming: Incoming) -> BounceReport | None:
    """Read a report of no standard: qmail, Exim, portals (and what flufl.bounce knows)."""
    from_daemon = _DAEMON.match(incoming.sender) is not None
    null_path = (incoming.header("return-path") or "").strip() == "<>"
    announced = _SUBJECT.search(incoming.subject) is not None
    if not (
        incoming.header("x-failed-recipients")
        or (announced and (from_daemon or null_path))
        or (from_daemon and null_path)
    ):
        return None
    human = _human(incoming.text)
    status = _first(_STATUS, human)
    code = _first(_REPLY_CODE, human)
    class_of = (status or code or "")[:1]
    is_delay = _is_delay(incoming.subject, human, class_of)
    if not (announced or class_of or _FAILURE.search(human)):
        return None
    message_ids, tokens = _original(incoming)
    return BounceReport(
        recipient=_recipient(incoming, human),
        permanent=not is_delay,
        status=status,
        action="delayed" if is_delay else "failed",
        diagnostic=_diagnostic(human),
        message_ids=message_ids,
        tokens=tokens,
    )


def _is_delay(subject: str, human: str, class_of: str) -> bool:
    if class_of == "5":
        return False
    if class_of == "4":
        return (
            re.search(
                r"given up|giving up|permanent (?:error|failure)|returned to sender|expired",
                human,
                re.IGNORECASE,
            )
            is None
        )
    return (_DELAY.search(subject) or _DELAY.search(human)) is not None and re.search(
        r"permanent|given up|fatal error", human, re.IGNORECASE
    ) is None


def _human(text: str) -> str:
    """Give what the report says, without the message that it returns."""
    end = _RETURNED.search(text)
    return text[: end.start() if end and end.start() > 0 else _HUMAN_OCTETS][:_HUMAN_OCTETS]


def _recipient(incoming: Incoming, human: str) -> str | None:
    named = incoming.header("x-failed-recipients") or ""
    own = set(incoming.recipients) | {incoming.sender}
    for found in _ADDRESS.findall(f"{named}\n{human}"):
        address = addresses.normalize(found)
        if address not in own and not _DAEMON.match(address):
            return address
    return _by_library(incoming)


def _by_library(incoming: Incoming) -> str | None:
    """Ask flufl.bounce, which knows dozens of old systems' formats."""
    from email import message_from_bytes  # noqa: PLC0415 - costs time that few messages need

    from flufl.bounce import all_failures  # noqa: PLC0415 - as above

    try:
        temporary, permanent = all_failures(message_from_bytes(incoming.raw[:_SEARCHED]))
    except Exception:  # noqa: BLE001 - another library's detectors, on hostile bytes
        return None
    found = sorted(one.decode("ascii", "replace") for one in [*permanent, *temporary])
    return addresses.normalize(found[0]) if found else None


def _diagnostic(human: str) -> str:
    for line in human.splitlines():
        if _STATUS.search(line) or _REPLY_CODE.search(line):
            return line.strip()[:500]
    match = _FAILURE.search(human)
    if match is None:
        return ""
    start = human.rfind("\n", 0, match.start()) + 1
    return human[
        start : human.find("\n", match.end()) if "\n" in human[match.end() :] else len(human)
    ].strip()[:500]


def _original(incoming: Incoming) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Give the Message-IDs and the tokens of the message that came back."""
    ids: list[str] = []
    tokens: list[str] = list(matching.tags(incoming.recipients))
    for part in incoming.parts[1:]:
        if part.content_type in {
            "message/rfc822",
            "text/rfc822-headers",
            "message/global",
            "message/global-headers",
            "message/rfc822-headers",
        }:
            fields, _ = mime.split(part.octets(_SEARCHED).lstrip())
            for name, value in fields:
                if name == "message-id":
                    ids += headers.message_ids(value.decode("utf-8", "replace"))
                elif name == addresses.OWN_ID_HEADER.lower():
                    tokens.append(headers.decoded(value).strip().lower())
            tokens += matching.quoted_tags(part.octets(4000).decode("utf-8", "replace"))
    returned = incoming.text[:_SEARCHED]
    ids += re.findall(r"(?im)^\s*message-id:\s*(<[^<>\s]{3,300}>)", returned)
    tokens += [
        found.lower()
        for found in re.findall(rf"(?im)^\s*{addresses.OWN_ID_HEADER}:\s*(\S{{8,64}})", returned)
    ]
    tokens += matching.quoted_tags(returned)
    ids += [*incoming.in_reply_to, *incoming.references]
    return tuple(dict.fromkeys(ids)), tuple(dict.fromkeys(tokens))


def _first(pattern: re.Pattern[str], text: str) -> str | None:
    match = pattern.search(text)
    return match.group(1) if match else None
