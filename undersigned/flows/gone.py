"""Gone: a name that was taken back after the letter bearing it had left."""

from datetime import datetime

from sqlalchemy.orm import Session

from undersigned.domain.decision import Position
from undersigned.flows import notify
from undersigned.store import troubles
from undersigned.store.tables import CampaignRow


def tell(
    session: Session, campaign: CampaignRow, before: Position, decision_id: int, *, now: datetime
) -> None:
    """Tell the coordinators what they can do now: a correction, and the page written anew.

    The signer's own receipt says that the letter had left.
    """
    names = "; ".join(one.line for one in before.listings)
    told = (
        f"{names}: taken back after the letter had left. `undersigned letter correction` prepares "
        "a note to the missions, if you wish to send one."
    )
    sentences = [told]
    if campaign.published_at is not None:
        outdated = "The letter's page still shows a name that was taken back: run `publish` again."
        troubles.tell(session, key(campaign), outdated, now=now, campaign_id=campaign.id)
        sentences.append(outdated)
    notify.coordinators(session, campaign, f"gone:{decision_id}", sentences, now=now)


def key(campaign: CampaignRow) -> str:
    """Give the key of the trouble that the page shows what it should not."""
    return f"page:{campaign.id}"
