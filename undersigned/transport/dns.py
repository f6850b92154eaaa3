"""The DNS: the key records of a message's signatures (RFC 6376 §3.6.2), and any other record."""

import logging
import time
from collections.abc import Iterable
from datetime import timedelta

from dns.exception import DNSException
from dns.rdtypes.ANY.TXT import TXT
from dns.resolver import NXDOMAIN, NoAnswer, Resolver

from undersigned.errors import TemporaryFailure

_log = logging.getLogger(__name__)

#: For all records of one message together: a reply must not wait long for a slow name server.
TIMEOUT = timedelta(seconds=10)
#: Messages carry one to three signatures; whoever adds more wants us to ask for him.
LIMIT = 10


def key_records(
    names: Iterable[str], *, resolver: Resolver | None = None, timeout: timedelta = TIMEOUT
) -> dict[str, bytes]:
    """Give the TXT record at each name, e.g. "sel._domainkey.example.org".

    Names without a record, and those that could not be asked, are absent. `timeout` is for all of
    them together.
    """
    asked = list(dict.fromkeys(names))[:LIMIT]
    if not asked:
        return {}
    deadline = time.monotonic() + timeout.total_seconds()
    records: dict[str, bytes] = {}
    try:
        using = resolver or Resolver()
    except DNSException as exc:
        _log.debug("The DNS cannot be asked: %s", exc)
        return {}
    for name in asked:
        left = deadline - time.monotonic()
        record = _txt(using, name, left) if left > 0 else None
        if record is not None:
            records[name] = record
    return records


def look_up(
    name: str, kind: str, *, resolver: Resolver | None = None, timeout: timedelta = TIMEOUT
) -> tuple[str, ...]:
    """Give the records of a kind ("TXT", "MX", …) at a name as text; () where there is none.

    Raises TemporaryFailure where the DNS does not say.
    """
    try:
        answer = (resolver or Resolver()).resolve(
            name, kind, lifetime=timeout.total_seconds(), search=False
        )
    except (NXDOMAIN, NoAnswer):
        return ()
    except (DNSException, OSError, ValueError) as exc:
        raise TemporaryFailure(f"The DNS does not say what {name} has ({kind}): {exc}") from exc
    return tuple(
        b"".join(one.strings).decode("utf-8", "replace") if isinstance(one, TXT) else one.to_text()
        for one in answer
    )


def _txt(resolver: Resolver, name: str, seconds: float) -> bytes | None:
    """Give the record that looks like a key, else the first (RFC 6376 §3.6.2.2: one is allowed)."""
    try:
        answer = resolver.resolve(name, "TXT", lifetime=seconds, search=False)
    except (DNSException, OSError, ValueError) as exc:
        _log.debug("No key record at %s: %s", name, exc)
        return None
    texts = [b"".join(record.strings) for record in answer]
    return next((text for text in texts if b"p=" in text), texts[0] if texts else None)
