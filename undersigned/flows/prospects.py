"""Prospects: list, add and edit the parties of a campaign one by one."""

from collections.abc import Mapping
from typing import Any

from sqlalchemy.orm import Session

from undersigned.domain.addresses import is_address, normalize
from undersigned.domain.campaign import Plan
from undersigned.domain.party import Prospect, Standing
from undersigned.domain.roster import party_key
from undersigned.errors import Refused
from undersigned.flows.apply import new_prospect
from undersigned.service import Service
from undersigned.store import campaigns, journal
from undersigned.store import prospects as store
from undersigned.store.tables import CampaignRow, ProspectRow


def prospects(service: Service, name: str, standing: str | None = None) -> list[ProspectRow]:
    """Give the parties of a campaign, all or those of one standing."""
    if standing is not None and standing not in set(Standing):
        raise Refused(f"{standing!r} is none of {', '.join(Standing)}.")
    with service.store.reading() as session:
        rows = store.of(session, campaigns.get(session, name).id)
    return [row for row in rows if standing in (None, row.standing)]


def add(service: Service, name: str, prospect: Prospect, *, by: str) -> ProspectRow:
    """Add a party; raises `Refused` for a bad address or country, or where it stands already."""
    with service.store.writing() as session:
        campaign = campaigns.lock(session, campaigns.get(session, name).id)
        values = _checked(service, campaign, vars(prospect))
        row = new_prospect(campaign.id, Prospect(**values), service.now)
        _refuse_twin(session, row)
        session.add(row)
        session.flush()
        journal.write(
            session,
            "added-party",
            f"prospect:{row.id}",
            actor=by,
            now=service.now,
            campaign_id=campaign.id,
            name=row.name,
        )
        return row


def edit(
    service: Service, name: str, party: str, changes: Mapping[str, str], *, by: str
) -> ProspectRow:
    """Correct a party's fields; an empty value takes one out. What was sent stays.

    A party that has not answered is invited anew at a corrected address, by the next `invite`.
    """
    with service.store.writing() as session:
        campaign = campaigns.lock(session, campaigns.get(session, name).id)
        row = store.find(session, campaign.id, party)
        values = _checked(service, campaign, {key: value or None for key, value in changes.items()})
        before = {key: getattr(row, key) for key in values}
        for key, value in values.items():
            setattr(row, key, value)
        row.key = party_key(row.name)
        with session.no_autoflush:  # before the constraint says it less plainly
            _refuse_twin(session, row)
        if row.email != before.get("email", row.email) and _may_be_invited_anew(row):
            row.standing = Standing.PROSPECT
        journal.write(
            session,
            "edited-party",
            f"prospect:{row.id}",
            actor=by,
            now=service.now,
            campaign_id=campaign.id,
            was=before,
            now_is=values,
        )
        return row


def _may_be_invited_anew(row: ProspectRow) -> bool:
    """Say whether a corrected address calls for another invitation: no word of theirs came yet."""
    return row.standing in (Standing.INVITED, Standing.BOUNCED) and row.answered_at is None


def _checked(service: Service, campaign: CampaignRow, values: Mapping[str, Any]) -> dict[str, Any]:
    """Give the values as they are stored; raises `Refused` for what cannot be."""
    checked = dict(values)
    if "name" in checked and not checked["name"]:
        raise Refused("A party needs a name.")
    if "email" in checked:
        if not is_address(checked["email"] or ""):
            raise Refused(f"{checked['email']!r} is not a mail address.")
        checked["email"] = normalize(checked["email"])
    if checked.get("country"):
        countries = service.countries(Plan.from_table(campaign.plan).countries)
        styled = countries.styled(checked["country"])
        if styled is None:
            raise Refused(f"{checked['country']!r} is not recognised as a country.")
        checked["country"] = styled
    return checked


def _refuse_twin(session: Session, row: ProspectRow) -> None:
    one = store.twin(session, row)
    if one is not None:
        raise Refused(f"{one.name} is a party of this campaign already (#{one.id}).")
