"""Desk: a review as a coordinator sees it, with everything to decide it on."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from undersigned import reading
from undersigned.domain.decision import Act, Position, fold
from undersigned.domain.listing import Listing
from undersigned.errors import Refused
from undersigned.flows import replies as flow
from undersigned.flows.replies import Waiting
from undersigned.reading import Enclosure, parse
from undersigned.service import Service
from undersigned.store import campaigns, decisions, paging, prospects, replies
from undersigned.store.paging import Page
from undersigned.store.tables import CampaignRow, ProspectRow, ReplyRow, ReviewRow

#: Reviews on one page of the list.
PAGE = 50


@dataclass(frozen=True, kw_only=True)
class Case:
    """A review with everything to decide it on."""

    id: int
    reply_id: int
    since: datetime
    reason: str
    #: None while it waits; else what was ruled, by whom, when.
    outcome: str | None
    settled_by: str | None
    settled_at: datetime | None
    received_at: datetime
    sender: str
    sender_name: str
    subject: str
    own_words: str
    #: The whole text, quotes and all.
    text: str
    has_html: bool
    files: Sequence[Enclosure]
    #: What the rules would make of it, and the words that they fired on; "" where nothing.
    intent: str
    proof: str
    relation: str
    finds: Sequence[tuple[str, str]]
    party: ProspectRow | None
    standing: Position | None
    #: As it would be printed: what they ask for, else what is printed now, else as invited.
    listings: Sequence[Listing]
    #: The reviews before and after it in the list, while they wait.
    before: int | None
    after: int | None

    @property
    def proposal(self) -> Act | None:
        """What the rules would do, where that is something a person may do too."""
        return Act(self.intent) if self.intent in set(Act) else None


def waiting(service: Service, name: str, *, after: int = 0) -> tuple[Page[Waiting], int]:
    """Give a page of the reviews that wait, those behind a number, and how many wait in all."""
    with service.store.reading() as session:
        campaign = campaigns.get(session, name)
        cases = replies.open_cases(campaign.id)
        page = paging.rising(session, cases, ReviewRow.id, after=after, size=PAGE)
        return page.of(flow.waiting), replies.count_open(session, campaign.id)


def case(service: Service, name: str, review_id: int) -> Case:
    """Give one review; raises `Refused` where the campaign has none of that number."""
    with service.store.reading() as session:
        campaign = campaigns.get(session, name)
        row = session.get(ReviewRow, review_id)
        if row is None or row.campaign_id not in (campaign.id, None):
            raise Refused(f"There is no review {review_id} in {name}.")
        reply = replies.whole(session, row.reply_id)
        party = session.get(ProspectRow, row.prospect_id) if row.prospect_id else None
        position = fold(decisions.of(session, party.id)) if party else None
        return _case(row, reply, party, position, _neighbours(session, campaign, row))


def _case(
    row: ReviewRow,
    reply: ReplyRow,
    party: ProspectRow | None,
    position: Position | None,
    neighbours: tuple[int | None, int | None],
) -> Case:
    verdict = reply.verdict or {}
    mail = parse(reply.raw)
    asked = tuple(decisions.listing(one) for one in verdict.get("listings", ()))
    printed = position.listings if position else ()
    invited = (prospects.value(party).listing,) if party else ()
    return Case(
        id=row.id,
        reply_id=reply.id,
        since=row.opened_at,
        reason=row.reason,
        outcome=row.outcome,
        settled_by=row.settled_by,
        settled_at=row.settled_at,
        received_at=reply.received_at,
        sender=reply.sender or "",
        sender_name=reply.sender_name or "",
        subject=reply.title or "",
        own_words=str(verdict.get("own_words") or ""),
        text=mail.text,
        has_html=bool(mail.html),
        files=reading.enclosures(mail),
        intent=str(verdict.get("intent") or ""),
        proof=str(verdict.get("proof") or "none"),
        relation=str(verdict.get("sender") or "stranger"),
        finds=[(one["rule"], one["words"]) for one in verdict.get("fired", ()) if one["words"]],
        party=party,
        standing=position,
        listings=asked or printed or invited,
        before=neighbours[0],
        after=neighbours[1],
    )


def _neighbours(
    session: Session, campaign: CampaignRow, row: ReviewRow
) -> tuple[int | None, int | None]:
    near = select(ReviewRow.id).where(*replies.open_in(campaign.id))
    before = near.where(ReviewRow.id < row.id).order_by(ReviewRow.id.desc()).limit(1)
    after = near.where(ReviewRow.id > row.id).order_by(ReviewRow.id).limit(1)
    return session.scalar(before), session.scalar(after)


def file(service: Service, reply_id: int, number: int) -> Enclosure:
    """Give a file that came with a reply; nothing here opens it."""
    with service.store.reading() as session:
        if session.get(ReplyRow, reply_id) is None:
            raise Refused(f"There is no reply {reply_id}.")
        found = reading.enclosures(parse(replies.whole(session, reply_id).raw))
    if not 1 <= number <= len(found):
        raise Refused(f"Reply {reply_id} came with no file {number}.")
    return found[number - 1]


def html(service: Service, reply_id: int) -> str:
    """Give a reply's HTML as it came; whoever shows it makes it harmless first."""
    with service.store.reading() as session:
        if session.get(ReplyRow, reply_id) is None:
            raise Refused(f"There is no reply {reply_id}.")
        return parse(replies.whole(session, reply_id).raw).html
