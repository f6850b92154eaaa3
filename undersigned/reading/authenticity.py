"""Who wrote, seen from the invited party, and what shows that they did.

RFC 6376 and 8301, 8463 (DKIM), RFC 8601 (Authentication-Results), RFC 7489 §3.1 (alignment).
"""

import re
from collections.abc import Mapping
from datetime import datetime, timedelta

from undersigned.domain import addresses
from undersigned.domain.listing import Kind
from undersigned.domain.party import Prospect
from undersigned.domain.verdict import Proof, Sender
from undersigned.reading import dkim_signatures, trusted_results
from undersigned.reading.dkim_signatures import Check
from undersigned.reading.incoming import Incoming
from undersigned.reading.names import folded_words

#: Servers give up after five days (RFC 5321 §4.5.4.1).
_ON_THE_WAY = timedelta(days=7)
#: Where lists put the From that they replaced.
_ORIGINALS = ("x-original-from", "x-mailfrom-original", "x-original-sender-from")
_VIA = re.compile(r"\b(?:via|über|por medio de|durch|par|through)\b|経由", re.IGNORECASE)
_QUOTED_VIA = re.compile(r"""['"].{1,100}['"] via """)


def relation(
    incoming: Incoming,
    prospect: Prospect | None,
    own_words: str,
    *,
    explains: bool,
    public_providers: frozenset[str],
) -> Sender:
    """Say who the sender is to the invited party."""
    if prospect is None or not incoming.sender or is_rewritten(incoming):
        return Sender.STRANGER
    if incoming.sender == addresses.normalize(prospect.email):
        return Sender.INVITED
    here, there = addresses.domain(incoming.sender), addresses.domain(prospect.email)
    is_public = is_public_provider(here, public_providers)
    if not is_public and prospect.kind is Kind.ORGANIZATION and _same_organization(here, there):
        return Sender.COLLEAGUE
    if is_public and explains and _is_named(own_words, incoming.sender_name, prospect):
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


def _is_named(text: str, sender_name: str, prospect: Prospect) -> bool:
    """Say whether a text names the party, or in full the person of it who was written to.

    Of a name that no spaces part ("해돋이의 엄태성입니다") nobody knows where it ends: it stands in
    From too.
    """
    words = set(folded_words(text))
    name = [word for word in folded_words(re.sub(r"\(.*?\)", "", prospect.name)) if len(word) > 2]  # noqa: PLR2004 - "of"
    contact = prospect.contact or ""
    parts = folded_words(contact)
    is_whole = len(contact) > 1 and not contact.isascii() and contact in sender_name
    return (
        (bool(name) and words.issuperset(name))
        or (len(parts) > 1 and words.issuperset(parts))
        or (is_whole and contact in text)
    )


def key_names(incoming: Incoming) -> tuple[str, ...]:
    r"""Give the DNS names of the DKIM key records that the message names, for the flow to fetch.

    >>> from undersigned.reading.incoming import parse
    >>> key_names(parse(b"DKIM-Signature: v=1; d=a.example; s=mail\\r\\n\\r\\n"))
    ('mail._domainkey.a.example',)
    """
    names = (dkim_signatures.key_name(one) for one in dkim_signatures.tags(_fields(incoming)))
    return tuple(dict.fromkeys(name for name in names if name))


def authserv_id(incoming: Incoming) -> str | None:
    """Give what the mailbox's own server calls itself in its verdict; None where it wrote none.

    Only of mail that we sent to ourselves: in anybody else's the sender can have written it.
    """
    return trusted_results.server(_fields(incoming))


def is_signed(incoming: Incoming, key_records: Mapping[str, bytes]) -> bool:
    """Say whether a DKIM signature of the domain in From holds, whenever it was made."""
    domain = addresses.domain(incoming.sender)
    found = dkim_signatures.check(incoming.raw, _fields(incoming), domain, key_records, now=None)
    return found is Check.HOLDS


def _fields(incoming: Incoming) -> tuple[tuple[str, bytes], ...]:
    return incoming.parts[0].headers if incoming.parts else ()


def proof(
    incoming: Incoming,
    *,
    key_records: Mapping[str, bytes],
    authserv_ids: frozenset[str],
    now: datetime | None = None,
) -> Proof:
    """Say what shows that the message came from the address in its From.

    Our own check comes first. A From that a list or a gateway rewrote proves nothing, nor does a
    message that is as old as a replayed one.
    """
    domain = addresses.domain(incoming.sender)
    if not domain or is_rewritten(incoming) or _is_stale(incoming, now):
        return Proof.NONE
    fields = _fields(incoming)
    own = dkim_signatures.check(incoming.raw, fields, domain, key_records, now=now)
    if own is Check.HOLDS:
        return Proof.VERIFIED
    said = trusted_results.verdict(
        fields, domain, frozenset(one.lower().rstrip(".") for one in authserv_ids)
    )
    if own is Check.WORTHLESS and said is Proof.VOUCHED:
        # The server counted a signature that covers a part of the body, or a weak one.
        return Proof.NONE
    return Proof.FAILED if own is Check.BROKEN and said is Proof.NONE else said


def is_rewritten(incoming: Incoming) -> bool:
    """Say whether a list put itself into From (RFC 7960 §4.1.3.1): "'Ana' via Coalition"."""
    if any(incoming.header(name) for name in _ORIGINALS):
        return True
    has_list = incoming.header("list-id") is not None or incoming.header("list-post") is not None
    name = incoming.sender_name
    return _QUOTED_VIA.match(name) is not None or (has_list and _VIA.search(name) is not None)


def _is_stale(incoming: Incoming, now: datetime | None) -> bool:
    """Say whether it was written long before it came: an old yes, sent again by another."""
    return now is not None and incoming.date is not None and now - incoming.date > _ON_THE_WAY
