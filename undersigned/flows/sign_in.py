"""Sign in: a link to a person named in the settings, and the session that it opens."""

import hashlib
import hmac
import ipaddress
from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum

from sqlalchemy.orm import Session

from undersigned.domain import addresses
from undersigned.domain.delivery import Purpose
from undersigned.errors import Refused, SlowDownError
from undersigned.flows import mint
from undersigned.service import Service
from undersigned.store import campaigns, messages, visitors
from undersigned.store.tables import CampaignRow

#: How long a mailed link opens the door.
LINK_LASTS = timedelta(minutes=15)
#: How long one stays signed in on a browser.
SESSION_LASTS = timedelta(days=14)
#: Tries of one client within the time a link lasts, an office behind one address in mind.
KNOCKS_AT_ONCE = 30
#: Links for one person within the time a link lasts: more would be somebody else's doing.
LINKS_AT_ONCE = 3


class Role(StrEnum):
    """What a person may do in the console, the least first."""

    VIEWER = "viewer"
    COORDINATOR = "coordinator"
    APPROVER = "approver"

    def may(self, least: "Role") -> bool:
        """Say whether this role may do what needs at least the other."""
        order = list(Role)
        return order.index(self) >= order.index(least)


@dataclass(frozen=True, kw_only=True)
class Visitor:
    """A person who is signed in."""

    address: str
    role: Role


def people(service: Service) -> dict[str, Role]:
    """Give who may sign in; raises `Refused` for a line of the settings that names no role."""
    found: dict[str, Role] = {}
    for line in service.settings.console.people:
        address, _, role = line.strip().rpartition(" ")
        if not address or role not in set(Role):
            raise Refused(
                f"[console] people: {line!r} is not an address and one of {', '.join(Role)}."
            )
        found[addresses.normalize(address)] = Role(role)
    return found


def let_knock(service: Service, client: str) -> None:
    """Count a try at the entrance; raises `SlowDownError` for a client that comes too often.

    `client` is an internet address. Of IPv6 the first half counts: the rest is the client's own.
    Tries by an address that we know and by any other count alike, so nobody learns which is which.
    """
    now = service.now
    with service.store.writing() as session:
        key = visitors.key(session, "console")
        name = hmac.new(key, b"client:" + _place(client).encode(), hashlib.sha256).hexdigest()
        knocks = visitors.knock(session, name, now=now, within=LINK_LASTS)
    if knocks > KNOCKS_AT_ONCE:
        minutes = LINK_LASTS // timedelta(minutes=1)
        raise SlowDownError(
            f"Too many tries came from your connection. Wait {minutes} minutes, or let whoever "
            "runs Undersigned print a link with `undersigned console link`."
        )


def _place(client: str) -> str:
    try:
        address = ipaddress.ip_address(client.partition("%")[0])
    except ValueError:  # no network at all: a test's client, a socket of this machine
        return client
    if address.version == 6 and address.ipv4_mapped is None:  # noqa: PLR2004 - IP's own version
        return str(ipaddress.ip_network((address, 64), strict=False))
    return str(address)


def mail_link(service: Service, address: str) -> None:
    """Mail a link to the person of that address, if there is one; says nothing either way."""
    here = addresses.normalize(address) if addresses.is_address(address) else ""
    if here not in people(service):
        return
    now = service.now
    with service.store.writing() as session:
        if visitors.links_since(session, here, now - LINK_LASTS) >= LINKS_AT_ONCE:
            return
        campaign = _sender(session)
        if campaign is None:
            return
        token = visitors.add_link(session, here, now=now, lasts=LINK_LASTS)
        message = mint.message(
            campaign,
            Purpose.SIGN_IN,
            f"sign-in:{visitors.digest(token)[:20]}",
            template="sign-in",
            now=now,
            facts={"link": door(service, token)},
        )
        messages.add(session, message, account=campaign.account, to=[here], due_at=now)
    service.announce("deliver")


def link(service: Service, address: str) -> str:
    """Give a link for a person; raises `Refused` for one whom the settings do not name."""
    here = addresses.normalize(address)
    if here not in people(service):
        raise Refused(f"{address} is not among [console] people in the settings.")
    with service.store.writing() as session:
        token = visitors.add_link(session, here, now=service.now, lasts=LINK_LASTS)
    return door(service, token)


def door(service: Service, token: str) -> str:
    """Give the address of the page on which a link is used."""
    return f"{service.settings.console.url.rstrip('/')}/sign-in/{token}"


def open_session(service: Service, token: str) -> str | None:
    """Spend a link; gives the session's token, or None where the link opens nothing any more."""
    with service.store.writing() as session:
        address = visitors.use_link(session, token, now=service.now)
        if address is None or address not in people(service):
            return None
        return visitors.begin(session, address, now=service.now, lasts=SESSION_LASTS)


def visitor(service: Service, token: str) -> Visitor | None:
    """Give who the session's token stands for; who left the settings is signed out."""
    with service.store.reading() as session:
        row = visitors.present(session, token, now=service.now)
    if row is None or (role := people(service).get(row.address)) is None:
        return None
    return Visitor(address=row.address, role=role)


def sign_out(service: Service, address: str) -> int:
    """End every session of a person; gives how many there were."""
    with service.store.writing() as session:
        return visitors.revoke(session, address, now=service.now)


def _sender(session: Session) -> CampaignRow | None:
    """Give the campaign whose account mails the link: one that is not paused, if there is one."""
    found = campaigns.all_of(session)
    return next((one for one in found if one.paused_at is None), found[0] if found else None)
