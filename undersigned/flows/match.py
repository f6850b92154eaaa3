"""Match: whose answer a reply is."""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass

from sqlalchemy.orm import Session

from undersigned.flows.unfold import Unfolded
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


class Known:
    """What of ours several replies may belong to, looked up for all of them at once."""

    def __init__(self, session: Session, several: Sequence[Unfolded]) -> None:
        self.session = session
        self.campaigns = {row.id: row for row in campaigns.all_of(session)}
        named = messages.named(
            session,
            {token for one in several for token in one.tokens},
            {mail_id for one in several for mail_id in one.message_ids},
        )
        self._by_token = {row.token: row for row in named}
        self._by_message_id = {row.message_id: row for row in named}
        senders = {one.incoming.sender for one in several if one.incoming.sender}
        self._at = prospects.at_addresses(session, senders)
        ids = {row.prospect_id for row in named if row.prospect_id is not None}
        self._parties = prospects.by_id(session, ids.union(*self._at.values()))

    def by_token(self, tokens: Iterable[str]) -> list[MessageRow]:
        """Give the messages of ours that carry one of the reply tokens."""
        return [self._by_token[one] for one in dict.fromkeys(tokens) if one in self._by_token]

    def by_message_id(self, message_ids: Iterable[str]) -> list[MessageRow]:
        """Give the messages of ours that have one of the Message-IDs."""
        found = self._by_message_id
        return [found[one] for one in dict.fromkeys(message_ids) if one in found]

    def at_address(self, address: str) -> list[ProspectRow]:
        """Give the parties of all campaigns that are invited at an address."""
        return [self._parties[one] for one in self._at.get(address, ())]

    def party(self, prospect_id: int | None) -> ProspectRow | None:
        """Give a party by its id."""
        return self._parties.get(prospect_id) if prospect_id is not None else None

    def is_ours(self, one: Unfolded) -> bool:
        """Know our own mail by its Message-ID or own-id header, never by From."""
        mail_id = one.incoming.message_id
        return bool(self.by_token(one.clues.own_ids)) or bool(
            mail_id and self.by_message_id([mail_id])
        )

    def touched(self, one: Unfolded) -> set[str | int]:
        """Give what may be changed or asked about where a reply is settled.

        Its digest, every party that it may be about, and every address that may get an answer.
        """
        about = [*self.by_token(one.tokens), *self.by_message_id(one.message_ids)]
        parties = [row for message in about if (row := self.party(message.prospect_id))]
        parties += self.at_address(one.incoming.sender)
        numbers = {number for row in parties for number in (row.id, row.merged_into) if number}
        addresses = {one.incoming.sender, *(row.email for row in parties)} - {""}
        return {one.digest, *numbers, *addresses}


def match(known: Known, one: Unfolded) -> Match:
    """Match by token, then thread, then quoted token, then sender; two candidates are no match.

    What belongs to nobody belongs to the campaign of the mailbox that it lies in, where that has
    only one.
    """
    for found in (
        known.by_token(one.clues.tokens),
        known.by_message_id(one.clues.message_ids),
        known.by_token(one.clues.quoted_tokens),
    ):
        owners = {(row.prospect_id, row.addressee_id) for row in found}
        if len(owners) == 1:
            return _answering(known, max(found, key=lambda row: row.id))
        if owners:
            return Match(campaign=_common(known, [row.campaign_id for row in found], one.account))
    return _by_sender(known, one.clues.sender, one.account)


def _answering(known: Known, message: MessageRow) -> Match:
    return Match(
        message=message,
        prospect=known.party(message.prospect_id),
        campaign=known.campaigns[message.campaign_id],
        quoted=message,
    )


def _by_sender(known: Known, sender: str, account: str) -> Match:
    """Match a mail that answers none of ours by who wrote it; it names no edition."""
    parties = known.at_address(sender)
    if len(parties) != 1:
        return Match(campaign=_common(known, [row.campaign_id for row in parties], account))
    return Match(
        prospect=parties[0],
        campaign=known.campaigns[parties[0].campaign_id],
        quoted=messages.latest_to(known.session, parties[0].id),
    )


def _common(known: Known, ids: Collection[int], account: str) -> CampaignRow | None:
    """Give the campaign of all candidates, or the only one of the mailbox; else None."""
    if not ids:
        mine = [one for one in known.campaigns.values() if one.account == account]
        return mine[0] if len(mine) == 1 else None
    return known.campaigns[next(iter(ids))] if len(set(ids)) == 1 else None
