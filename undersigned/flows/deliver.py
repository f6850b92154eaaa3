"""Deliver: hand what is due to the mail servers, and write down what each of them answered."""

import asyncio
import contextlib
import secrets
from collections.abc import Iterator, Sequence

from undersigned import marks
from undersigned.domain.delivery import CAUTIOUS, Answer, Phase, Purpose
from undersigned.errors import DatabaseAwayError, UndersignedError
from undersigned.flows import outcomes, prepare
from undersigned.flows.batch import Batch
from undersigned.flows.insist import insist
from undersigned.flows.outcomes import is_account_failure
from undersigned.service import Service
from undersigned.store import leases
from undersigned.store.leases import Claim

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
            owner=owner,
            now=service.now,
            lease=limits.lease,
            limit=limit,
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
    with _given_back(service, claims):
        prepared = prepare.ready(service, claims)
        marks.passed("deliver.composed")
        _refuse_unfit(service, prepared)
    batch = Batch(service, account, prepared.ready)
    try:
        for group in batch.groups():
            marks.passed("deliver.answered")
            settled = [(row.claim, answer) for row, answer in group]
            paused = outcomes.settle(service, account, settled, still=batch.in_hand())
            batch.hold_back(paused)
            marks.passed("deliver.settled")
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
    return answer


def _mark(service: Service, claim: Claim) -> None:
    with service.store.writing() as session:
        if not leases.mark(session, claim, now=service.now):
            raise LostClaimError("the claim on this letter was lost")
    marks.passed("letter.marked")
