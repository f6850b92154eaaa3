"""SPF: what the record of a domain comes to, with all that it includes (RFC 7208)."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from ipaddress import IPv4Network, IPv6Network, ip_address, ip_network

from undersigned.errors import PermanentFailure

Network = IPv4Network | IPv6Network
#: Gives the records of a kind at a name.
LookUp = Callable[[str, str], tuple[str, ...]]

#: More questions than this, and receivers take the record for broken (RFC 7208 §4.6.4).
MOST_LOOKUPS = 10
_VERSION = "v=spf1"


@dataclass(kw_only=True)
class Policy:
    """Who may send for a domain."""

    #: Networks whose mail passes.
    networks: set[Network] = field(default_factory=set)
    #: Domains that are included or redirected to, however deep.
    names: set[str] = field(default_factory=set)
    #: Questions that a receiver asks to find out.
    lookups: int = 0
    #: Whether everybody passes: the record ends in +all.
    is_open: bool = False

    def allows(self, address: str) -> bool:
        """Say whether mail from an IP address passes."""
        here = ip_address(address)
        return any(here in one for one in self.networks if one.version == here.version)


def policy(domain: str, look_up: LookUp) -> Policy | None:
    """Give what a domain's record comes to, or None where it has none.

    Raises PermanentFailure where the domain has several, of which none counts (RFC 7208 §4.5).
    """
    records = _records(domain, look_up)
    if not records:
        return None
    if len(records) > 1:
        raise PermanentFailure(
            f"{domain} publishes {len(records)} SPF records, and so none counts (RFC 7208 §4.5)."
        )
    found = Policy()
    _read(found, domain, records[0], look_up)
    found.is_open = any(one.lower() in {"all", "+all"} for one in records[0].split())
    return found


def _records(domain: str, look_up: LookUp) -> list[str]:
    return [one for one in look_up(domain, "TXT") if one.lower().split(" ")[0] == _VERSION]


def _read(found: Policy, domain: str, record: str, look_up: LookUp) -> None:
    """Add what a record allows. Macros (RFC 7208 §7) name what only a receiver knows."""
    for term in record.split()[1:]:
        if term[0] in "-~?" or "%" in term:
            continue
        name, _, value = term.removeprefix("+").replace("=", ":", 1).partition(":")
        name, slash, length = name.lower().partition("/")
        match name:
            case "ip4" | "ip6":
                found.networks.update(_network(value))
            case "a" | "mx":
                host, _, bits = value.partition("/")
                found.lookups += 1
                found.networks.update(
                    _hosts(name, host or domain, length if slash else bits, look_up)
                )
            case "include" | "redirect":
                _follow(found, value.lower().rstrip("."), look_up)
            case "exists" | "ptr":
                found.lookups += 1


def _follow(found: Policy, name: str, look_up: LookUp) -> None:
    found.lookups += 1
    if name in found.names or found.lookups > MOST_LOOKUPS:
        return
    found.names.add(name)
    for record in _records(name, look_up)[:1]:
        _read(found, name, record, look_up)


def _network(value: str) -> Iterator[Network]:
    try:
        yield ip_network(value, strict=False)
    except ValueError:  # no network allows nobody
        return


def _hosts(kind: str, name: str, bits: str, look_up: LookUp) -> Iterator[Network]:
    hosts = [name] if kind == "a" else [one.split()[-1] for one in look_up(name, "MX")]
    for host in hosts[:MOST_LOOKUPS]:
        for address in (*look_up(host, "A"), *look_up(host, "AAAA")):
            yield from _network(f"{address}/{bits}" if bits else address)
