"""Who wrote, seen from the invited party, and what shows that they did.

RFC 6376 and 8301, 8463 (DKIM), RFC 8601 (Authentication-Results), RFC 7489 §3.1 (alignment).
"""

import re
from collections.abc import Mapping
from datetime import datetime

from undersigned.domain import addresses
from undersigned.domain.listing import Kind
from undersigned.domain.party import Prospect
from undersigned.domain.verdict import Proof, Sender
from undersigned.reading.entries import folded_words
from undersigned.reading.incoming import Incoming

#: More signatures than any honest path leaves; each costs time to check.
_MAX_SIGNATURES = 5
_MIN_RSA_BITS = 1024
_COMMENT = re.compile(r"\((?:[^()\\]|\\.)*\)")
_RESULT = re.compile(r"\b(dkim|dmarc)\s*=\s*(\w+)([^;]*)", re.IGNORECASE)
_PROPERTY = re.compile(r"\bheader\.(d|from|i)\s*=\s*\"?@?([^\s;\"]+)", re.IGNORECASE)


def relation(
    incoming: Incoming,
    prospect: Prospect | None,
    own_words: str,
    *,
    explains: bool,
    public_providers: frozenset[str],
) -> Sender:
    """Say who the sender is to the invited party."""
    if prospect is None or not incoming.sender:
        return Sender.STRANGER
    if incoming.sender == addresses.normalize(prospect.email):
        return Sender.INVITED
    here, there = addresses.domain(incoming.sender), addresses.domain(prospect.email)
    is_public = is_public_provider(here, public_providers)
    if not is_public and prospect.kind is Kind.ORGANIZATION and _same_organization(here, there):
        return Sender.COLLEAGUE
    if is_public and explains and _names(own_words, prospect):
        return Sender.EXPLAINED
    return Sender.STRANGER


def is_public_provider(domain: str, public_providers: frozenset[str]) -> bool:
    """Say whether anybody can have an address at the domain, or at one that it lies under."""
    labels = domain.split(".")
    return any(".".join(labels[place:]) in public_providers for place in range(len(labels)))


def _same_organization(one: str, other: str) -> bool:
    return bool(one) and addresses.organizational_domain(one) == addresses.organizational_domain(
        other
    )


def _names(text: str, prospect: Prospect) -> bool:
    words = set(folded_words(text))
    name = [word for word in folded_words(re.sub(r"\(.*?\)", "", prospect.name)) if len(word) > 2]  # noqa: PLR2004 - "of"
    return bool(name) and all(word in words for word in name)


def key_names(incoming: Incoming) -> tuple[str, ...]:
    r"""Give the DNS names of the DKIM key records that the message names, for the flow to fetch.

    >>> from undersigned.reading.incoming import parse
    >>> key_names(parse(b"DKIM-Signature: v=1; d=a.example; s=mail\\r\\n\\r\\n"))
    ('mail._domainkey.a.example',)
    """
    names: dict[str, None] = {}
    for tags in _signatures(incoming):
        domain, selector = tags.get("d", "").lower().rstrip("."), tags.get("s", "").lower()
        name = f"{selector}._domainkey.{domain}"
        if domain and selector and len(name) < 254 and re.fullmatch(r"[\w.-]+", name):  # noqa: PLR2004 - RFC 1035 §2.3.4
            names[name] = None
    return tuple(names)


def _signatures(incoming: Incoming) -> list[dict[str, str]]:
    fields = incoming.parts[0].headers if incoming.parts else ()
    values = [value for name, value in fields if name == "dkim-signature"][:_MAX_SIGNATURES]
    return [_tags(value.decode("utf-8", "replace")) for value in values]


def _tags(value: str) -> dict[str, str]:
    pairs = (one.partition("=") for one in value.split(";"))
    return {name.strip(): re.sub(r"\s+", "", content) for name, _, content in pairs if name.strip()}


def proof(
    incoming: Incoming,
    *,
    key_records: Mapping[str, bytes],
    authserv_ids: frozenset[str],
    now: datetime | None = None,
) -> Proof:
    """Say what shows that the message came from the address in its From.

    Our own check comes first; a From that a list or a gateway rewrote proves nothing.
    """
    domain = addresses.domain(incoming.sender)
    if not domain or _is_rewritten(incoming):
        return Proof.NONE
    if any(
        _is_verified(incoming, place, tags, domain, key_records, now)
        for place, tags in enumerate(_signatures(incoming))
    ):
        return Proof.VERIFIED
    return _vouched(incoming, domain, authserv_ids)


def _is_rewritten(incoming: Incoming) -> bool:
    """Say whether a list put itself into From (RFC 7960 §4.1.3): "Ana via Coalition"."""
    has_list = incoming.header("list-id") is not None or incoming.header("list-post") is not None
    return has_list and bool(
        incoming.header("x-original-from")
        or incoming.header("x-mailfrom-original")
        or re.search(r"\b(?:via|über|por medio de|durch)\b", incoming.sender_name)
    )


def _is_verified(
    incoming: Incoming,
    place: int,
    tags: Mapping[str, str],
    domain: str,
    key_records: Mapping[str, bytes],
    now: datetime | None,
) -> bool:
    signed_by = tags.get("d", "").lower().rstrip(".")
    if not signed_by or addresses.organizational_domain(
        signed_by
    ) != addresses.organizational_domain(domain):
        return False
    covered = [name.strip().lower() for name in tags.get("h", "").split(":")]
    if (
        "from" not in covered
        or "l" in tags
        or tags.get("a", "") not in {"rsa-sha256", "ed25519-sha256"}
    ):
        return False
    if now is not None and tags.get("x", "").isdigit() and int(tags["x"]) < now.timestamp():
        return False
    if (
        now is not None
        and tags.get("t", "").isdigit()
        and int(tags["t"]) > now.timestamp() + 86_400
    ):
        return False
    return _holds(incoming.raw, place, key_records)


def _holds(raw: bytes, place: int, key_records: Mapping[str, bytes]) -> bool:
    """Check one signature against the stored key records."""
    import dkim  # noqa: PLC0415 - few messages need it, and it is slow to load

    def record(name: bytes, timeout: int = 5) -> bytes | None:  # noqa: ARG001 - the library passes it
        return key_records.get(name.decode("ascii", "replace").rstrip(".").lower())

    try:
        checker = dkim.DKIM(raw, minkey=_MIN_RSA_BITS)
        return bool(checker.verify(place, dnsfunc=record))
    except Exception:  # noqa: BLE001 - the library raises on hostile input what it likes; no proof then
        return False


def _vouched(incoming: Incoming, domain: str, authserv_ids: frozenset[str]) -> Proof:
    """Read the topmost verdict of a server we trust; any other is the sender's word."""
    fields = incoming.parts[0].headers if incoming.parts else ()
    for name, raw in fields:
        if name != "authentication-results":
            continue
        value = _COMMENT.sub(" ", raw.decode("utf-8", "replace"))
        server, _, results = value.partition(";")
        if not server.split() or server.split()[0].strip('"').lower() not in authserv_ids:
            return Proof.NONE
        return _verdict(results, domain)
    return Proof.NONE


def _verdict(results: str, domain: str) -> Proof:
    organization = addresses.organizational_domain(domain)
    failed = False
    for method, result, rest in _RESULT.findall(results):
        properties = {
            key.lower(): value.lower().rstrip(".").rpartition("@")[2]
            for key, value in _PROPERTY.findall(rest)
        }
        named = (
            properties.get("from")
            if method.lower() == "dmarc"
            else properties.get("d") or properties.get("i")
        )
        aligned = named is not None and addresses.organizational_domain(named) == organization
        if method.lower() == "dmarc" and named is None:
            aligned = True
        if result.lower() == "pass" and aligned:
            return Proof.VOUCHED
        if result.lower() in {"fail", "permerror"} and (aligned or named is None):
            failed = True
    return Proof.FAILED if failed else Proof.NONE
