"""Read: from a kept reply to a decision, a review, or a note that a machine wrote."""

import base64
import logging
from dataclasses import asdict, dataclass
from typing import Any

from sqlalchemy.orm import Session, undefer

from undersigned import marks, reading
from undersigned.domain import consent
from undersigned.domain.campaign import Plan
from undersigned.domain.decision import Act, Position, fold
from undersigned.domain.delivery import Purpose, State, is_allowed
from undersigned.domain.party import Standing
from undersigned.domain.reply import ReplyState
from undersigned.domain.verdict import Intent, Verdict
from undersigned.errors import TemporaryFailure, UndersignedError
from undersigned.flows import decide, review
from undersigned.service import Service
from undersigned.store import campaigns, decisions, freezes, journal, messages, prospects, replies
from undersigned.store.tables import (
    AddresseeRow,
    CampaignRow,
    DeliveryRow,
    MessageRow,
    ProspectRow,
    ReplyRow,
)

log = logging.getLogger(__name__)

#: Replies claimed at once; each is read in its own transaction.
BATCH = 50


def read_kept(service: Service) -> int:
    """Read every kept reply, in the order in which the mailbox received them; gives how many."""
    done = 0
    while not service.stopping.is_set() and (claimed := _claim(service)):
        for reply_id in claimed:
            read(service, reply_id)
        done += len(claimed)
    if done:
        service.announce("deliver")
    return done


def _claim(service: Service) -> list[int]:
    limits = service.settings.limits
    with service.store.writing() as session:
        return replies.claim(
            session, owner=service.owner, now=service.now, lease=limits.lease, limit=BATCH
        )


def read(service: Service, reply_id: int) -> None:
    """Read one reply. One that makes the reader fail is tried again, then quarantined and shown."""
    try:
        incoming, keys = _parse(service, reply_id)
        marks.passed("read.parsed")
        with service.store.writing() as session:
            reply = replies.lock(session, reply_id)
            if reply.state == ReplyState.KEPT:
                _Reader(service, session, reply, incoming, keys).settle()
                reply.owner = reply.lease_until = None
                session.flush()
                marks.passed("read.decided")
        marks.passed("read.committed")
    except TemporaryFailure as exc:
        _wait(service, reply_id, exc)
    except Exception as exc:  # noqa: BLE001 - the edge of a task: the row records what happened
        _count_failure(service, reply_id, exc)


def _parse(service: Service, reply_id: int) -> tuple[reading.Incoming, dict[str, bytes]]:
    """Parse the bytes, and fetch the key records they name before anything is read from them.

    The records are stored beside the reply: keys rotate, and reading must be repeatable.
    """
    with service.store.reading() as session:
        reply = replies.whole(session, reply_id)
    incoming = reading.parse(reply.raw)
    if reply.keys is not None:
        return incoming, {name: base64.b64decode(value) for name, value in reply.keys.items()}
    names = reading.key_names(incoming)
    keys = dict(service.find_keys(names)) if names else {}
    with service.store.writing() as session:
        replies.lock(session, reply_id).keys = {
            name: base64.b64encode(value).decode("ascii") for name, value in keys.items()
        }
    return incoming, keys


def _wait(service: Service, reply_id: int, exc: TemporaryFailure) -> None:
    """Put a reply back that could not be read through no fault of its own, for a later tick."""
    log.warning("a reply waits", extra={"reply": reply_id, "why": str(exc)})
    with service.store.writing() as session:
        replies.lock(session, reply_id).lease_until = service.now + service.settings.ticks.read


def _count_failure(service: Service, reply_id: int, exc: Exception) -> None:
    log.error("a reply could not be read", extra={"reply": reply_id, "why": repr(exc)})
    now = service.now
    with service.store.writing() as session:
        reply = replies.lock(session, reply_id)
        reply.attempts += 1
        # The next attempt comes when the lease is over, so a failing reply cannot spin.
        if reply.attempts < service.settings.limits.read_attempts:
            reply.lease_until = now + service.settings.ticks.recover
            return
        reply.state, reply.owner, reply.lease_until = ReplyState.QUARANTINED, None, None
        reply.reason = "unreadable"
        reply.verdict = {"fault": repr(exc) if not isinstance(exc, UndersignedError) else str(exc)}
        journal.write(
            session,
            "quarantined",
            f"reply:{reply_id}",
            actor="read",
            now=now,
            campaign_id=reply.campaign_id,
            why=repr(exc),
        )


@dataclass(frozen=True, kw_only=True)
class _Match:
    """What of ours a reply belongs to."""

    message: MessageRow | None = None
    prospect: ProspectRow | None = None
    campaign: CampaignRow | None = None


class _Reader:
    """Settles one reply inside one transaction."""

    def __init__(
        self,
        service: Service,
        session: Session,
        reply: ReplyRow,
        incoming: reading.Incoming,
        keys: dict[str, bytes],
    ) -> None:
        self.service = service
        self.session = session
        self.reply = reply
        self.incoming = incoming
        self.keys = keys
        self.now = service.now
        self.clues = reading.clues(incoming)

    def settle(self) -> None:
        """Find out what the reply is, in the order in which the answers matter."""
        reply, incoming = self.reply, self.incoming
        reply.sender = incoming.sender
        reply.sender_name = incoming.sender_name or None
        reply.title = incoming.subject
        reply.mail_id = incoming.message_id
        if replies.twin(self.session, reply):
            self._rest(ReplyState.DUPLICATE, "seen-before")
        elif self._is_own():
            self._rest(ReplyState.OWN, "our-own-mail")
        elif (report := reading.bounce_report(incoming)) and self._note_report(report):
            self._rest(ReplyState.BOUNCE, "delivery-report")
        else:
            self._settle_answer(self._match())

    def _rest(self, state: ReplyState, reason: str) -> None:
        self.reply.state, self.reply.reason = state, reason

    def _is_own(self) -> bool:
        """Know our own mail by its Message-ID or own-id header, never by From."""
        own = messages.by_token(self.session, self.clues.own_ids)
        mail_id = self.incoming.message_id
        return bool(own) or bool(mail_id and messages.by_message_id(self.session, [mail_id]))

    def _note_report(self, report: reading.BounceReport) -> bool:
        """Write a delivery report to its delivery; False where it is about none of ours.

        Without a message of ours in the returned headers it is no proof: anybody can forge it.
        """
        found = messages.by_token(self.session, report.tokens) or messages.by_message_id(
            self.session, report.message_ids
        )
        if len(found) != 1:
            return False
        message = found[0]
        self.reply.campaign_id, self.reply.prospect_id = message.campaign_id, message.prospect_id
        self.reply.answers_id = message.id
        self.reply.verdict = _as_table(report)
        delivery = self._delivery(message, report.recipient)
        if delivery is not None:
            self._note_delivery(message, delivery, report)
        return True

    def _delivery(self, message: MessageRow, recipient: str | None) -> DeliveryRow | None:
        rows = self.session.query(DeliveryRow).filter_by(message_id=message.id).all()
        named = [row for row in rows if row.address == (recipient or "").lower()]
        return (named or rows)[0] if named or len(rows) == 1 else None

    def _note_delivery(
        self, message: MessageRow, delivery: DeliveryRow, report: reading.BounceReport
    ) -> None:
        new = {"delivered": State.DELIVERED, "failed": State.BOUNCED}.get(report.action)
        if new is State.BOUNCED and not report.permanent:
            new = None
        if new is None or not is_allowed(State(delivery.state), new):
            return
        delivery.state, delivery.changed_at = new, self.now
        delivery.enhanced, delivery.answer = report.status, report.diagnostic
        if new is State.BOUNCED and message.purpose == Purpose.INVITATION and message.prospect_id:
            prospect = prospects.lock(self.session, message.prospect_id)
            if prospect.standing == Standing.INVITED:
                prospect.standing = Standing.BOUNCED
        journal.write(
            self.session,
            new.value,
            f"delivery:{delivery.id}",
            actor="read",
            now=self.now,
            campaign_id=message.campaign_id,
            status=report.status,
            said=report.diagnostic,
        )

    # Whose answer it is.

    def _match(self) -> _Match:
        """Match by token, then thread, then quoted token, then sender; two candidates are none."""
        session, clues = self.session, self.clues
        for found in (
            messages.by_token(session, clues.tokens),
            messages.by_message_id(session, clues.message_ids),
            messages.by_token(session, clues.quoted_tokens),
        ):
            owners = {(one.prospect_id, one.addressee_id) for one in found}
            if len(owners) == 1:
                newest = max(found, key=lambda one: one.id)
                return self._matched(newest)
            if owners:
                return _Match(campaign=self._common_campaign([one.campaign_id for one in found]))
        parties = prospects.with_address(session, clues.sender) if clues.sender else []
        if len(parties) == 1:
            latest = messages.latest_to(session, parties[0].id)
            return self._matched(latest) if latest else self._only(parties[0])
        return _Match(campaign=self._common_campaign([one.campaign_id for one in parties]))

    def _matched(self, message: MessageRow) -> _Match:
        prospect = (
            self.session.get(ProspectRow, message.prospect_id) if message.prospect_id else None
        )
        campaign = self.session.get(CampaignRow, message.campaign_id)
        return _Match(message=message, prospect=prospect, campaign=campaign)

    def _only(self, prospect: ProspectRow) -> _Match:
        return _Match(
            prospect=prospect, campaign=self.session.get(CampaignRow, prospect.campaign_id)
        )

    def _common_campaign(self, ids: list[int]) -> CampaignRow | None:
        """Give the campaign of all candidates, or the only one there is; else None."""
        if not ids:
            everyone = campaigns.all_of(self.session)
            mine = [one for one in everyone if one.account == self.reply.account]
            return mine[0] if len(mine) == 1 else None
        return self.session.get(CampaignRow, ids[0]) if len(set(ids)) == 1 else None

    # What it says.

    def _settle_answer(self, match: _Match) -> None:
        reply = self.reply
        reply.campaign_id = match.campaign.id if match.campaign else None
        reply.prospect_id = match.prospect.id if match.prospect else None
        reply.answers_id = match.message.id if match.message else None
        if match.message is not None and match.message.addressee_id is not None:
            self._file(match.message.addressee_id)
            return
        position = fold(decisions.of(self.session, match.prospect.id)) if match.prospect else None
        verdict = self._verdict(match, position)
        reply.verdict = _as_table(verdict)
        if not reply.is_whole:
            review.open_review(
                self.session, reply, "too-large", blocks=self._blocks(position), now=self.now
            )
        elif verdict.intent is Intent.AUTO_REPLY and verdict.automatic:
            self._rest(ReplyState.AUTOMATIC, verdict.reason)
        else:
            self._decide(match, position, verdict)

    @staticmethod
    def _blocks(position: Position | None) -> bool:
        """Hold the name back while an unread answer of somebody on the list waits."""
        return position is not None and position.standing is Standing.SIGNED

    def _file(self, addressee_id: int) -> None:
        """File an addressee's answer to the addressee; "yes" in it decides nothing."""
        self.reply.addressee_id = addressee_id
        addressee = self.session.get_one(AddresseeRow, addressee_id)
        self._rest(ReplyState.FILED, "addressee-answered")
        journal.write(
            self.session,
            "answered",
            f"addressee:{addressee_id}",
            actor="read",
            now=self.now,
            campaign_id=self.reply.campaign_id,
            mission=addressee.mission,
            reply=self.reply.id,
        )

    def _verdict(self, match: _Match, position: Position | None) -> Verdict:
        plan = Plan.from_table(match.campaign.plan) if match.campaign else None
        account = self.service.account(self.reply.account)
        return reading.read(
            self.incoming,
            reading.Question(
                prospect=prospects.value(match.prospect) if match.prospect else None,
                signed=position is not None and position.standing is Standing.SIGNED,
                sent=self._sent(match.message),
                countries=self.service.countries(plan.countries if plan else {}),
                public_providers=self.service.public_providers,
                authserv_ids=frozenset(account.authserv_ids),
                key_records=self.keys,
                now=self.reply.received_at,
            ),
        )

    def _sent(self, message: MessageRow | None) -> bytes | None:
        if message is None:
            return None
        row = self.session.get(
            MessageRow, message.id, options=[undefer(MessageRow.raw)], populate_existing=True
        )
        return row.raw if row else None

    def _decide(self, match: _Match, position: Position | None, verdict: Verdict) -> None:
        reply, session = self.reply, self.session
        if match.campaign is None or match.prospect is None or position is None:
            review.open_review(session, reply, "unknown-sender", blocks=False, now=self.now)
            return
        campaign = campaigns.lock(session, match.campaign.id)
        plan = Plan.from_table(campaign.plan)
        situation = consent.Situation(
            verdict=verdict,
            sender=self.incoming.sender,
            received_at=reply.received_at,
            position=position,
            cutoff_at=plan.cutoff_at,
            is_frozen=freezes.current(session, campaign.id) is not None,
            accept_unproven=plan.accept_unproven,
        )
        doubt = consent.doubt(situation)
        if doubt is not None:
            review.open_review(session, reply, doubt.reason, blocks=doubt.blocks, now=self.now)
            return
        act = situation.act
        assert act is not None  # noqa: S101 - a doubt stands in the way of everything else
        word = decide.Word(
            act=act,
            listings=consent.listings(situation) if act in (Act.SIGN, Act.AMEND) else (),
            edition=decide.edition_answered(session, reply),
            received_at=reply.received_at,
            uid=reply.uid,
            sender=self.incoming.sender,
            by=f"rule:{verdict.reason}",
            reason=verdict.reason,
            reply_id=reply.id,
        )
        self._rest(ReplyState.DECIDED, verdict.reason)
        if verdict.intent is Intent.UNSUBSCRIBE:
            match.prospect.unsubscribed_at = self.now
        decide.apply(session, campaign, match.prospect.id, word, now=self.now)


def _as_table(value: Any) -> dict[str, Any]:
    """Give a verdict or a report as JSON values."""
    return {key: _plain(one) for key, one in asdict(value).items()}


def _plain(value: object) -> object:
    if isinstance(value, tuple | list):
        return [_plain(one) for one in value]
    if isinstance(value, dict):
        return {key: _plain(one) for key, one in value.items()}
    return value
