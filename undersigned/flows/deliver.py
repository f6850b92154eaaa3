"""Deliver: hand what is due to the mail servers, and write down what each of them answered."""

import asyncio
import contextlib
import secrets
from collections.abc import Iterator, Sequence
from datetime import timedelta

from undersigned import marks
from undersigned.domain.delivery import CAUTIOUS, Answer, Phase, Purpose
from undersigned.errors import DatabaseAwayError, UndersignedError
from undersigned.flows import outcomes, prepare, sign, witness
from undersigned.flows.batch import Batch
from undersigned.flows.insist import insist
from undersigned.flows.lines import Lines
from undersigned.flows.outcomes import rests
from undersigned.service import Service
from undersigned.store import leases, quota
from undersigned.store.leases import Claim

#: What a server that refuses for good would say (RFC 5321); here no server was asked.
NOT_SENT = 554

BULK = frozenset(Purpose) - CAUTIOUS

#: A wake-up that finds all connections taken looks once more after this long: who holds them may
#: have looked for rows an instant before ours came.
SECOND_LOOK = timedelta(milliseconds=200)


class LostClaimError(UndersignedError):
    """Another worker holds the row, the gate is shut, or the letter was taken back."""


def deliver(service: Service) -> int:
    """Hand over everything that is due on every account; gives how many attempts were settled."""
    return sum(
        _empty(service, account.name)
        for account in service.settings.accounts.values()
        if account.smtp_host
    )


def _empty(service: Service, account: str) -> int:
    """Hand over what is due on one account, until nothing is or the rest must wait."""
    done, waited = 0, False
    while _is_due(service, account) and witness.may_send(service, account):
        with Lines(service, account) as lines:
            sent = _hand_over(service, lines) if lines.count else 0
        done += sent
        if lines.count and not sent:
            break
        if not lines.count:  # others send; they may have looked just before our rows came
            if waited:
                break
            waited = True
            service.stopping.wait(SECOND_LOOK.total_seconds())
    witness.follow(service, account)
    return done


def _is_due(service: Service, account: str) -> bool:
    if service.stopping.is_set() or sign.trouble(service, account) is not None:
        return False
    with service.store.reading() as session:
        return leases.is_due(session, account, service.now)


def _hand_over(service: Service, lines: Lines) -> int:
    """Send letters first, and between two batches of bulk mail."""
    done = _letters(service, lines)
    limit = service.settings.limits.batch_rows
    while claims := _claim(service, lines.account, BULK, limit):
        answered = _send_batch(service, lines, claims)
        done += answered
        if answered < len(claims) or not lines.keep():
            break  # the account rests, we were asked to stop, or our lines are others' now
        witness.follow(service, lines.account)
        if not witness.may_send(service, lines.account):
            break
        lines.widen()
        done += _letters(service, lines)
    return done


def _claim(service: Service, account: str, purposes: frozenset[Purpose], limit: int) -> list[Claim]:
    if service.stopping.is_set():
        return []
    owner = f"{service.owner}:{secrets.token_hex(4)}"
    try:
        return _claim_as(service, owner, account, purposes, limit)
    except DatabaseAwayError:
        # The database may have taken the claim and lost its answer: nobody knows the rows' ids.
        now = service.now
        insist(service, lambda session: leases.release_all(session, owner, due_at=now))
        raise


def _claim_as(
    service: Service, owner: str, account: str, purposes: frozenset[Purpose], limit: int
) -> list[Claim]:
    limits, lease = service.account(account).limits, service.settings.limits.lease
    spacing = timedelta(0) if purposes <= CAUTIOUS else service.account(account).domain_spacing
    known = witness.height(service)
    with service.store.writing() as session:
        if witness.is_older(session, service, account, known=known):
            return []  # put back since we looked; the next look tells
        allowed = quota.allowance(
            session, account, purposes=purposes, limits=limits, now=service.now
        )
        limit = limit if allowed is None else min(limit, allowed)
        if not limit:
            return []
        if spacing:
            quota.hold(session, account)
        return leases.claim(
            session,
            account,
            purposes=purposes,
            owner=owner,
            now=service.now,
            lease=lease,
            limit=limit,
            spacing=spacing,
        )


@contextlib.contextmanager
def _given_back(service: Service, claims: Sequence[Claim]) -> Iterator[None]:
    """Put the rows back if the block fails, whatever the reason: nothing was said to a server."""
    try:
        yield
    except BaseException:
        outcomes.give_back(service, claims)
        raise


# Bulk mail: claimed in batches, sent over several connections, settled in small groups.


def _send_batch(service: Service, lines: Lines, claims: Sequence[Claim]) -> int:
    marks.passed("deliver.claimed")
    with _given_back(service, claims):
        prepared = prepare.ready(service, claims)
        marks.passed("deliver.composed")
        _refuse_unfit(service, prepared)
    batch = Batch(service, lines, prepared.ready)
    try:
        for group in batch.groups():
            marks.passed("deliver.answered")
            settled = [(row.claim, answer) for row, answer in group]
            news = outcomes.settle(service, lines.account, settled, still=batch.in_hand())
            marks.passed("deliver.settled")
            batch.heed(news)
            if not lines.keep():
                break
    finally:
        batch.end()
    return len(batch.done) + len(prepared.unfit)


def _refuse_unfit(service: Service, prepared: prepare.Batch) -> None:
    """Settle what cannot be written as refused: a person is told, nothing is tried for ever."""
    unfit = [
        (claim, Answer(phase=Phase.MAIL, code=NOT_SENT, text=f"Not sent: {sentence}"))
        for claim, sentence in prepared.unfit
    ]
    if unfit:
        outcomes.settle(service, None, unfit)


# Letters: one at a time, marked before MAIL FROM.


def _letters(service: Service, lines: Lines) -> int:
    done = 0
    while lines.keep() and (claims := _claim(service, lines.account, CAUTIOUS, 1)):
        answer = _send_letter(service, lines.account, claims[0])
        done += answer is not None
        if answer is None or rests(answer):
            break
    return done


def _send_letter(service: Service, account: str, claim: Claim) -> Answer | None:
    """Send one letter; gives the answer, or None where the claim was lost and nothing was said."""
    with _given_back(service, [claim]):
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
        outcomes.give_back(service, [claim])  # the gate is shut, unless another holds it
        return None
    except DatabaseAwayError:
        # The mark failed, so nothing was said; whether it was committed the database alone knows.
        outcomes.give_back(service, [claim])
        raise
    marks.passed("letter.answered")
    outcomes.settle(service, account, [(claim, answer)])
    marks.passed("letter.settled")
    return answer


def _mark(service: Service, claim: Claim) -> None:
    with service.store.writing() as session:
        if not leases.mark(session, claim, now=service.now):
            raise LostClaimError("the claim on this letter was lost")
    marks.passed("letter.marked")
