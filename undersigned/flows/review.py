"""Review: what waits for a person, and what the person makes of it."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy.orm import Session

from undersigned.domain.decision import Act, Position, fold
from undersigned.domain.listing import Listing
from undersigned.domain.party import Standing
from undersigned.domain.reply import ReplyState
from undersigned.domain.roster import party_key
from undersigned.errors import Refused
from undersigned.flows import void
from undersigned.flows.decide import apply, edition_answered, take_back_reminders
from undersigned.flows.word import Word
from undersigned.service import Service
from undersigned.store import campaigns, decisions, journal, prospects, replies
from undersigned.store.tables import CampaignRow, ProspectRow, ReplyRow, ReviewRow


def open_review(
    session: Session, reply: ReplyRow, reason: str, *, blocks: bool, now: datetime
) -> ReviewRow:
    """Let a reply wait for a person; whoever wrote it has answered and is not reminded."""
    reply.state = ReplyState.REVIEW
    reply.reason = reason
    review = ReviewRow(
        reply_id=reply.id,
        campaign_id=reply.campaign_id,
        prospect_id=reply.prospect_id,
        reason=reason,
        blocks=blocks,
        opened_at=now,
    )
    session.add(review)
    if reply.prospect_id is not None:
        prospect = prospects.lock(session, reply.prospect_id)
        prospect.answered_at = prospect.answered_at or reply.received_at
        take_back_reminders(session, [reply.prospect_id], now)
    session.flush()
    if reply.campaign_id is not None and blocks:
        campaign = session.get_one(CampaignRow, reply.campaign_id)
        void.void_if_changed(session, campaign, reason=reason, now=now)
    journal.write(
        session,
        "put-to-review",
        f"reply:{reply.id}",
        actor="read",
        now=now,
        campaign_id=reply.campaign_id,
        reason=reason,
    )
    return review


@dataclass(frozen=True, kw_only=True)
class Ruling:
    """What a person made of something that waited for them."""

    #: None dismisses: the reply changes nothing.
    act: Act | None
    reason: str
    by: str
    #: How to print it; empty for as invited, or as it is printed now.
    listings: tuple[Listing, ...] = ()
    #: How long it may be taken back: the receipt waits for that.
    grace: timedelta = timedelta(0)


def rule_on_review(
    service: Service, review_id: int, ruling: Ruling, *, party: str = "", campaign: str = ""
) -> None:
    """Settle a review by a person's ruling.

    `party` names the party that is meant where the reply was matched to none, or to another;
    `campaign` the letter, where the reply was matched to none.
    Raises `Refused` where the review was settled already, saying by whom.
    """
    now = service.now
    with service.store.writing() as session:
        review = session.get(ReviewRow, review_id)
        if review is None:
            raise Refused(f"There is no review {review_id}. See `undersigned review list`.")
        reply = replies.lock(session, review.reply_id)
        if review.settled_at is not None:
            raise Refused(
                f"Review {review_id} was settled by {review.settled_by} on "
                f"{review.settled_at:%Y-%m-%d %H:%M} UTC: {review.outcome}."
            )
        if campaign and reply.campaign_id is None:
            reply.campaign_id = campaigns.get(session, campaign).id
        review.settled_at, review.settled_by = now, ruling.by
        review.outcome = ruling.act.value if ruling.act else "dismissed"
        session.flush()
        campaign_id = reply.campaign_id
        if ruling.act is not None:
            campaign_id = _rule_on_reply(session, reply, ruling, party, now)
        journal.write(
            session,
            "settled",
            f"review:{review_id}",
            actor=ruling.by,
            now=now,
            campaign_id=campaign_id,
            outcome=review.outcome,
            reason=ruling.reason,
        )
    service.announce("deliver")


def _rule_on_reply(
    session: Session, reply: ReplyRow, ruling: Ruling, party: str, now: datetime
) -> int:
    if party and reply.campaign_id is not None:
        reply.prospect_id = prospects.find(session, reply.campaign_id, party).id
    if reply.prospect_id is None or reply.campaign_id is None or ruling.act is None:
        raise Refused("Nobody knows for whom this reply speaks: name the party with --party.")
    campaign = campaigns.lock(session, reply.campaign_id)
    prospect = prospects.lock(session, reply.prospect_id)
    word = Word(
        act=ruling.act,
        listings=_listings(session, prospect, ruling),
        edition=edition_answered(session, reply),
        received_at=reply.received_at,
        uidvalidity=reply.uidvalidity,
        uid=reply.uid,
        sender=reply.sender or "",
        by=ruling.by,
        reason=ruling.reason,
        reply_id=reply.id,
        grace=ruling.grace,
    )
    apply(session, campaign, prospect.id, word, now=now)
    return campaign.id


def rule_on_party(
    service: Service,
    campaign_name: str,
    party: str,
    ruling: Ruling,
    *,
    evidence: tuple[str, bytes] | None = None,
) -> Position:
    """Record a word that was given by telephone or on paper; it gets a receipt like any other."""
    now = service.now
    if ruling.act is None:
        raise Refused("A party's word is sign, amend, decline or withdraw.")
    with service.store.writing() as session:
        campaign = campaigns.lock(session, campaigns.get(session, campaign_name).id)
        prospect = prospects.find(session, campaign.id, party)
        position = fold(decisions.of(session, prospect.id))
        is_signed = position.standing is Standing.SIGNED
        if ruling.act in (Act.AMEND, Act.WITHDRAW) and not is_signed:
            raise Refused(f"{prospect.name} is not on the list: there is nothing to change.")
        word = Word(
            act=ruling.act,
            listings=_listings(session, prospect, ruling),
            edition=campaigns.edition(session, campaign.id).number,
            received_at=now,
            by=ruling.by,
            reason=ruling.reason,
            evidence=evidence,
        )
        position = apply(session, campaign, prospect.id, word, now=now)
    service.announce("deliver")
    return position


def _listings(session: Session, prospect: ProspectRow, ruling: Ruling) -> tuple[Listing, ...]:
    """Give what the person said, else what is printed now, else the party as invited."""
    if ruling.act not in (Act.SIGN, Act.AMEND):
        return ()
    position = fold(decisions.of(session, prospect.id))
    return ruling.listings or position.listings or (prospects.value(prospect).listing,)


def add_party(service: Service, review_id: int, ruling: Ruling, *, campaign: str) -> None:
    """Take the sender of a reply whom nobody invited as a new party, and record its word."""
    now = service.now
    with service.store.writing() as session:
        review = session.get(ReviewRow, review_id)
        if review is None or review.settled_at is not None:
            raise Refused(f"There is no open review {review_id}. See `undersigned review list`.")
        reply = replies.lock(session, review.reply_id)
        reply.campaign_id = reply.campaign_id or campaigns.get(session, campaign).id
        if not ruling.listings or not reply.sender:
            raise Refused(
                "A new party needs a listing (--listing), and a sender who can be answered."
            )
        listing = ruling.listings[0]
        prospect = ProspectRow(
            campaign_id=reply.campaign_id,
            kind=listing.kind,
            name=listing.name,
            key=party_key(listing.name),
            title=listing.title,
            country=listing.country,
            email=reply.sender,
            contact=reply.sender_name,
            more={},
            standing=Standing.INVITED,
            created_at=now,
        )
        session.add(prospect)
        session.flush()
        reply.prospect_id = prospect.id
        review.prospect_id = prospect.id
    rule_on_review(service, review_id, ruling)
