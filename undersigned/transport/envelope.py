"""Envelopes: one message to one address, and what SMTP needs to be told to carry it."""

import re
from collections.abc import Callable
from dataclasses import dataclass

from email_validator import (
    SPECIAL_USE_DOMAIN_NAMES,
    EmailNotValidError,
    validate_email,
)

from undersigned.domain.delivery import Answer, Phase

#: Atoms with dots between them, at a domain of lower-case labels, the last of letters alone.
_ATOM, _LABEL = r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+", r"[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?"
_PLAIN = re.compile(rf"{_ATOM}(?:\.{_ATOM})*@(?:(?!..--){_LABEL}\.)+[a-z]{{2,63}}")
#: Where names of the DNS's own stand, e.g. "local" (RFC 6761).
_SPECIAL = frozenset(one.rpartition(".")[2] for one in SPECIAL_USE_DOMAIN_NAMES)

_LINE_END = re.compile(rb"\r\n|\r|\n")
_LEADING_DOT = re.compile(rb"^\.", re.MULTILINE)


@dataclass(frozen=True, kw_only=True)
class DsnRequest:
    """Asks for delivery reports of success, failure and delay (RFC 3461), headers returned."""

    #: Comes back in the report as Original-Envelope-Id; at most 100 characters (RFC 3461 §4.4).
    envelope_id: str


@dataclass(frozen=True, kw_only=True)
class Envelope:
    """One message on its way to one address."""

    #: The reverse path; "" is the null one, for mail that must not bounce.
    sender: str
    recipient: str
    message: bytes
    #: Only where the server offers DSN.
    dsn: DsnRequest | None = None


class Unfit(Exception):
    """This server cannot carry this envelope; `answer` is given in its stead."""

    def __init__(self, answer: Answer) -> None:
        super().__init__(answer.text)
        self.answer = answer


@dataclass(frozen=True, kw_only=True)
class Plan:
    """What is said to one server for one envelope."""

    sender: str
    recipient: str
    is_utf8: bool
    mail_options: tuple[str, ...]
    rcpt_options: tuple[str, ...]
    wire: bytes


def plan(envelope: Envelope, offered: Callable[[str], bool]) -> Plan:
    """Give what to say; `offered` tells whether the server's EHLO named an extension.

    Raises Unfit where the address is none or the server lacks an extension that is needed.
    """
    sender, recipient = _path(envelope.sender), _path(envelope.recipient)
    head = re.split(rb"\r?\n\r?\n", envelope.message, maxsplit=1)[0]
    is_utf8 = not (sender.isascii() and recipient.isascii() and head.isascii())
    if is_utf8 and not offered("smtputf8"):
        raise _unfit(553, "5.6.7", "the server takes no address or header outside ASCII (RFC 6531)")
    is_8bit = not envelope.message.isascii()
    if is_8bit and not offered("8bitmime"):
        raise _unfit(554, "5.6.3", "the server takes no 8-bit message (RFC 6152)")
    wire = to_wire(envelope.message)
    size = len(wire) - 3  # RFC 1870 §3: without the dot and its line end
    dsn = envelope.dsn if offered("dsn") else None
    mail = (
        *((f"SIZE={size}",) if offered("size") else ()),
        *(("SMTPUTF8",) if is_utf8 else ()),
        *(("BODY=8BITMIME",) if is_8bit else ()),
        *(("RET=HDRS", f"ENVID={xtext(dsn.envelope_id)}") if dsn else ()),
    )
    return Plan(
        sender=sender,
        recipient=recipient,
        is_utf8=is_utf8,
        mail_options=mail,
        rcpt_options=_reported(recipient) if dsn else (),
        wire=wire,
    )


def _reported(recipient: str) -> tuple[str, ...]:
    """Give what asks for reports at RCPT (RFC 3461 §4.1, §4.2)."""
    notify = "NOTIFY=SUCCESS,FAILURE,DELAY"
    if not recipient.isascii():  # the utf-8 address type of RFC 6533 is rarely understood
        return (notify,)
    return (notify, f"ORCPT=rfc822;{xtext(recipient)}")


def _path(address: str) -> str:
    """Give the address as SMTP carries it: its domain as an A-label (RFC 5891)."""
    if not address or _is_plain(address):
        return address
    try:
        valid = validate_email(address, check_deliverability=False, test_environment=True)
    except EmailNotValidError as exc:
        raise _unfit(553, "5.1.3", f"{address!r} is not a mail address: {exc}") from exc
    return f"{valid.local_part}@{valid.ascii_domain}"


def _is_plain(address: str) -> bool:
    """Say whether the address is one that anybody would take as it stands (RFC 5321 §4.1.2)."""
    local, _, domain = address.rpartition("@")
    return (
        len(local) <= 64  # noqa: PLR2004 - RFC 5321 §4.5.3.1.1
        and len(domain) <= 253  # noqa: PLR2004 - RFC 1035 §2.3.4
        and domain.rpartition(".")[2] not in _SPECIAL
        and _PLAIN.fullmatch(address) is not None
    )


def _unfit(code: int, enhanced: str, why: str) -> Unfit:
    return Unfit(Answer(phase=Phase.MAIL, code=code, enhanced=enhanced, text=f"Not sent: {why}"))


def to_wire(message: bytes) -> bytes:
    r"""Give the message as DATA carries it: CRLF line ends, dots doubled, the final dot.

    >>> to_wire(b"Subject: x\n\n.hidden\n")
    b'Subject: x\r\n\r\n..hidden\r\n.\r\n'
    """
    wire = message if _is_canonical(message) else _LINE_END.sub(b"\r\n", message)
    if not wire.endswith(b"\r\n"):
        wire += b"\r\n"
    if wire.startswith(b".") or b"\n." in wire:
        wire = _LEADING_DOT.sub(b"..", wire)
    return wire + b".\r\n"


def _is_canonical(message: bytes) -> bool:
    """Say whether every line end is CRLF; nearly all of ours are, and to count is quick."""
    return message.count(b"\r\n") == message.count(b"\n") == message.count(b"\r")


def xtext(text: str) -> str:
    """Give the text in the xtext of RFC 3461 §4.

    >>> xtext("a+b=c d")
    'a+2Bb+3Dc+20d'
    """
    return "".join(
        chr(byte) if 0x21 <= byte <= 0x7E and byte not in b"+=" else f"+{byte:02X}"  # noqa: PLR2004 - "!" to "~"
        for byte in text.encode()
    )
