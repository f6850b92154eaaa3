"""Prepare: from a message's row to its bytes, written once and kept."""

import logging
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import undefer

from undersigned.domain.delivery import CAUTIOUS
from undersigned.errors import UndersignedError
from undersigned.flows import press
from undersigned.service import Service
from undersigned.store import messages
from undersigned.store.leases import Claim
from undersigned.store.tables import (
    MessageRow,
)
from undersigned.transport.envelope import DsnRequest, Envelope

log = logging.getLogger(__name__)


@dataclass(frozen=True, kw_only=True)
class Ready:
    """A claimed delivery with its message's bytes."""

    claim: Claim
    envelope: Envelope


@dataclass(frozen=True, kw_only=True)
class Batch:
    """Claimed deliveries, ready to be sent; and those that cannot be written."""

    ready: list[Ready]
    #: A claim, and the sentence that says why its message cannot be written.
    unfit: list[tuple[Claim, str]]


def ready(service: Service, claims: Sequence[Claim]) -> Batch:
    """Give the claimed deliveries with their bytes; those not composed yet are, and kept first.

    A message that cannot be written (a template asks for what a party has not) stops no other.
    """
    wanted = {claim.message_id for claim in claims}
    unfit: dict[int, str] = {}
    with service.store.reading() as session:
        letterpress = press.Press(service, session)
        rows = session.scalars(
            select(MessageRow).where(MessageRow.id.in_(wanted)).options(undefer(MessageRow.raw))
        ).all()
        letterpress.load([row for row in rows if row.raw is None])
        new: dict[int, bytes] = {}
        for row in rows:
            if row.raw is None:
                try:
                    new[row.id] = letterpress.compose(row)
                except SQLAlchemyError:
                    raise  # the database's fault, not the message's
                except UndersignedError as exc:
                    unfit[row.id] = str(exc)
                except Exception as exc:
                    log.exception("a message cannot be written", extra={"row": row.id})
                    unfit[row.id] = f"a fault of ours, please report it: {exc!r}"
        raw = {row.id: row.raw for row in rows if row.raw is not None} | new
        senders = {row.id: letterpress.envelope_sender(row) for row in rows}
        tokens = {row.id: row.token for row in rows}
        signed = {row.id: letterpress.signed(row, raw[row.id]) for row in rows if row.id in raw}
    if new:
        _keep(service, new)
    return Batch(
        ready=[
            Ready(
                claim=claim,
                envelope=Envelope(
                    sender=senders[claim.message_id],
                    recipient=claim.address,
                    message=signed[claim.message_id],
                    dsn=_report_request(claim, tokens[claim.message_id]),
                ),
            )
            for claim in claims
            if claim.message_id in raw
        ],
        unfit=[(claim, unfit[claim.message_id]) for claim in claims if claim.message_id in unfit],
    )


def _report_request(claim: Claim, token: str) -> DsnRequest | None:
    """Ask for delivery reports of letters, where the server offers them (RFC 3461)."""
    return DsnRequest(envelope_id=token) if claim.purpose in CAUTIOUS else None


def _keep(service: Service, composed: Mapping[int, bytes]) -> None:
    """Write the bytes before the first attempt; bytes that are there already stay."""
    with service.store.writing() as session:
        messages.keep(session, composed)
