"""Mint a message: its token, its Message-ID, its key; each once, for good."""

import secrets
from datetime import datetime
from typing import Any

from undersigned.domain import addresses
from undersigned.domain.campaign import Plan
from undersigned.domain.delivery import Purpose
from undersigned.store.tables import CampaignRow, EditionRow, MessageRow, ProspectRow


def message(
    campaign: CampaignRow,
    purpose: Purpose,
    subject: str,
    *,
    template: str,
    now: datetime,
    number: int = 0,
    language: str | None = None,
    facts: dict[str, Any] | None = None,
    **about: int | None,
) -> MessageRow:
    """Give a new message row; the caller adds it in the transaction of what caused it.

    `about` names the rows that it concerns: prospect_id, addressee_id, edition_id, freeze_id.
    """
    plan = Plan.from_table(campaign.plan)
    token = addresses.token(secrets.token_bytes(addresses.TOKEN_BITS // 8))
    return MessageRow(
        campaign_id=campaign.id,
        purpose=purpose,
        subject=subject,
        round=number,
        token=token,
        message_id=f"<{token}@{addresses.domain(plan.reply_address)}>",
        template=template,
        language=language or plan.language,
        facts=facts or {},
        created_at=now,
        **about,
    )


def invitation(
    campaign: CampaignRow,
    row: ProspectRow,
    edition: EditionRow,
    *,
    now: datetime,
    number: int = 0,
) -> MessageRow:
    """Give an invitation for a party; one that is not added is only for somebody to look at."""
    return message(
        campaign,
        Purpose.INVITATION,
        f"prospect:{row.id}",
        template="invitation",
        now=now,
        number=number,
        language=row.language,
        prospect_id=row.id,
        edition_id=edition.id,
    )
