"""Match: whose answer a reply is."""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy.orm import Session

from undersigned.reading import Clues
from undersigned.store import campaigns, messages, prospects
from undersigned.store.tables import CampaignRow, MessageRow, ProspectRow


@dataclass(frozen=True, kw_only=True)
class Match:
    """What of ours a reply belongs to; all None where nobody knows."""

    #: The message of ours that it answers, by token or thread.
    message: MessageRow | None = None
    prospect: ProspectRow | None = None
    campaign: CampaignRow | None = None
    #: The message that it most likely quotes: what stands there is not the sender's word.
    quoted: MessageRow | None = None


def match(session: Session, clues: Clues, account: str) -> Match:
    """Match by token, then thread, then quoted token, then sender; two candidates are no match.

    `account` is the mailbox that the reply lies in: what belongs to nobody belongs to its campaign,
    where it has only one.
    """
    for found in (
        messages.by_token(session, clues.tokens),
        messages.by_message_id(session, clues.message_ids),
        messages.by_token(session, clues.quoted_tokens),
    ):
        owners = {(one.prospect_id, one.addressee_id) for one in found}
        if len(owners) == 1:
            return _answering(session, max(found, key=lambda one: one.id))
        if owners:
            return Match(campaign=_common(session, [one.campaign_id for one in found], account))
    return _by_sender(session, clues.sender, account)


def _answering(session: Session, message: MessageRow) -> Match:
    prospect = session.get(ProspectRow, message.prospect_id) if message.prospect_id else None
    return Match(
        message=message,
        prospect=prospect,
        campaign=session.get(CampaignRow, message.campaign_id),
        quoted=message,
    )


def _by_sender(session: Session, sender: str, account: str) -> Match:
    """Match a mail that answers none of ours by who wrote it; it names no edition."""
    parties = prospects.with_address(session, sender) if sender else []
    if len(parties) != 1:
        ids = [one.campaign_id for one in parties]
        return Match(campaign=_common(session, ids, account))
    return Match(
        prospect=parties[0],
        campaign=session.get(CampaignRow, parties[0].campaign_id),
        quoted=messages.latest_to(session, parties[0].id),
    )


def _common(session: Session, ids: Sequence[int], account: str) -> CampaignRow | None:
    """Give the campaign of all candidates, or the only one of the mailbox; else None."""
    if not ids:
        mine = [one for one in campaigns.all_of(session) if one.account == account]
        return mine[0] if len(mine) == 1 else None
    return session.get(CampaignRow, ids[0]) if len(set(ids)) == 1 else None
