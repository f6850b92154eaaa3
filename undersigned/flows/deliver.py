"""Deliver: hand what is due to the mail servers, and write down what each of them answered."""

import asyncio
from collections.abc import Sequence
from datetime import datetime, timedelta

from sqlalchemy.orm import Session

from undersigned import marks
from undersigned.domain.delivery import (
    CAUTIOUS,
    Answer,
    Outcome,
    Phase,
    Purpose,
    State,
    outcome,
    wait_after,
)
from undersigned.errors import UndersignedError
from undersigned.flows import prepare
from undersigned.flows.batch import ACCOUNT_REST, Batch, is_account_failure
from undersigned.service import Service
from undersigned.store import campaigns, journal, leases, troubles
from undersigned.store.leases import Claim, Settled

#: Bulk mail that was lost inside DATA is tried once more, under the same Message-ID; a server that
#: loses it again may have delivered it both times, so then a person looks.
LOST_TWICE = 2

#: What a server that refuses for good would say (RFC 5321); here no server was asked.
NOT_SENT = 554

BULK = frozenset(Purpose) - CAUTIOUS


class LostClaimError(UndersignedError):
    """Another worker holds the row, the gate is shut, or the letter was taken back."""


def deliver(service: Service) -> int:
    """Hand over everything that is due on every account; gives how many attempts were settled."""
    done = 0
    for account in service.settings.accounts.values():
        if account.smtp_host:
            done += _letters(service, account.name) + _bulk(service, account.name)
    return done


def _claim(service: Service, account: str, purposes: frozenset[Purpose], limit: int) -> list[Claim]:
    if service.stopping.is_set():
        return []
    limits, per_minute = service.settings.limits, service.account(account).smtp_per_minute
    with service.store.writing() as session:
        if per_minute:
            allowed = leases.allowance(session, account, per_minute=per_minute, now=service.now)
            limit = min(limit, allowed)
        if not limit:
            return []
        return leases.claim(
            session,
            account,
            purposes=purposes,
            owner=service.owner,
            now=service.now,
            lease=limits.lease,
            limit=limit,
        )


# Bulk mail: claimed in batches, sent over several connections, settled in small groups.


def _bulk(service: Service, account: str) -> int:
    done = 0
    limit = service.settings.limits.batch_rows
    while claims := _claim(service, account, BULK, limit):
        answered = _send_batch(service, account, claims)
        done += answered
        if answered < len(claims):  # the account rests, or we were asked to stop
            break
    return done


def _send_batch(service: Service, account: str, claims: Sequence[Claim]) -> int:
    marks.passed("deliver.claimed")
    prepared = prepare.ready(service, claims)
    marks.passed("deliver.composed")
    _refuse_unfit(service, prepared)
    batch = Batch(service, account, prepared.ready)
    for group in batch.groups():
        marks.passed("deliver.answered")
        _settle(
            service, account, [(row.claim, answer) for row, answer in group], still=batch.in_hand()
        )
        marks.passed("deliver.settled")
    batch.release()
    return len(batch.done) + len(prepared.unfit)


def _refuse_unfit(service: Service, prepared: prepare.Batch) -> None:
    """Settle what cannot be written as refused: a person is told, nothing is tried for ever."""
    unfit = [
        (claim, Answer(phase=Phase.MAIL, code=NOT_SENT, text=f"Not sent: {sentence}"))
        for claim, sentence in prepared.unfit
    ]
    if unfit:
        _settle(service, None, unfit)


# Letters: one at a time, marked before MAIL FROM.


def _letters(service: Service, account: str) -> int:
    done = 0
    while claims := _claim(service, account, CAUTIOUS, 1):
        answer = _send_letter(service, account, claims[0])
        done += answer is not None
        if answer is None or is_account_failure(answer):
            break
    return done


def _send_letter(service: Service, account: str, claim: Claim) -> Answer | None:
    """Send one letter; gives the answer, or None where the claim was lost and nothing was said."""
    prepared = prepare.ready(service, [claim])
    _refuse_unfit(service, prepared)
    if not prepared.ready:
        return Answer(phase=Phase.MAIL, code=NOT_SENT)
    found = prepared.ready
    pool = service.smtp(account)

    async def send() -> Answer:
        async with pool.connection() as connection:
            return await connection.send(found[0].envelope, before_mail=mark)

    async def mark() -> None:
        await asyncio.to_thread(_mark, service, claim)

    try:
        answer = service.submit(send()).result()
    except LostClaimError:
        return None
    marks.passed("letter.answered")
    _settle(service, account, [(claim, answer)])
    return answer


def _mark(service: Service, claim: Claim) -> None:
    with service.store.writing() as session:
        if not leases.mark(session, claim, owner=service.owner, now=service.now):
            raise LostClaimError("the claim on this letter was lost")
    marks.passed("letter.marked")


# What the server said, written down.


def _settle(
    service: Service,
    account: str | None,
    group: Sequence[tuple[Claim, Answer]],
    *,
    still: Sequence[Claim] = (),
) -> None:
    """Write a group of answers; `account` is the one whose server gave them, if any did.

    The leases of the rows that are `still` in hand are lengthened: a slow server may take longer
    over a batch than one lease lasts.
    """
    now = service.now
    settled = [_settled(claim, answer, now) for claim, answer in group]
    with service.store.writing() as session:
        leases.settle(session, settled, account=account, owner=service.owner, now=now)
        if still:
            until = now + service.settings.limits.lease
            leases.renew(session, still, owner=service.owner, until=until)
        for one in settled:
            if one.state in (State.REFUSED, State.UNCERTAIN):
                journal.write(
                    session,
                    one.state.value,
                    f"delivery:{one.claim.id}",
                    actor="deliver",
                    now=now,
                    campaign_id=campaigns.of_message(session, one.claim.message_id),
                    code=one.answer.code,
                    answer=one.answer.text,
                )
        if account is not None:
            _note_account(session, account, group[-1][1], now)


def _settled(claim: Claim, answer: Answer, now: datetime) -> Settled:
    """Give what an answer does to a delivery. An account's failure costs the message no attempt."""
    attempts = claim.attempts + (not is_account_failure(answer))
    result = outcome(answer)
    state, wait = _next(claim.purpose, result, attempts)
    if is_account_failure(answer):
        state, wait = State.QUEUED, ACCOUNT_REST
    return Settled(
        claim=claim,
        state=state,
        answer=answer,
        outcome=result,
        attempts=attempts,
        due_at=now + wait,
    )


def _next(purpose: Purpose, result: Outcome, attempts: int) -> tuple[State, timedelta]:
    if result is Outcome.ACCEPTED:
        return State.ACCEPTED, timedelta(0)
    if result is Outcome.REFUSED:
        return State.REFUSED, timedelta(0)
    if result is Outcome.LOST and (purpose in CAUTIOUS or attempts >= LOST_TWICE):
        return State.UNCERTAIN, timedelta(0)
    wait = wait_after(attempts, purpose)
    return (State.REFUSED, timedelta(0)) if wait is None else (State.QUEUED, wait)


def _note_account(session: Session, account: str, answer: Answer, now: datetime) -> None:
    key = f"smtp:{account}"
    if not is_account_failure(answer):
        troubles.mend(session, key)
        return
    said = f"{answer.code} {answer.text}" if answer.code else answer.text
    troubles.tell(
        session, key, f"{_REMEDIES[answer.phase].format(account=account)} ({said})", now=now
    )


_REMEDIES: dict[Phase, str] = {
    Phase.CONNECT: "The SMTP server of account {account} cannot be reached: nothing is lost, all "
    "mail waits. Check smtp_host and smtp_port, or wait until it is back.",
    Phase.EHLO: "The SMTP server of account {account} does not greet us: all mail waits. If it "
    "lasts, ask its administrator.",
    Phase.STARTTLS: "The SMTP server of account {account} offers no safe connection: all mail "
    "waits. Check smtp_security and its certificate.",
    Phase.AUTH: "The SMTP server of account {account} refuses our login: all mail waits. Correct "
    "smtp_username and smtp_password, then restart.",
}
