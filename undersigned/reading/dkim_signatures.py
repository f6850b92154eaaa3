"""DKIM signatures that we check ourselves against stored key records (RFC 6376, 8301, 8463)."""

import re
from collections.abc import Mapping, Sequence
from datetime import datetime
from enum import StrEnum

from undersigned.domain import addresses

#: More signatures than any honest path leaves; each costs time to check.
MAX_SIGNATURES = 5
#: Hashing more costs more than it is worth; the server's own verdict is read then.
MAX_OCTETS = 4 * 1024 * 1024
MIN_RSA_BITS = 1024
_ALGORITHMS = frozenset({"rsa-sha256", "ed25519-sha256"})
#: How far a signer's clock may be ahead, in seconds.
_AHEAD = 86_400


class Check(StrEnum):
    """What became of the signatures of one domain."""

    #: One holds.
    HOLDS = "holds"
    #: There is one that could be checked, and it does not hold.
    BROKEN = "broken"
    #: There are some, and none says anything: weak, expired, of a part of the body, without From.
    WORTHLESS = "worthless"
    #: There is none, or its key is not at hand.
    NONE = "none"


def tags(fields: Sequence[tuple[str, bytes]]) -> list[dict[str, str]]:
    """Give the tags of the first signatures of a header."""
    values = [value for name, value in fields if name == "dkim-signature"][:MAX_SIGNATURES]
    return [_tags(value.decode("utf-8", "replace")) for value in values]


def _tags(value: str) -> dict[str, str]:
    pairs = (one.partition("=") for one in value[:20_000].split(";"))
    return {name.strip(): re.sub(r"\s+", "", content) for name, _, content in pairs if name.strip()}


def key_name(signature: Mapping[str, str]) -> str | None:
    """Give the DNS name of a signature's key record, or None where it names none."""
    domain, selector = _domain(signature), signature.get("s", "").lower()
    name = f"{selector}._domainkey.{domain}"
    is_name = domain and selector and len(name) < 254 and re.fullmatch(r"[\w.-]+", name)  # noqa: PLR2004 - RFC 1035 §2.3.4
    return name if is_name else None


def _domain(signature: Mapping[str, str]) -> str:
    return signature.get("d", "").lower().rstrip(".")


def check(
    raw: bytes,
    fields: Sequence[tuple[str, bytes]],
    domain: str,
    key_records: Mapping[str, bytes],
    *,
    now: datetime | None,
) -> Check:
    """Check the signatures of the organization whose domain stands in From."""
    organization = addresses.organizational_domain(domain)
    seen = Check.NONE
    for place, signature in enumerate(tags(fields)):
        if addresses.organizational_domain(_domain(signature)) != organization:
            continue
        if not _is_worthy(signature, now):
            seen = Check.WORTHLESS if seen is Check.NONE else seen
        elif key_records.get(key_name(signature) or "") and len(raw) <= MAX_OCTETS:
            if _holds(raw, place, key_records):
                return Check.HOLDS
            seen = Check.BROKEN
        elif seen is Check.WORTHLESS:
            seen = Check.NONE  # one that a server may have checked
    return seen


def _is_worthy(signature: Mapping[str, str], now: datetime | None) -> bool:
    covered = signature.get("h", "").lower().split(":")
    if "from" not in covered or "l" in signature or signature.get("a") not in _ALGORITHMS:
        return False
    return now is None or not (
        _number(signature, "x", now.timestamp()) < now.timestamp()
        or _number(signature, "t", 0) > now.timestamp() + _AHEAD
    )


def _number(signature: Mapping[str, str], name: str, otherwise: float) -> float:
    value = signature.get(name, "")
    return int(value[:15]) if re.fullmatch(r"[0-9]+", value) else otherwise


def _holds(raw: bytes, place: int, key_records: Mapping[str, bytes]) -> bool:
    """Check one signature."""
    import dkim  # noqa: PLC0415 - few messages need it, and it is slow to load

    def record(name: bytes, timeout: int = 5) -> bytes | None:  # noqa: ARG001 - the library passes it
        return key_records.get(name.decode("ascii", "replace").rstrip(".").lower())

    try:
        checker = dkim.DKIM(raw, minkey=MIN_RSA_BITS)
        return bool(checker.verify(place, dnsfunc=record))
    except Exception:  # noqa: BLE001 - the library raises on hostile input what it likes; no proof then
        return False
