"""Weigh: find out what becomes of replies, and settle several of them in one transaction.

None of those that are settled together can change what is made of another: they concern different
parties and different addresses, and while a letter is frozen each is settled alone.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields, is_dataclass
from typing import Any

from undersigned import marks
from undersigned.domain import consent
from undersigned.domain.decision import Act, Position
from undersigned.domain.party import Standing
from undersigned.domain.reply import ReplyState
from undersigned.domain.suppression import Scope
from undersigned.domain.verdict import Intent, Verdict
from undersigned.flows import answers, confirm, decide, report, review, unsubscribe
from undersigned.flows.match import Match
from undersigned.flows.sitting import Basis, Sitting, apart, verdict
from undersigned.flows.unfold import Unfolded
from undersigned.flows.word import Word
from undersigned.service import Service
from undersigned.store import erasure, messages, replies
from undersigned.store.tables import CampaignRow, MessageRow, ProspectRow, ReplyRow


@dataclass(frozen=True, kw_only=True)
class Ahead:
    """What was made of a reply before the transaction in which it is settled."""

    basis: Basis
    #: None where none may be needed: our own mail, a delivery report.
    verdict: Verdict | None
    #: What it has to do with; see `match.Known.touched`.
    touched: set[str | int]


def ahead(service: Service, several: Sequence[Unfolded]) -> dict[int, Ahead]:
    """Read replies while nobody waits for us, by their ids; `settle` asks whether it still holds.

    Reading takes longer than all else, and while a transaction writes, others wait.
    """
    with service.store.reading() as session:
        sitting = Sitting(service, session, several)
        sitting.look_up()
        bases = {one.id: sitting.basis(sitting.matches[one.id]) for one in several}
        raws = messages.raws(session, {one.quoted_id for one in bases.values() if one.quoted_id})
        touched = {one.id: sitting.known.touched(one) for one in several}
        ours = {one.id for one in several if sitting.known.is_ours(one)}
    found: dict[int, Ahead] = {}
    for one in several:
        basis, read = bases[one.id], None
        if one.id not in ours and one.report is None:
            read = verdict(service, one, basis, raws.get(basis.quoted_id or 0))
        found[one.id] = Ahead(basis=basis, verdict=read, touched=touched[one.id])
    return found


def settle(service: Service, several: Sequence[Unfolded], read: Mapping[int, Ahead]) -> int:
    """Settle the first of the replies, as many as may be settled together; gives how many."""
    several = several[: apart([read[one.id].touched for one in several])]
    with service.store.writing() as session:
        rows = replies.lock_all(session, [one.id for one in several])
        sitting = Sitting(service, session, several)
        sitting.hold()
        sitting.look_up()
        together = sitting.together()
        waiting = [one for one in together if rows[one.id].state == ReplyState.KEPT]
        twins = replies.twins(session, [rows[one.id] for one in waiting])
        for one in waiting:
            _Reader(sitting, rows[one.id], one, read[one.id], twin=twins.get(one.id)).settle()
            rows[one.id].owner = rows[one.id].lease_until = None
        sitting.decide()
        session.flush()
        marks.passed("read.decided")
    return len(together)


class _Reader:
    """Settles one reply of a sitting."""

    def __init__(
        self,
        sitting: Sitting,
        reply: ReplyRow,
        one: Unfolded,
        ahead: Ahead,
        *,
        twin: ReplyRow | None,
    ) -> None:
        self.sitting = sitting
        self.session = sitting.session
        self.now = sitting.now
        self.reply = reply
        self.one = one
        self.incoming = one.incoming
        self.twin = twin
        self.ahead = ahead

    def settle(self) -> None:
        """Find out what the reply is, in the order in which the answers matter."""
        reply, incoming = self.reply, self.incoming
        if reply.keys is None:
            reply.keys = {}  # it names none
        reply.sender = incoming.sender
        reply.sender_name = incoming.sender_name or None
        reply.title = incoming.subject
        reply.mail_id = incoming.message_id
        if self.twin is not None:
            self._rest(ReplyState.DUPLICATE, "seen-before")
            if self.twin.reason == erasure.ERASED:  # the mailbox gave it once more
                erasure.replies(self.session, [reply.id], now=self.now, by="read")
        elif self.sitting.known.is_ours(self.one):
            self._rest(ReplyState.OWN, "our-own-mail")
        elif not self._is_report():
            self._settle_answer(self.sitting.matches[reply.id])

    def _rest(self, state: ReplyState, reason: str) -> None:
        self.reply.state, self.reply.reason = state, reason

    def _is_report(self) -> bool:
        """Settle a delivery report about a message of ours."""
        found = self.one.report
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
        if (before := self._sent_before()) is not None:
            self._settle_copy(before)
            return
        position = self.sitting.position(found)
        verdict = self._verdict(self.sitting.basis(found))
        reply.verdict = _as_table(verdict)
        if not reply.is_whole:
            is_large = reply.size > self.sitting.service.settings.limits.reply_octets
            reason = "too-large" if is_large else "not-handed-out"
            review.open_review(
                self.session, reply, reason, blocks=self._blocks(position), now=self.now
            )
        elif verdict.intent is Intent.AUTO_REPLY and verdict.automatic:
            self._rest(ReplyState.AUTOMATIC, verdict.reason)
        else:
            self._decide(found, position, verdict)

    def _sent_before(self) -> ReplyRow | None:
        """Give the row by which the same message of the party was decided on."""
        key = (self.reply.prospect_id, self.reply.mail_id)
        return (
            replies.sent_before(self.session, self.reply) if key in self.sitting.decided else None
        )

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
        verdict = self._verdict(self.sitting.basis(found))
        is_machine = verdict.intent is Intent.AUTO_REPLY and verdict.automatic
        answers.file(
            self.session,
            self.reply,
            letter,
            text=self.incoming.text,
            machine=verdict.reason if is_machine else None,
            now=self.now,
        )

    def _verdict(self, basis: Basis) -> Verdict:
        """Give the verdict that was given ahead, or a new one where it rested on another basis."""
        if self.ahead.verdict is not None and basis == self.ahead.basis:
            return self.ahead.verdict
        return verdict(self.sitting.service, self.one, basis, self.sitting.sent(basis))

    def _decide(self, found: Match, position: Position | None, verdict: Verdict) -> None:
        reply, session = self.reply, self.session
        if found.campaign is None or found.prospect is None or position is None:
            review.open_review(session, reply, "unknown-sender", blocks=False, now=self.now)
            return
        plan = self.sitting.plans[found.campaign.id]
        situation = consent.Situation(
            verdict=verdict,
            sender=self.incoming.sender,
            received_at=reply.received_at,
            position=position,
            cutoff_at=plan.cutoff_at,
            is_frozen=found.campaign.id in self.sitting.frozen,
            accept_unproven=plan.accept_unproven,
            is_confirming=confirm.is_asked_in(found.message),
        )
        doubt = consent.doubt(situation)
        if doubt is not None:
            self._hold(found.campaign, found.prospect, verdict, doubt)
            return
        self._record(found.campaign, found, situation)

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
            uidvalidity=reply.uidvalidity,
            uid=reply.uid,
            sender=self.incoming.sender,
            by=f"rule:{reason}",
            reason=reason,
            reply_id=reply.id,
        )
        self._rest(ReplyState.DECIDED, reason)
        if verdict.intent is Intent.UNSUBSCRIBE or verdict.reason == "wants-off-the-list":
            self._unsubscribe(campaign, found.prospect, by=word.by)
        if situation.is_confirming and found.message is not None:
            decide.apply(session, campaign, found.prospect.id, word, now=self.now)
            confirm.settle(session, found.message, act, by=word.by, now=self.now)
        else:
            self.sitting.words[campaign.id][found.prospect.id] = word

    def _unsubscribe(self, campaign: CampaignRow, prospect: ProspectRow, *, by: str) -> None:
        """Ask neither the sender nor the invited address any more: about this letter, it said."""
        for address in {self.incoming.sender, prospect.email}:
            unsubscribe.stop(self.session, campaign, address, Scope.LETTER, by=by, now=self.now)


def _as_table(value: Any) -> dict[str, Any]:
    """Give a verdict or a report as JSON values."""
    return {one.name: _plain(getattr(value, one.name)) for one in fields(value)}


def _plain(value: object) -> object:
    if isinstance(value, tuple | list):
        return [_plain(one) for one in value]
    return _as_table(value) if is_dataclass(value) else value
