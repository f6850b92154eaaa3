"""Open a campaign and invite its parties: a message and a delivery for each, once."""

from collections.abc import Collection, Sequence
from datetime import datetime
from pathlib import Path

from sqlalchemy.orm import Session

from undersigned.domain.campaign import Plan
from undersigned.domain.delivery import Purpose
from undersigned.domain.party import Standing
from undersigned.errors import Refused
from undersigned.flows import clearance, mint, press
from undersigned.service import Service
from undersigned.store import campaigns, journal, messages, prospects, suppressions
from undersigned.store.tables import CampaignRow, EditionRow, ProspectRow
from undersigned.transport import folder as folders

#: Invitations made in one transaction, so that others may write between.
CHUNK = 500


def open_campaign(service: Service, name: str, *, by: str) -> None:
    """Let the campaign write to people from now on; nothing is sent by this alone."""
    with service.store.writing() as session:
        campaign = campaigns.get(session, name)
        if campaign.opened_at is not None:
            raise Refused(f"{name} is open since {campaign.opened_at:%Y-%m-%d %H:%M} UTC.")
        service.account(campaign.account)
        campaign.opened_at = service.now
        journal.write(
            session,
            "opened",
            f"campaign:{name}",
            actor=by,
            now=service.now,
            campaign_id=campaign.id,
        )


def count(service: Service, name: str) -> int:
    """Count the parties that `invite` would write to now."""
    with service.store.reading() as session:
        return len(to_invite(session, campaigns.get(session, name)))


def to_invite(session: Session, campaign: CampaignRow) -> list[ProspectRow]:
    """Give the parties that were not invited, less those who asked not to be."""
    return _unstopped(session, campaign, prospects.not_invited(session, campaign.id))


def _unstopped(
    session: Session, campaign: CampaignRow, waiting: Sequence[ProspectRow]
) -> list[ProspectRow]:
    stopped = suppressions.stopped(
        session, {row.email for row in waiting}, Purpose.INVITATION, campaign.id
    )
    return [row for row in waiting if row.email not in stopped]


def invite(service: Service, name: str, *, by: str, despite: Collection[str] = ()) -> int:
    """Make an invitation for every party that has none; gives how many. The tasks send them.

    Raises `Refused` where the first would leave without a preflight that went well; `despite` names
    what the coordinator knows to have failed in it.
    """
    total, above = 0, 0
    while above >= 0:
        made, above = _invite_some(service, name, by=by, despite=despite, above=above)
        total += made
        if made:
            service.announce("deliver")
    return total


def _invite_some(
    service: Service, name: str, *, by: str, despite: Collection[str], above: int
) -> tuple[int, int]:
    """Invite the next parties; gives how many, and the id to go on above, -1 at the end."""
    now = service.now
    with service.store.writing() as session:
        campaign = campaigns.lock(session, campaigns.get(session, name).id)
        plan = Plan.from_table(campaign.plan)
        if campaign.opened_at is None:
            raise Refused(f"{name} is not open yet. Run `undersigned open` first.")
        if now >= plan.cutoff_at:
            raise Refused(f"{name} closed on {plan.cutoff_at:%Y-%m-%d %H:%M} UTC.")
        edition = campaigns.edition(session, campaign.id)
        seen = prospects.not_invited(session, campaign.id, above=above, limit=CHUNK)
        chosen = _unstopped(session, campaign, seen)
        if chosen:
            clearance.demand(service, session, campaign, despite)
        _make(session, campaign, edition, chosen, now=now, due_at=max(now, plan.opens_at))
        if chosen:
            journal.write(
                session,
                "invited",
                f"campaign:{name}",
                actor=by,
                now=now,
                campaign_id=campaign.id,
                parties=[row.id for row in chosen],
                **({"despite": sorted(despite)} if despite else {}),
            )
        return len(chosen), seen[-1].id if len(seen) == CHUNK else -1


def _make(
    session: Session,
    campaign: CampaignRow,
    edition: EditionRow,
    chosen: Sequence[ProspectRow],
    *,
    now: datetime,
    due_at: datetime,
) -> None:
    """Make an invitation for each of the parties."""
    subjects = [f"prospect:{row.id}" for row in chosen]
    rounds = messages.next_rounds(session, Purpose.INVITATION, subjects)
    made = [
        mint.invitation(campaign, row, edition, now=now, number=rounds[subject])
        for row, subject in zip(chosen, subjects, strict=True)
    ]
    addressed = [
        messages.Addressed(message=message, to=[row.email], due_at=due_at)
        for message, row in zip(made, chosen, strict=True)
    ]
    messages.add_all(session, addressed, account=campaign.account)
    for row in chosen:
        row.standing = Standing.INVITED


def rehearse_invitations(service: Service, name: str, into: Path) -> int:
    """Write the invitations that `invite` would send as .eml files; changes nothing.

    Their tokens are drawn for the files alone: an answer to them would be known to nobody.
    """
    with service.store.reading() as session:
        campaign = campaigns.get(session, name)
        edition = campaigns.edition(session, campaign.id)
        chosen = to_invite(session, campaign)
        letterpress = press.Press(service, session)
        for row in chosen:
            message = mint.invitation(campaign, row, edition, now=service.now)
            raw = letterpress.compose(message, to=[row.email])
            folders.keep(raw, into, name=row.key.replace(" ", "-")[:60])
        return len(chosen)
