"""Again: freeze and approve in one step, where a name that was taken back made a freeze void."""

from undersigned.domain.campaign import Plan
from undersigned.errors import Refused
from undersigned.flows import dispatch, freeze
from undersigned.service import Service
from undersigned.store import campaigns, freezes
from undersigned.store.tables import FreezeRow


def freeze_and_approve(
    service: Service, name: str, *, by: str, despite_reviews: bool = False
) -> FreezeRow:
    """Freeze a letter that was approved before, as it is now, and approve it; it is not armed.

    Raises `Refused` where none was approved before (somebody must look at the first), or where the
    campaign asks for a second person.
    """
    with service.store.reading() as session:
        campaign = campaigns.get(session, name)
        before = freezes.latest_letter(session, campaign.id)
        if before is None or before.approved_at is None:
            raise Refused(
                "No earlier letter was approved: freeze it, look at it, then approve what you saw."
            )
        if Plan.from_table(campaign.plan).second_person:
            raise Refused(
                "campaign.toml asks for a second person: freeze it, and let them approve."
            )
    frozen = freeze.freeze(service, name, by=by, despite_reviews=despite_reviews)
    dispatch.approve(service, name, digest=frozen.digest, by=by)
    return frozen
