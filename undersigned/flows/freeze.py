"""Freeze: make the letter as it will leave, and undo that when its list is no longer true."""

import hashlib
import json
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from sqlalchemy.orm import Session

from undersigned import marks, resources
from undersigned.domain.campaign import Plan
from undersigned.errors import Refused, TemporaryFailure
from undersigned.flows import notify, press
from undersigned.flows.arrange import printed_list
from undersigned.service import Service
from undersigned.store import campaigns, freezes, journal, replies, troubles
from undersigned.store.tables import CampaignRow, FreezeRow
from undersigned.writing.letter_pdf import as_pdf
from undersigned.writing.printed import PrintedLetter

#: How long the mailbox may take to be read past the cut-off before coordinators are told.
FREEZE_PATIENCE = timedelta(minutes=10)


@dataclass(frozen=True, kw_only=True)
class Preview:
    """The letter as it stands now."""

    printed: PrintedLetter
    pdf: bytes


def preview(service: Service, name: str) -> Preview:
    """Give the letter as it stands now, in the form that all documents are made from."""
    with service.store.reading() as session:
        campaign = campaigns.get(session, name)
        plan = Plan.from_table(campaign.plan)
        text = press.letter(campaigns.edition(session, campaign.id))
        lines = printed_list(session, campaign)
    printed = press.printed_letter(text, lines, plan, salutation=text.salutation)
    return Preview(printed=printed, pdf=_pdf(service, printed))


def _pdf(service: Service, printed: PrintedLetter) -> bytes:
    folders = [service.settings.fonts] if service.settings.fonts else []
    return as_pdf(printed, _typst_template(service), font_folders=folders)


def _typst_template(service: Service) -> Path:
    """Give letter.typ, the operator's own first."""
    own = service.settings.templates
    mine = own / "letter" / "letter.typ" if own else None
    return mine if mine and mine.is_file() else resources.templates("letter") / "letter.typ"


# Freezing.


def freeze_due(service: Service) -> int:
    """Freeze every campaign whose cut-off has passed and that was never frozen; gives how many.

    Waits until the mailbox was read past the cut-off and until no reply that came before it waits
    for a person; says so as a trouble meanwhile.
    """
    with service.store.reading() as session:
        due = [
            campaign.name
            for campaign in campaigns.all_of(session)
            if campaign.opened_at is not None
            and Plan.from_table(campaign.plan).cutoff_at <= service.now
            and not freezes.count(session, campaign.id)
        ]
    return sum(_freeze_or_tell(service, name) for name in due)


def _freeze_or_tell(service: Service, name: str) -> bool:
    try:
        freeze(service, name, by="tick")
    except Refused as exc:
        _tell(service, name, str(exc), at_once=True)
        return False
    except TemporaryFailure as exc:
        service.announce("fetch")
        _tell(service, name, str(exc), at_once=False)
        return False
    return True


def _tell(service: Service, name: str, sentence: str, *, at_once: bool) -> None:
    """Show in the status why the freeze waits; tell the coordinators at once, or when it lasts."""
    now = service.now
    with service.store.writing() as session:
        campaign = campaigns.get(session, name)
        if freezes.count(session, campaign.id):  # another worker's tick was first
            return
        troubles.tell(session, f"freeze:{campaign.id}", sentence, now=now, campaign_id=campaign.id)
        if at_once or now - Plan.from_table(campaign.plan).cutoff_at > FREEZE_PATIENCE:
            notify.coordinators(
                session, campaign, f"freeze-waits:{campaign.id}", [sentence], now=now
            )


def freeze(service: Service, name: str, *, by: str, despite_reviews: bool = False) -> FreezeRow:
    """Make the letter as it will leave: text, list, addressees, documents and their digest.

    Raises `Refused` before the cut-off, when a freeze holds already, or while replies wait for a
    person (who may freeze `despite_reviews`); `TemporaryFailure` while the mailbox was not read
    past the cut-off.
    """
    now = service.now
    with service.store.reading() as session:
        manifest, printed, edition_id = _manifest(
            session, campaigns.get(session, name), now, despite_reviews=despite_reviews
        )
    pdf = _pdf(service, printed)  # half a second: not inside a transaction
    manifest["documents"] = {"letter.pdf": hashlib.sha256(pdf).hexdigest()}
    with service.store.writing() as session:
        campaign = campaigns.lock(session, campaigns.get(session, name).id)
        if manifest["list"] != printed_list(session, campaign):
            raise Refused("The list changed while the letter was being frozen: freeze it again.")
        if freezes.lock_current(session, campaign.id) is not None:
            raise Refused(f"{name} is frozen already. `undersigned dispatch status` shows it.")
        row = FreezeRow(
            campaign_id=campaign.id,
            edition_id=edition_id,
            number=freezes.count(session, campaign.id) + 1,
            manifest=manifest,
            digest=digest(manifest),
            pdf=pdf,
            frozen_at=now,
            frozen_by=by,
        )
        session.add(row)
        session.flush()
        marks.passed("freeze.made")
        troubles.mend(session, f"freeze:{campaign.id}")
        journal.write(
            session,
            "froze",
            f"freeze:{row.number}",
            actor=by,
            now=now,
            campaign_id=campaign.id,
            digest=row.digest,
            counts={kind: len(lines) for kind, lines in manifest["list"].items()},
        )
        return row


def digest(manifest: dict[str, Any]) -> str:
    """Give the SHA-256 of a manifest's canonical JSON, hexadecimal."""
    text = json.dumps(manifest, sort_keys=True, ensure_ascii=False, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()


def _manifest(
    session: Session, campaign: CampaignRow, now: datetime, *, despite_reviews: bool
) -> tuple[dict[str, Any], PrintedLetter, int]:
    plan = Plan.from_table(campaign.plan)
    _refuse_early(session, campaign, plan, now, despite_reviews=despite_reviews)
    edition = campaigns.edition(session, campaign.id)
    text = press.letter(edition)
    lines = printed_list(session, campaign)
    manifest: dict[str, Any] = {
        "campaign": campaign.name,
        "edition": edition.number,
        "letter": edition.digest,
        "list": lines,
        "addressees": [
            {
                "code": row.code,
                "mission": row.mission,
                "to": row.to,
                "cc": row.cc,
                "salutation": row.salutation or text.salutation,
            }
            for row in campaigns.addressees(session, campaign.id)
        ],
        "templates": _template_digests(),
    }
    printed = press.printed_letter(text, lines, plan, salutation=text.salutation)
    return manifest, printed, edition.id


def _refuse_early(
    session: Session, campaign: CampaignRow, plan: Plan, now: datetime, *, despite_reviews: bool
) -> None:
    if now < plan.cutoff_at:
        raise Refused(
            f"The list is open until {plan.cutoff_at:%Y-%m-%d %H:%M} UTC: freeze it after that."
        )
    watermark = replies.watermark(session, campaign.account)
    if watermark is None or watermark < plan.cutoff_at:
        raise TemporaryFailure(
            "The mailbox has not been read completely since the cut-off: a yes may lie in it. "
            "The freeze waits; `undersigned status` says what keeps the mailbox from being read."
        )
    if unread := replies.waiting(session, campaign.account, plan.cutoff_at):
        raise TemporaryFailure(
            f"{unread} replies from before the cut-off are being read: the freeze waits."
        )
    waiting = [one for one in replies.open_reviews(session, campaign.id) if one.campaign_id]
    if waiting and not despite_reviews:
        raise Refused(
            f"{len(waiting)} replies wait for a person: settle them with `undersigned review`, or "
            "freeze without them by `undersigned letter freeze --despite-reviews`."
        )


def _template_digests() -> dict[str, str]:
    folder = resources.root() / "templates"
    return {
        str(path.relative_to(folder)): hashlib.sha256(path.read_bytes()).hexdigest()
        for kind in ("letter", "email/letter-to-mission", "email/_base")
        for path in sorted((folder / kind).rglob("*"))
        if path.is_file()
    }
