"""The suppression gate: asked before any mail that asks for something is made."""

import hashlib
import hmac
from collections.abc import Iterable
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from undersigned.domain import suppression
from undersigned.domain.addresses import normalize
from undersigned.domain.delivery import Purpose
from undersigned.domain.suppression import Scope
from undersigned.store import visitors
from undersigned.store.session import ensure
from undersigned.store.suppression_tables import SuppressionRow


def add(session: Session, address: str, scope: Scope, campaign_id: int, *, now: datetime) -> bool:
    """Note that an address does not want some mail; says whether that is new."""
    digest = _digest(visitors.key(session, "suppression"), address)
    about = suppression.about(scope, campaign_id)
    if session.get(SuppressionRow, (digest, about)) is not None:
        return False
    ensure(session, SuppressionRow, digest=digest, about=about, since=now)
    return True


def stopped(
    session: Session, addresses: Iterable[str], purpose: Purpose, campaign_id: int
) -> set[str]:
    """Give those of the addresses that mail of a purpose does not go to."""
    abouts = suppression.stopping(purpose, campaign_id)
    query = select(SuppressionRow.digest).where(SuppressionRow.about.in_(abouts))
    if not abouts or not (digests := set(session.scalars(query))):
        return set()
    key = visitors.key(session, "suppression")
    return {one for one in addresses if _digest(key, one) in digests}


def stopped_everywhere(session: Session, addresses: Iterable[str]) -> set[str]:
    """Give those of the addresses that want no mail of any campaign, or were erased."""
    return stopped(session, addresses, Purpose.CLARIFICATION, campaign_id=0)  # no letter's alone


def _digest(key: bytes, address: str) -> str:
    return hmac.new(key, normalize(address).encode(), hashlib.sha256).hexdigest()
