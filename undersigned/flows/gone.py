"""Gone: a name that was taken back after the letter bearing it had left."""

from datetime import datetime

from sqlalchemy.orm import Session

from undersigned.domain.decision import Position
from undersigned.flows import notify
from undersigned.store.paper_tables import PageRow
from undersigned.store.tables import CampaignRow


def tell(
    session: Session, campaign: CampaignRow, before: Position, decision_id: int, *, now: datetime
) -> None:
    """Tell the coordinators what they can do now, and what becomes of the letter's page.

    The signer's own receipt says that the letter had left.
    """
    names = "; ".join(one.line for one in before.listings)
    told = (
        f"{names}: taken back after the letter had left. `undersigned letter correction` prepares "
        "a note to the missions, if you wish to send one."
    )
    sentences = [told]
    if session.get(PageRow, campaign.id) is not None:
        sentences.append("The letter's page is written anew without it within two minutes.")
    notify.coordinators(session, campaign, f"gone:{decision_id}", sentences, now=now)
