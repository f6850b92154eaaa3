"""What a mail server that we trust says of a message it took in (RFC 8601).

Anybody can write an Authentication-Results field. Only the topmost one counts, only of a server we
were told to trust, and only where that server itself can have put it: above the sender's own fields
and not below another server's Received (RFC 8601 §5, §7.1).
"""

import re
from collections.abc import Sequence

from undersigned.domain import addresses
from undersigned.domain.verdict import Proof

_BY = re.compile(rb"\bby\s+([\w.-]{1,255})")
_STATEMENT = re.compile(r"\s*(dkim|dmarc)(?:\s*/\s*\d+)?\s*=\s*(\w+)(?=\s|$)", re.IGNORECASE)
_PROPERTY = re.compile(
    r"(?<!\S)header\.(d|from|i)\s*=\s*([^\s@=?]*@)?([\w.-]+)(?=\s|$)", re.IGNORECASE
)
#: Fields that senders write; servers put theirs above them.
_SENDERS = frozenset(
    {"from", "to", "cc", "subject", "date", "message-id", "mime-version", "content-type",
     "user-agent", "reply-to", "in-reply-to", "references", "x-mailer", "dkim-signature"}
)  # fmt: skip
_LONGEST = 20_000


def verdict(
    fields: Sequence[tuple[str, bytes]], domain: str, authserv_ids: frozenset[str]
) -> Proof:
    """Say what a trusted server found about the domain in From: vouched, failed or none.

    `fields` are the message's header fields, topmost first.
    """
    organization = addresses.organizational_domain(domain)
    passed_ours = False
    ours = {addresses.organizational_domain(one) for one in authserv_ids}
    for name, raw in fields:
        if name in _SENDERS:
            break
        if name == "received":
            by = _BY.search(raw)
            host = by.group(1).decode("ascii", "replace").lower() if by else ""
            is_ours = addresses.organizational_domain(host) in ours
            if passed_ours and not is_ours and "." in host:
                break
            passed_ours = passed_ours or is_ours
        elif name == "authentication-results":
            return _read(plain(raw.decode("utf-8", "replace")), organization, authserv_ids)
    return Proof.NONE


def server(fields: Sequence[tuple[str, bytes]]) -> str | None:
    """Give what the server that took a message in calls itself in its verdict, if it wrote one."""
    for name, raw in fields:
        if name in _SENDERS:
            break
        if name == "authentication-results":
            words = plain(raw.decode("utf-8", "replace")).partition(";")[0].split()
            return words[0].lower() if words else None
    return None


def plain(value: str) -> str:
    r"""Give the value without comments, quoted strings made harmless; "" where one does not end.

    >>> plain('mx.example; dkim=fail (dkim=pass (really)) reason="; dkim=pass"')
    'mx.example; dkim=fail   reason=???dkim?pass'
    """
    out: list[str] = []
    comment, quoted, escaped = 0, False, False
    for character in value[:_LONGEST]:
        if escaped:
            escaped = False
            out.append("?" if quoted else "")
        elif character == "\\" and (comment or quoted):
            escaped = True
        elif quoted:
            quoted = character != '"'
            out.append(
                ""
                if not quoted
                else character
                if character.isalnum() or character in ".-@"
                else "?"
            )
        elif character == "(":
            comment += 1
        elif character == ")" and comment:
            comment -= 1
            out.append(" ")
        elif comment:
            continue
        elif character == '"':
            quoted = True
        else:
            out.append(character)
    return "" if comment or quoted else "".join(out)


def _read(value: str, organization: str, authserv_ids: frozenset[str]) -> Proof:
    server, *statements = value.split(";")
    words = server.split()
    if not words or words[0].lower() not in authserv_ids:
        return Proof.NONE
    found = {_statement(one, organization) for one in statements}
    if Proof.VOUCHED in found:
        return Proof.VOUCHED
    return Proof.FAILED if Proof.FAILED in found else Proof.NONE


def _statement(text: str, organization: str) -> Proof:
    """Say what one statement means for the organization: "dkim=pass header.d=a.example"."""
    match = _STATEMENT.match(text)
    if match is None:
        return Proof.NONE
    method, result = match.group(1).lower(), match.group(2).lower()
    properties: dict[str, set[str]] = {}
    for key, _, value in _PROPERTY.findall(text):
        properties.setdefault(key.lower(), set()).add(value.lower().rstrip("."))
    named = properties.get("from") if method == "dmarc" else properties.get("d")
    named = named or (properties.get("i") if method == "dkim" else None)
    # Said twice, the second was smuggled in.
    aligned = named is not None and {addresses.organizational_domain(one) for one in named} == {
        organization
    }
    if result == "pass" and aligned:
        return Proof.VOUCHED
    if result in {"fail", "permerror"} and (aligned or named is None):
        return Proof.FAILED
    return Proof.NONE
