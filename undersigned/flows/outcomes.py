"""Outcomes: what the servers answered, written down."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy.orm import Session

from undersigned.domain.delivery import (
    ACCOUNT_PHASES,
    CAUTIOUS,
    Answer,
    Outcome,
    Phase,
    Purpose,
    State,
    asks_for_rest,
    outcome,
    wait_after,
)
from undersigned.flows.insist import insist
from undersigned.service import Service
from undersigned.store import campaigns, journal, leases, notes, troubles
from undersigned.store.leases import Claim, Settled

#: How long an account rests after its server could not be reached or refused our login.
ACCOUNT_REST = timedelta(minutes=1)

#: Bulk mail that was lost inside DATA is tried once more, under the same Message-ID; a server that
#: loses it again may have delivered it both times, so then a person looks.
LOSSES_LIMIT = 2


def is_account_failure(answer: Answer) -> bool:
    """Say whether the conversation failed before it came to this message."""
    return answer.phase in ACCOUNT_PHASES


def rests(answer: Answer) -> bool:
    """Say whether nothing more goes out on the account for now."""
    return is_account_failure(answer) or asks_for_rest(answer)


@dataclass(frozen=True, kw_only=True)
class News:
    """What a batch learns when a group of its answers is written down."""

    #: The campaigns that are paused.
    paused: frozenset[int]
    #: Ids of the deliveries in hand whose claim is lost: others send them.
    lost: frozenset[int]
    #: The name of this database and epoch, and the number of its newest attempt.
    height: tuple[str, int]


def settle(
    service: Service,
    account: str | None,
    group: Sequence[tuple[Claim, Answer]],
    *,
    still: Sequence[Claim] = (),
) -> News:
    """Write a group of answers; `account` is the one whose server gave them, if any did.

    The leases of the rows that are `still` in hand are lengthened: a slow server may take longer
    over a batch than one lease lasts. Gives what stops a batch in its middle: a pause, or claims
    that were lost because the machine slept or its clock jumped. A database that restarts is asked
    until it takes the answers: they are known to nobody else.
    """
    now = service.now
    settled = [_settled(claim, answer, now) for claim, answer in group]

    def write(session: Session) -> News:
        held_yet = leases.settle(session, settled, account=account, now=now)
        told = [one for one in held_yet if one.state in (State.REFUSED, State.UNCERTAIN)]
        if len(held_yet) < len(settled):
            told += leases.settle_late(session, settled, now=now)
        for one in told:
            _enter(session, one, now)
        held: frozenset[int] = frozenset()
        if account is not None:
            lease = service.settings.limits.lease
            held = leases.renew(session, account, still, now=now, lease=lease)
            _note_account(session, account, group[-1][1], now)
        lost = frozenset(one.id for one in still) - held
        return News(paused=campaigns.paused(session), lost=lost, height=notes.height(session))

    news = insist(service, write)
    # A process that sent nothing lately cannot know by itself that an older state was put back.
    service.high_water.tell(*news.height)
    return news


def give_back(service: Service, claims: Sequence[Claim], *, rest: timedelta = timedelta(0)) -> None:
    """Put back rows for which nothing was said to a server; a worker takes them after the rest."""
    if claims:
        due_at = service.now + rest
        insist(service, lambda session: leases.release(session, claims, due_at=due_at))


def _enter(session: Session, one: Settled, now: datetime) -> None:
    """Enter into the journal what a person will ask about."""
    journal.write(
        session,
        one.state.value,
        f"delivery:{one.claim.id}",
        actor="deliver",
        now=now,
        campaign_id=one.claim.campaign_id,
        code=one.answer.code,
        answer=one.answer.text,
    )


def _settled(claim: Claim, answer: Answer, now: datetime) -> Settled:
    """Give what an answer does to a delivery. An account's failure costs the message no attempt."""
    attempts = claim.attempts + (not is_account_failure(answer))
    result = outcome(answer)
    losses = claim.losses + (result is Outcome.LOST)
    state, wait = _next(claim.purpose, result, attempts, losses)
    if is_account_failure(answer):
        state, wait = State.QUEUED, ACCOUNT_REST
    return Settled(
        claim=claim,
        state=state,
        answer=answer,
        outcome=result,
        attempts=attempts,
        losses=losses,
        due_at=now + wait,
    )


def _next(purpose: Purpose, result: Outcome, attempts: int, losses: int) -> tuple[State, timedelta]:
    if result is Outcome.ACCEPTED:
        return State.ACCEPTED, timedelta(0)
    if result is Outcome.REFUSED:
        return State.REFUSED, timedelta(0)
    if result is Outcome.LOST and (purpose in CAUTIOUS or losses >= LOSSES_LIMIT):
        return State.UNCERTAIN, timedelta(0)
    wait = wait_after(attempts, purpose)
    return (State.REFUSED, timedelta(0)) if wait is None else (State.QUEUED, wait)


def _note_account(session: Session, account: str, answer: Answer, now: datetime) -> None:
    key = f"smtp:{account}"
    if not rests(answer):
        troubles.mend(session, key)
        return
    said = f"{answer.code} {answer.text}" if answer.code else answer.text
    remedy = _REMEDIES[answer.phase] if is_account_failure(answer) else _SLOW_DOWN
    if answer.enhanced == "5.7.30":
        remedy = _NO_PASSWORDS
    troubles.tell(session, key, f"{remedy.format(account=account)} ({said})", now=now)


#: What Exchange Online answers where basic authentication is switched off (MC786329).
_NO_PASSWORDS = (
    "Microsoft 365 takes no password for sending any more: all mail of account {account} waits. "
    "Sign in with a token instead: `undersigned account add microsoft --name {account}`. Until "
    "then an administrator may allow SMTP AUTH with a password again for this mailbox."
)


_SLOW_DOWN = (
    "The SMTP server of account {account} asks us to send less: mail waits a minute and goes on. "
    "If it lasts, lower smtp_per_minute to what the provider allows."
)
_REMEDIES: dict[Phase, str] = {
    Phase.CONNECT: "The SMTP server of account {account} cannot be reached: nothing is lost, all "
    "mail waits. Check smtp_host and smtp_port, or wait until it is back.",
    Phase.EHLO: "The SMTP server of account {account} does not greet us: all mail waits. If it "
    "lasts, ask its administrator.",
    Phase.STARTTLS: "The SMTP server of account {account} offers no safe connection: all mail "
    "waits. Check smtp_security and its certificate.",
    Phase.AUTH: "The SMTP server of account {account} refuses our login: all mail waits. Correct "
    "smtp_username and smtp_password, then restart; `undersigned account test {account}` tries.",
}
