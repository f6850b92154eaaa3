"""Erase: take a person out of the database who asks for it (GDPR Art. 17), for good."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.orm import Session

from undersigned.domain.addresses import normalize
from undersigned.domain.decision import fold
from undersigned.domain.suppression import Scope
from undersigned.errors import Refused
from undersigned.flows import decide, void
from undersigned.service import Service
from undersigned.store import campaigns, decisions, erasure, journal, suppressions
from undersigned.store.tables import CampaignRow, ProspectRow


@dataclass(frozen=True, kw_only=True)
class Erasure:
    """What is, or was, erased of an address."""

    address: str
    #: Parties that are invited at it, in all campaigns.
    parties: int
    messages: int
    replies: int
    #: One sentence for each letter that left with the name and keeps it.
    kept: tuple[str, ...]


@dataclass(frozen=True, kw_only=True)
class _Found:
    """The rows of an address."""

    rows: Sequence[ProspectRow]
    #: Those whose name stands in a letter that left, with when it left.
    printed: dict[int, datetime]
    messages: list[int]
    #: Less the proofs.
    replies: list[int]
    #: Replies by which others stand on the list, or a name in a letter that left.
    proofs: dict[int, ProspectRow]

    @property
    def erased(self) -> list[int]:
        """The parties that go with their names."""
        return [row.id for row in self.rows if row.id not in self.printed]


def survey(service: Service, address: str) -> Erasure:
    """Say what would be erased; changes nothing. Raises `Refused` where nothing is known."""
    with service.store.reading() as session:
        return _told(normalize(address), _find(session, normalize(address)))


def erase(service: Service, address: str, *, by: str) -> Erasure:
    """Erase it, and never write to it again; what stays names nobody.

    A name in a letter that left stays there, with the reply by which it was agreed: the letter is
    in its readers' hands, and the reply is the proof of it. One that would have been printed is
    taken off the list first, as by a withdrawal.
    """
    here, now = normalize(address), service.now
    with service.store.writing() as session:
        found = _find(session, here)
        told = _told(here, found)
        involved = {row.campaign_id for row in found.rows}
        for campaign_id in sorted(involved):
            campaign = campaigns.lock(session, campaign_id)
            ours = [row for row in found.rows if row.campaign_id == campaign_id]
            words = _words(session, here, ours, found)
            erasure.replies(session, found.replies, now=now, by=by)
            for row in ours:
                if row.id not in found.printed and row.merged_into is None:
                    decide.take_off(session, campaign, row.id, by=by, now=now)
            erasure.mentions(session, campaign_id, words, now=now)
            erasure.freezes(session, campaign_id, words)
            suppressions.add(session, here, Scope.ALL, campaign_id, now=now)
            _enter(session, campaign, told, by=by, now=now)
        erasure.replies(session, found.replies, now=now, by=by)
        erasure.messages(session, erasure.messages_of(session, here, found.erased), now=now)
        erasure.messages(session, found.messages, now=now)
        erasure.decisions(session, found.erased)
        for row in found.rows:
            erasure.party(row, keep_name=row.id in found.printed, now=now)
        return told


def _find(session: Session, address: str) -> _Found:
    rows = erasure.parties_of(session, address)
    ids = [row.id for row in rows]
    printed = {row.id: at for row in rows if (at := _left(session, row)) is not None}
    replies = erasure.replies_of(session, address, ids)
    proofs = erasure.proofs(session, replies, [one for one in ids if one not in printed])
    found = _Found(
        rows=rows,
        printed=printed,
        messages=erasure.messages_of(session, address, ids),
        replies=[one for one in replies if one not in proofs],
        proofs=proofs,
    )
    if not rows and not found.messages and not found.replies:
        raise Refused(f"Nothing is known of {address}: it is in no party, message or reply.")
    if erasure.is_waiting(session, found.messages):
        raise Refused(f"A mail to {address} is on its way just now: try again in a minute.")
    return found


def _left(session: Session, row: ProspectRow) -> datetime | None:
    """Give when a letter left that bears the party's name, or None."""
    campaign = session.get_one(CampaignRow, row.campaign_id)
    lines = {
        one.line for decision in decisions.of(session, row.id) for one in decision.listings
    } | {one.line for one in fold(decisions.of(session, row.id)).listings}
    return void.left_with(session, void.begun(session, campaign), lines)


def _words(session: Session, address: str, rows: Sequence[ProspectRow], found: _Found) -> set[str]:
    """Give what names the person; the names that a letter bears stay."""
    words = {address}
    for row in rows:
        words |= {row.contact} - {None} if row.contact else set()
        if row.id not in found.printed:
            words |= {row.name}
            words |= {
                one.name for decision in decisions.of(session, row.id) for one in decision.listings
            }
    return words


def _told(address: str, found: _Found) -> Erasure:
    return Erasure(
        address=address,
        parties=len(found.rows),
        messages=len(found.messages),
        replies=len(found.replies),
        kept=tuple(_kept(found)),
    )


def _kept(found: _Found) -> Iterator[str]:
    for row in found.rows:
        if row.id in found.printed:
            yield (
                f"{row.name} stands in the letter that left on {found.printed[row.id]:%Y-%m-%d}: "
                "the name and the reply by which it was agreed stay."
            )
    for number, row in found.proofs.items():
        if row.id not in found.printed:
            yield (
                f"Reply {number} stays: by it {row.name} stands where it stands. Where it shall "
                "go too, `undersigned decide` on that party first."
            )


def _enter(
    session: Session, campaign: CampaignRow, told: Erasure, *, by: str, now: datetime
) -> None:
    """Write down that it was done, and not of whom."""
    journal.write(
        session,
        "erased",
        f"campaign:{campaign.name}",
        actor=by,
        now=now,
        campaign_id=campaign.id,
        messages=told.messages,
        replies=told.replies,
    )
