"""Preflight: show before the first invitation that answers will be found and mail be believed."""

from datetime import timedelta

from sqlalchemy.orm import Session

from undersigned.accounts import Account
from undersigned.domain.campaign import Plan
from undersigned.domain.findings import Line, unwell, well
from undersigned.errors import Refused, UndersignedError
from undersigned.flows import clearance, loop_back, mint, press, sizes, vouch
from undersigned.service import Service
from undersigned.store import campaigns, prospects
from undersigned.store.tables import CampaignRow

#: What the windows of a quota are called.
_SPANS = {
    timedelta(minutes=1): "in a minute",
    timedelta(hours=1): "in an hour",
    timedelta(hours=24): "in 24 hours",
}


def preflight(service: Service, name: str, *, by: str) -> list[Line]:
    """Look at everything that stands between an invitation and its answer; sends one mail to us.

    How it went is written down: the first invitation asks for it.
    """
    with service.store.reading() as session:
        campaign = campaigns.get(session, name)
        plan = Plan.from_table(campaign.plan)
        if campaign.paused_at is not None:
            raise Refused(f"{name} is paused, so no mail can go round: `undersigned resume` first.")
        written, octets = _templates(service, session, campaign)
        account = service.account(campaign.account)
    sender = press.bounces(account, plan)
    lines = [written, size(octets, sizes.limit(service, account.name)), _quota(account)]
    lines += vouch.lines(service, account, plan, sender)
    trip = loop_back.go_round(service, name, plan)
    lines += trip.lines
    lines += vouch.signed(service, account, plan, sender, trip.arrived)
    clearance.keep(service, name, lines, by=by)
    return lines


def _quota(account: Account) -> Line:
    """Ask whether anybody told how much the account may send."""
    if account.limits:
        told = ", ".join(f"{most} {_SPANS[window]}" for window, most in account.limits.items())
        return well("quota", f"Account {account.name} sends at most {told}.")
    if account.carrier == "provider":
        return unwell(
            "quota",
            f"Nobody told how much account {account.name} may send, and who sends too much is "
            "locked out for a day. Name its provider's profile (config/providers.toml), or set "
            f"smtp_per_hour and smtp_per_day under [accounts.{account.name}].",
        )
    return well("quota", f"Account {account.name} has no limit.")


def _templates(service: Service, session: Session, campaign: CampaignRow) -> tuple[Line, int]:
    """Write every invitation, and send none; gives the octets of the largest too."""
    letterpress = press.Press(service, session)
    edition = campaigns.edition(session, campaign.id)
    rows = prospects.of(session, campaign.id)
    unfit: list[str] = []
    largest = 0
    for row in rows:
        message = mint.invitation(campaign, row, edition, now=service.now)
        try:
            largest = max(largest, len(letterpress.compose(message, to=[row.email])))
        except UndersignedError as exc:
            unfit.append(f"{row.name}: {exc}")
    if unfit:
        said = f"{len(unfit)} of {len(rows)} invitations cannot be written. {unfit[0]}"
        return unwell("invitations", said), largest
    return well("invitations", f"All {len(rows)} can be written."), largest


def size(octets: int, most: int | None) -> Line:
    """Compare the largest invitation with what the mail server takes (RFC 1870)."""
    if most is None:
        return well("size", f"The largest has {octets:,} octets; the server names no limit.")
    if octets <= most:
        return well("size", f"The largest has {octets:,} of the {most:,} octets that it may have.")
    return unwell(
        "size",
        f"The largest invitation has {octets:,} octets, and the mail server takes {most:,}. "
        "Shorten the letter or the templates, or ask the provider for more.",
    )
