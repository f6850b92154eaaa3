"""Loop-back: a mail to ourselves, sent by SMTP and found by IMAP, and what the way did to it."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session, undefer

from undersigned import reading
from undersigned.domain import addresses
from undersigned.domain.campaign import Plan
from undersigned.domain.delivery import Purpose, State
from undersigned.domain.findings import Line, unwell, well
from undersigned.flows import deliver, mint, read, receive
from undersigned.reading import Incoming
from undersigned.service import Service
from undersigned.store import campaigns, messages
from undersigned.store.tables import DeliveryRow, MessageRow, ReplyRow

#: Between two looks into the mailbox, and how many: a provider files mail to itself in a minute.
PAUSE = timedelta(seconds=3)
LOOKS = 20
#: A clock that is further off than this dates mail so that filters distrust it.
DRIFT = timedelta(minutes=5)


@dataclass(frozen=True, kw_only=True)
class Trip:
    """What the mail that went round met with."""

    lines: list[Line]
    #: The mail as it came back; None where it did not.
    arrived: Incoming | None


def go_round(service: Service, name: str, plan: Plan) -> Trip:
    """Send a mail to the address that answers come to, and read it there."""
    sent = _send(service, name, plan)
    deliver.deliver(service)
    accepted = _accepted(service, sent)
    if not accepted.is_well:
        return Trip(lines=[accepted], arrived=None)
    found = _found(service, sent)
    if found is None:
        return Trip(lines=[accepted, _lost(plan, sent)], arrived=None)
    how = "tag and all" if plan.tagged else "without a tag, as campaign.toml has it"
    came = well("loop-back", f"A mail to ourselves came back, {how}.")
    arrived = reading.parse(found.raw)
    lines = [accepted, came, *_arrived(service, plan, sent, arrived)]
    return Trip(lines=[*lines, _clock(service, found)], arrived=arrived)


def _lost(plan: Plan, sent: "Sent") -> Line:
    to = plan.answers_to(sent.token)
    said = f"A mail to {to} did not come into the mailbox of account {sent.account}."
    if not plan.tagged:
        return unwell("loop-back", f"{said} Is it that address's? Answers would be lost.")
    return unwell(
        "loop-back",
        f"{said} Does that mailbox get mail for addresses with a plus sign? If not, turn it on at "
        "the provider, or set tagged = false under [sender] in campaign.toml: answers are then "
        "known by the message that they answer.",
    )


@dataclass(frozen=True, kw_only=True)
class Sent:
    """The mail that goes round."""

    id: int
    token: str
    message_id: str
    account: str


def _send(service: Service, name: str, plan: Plan) -> Sent:
    now = service.now
    with service.store.writing() as session:
        campaign = campaigns.get(session, name)
        subject = f"preflight:{campaign.id}"
        message = mint.message(
            campaign,
            Purpose.NOTICE,
            subject,
            number=messages.next_round(session, Purpose.NOTICE, subject),
            template="loop-back",
            now=now,
            facts={"campaign": name},
        )
        to = plan.answers_to(message.token)
        messages.add(session, message, account=campaign.account, to=[to], due_at=now)
        return Sent(
            id=message.id,
            token=message.token,
            message_id=message.message_id,
            account=campaign.account,
        )


def _accepted(service: Service, sent: Sent) -> Line:
    with service.store.reading() as session:
        row = session.scalars(select(DeliveryRow).where(DeliveryRow.message_id == sent.id)).one()
    if row.state == State.ACCEPTED:
        return well("sending", f"Account {sent.account} sends.")
    answer = f"{row.code or ''} {row.answer or 'nothing yet'}".strip()
    said = f"Account {sent.account} does not send ({answer}): `undersigned status` says what to do."
    return unwell("sending", said)


def _found(service: Service, sent: Sent) -> ReplyRow | None:
    """Poll until the mail has come, a minute at most."""
    for _ in range(LOOKS):
        receive.receive(service)
        read.read_kept(service)
        with service.store.reading() as session:
            title = _title(session, sent)
            query = select(ReplyRow).where(
                ReplyRow.account == sent.account, ReplyRow.title == title
            )
            rows = session.scalars(
                query.order_by(ReplyRow.id.desc()).options(undefer(ReplyRow.raw)).limit(LOOKS)
            ).all()
        for row in rows:
            if sent.token.encode() in row.raw:
                return row
        if service.stopping.wait(PAUSE.total_seconds()):
            return None
    return None


def _title(session: Session, sent: Sent) -> str:
    row = session.get_one(MessageRow, sent.id, options=[undefer(MessageRow.raw)])
    return reading.parse(row.raw or b"").subject


def _arrived(service: Service, plan: Plan, sent: Sent, incoming: Incoming) -> Iterator[Line]:
    """Say what the way did to the mail."""
    changed = [
        what
        for what, is_same in (
            ("Message-ID", incoming.message_id == sent.message_id),
            (addresses.OWN_ID_HEADER, sent.token in incoming.own_ids),
            ("From", incoming.sender == addresses.normalize(plan.sender_address)),
        )
        if not is_same
    ]
    said = f"The provider rewrote {', '.join(changed)}; answers are still known by their address."
    if "From" in changed:
        said = f"The provider sends as {incoming.sender}: let it send as {plan.sender_address}."
    yield Line(
        what="headers",
        is_well="From" not in changed,
        said=said if changed else "They came as they were sent.",
    )
    yield _authserv(service, sent.account, reading.authserv_id(incoming))


def _clock(service: Service, row: ReplyRow) -> Line:
    drift = abs(row.received_at - service.now)
    if drift < DRIFT:
        return well("clock", "It agrees with the mailbox's.")
    return unwell(
        "clock",
        f"It differs from the mailbox's by {drift}: set the clock of this machine (NTP).",
    )


def _authserv(service: Service, account: str, named: str | None) -> Line:
    """Say how the mailbox's own server names itself where it says what it checked (RFC 8601)."""
    trusted = service.account(account).authserv_ids
    if named is None and trusted:
        said = f"The mailbox wrote no verdict on this mail; {', '.join(trusted)} is trusted."
        return well("authserv-id", said)
    if named is None:
        said = (
            "The mailbox writes no verdicts: an answer counts by its DKIM signature, or is asked "
            "about at the invited address. Nothing is to be done."
        )
        return well("authserv-id", said)
    if named in trusted:
        return well("authserv-id", f"{named} is trusted.")
    said = (
        f"The mailbox's server calls itself {named}, and the settings do not trust it. If that is "
        f'your provider\'s own, write authserv_ids = ["{named}"] under [accounts.{account}].'
    )
    return unwell("authserv-id", said)
