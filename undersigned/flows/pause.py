"""Pause and resume: the one gate for every send."""

from undersigned.errors import Refused
from undersigned.service import Service
from undersigned.store import campaigns, journal, troubles


def pause(service: Service, name: str, *, by: str) -> None:
    """Shut the gate: nothing of the campaign is claimed or begun until `resume`."""
    with service.store.writing() as session:
        campaign = campaigns.get(session, name)
        if campaign.paused_at is not None:
            raise Refused(
                f"{name} is paused already, since {campaign.paused_at:%Y-%m-%d %H:%M} UTC."
            )
        campaign.paused_at = service.now
        journal.write(
            session,
            "paused",
            f"campaign:{name}",
            actor=by,
            now=service.now,
            campaign_id=campaign.id,
        )


def resume(service: Service, name: str, *, by: str) -> None:
    """Open the gate again; what is due goes out at the next tick."""
    with service.store.writing() as session:
        campaign = campaigns.get(session, name)
        if campaign.paused_at is None:
            raise Refused(f"{name} is not paused.")
        campaign.paused_at = None
        troubles.mend(session, f"restored:{campaign.id}")
        journal.write(
            session,
            "resumed",
            f"campaign:{name}",
            actor=by,
            now=service.now,
            campaign_id=campaign.id,
        )
    service.announce("deliver")
