"""Vouch: what the DNS says for the mail of a campaign, and what is to be added there."""

import re
from collections.abc import Iterator
from ipaddress import ip_address

from undersigned import reading
from undersigned.accounts import Account
from undersigned.domain import addresses
from undersigned.domain.addresses import organizational_domain
from undersigned.domain.campaign import Plan
from undersigned.domain.findings import Line, unwell, well
from undersigned.errors import PermanentFailure, TemporaryFailure
from undersigned.reading import Incoming
from undersigned.service import Service
from undersigned.transport import spf
from undersigned.transport.accounts import is_loopback

#: A server that takes no mail says so by an MX record of a dot (RFC 7505).
NO_MAIL = "0 ."
_KEY = re.compile(r"\bp=\s*[^;\s]")


def lines(service: Service, account: Account, plan: Plan, sender: str) -> Iterator[Line]:
    """Look up what receivers look up; `sender` is the address that bounces come back to."""
    if account.carrier == "nobody":
        yield well("DNS", f"Account {account.name} delivers nowhere, so the DNS has no say.")
        return
    yield _mx(service, addresses.domain(plan.reply_address))
    yield _spf(service, account, addresses.domain(sender))
    yield _dmarc(service, addresses.domain(plan.sender_address))
    if account.carrier == "relay":
        yield _ptr(service, account)


def signed(
    service: Service, account: Account, plan: Plan, sender: str, arrived: Incoming | None
) -> Iterator[Line]:
    """Say whether mail is signed, and whether what vouches for it is the domain in From.

    `arrived` is the mail that went round; a provider may not sign what does not leave it.
    """
    if account.carrier == "nobody":
        return
    domain = addresses.domain(plan.sender_address)
    dkim = _dkim(service, account, domain, arrived)
    yield dkim
    bounces = addresses.domain(sender)
    if organizational_domain(bounces) == organizational_domain(domain) or dkim.is_well:
        yield well("alignment", f"What vouches for the mail is {domain}, the domain in From.")
        return
    yield unwell(
        "alignment",
        f"SPF vouches for {bounces} and no signature for {domain}, which stands in From, so DMARC "
        f"fails. Send from an address at {bounces}, or have mail signed for {domain}.",
    )


def _unsaid(what: str, exc: TemporaryFailure) -> Line:
    return unwell(what, f"{exc} Try again later, or look at the resolver of this machine.")


def _mx(service: Service, domain: str) -> Line:
    """Ask whether answers can come (RFC 5321 §5.1)."""
    try:
        found = service.look_up(domain, "MX")
        if found and found != (NO_MAIL,):
            return well("MX", f"Mail for {domain} is taken by {found[0].split()[-1].rstrip('.')}.")
        if not found and (service.look_up(domain, "A") or service.look_up(domain, "AAAA")):
            return well("MX", f"{domain} has no MX record and takes mail itself (RFC 5321 §5.1).")
    except TemporaryFailure as exc:
        return _unsaid("MX", exc)
    return unwell(
        "MX",
        f"Nobody takes mail for {domain}, so no answer could come. Let its administrator add the "
        "MX record that your provider names, or correct the reply address in campaign.toml.",
    )


def _spf(service: Service, account: Account, domain: str) -> Line:
    """Ask whether the account's servers may send for the domain (RFC 7208)."""
    try:
        found = spf.policy(domain, service.look_up)
        ours = relays(service, account)
    except TemporaryFailure as exc:
        return _unsaid("SPF", exc)
    except PermanentFailure as exc:
        return unwell("SPF", f"{exc} Make one of them.")
    wrong = _wrong(found, account, ours)
    if wrong is not None:
        return unwell("SPF", wrong.format(domain=domain, wanted=_wanted(account, ours)))
    return well("SPF", f"{domain} lets the servers of account {account.name} send.")


def _wrong(found: spf.Policy | None, account: Account, ours: list[str]) -> str | None:
    """Give what is wrong with a record and what to do, with places for domain and terms."""
    if found is None:
        record = "v=spf1 {wanted} ~all" if ours or account.spf_include else "v=spf1 … ~all"
        return (
            "{domain} publishes no SPF record. Let its administrator add the TXT record "
            f'"{record}"; your provider\'s help names the terms.'
        )
    if found.lookups > spf.MOST_LOOKUPS:
        return (
            f"The SPF record of {{domain}} asks more than {spf.MOST_LOOKUPS} questions, so "
            "receivers take it for broken (RFC 7208 §4.6.4). Take out what is not needed."
        )
    if found.is_open:
        return "The SPF record of {domain} allows everybody: end it in ~all."
    if not _covers(found, account, ours):
        said = f"The SPF record of {{domain}} does not name the servers of account {account.name}."
        return f"{said} Add {{wanted}} to it, before its all."
    return None


def _wanted(account: Account, ours: list[str]) -> str:
    """Give the terms that a record needs for the account."""
    if account.spf_include:
        return f"include:{account.spf_include}"
    return " ".join(f"ip{ip_address(one).version}:{one}" for one in ours)


def _covers(found: spf.Policy, account: Account, ours: list[str]) -> bool:
    if account.spf_include:
        return account.spf_include in found.names
    return all(found.allows(one) for one in ours)


def relays(service: Service, account: Account) -> list[str]:
    """Give the IP addresses by which the world sees the account's own relay; none for a provider's.

    A relay on this machine does not show them: then they stand in the settings.
    """
    if account.carrier != "relay":
        return []
    if account.relay_addresses or is_loopback(account.smtp_host):
        return list(account.relay_addresses)
    host = account.smtp_host
    return [*service.look_up(host, "A"), *service.look_up(host, "AAAA")]


def _dmarc(service: Service, domain: str) -> Line:
    """Ask whether the domain in From tells servers what to make of it (RFC 7489 §6.6.3)."""
    try:
        for one in dict.fromkeys([domain, organizational_domain(domain)]):
            for record in service.look_up(f"_dmarc.{one}", "TXT"):
                if record.startswith("v=DMARC1"):
                    return well("DMARC", f"{one} publishes {record}.")
    except TemporaryFailure as exc:
        return _unsaid("DMARC", exc)
    return unwell(
        "DMARC",
        f"{domain} publishes no DMARC record: Gmail, Yahoo and Microsoft ask for one. Let its "
        f'administrator add at _dmarc.{domain} the TXT record "v=DMARC1; p=none".',
    )


def _ptr(service: Service, account: Account) -> Line:
    """Ask whether each address of the relay has a name that leads back to it (RFC 1912 §2.1)."""
    try:
        ours = relays(service, account)
        nameless = [one for one in ours if not _named(service, one)]
    except TemporaryFailure as exc:
        return _unsaid("PTR", exc)
    if not ours:
        return unwell(
            "PTR",
            f"Nobody told by which addresses the world sees the relay of account {account.name}: "
            f"set relay_addresses under [accounts.{account.name}].",
        )
    if nameless:
        return unwell(
            "PTR",
            f"{', '.join(nameless)} has no name that leads back to it, and large providers take no "
            "mail from such: let the network's owner set its PTR record to the relay's name.",
        )
    return well("PTR", f"{', '.join(ours)}: each has a name that leads back to it.")


def _named(service: Service, address: str) -> bool:
    here = ip_address(address)
    kind = "A" if here.version == 4 else "AAAA"  # noqa: PLR2004 - the IP version
    names = service.look_up(here.reverse_pointer, "PTR")
    return any(here in map(ip_address, service.look_up(name, kind)) for name in names)


def _dkim(service: Service, account: Account, domain: str, arrived: Incoming | None) -> Line:
    """Say whether mail is signed for the domain in From (RFC 6376)."""
    names = reading.key_names(arrived) if arrived is not None else ()
    if arrived is not None and reading.is_signed(arrived, service.find_keys(names)):
        return well("DKIM", f"The mail that came back bears a signature of {domain} that holds.")
    try:
        at = next((one for one in _key_names(account, domain) if _has_key(service, one)), None)
    except TemporaryFailure as exc:
        return _unsaid("DKIM", exc)
    if at is not None:
        return well("DKIM", f"There is a key at {at}, with which the provider signs.")
    known = ", ".join(f"{one}._domainkey.{domain}" for one in account.selectors)
    asked = f" There is no key at {known} either." if known else ""
    return unwell(
        "DKIM",
        f"No signature of {domain} that holds came back with the mail.{asked} Turn signing on at "
        "the provider and add the key that it shows to the DNS; docs/operations.md has the way.",
    )


def _key_names(account: Account, domain: str) -> list[str]:
    domains = dict.fromkeys([domain, organizational_domain(domain)])
    return [f"{one}._domainkey.{where}" for one in account.selectors for where in domains]


def _has_key(service: Service, name: str) -> bool:
    """Say whether a key stands there; one that was taken back has an empty p (RFC 6376 §3.6.1)."""
    return any(_KEY.search(record) for record in service.look_up(name, "TXT"))
