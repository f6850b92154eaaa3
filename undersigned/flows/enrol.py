"""Enrol: many parties at once, from a CSV, after a look at every line."""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session

from undersigned.domain import roster
from undersigned.domain.campaign import Plan
from undersigned.domain.fault import Fault
from undersigned.domain.party import Prospect
from undersigned.domain.roster import party_key
from undersigned.errors import Refused
from undersigned.flows.apply import CHUNK, new_prospect
from undersigned.service import Service
from undersigned.store import campaigns, journal
from undersigned.store.tables import CampaignRow, ProspectRow


@dataclass(frozen=True, kw_only=True)
class Enrolment:
    """What a CSV would add."""

    new: Sequence[Prospect]
    #: How many of its lines are parties of the campaign already.
    known: int
    faults: Sequence[Fault]

    @property
    def may_be_taken(self) -> bool:
        """Whether there is something to add, and nothing to mend first."""
        return bool(self.new) and all(fault.is_warning for fault in self.faults)


def look(service: Service, name: str, source: str) -> Enrolment:
    """Say what the text of a CSV would add, and what is wrong with it, line by line."""
    with service.store.reading() as session:
        campaign = campaigns.get(session, name)
        return _enrolment(service, session, campaign, source)


def enrol(service: Service, name: str, source: str, *, by: str) -> int:
    """Add the parties of a CSV that are new; gives how many. Those that are known stay as they are.

    Raises `Refused` where a line has to be mended first, and nothing is added.
    """
    with service.store.writing() as session:
        campaign = campaigns.lock(session, campaigns.get(session, name).id)
        found = _enrolment(service, session, campaign, source)
        if not found.may_be_taken:
            raise Refused("Nothing was added: a line has to be mended first, or all are known.")
        for start in range(0, len(found.new), CHUNK):
            some = found.new[start : start + CHUNK]
            session.add_all(new_prospect(campaign.id, one, service.now) for one in some)
            session.flush()
            session.expunge_all()
        journal.write(
            session,
            "enrolled",
            f"campaign:{name}",
            actor=by,
            now=service.now,
            campaign_id=campaign.id,
            count=len(found.new),
        )
        return len(found.new)


def _enrolment(service: Service, session: Session, campaign: CampaignRow, source: str) -> Enrolment:
    countries = service.countries(Plan.from_table(campaign.plan).countries)
    parties, faults = roster.prospects(source, styled=countries.styled)
    known = {
        (kind, key)
        for kind, key in session.execute(
            select(ProspectRow.kind, ProspectRow.key).where(ProspectRow.campaign_id == campaign.id)
        )
    }
    new = [one for one in parties if (one.kind.value, party_key(one.name)) not in known]
    return Enrolment(new=new, known=len(parties) - len(new), faults=faults)
