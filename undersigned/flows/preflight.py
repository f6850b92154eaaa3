"""Preflight: show before the first invitation that answers will be found and mail be believed."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session, undefer

from undersigned import reading
from undersigned.domain import addresses
from undersigned.domain.campaign import Plan
from undersigned.domain.delivery import Purpose, State
from undersigned.errors import Refused, UndersignedError
from undersigned.flows import deliver, mint, press, read, receive
from undersigned.service import Service
from undersigned.store import campaigns, messages, prospects
from undersigned.store.tables import CampaignRow, DeliveryRow, MessageRow, ReplyRow

#: Between two looks into the mailbox, and how many: a provider files mail to itself in a minute.
PAUSE = timedelta(seconds=3)
LOOKS = 20
#: A clock that is further off than this dates mail so that filters distrust it.
DRIFT = timedelta(minutes=5)


@dataclass(frozen=True, kw_only=True)
class Line:
    """One thing that was looked at."""

    what: str
    is_well: bool
    #: What was found, and where it is not well what to do.
    said: str


def preflight(service: Service, name: str) -> list[Line]:
    """Look at everything that stands between an invitation and its answer; sends one mail to us."""
    with service.store.reading() as session:
        campaign = campaigns.get(session, name)
        plan = Plan.from_table(campaign.plan)
        lines = [_templates(service, session, campaign), _dmarc(service, plan)]
        if campaign.paused_at is not None:
            raise Refused(f"{name} is paused, so no mail can go round: `undersigned resume` first.")
    return [*lines, *_loop_back(service, name, plan)]


def _templates(service: Service, session: Session, campaign: CampaignRow) -> Line:
    """Write every invitation, and send none."""
    letterpress = press.Press(service, session)
    edition = campaigns.edition(session, campaign.id)
    rows = prospects.of(session, campaign.id)
    unfit: list[str] = []
    for row in rows:
        message = mint.message(
            campaign,
            Purpose.INVITATION,
            f"prospect:{row.id}",
            template="invitation",
            now=service.now,
            language=row.language,
            prospect_id=row.id,
            edition_id=edition.id,
        )
        try:
            letterpress.compose(message, to=[row.email])
        except UndersignedError as exc:
            unfit.append(f"{row.name}: {exc}")
    if unfit:
        said = f"{len(unfit)} of {len(rows)} invitations cannot be written. {unfit[0]}"
        return Line(what="invitations", is_well=False, said=said)
    return Line(what="invitations", is_well=True, said=f"All {len(rows)} can be written.")


def _dmarc(service: Service, plan: Plan) -> Line:
    """Ask whether the domain in From tells servers what to make of it (RFC 7489 §6.6.3)."""
    domain = addresses.domain(plan.sender_address)
    names = dict.fromkeys([domain, addresses.organizational_domain(domain)])
    found = service.find_keys(tuple(f"_dmarc.{one}" for one in names))
    record = next((one for one in found.values() if one.startswith(b"v=DMARC1")), None)
    if record is not None:
        text = record.decode("ascii", "replace")
        return Line(what="DMARC", is_well=True, said=f"{domain} publishes {text}.")
    return Line(
        what="DMARC",
        is_well=False,
        said=f"{domain} publishes no DMARC record: Gmail, Yahoo and Microsoft ask for one. Let its "
        f'administrator add at _dmarc.{domain} the TXT record "v=DMARC1; p=none".',
    )


def _loop_back(service: Service, name: str, plan: Plan) -> Iterator[Line]:
    """Send a mail to the address that answers come to, and read it there."""
    sent = _send(service, name, plan)
    deliver.deliver(service)
    yield (accepted := _accepted(service, sent))
    if not accepted.is_well:
        return
    found = _found(service, sent)
    if found is None:
        to = addresses.tagged(plan.reply_address, sent.token)
        said = (
            f"A mail to {to} did not come into the mailbox of account {sent.account}. Does that "
            "mailbox get mail for addresses with a plus sign? If not, turn it on at the provider; "
            "answers would be lost."
        )
        yield Line(what="loop-back", is_well=False, said=said)
        return
    yield Line(what="loop-back", is_well=True, said="A mail to ourselves came back, tag and all.")
    yield from _arrived(service, plan, sent, found)


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
        message = mint.message(
            campaign,
            Purpose.NOTICE,
            f"preflight:{campaign.id}:{now.isoformat()}",
            template="loop-back",
            now=now,
            facts={"campaign": name},
        )
        to = addresses.tagged(plan.reply_address, message.token)
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
        return Line(what="sending", is_well=True, said=f"Account {sent.account} sends.")
    answer = f"{row.code or ''} {row.answer or 'nothing yet'}".strip()
    said = f"Account {sent.account} does not send ({answer}): `undersigned status` says what to do."
    return Line(what="sending", is_well=False, said=said)


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


def _arrived(service: Service, plan: Plan, sent: Sent, row: ReplyRow) -> Iterator[Line]:
    """Say what the way did to the mail."""
    incoming = reading.parse(row.raw)
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
    drift = abs(row.received_at - service.now)
    yield Line(
        what="clock",
        is_well=drift < DRIFT,
        said="It agrees with the mailbox's."
        if drift < DRIFT
        else f"It differs from the mailbox's by {drift}: set the clock of this machine (NTP).",
    )


def _authserv(service: Service, account: str, named: str | None) -> Line:
    """Say how the mailbox's own server names itself where it says what it checked (RFC 8601)."""
    trusted = service.account(account).authserv_ids
    if named is None and trusted:
        said = f"The mailbox wrote no verdict on this mail; {', '.join(trusted)} is trusted."
        return Line(what="authserv-id", is_well=True, said=said)
    if named is None:
        said = (
            "The mailbox writes no verdicts: an answer counts by its DKIM signature, or is asked "
            "about at the invited address. Nothing is to be done."
        )
        return Line(what="authserv-id", is_well=True, said=said)
    if named in trusted:
        return Line(what="authserv-id", is_well=True, said=f"{named} is trusted.")
    said = (
        f"The mailbox's server calls itself {named}, and the settings do not trust it. If that is "
        f'your provider\'s own, write authserv_ids = ["{named}"] under [accounts.{account}].'
    )
    return Line(what="authserv-id", is_well=False, said=said)
