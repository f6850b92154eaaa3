"""Arrange: the list as it stands now, in the order of the letter."""

from sqlalchemy.orm import Session

from undersigned.domain import signatories
from undersigned.domain.campaign import Plan
from undersigned.domain.listing import Kind
from undersigned.domain.signatories import Signatory
from undersigned.store import campaigns, decisions
from undersigned.store.tables import CampaignRow


def arranged(session: Session, campaign: CampaignRow) -> dict[Kind, list[Signatory]]:
    """Give the list as it stands now: the fold of the decisions, in the letter's order."""
    plan = Plan.from_table(campaign.plan)
    edition = campaigns.consented_edition(session, campaign.id)
    pins = {(Kind(row.kind), row.name): row.place for row in campaigns.pins(session, campaign.id)}
    return signatories.arrange(
        decisions.signatories(session, campaign.id, edition=edition),
        order=plan.order,
        pins=pins,
        collation=plan.collation,
    )


def printed_list(session: Session, campaign: CampaignRow) -> dict[str, list[str]]:
    """Give the printed lines under each heading, as a manifest holds them."""
    return {
        kind.value: [one.listing.line for one in group]
        for kind, group in arranged(session, campaign).items()
    }
