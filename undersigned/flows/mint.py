"""Mint a message: its token, its Message-ID, its key; each once, for good."""

import secrets
from datetime import datetime
from typing import Any

from undersigned.domain import addresses
from undersigned.domain.campaign import Plan
from undersigned.domain.delivery import Purpose
from undersigned.store.tables import CampaignRow, MessageRow


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
