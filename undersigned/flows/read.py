"""Read: from a kept reply to a decision, a review, or a note that a machine wrote."""

import base64
import logging
from collections.abc import Sequence
from dataclasses import asdict
from datetime import timedelta
from typing import Any

from sqlalchemy.orm import Session, undefer

from undersigned import marks, reading
from undersigned.domain import consent
from undersigned.domain.campaign import Plan
from undersigned.domain.decision import Act, Position, fold
from undersigned.domain.party import Standing
from undersigned.domain.reply import ReplyState
from undersigned.domain.suppression import Scope
from undersigned.domain.verdict import Intent, Verdict
from undersigned.errors import TemporaryFailure, UndersignedError
from undersigned.flows import answers, confirm, decide, match, report, review, unsubscribe
from undersigned.flows.insist import insist
from undersigned.flows.match import Match
from undersigned.flows.word import Word
from undersigned.service import Service
from undersigned.store import campaigns, decisions, erasure, freezes, journal, messages, replies
from undersigned.store.tables import CampaignRow, MessageRow, ProspectRow, ReplyRow

log = logging.getLogger(__name__)

#: Replies claimed at once; each is read in its own transaction.
BATCH = 50
#: How long nobody else reads a mailbox after its reader was killed. Reading asks no server but the
#: DNS; two readers at once decide nothing twice and in the same order.
LEASE = timedelta(minutes=1)


def warm(service: Service) -> None:
    """Build what is built once in a process, so that the first signer does not wait for it."""
    words = reading.parse(b"From: nobody@example.org\r\n\r\nYes, please add our name.\r\n")
    question = reading.Question(
        prospect=None,
        signed=False,
        countries=service.countries({}),
        public_providers=service.public_providers,
    )
    reading.read(words, question)


def read_kept(service: Service) -> int:
    """Read every kept reply, in the order in which the mailbox received them; gives how many."""
    with service.store.reading() as session:
        accounts = replies.unread_accounts(session)
    done = sum(_read_mailbox(service, account) for account in accounts)
    if done:
        service.announce("deliver")
    return done


def _read_mailbox(service: Service, account: str) -> int:
    done = 0
    while not service.stopping.is_set() and (claimed := _claim(service, account)):
        marks.passed("read.claimed")
        done += _read_all(service, claimed)
    return done


def _read_all(service: Service, claimed: Sequence[int]) -> int:
    """Read replies one by one; those that were not come to are put back at once."""
    left = list(claimed)
    try:
        while left and not service.stopping.is_set():
            is_read = read(service, left[0])
            del left[0]
            if not is_read:  # what came later waits for it
                break
    finally:
        if left:
            insist(service, lambda session: replies.release(session, left, owner=service.owner))
    return len(claimed) - len(left)


def _claim(service: Service, account: str) -> list[int]:
    lease = min(service.settings.limits.lease, LEASE)
    with service.store.writing() as session:
        return replies.claim(
            session, account, owner=service.owner, now=service.now, lease=lease, limit=BATCH
        )


def read(service: Service, reply_id: int) -> bool:
    """Read one reply; says whether it is done with.

    One that makes the reader fail is tried again, then quarantined and shown.
    """
    try:
        incoming, keys = _parse(service, reply_id)
        marks.passed("read.parsed")
        with service.store.writing() as session:
            reply = replies.lock(session, reply_id)
            if reply.state == ReplyState.KEPT:
                if reply.keys is None:
                    reply.keys = {}  # it names none
                _Reader(service, session, reply, incoming, keys).settle()
                reply.owner = reply.lease_until = None
                session.flush()
                marks.passed("read.decided")
        marks.passed("read.committed")
    except TemporaryFailure as exc:
        _wait(service, reply_id, exc)
        return False
    except Exception as exc:  # noqa: BLE001 - the edge of a task: the row records what happened
        return _count_failure(service, reply_id, exc)
    return True


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
    if not names:
        return incoming, {}
    keys = dict(service.find_keys(names))
    with service.store.writing() as session:
        replies.lock(session, reply_id).keys = {
            name: base64.b64encode(value).decode("ascii") for name, value in keys.items()
        }
    return incoming, keys


def _wait(service: Service, reply_id: int, exc: TemporaryFailure) -> None:
    """Put a reply back that could not be read through no fault of its own, for a later tick."""
    log.warning("a reply waits", extra={"reply": reply_id, "why": str(exc)})
    with service.store.writing() as session:
        reply = replies.lock_if_there(session, reply_id)
        if reply is not None:
            reply.lease_until = service.now + service.settings.ticks.read


def _count_failure(service: Service, reply_id: int, exc: Exception) -> bool:
    """Note that a reply could not be read; says whether that was once too often."""
    log.error("a reply could not be read", extra={"reply": reply_id, "why": repr(exc)})
    now = service.now
    with service.store.writing() as session:
        reply = replies.lock_if_there(session, reply_id)
        if reply is None:  # the mailbox gives it again
            return False
        reply.attempts += 1
        # The next attempt comes when the lease is over, so a failing reply cannot spin.
        if reply.attempts < service.settings.limits.read_attempts:
            reply.lease_until = now + service.settings.ticks.recover
            return False
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
    return True


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
        twin = replies.twin(self.session, reply)
        if twin is not None:
            self._rest(ReplyState.DUPLICATE, "seen-before")
            if twin.reason == erasure.ERASED:  # the mailbox gave it once more
                erasure.replies(self.session, [reply.id], now=self.now, by="read")
        elif self._is_own():
            self._rest(ReplyState.OWN, "our-own-mail")
        elif not self._is_report():
            self._settle_answer(match.match(self.session, self.clues, reply.account))

    def _rest(self, state: ReplyState, reason: str) -> None:
        self.reply.state, self.reply.reason = state, reason

    def _is_own(self) -> bool:
        """Know our own mail by its Message-ID or own-id header, never by From."""
        own = messages.by_token(self.session, self.clues.own_ids)
        mail_id = self.incoming.message_id
        return bool(own) or bool(mail_id and messages.by_message_id(self.session, [mail_id]))

    def _is_report(self) -> bool:
        """Settle a delivery report about a message of ours."""
        found = reading.bounce_report(self.incoming)
        message = report.note(self.session, found, now=self.now) if found else None
        if message is None:
            return False
        reply = self.reply
        reply.campaign_id, reply.prospect_id = message.campaign_id, message.prospect_id
        reply.answers_id, reply.verdict = message.id, _as_table(found)
        self._rest(ReplyState.BOUNCE, "delivery-report")
        return True

    # What it says.

    def _settle_answer(self, found: Match) -> None:
        reply = self.reply
        reply.campaign_id = found.campaign.id if found.campaign else None
        reply.prospect_id = found.prospect.id if found.prospect else None
        reply.answers_id = found.message.id if found.message else None
        if found.message is not None and found.message.addressee_id is not None:
            self._file(found, found.message)
            return
        if (before := replies.sent_before(self.session, reply)) is not None:
            self._settle_copy(before)
            return
        position = fold(decisions.of(self.session, found.prospect.id)) if found.prospect else None
        verdict = self._verdict(found, position)
        reply.verdict = _as_table(verdict)
        if not reply.is_whole:
            is_large = reply.size > self.service.settings.limits.reply_octets
            reason = "too-large" if is_large else "not-handed-out"
            review.open_review(
                self.session, reply, reason, blocks=self._blocks(position), now=self.now
            )
        elif verdict.intent is Intent.AUTO_REPLY and verdict.automatic:
            self._rest(ReplyState.AUTOMATIC, verdict.reason)
        else:
            self._decide(found, position, verdict)

    def _settle_copy(self, before: ReplyRow) -> None:
        """Let a message that was decided on decide nothing again.

        Whoever sends an old yes once more, with its true signature, must not undo the withdrawal
        that followed; where the party spoke since, a person looks.
        """
        if replies.has_spoken_since(self.session, before):
            review.open_review(self.session, self.reply, "sent-again", blocks=False, now=self.now)
        else:
            self._rest(ReplyState.DUPLICATE, "seen-before")

    @staticmethod
    def _blocks(position: Position | None) -> bool:
        """Hold the name back while an unread answer of somebody on the list waits."""
        return position is not None and position.standing is Standing.SIGNED

    def _file(self, found: Match, letter: MessageRow) -> None:
        """File an addressee's answer; all that is read in it is whether a machine wrote it."""
        verdict = self._verdict(found, None)
        is_machine = verdict.intent is Intent.AUTO_REPLY and verdict.automatic
        answers.file(
            self.session,
            self.reply,
            letter,
            text=self.incoming.text,
            machine=verdict.reason if is_machine else None,
            now=self.now,
        )

    def _verdict(self, found: Match, position: Position | None) -> Verdict:
        plan = Plan.from_table(found.campaign.plan) if found.campaign else None
        account = self.service.account(self.reply.account)
        return reading.read(
            self.incoming,
            reading.Question(
                prospect=confirm.party(found),
                signed=position is not None and position.standing is Standing.SIGNED,
                sent=self._sent(found.quoted),
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

    def _decide(self, found: Match, position: Position | None, verdict: Verdict) -> None:
        reply, session = self.reply, self.session
        if found.campaign is None or found.prospect is None or position is None:
            review.open_review(session, reply, "unknown-sender", blocks=False, now=self.now)
            return
        campaign = campaigns.lock(session, found.campaign.id)
        plan = Plan.from_table(campaign.plan)
        situation = consent.Situation(
            verdict=verdict,
            sender=self.incoming.sender,
            received_at=reply.received_at,
            position=position,
            cutoff_at=plan.cutoff_at,
            is_frozen=freezes.current(session, campaign.id) is not None,
            accept_unproven=plan.accept_unproven,
            is_confirming=confirm.is_asked_in(found.message),
        )
        doubt = consent.doubt(situation)
        if doubt is not None:
            self._hold(campaign, found.prospect, verdict, doubt)
            return
        self._record(campaign, found, situation)

    def _hold(
        self, campaign: CampaignRow, prospect: ProspectRow, verdict: Verdict, doubt: consent.Doubt
    ) -> None:
        """Let the reply wait for a person; where the invited address can settle it, ask there."""
        held = review.open_review(
            self.session, self.reply, doubt.reason, blocks=doubt.blocks, now=self.now
        )
        if doubt.asks:
            confirm.ask(self.session, campaign, prospect, held, verdict.listings[0], now=self.now)

    def _record(self, campaign: CampaignRow, found: Match, situation: consent.Situation) -> None:
        """Let a rule decide."""
        reply, session, verdict = self.reply, self.session, situation.verdict
        assert found.prospect is not None  # noqa: S101 - nobody's word is a doubt
        act = situation.act
        assert act is not None  # noqa: S101 - a doubt stands in the way of everything else
        is_confirmed = situation.is_confirming and act is Act.SIGN
        reason = "confirmed" if is_confirmed else verdict.reason
        word = Word(
            act=act,
            listings=consent.listings(situation) if act in (Act.SIGN, Act.AMEND) else (),
            edition=decide.edition_answered(session, reply),
            received_at=reply.received_at,
            uid=reply.uid,
            sender=self.incoming.sender,
            by=f"rule:{reason}",
            reason=reason,
            reply_id=reply.id,
        )
        self._rest(ReplyState.DECIDED, reason)
        if verdict.intent is Intent.UNSUBSCRIBE or verdict.reason == "wants-off-the-list":
            self._unsubscribe(campaign, found.prospect, by=word.by)
        decide.apply(session, campaign, found.prospect.id, word, now=self.now)
        if situation.is_confirming and found.message is not None:
            confirm.settle(session, found.message, act, by=word.by, now=self.now)

    def _unsubscribe(self, campaign: CampaignRow, prospect: ProspectRow, *, by: str) -> None:
        """Ask neither the sender nor the invited address any more: about this letter, it said."""
        for address in {self.incoming.sender, prospect.email}:
            unsubscribe.stop(self.session, campaign, address, Scope.LETTER, by=by, now=self.now)


def _as_table(value: Any) -> dict[str, Any]:
    """Give a verdict or a report as JSON values."""
    return {key: _plain(one) for key, one in asdict(value).items()}


def _plain(value: object) -> object:
    if isinstance(value, tuple | list):
        return [_plain(one) for one in value]
    if isinstance(value, dict):
        return {key: _plain(one) for key, one in value.items()}
    return value
