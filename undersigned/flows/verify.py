"""Verify: show that the letters are what their manifest says, from the manifest alone."""

import json
import tempfile
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session, undefer

from undersigned.domain.delivery import Purpose
from undersigned.errors import Refused, UndersignedError
from undersigned.flows import kept_templates, manifest
from undersigned.flows.manifest import Copy, Manifest, Posting, Shop
from undersigned.service import Service
from undersigned.store import campaigns, freezes
from undersigned.store.tables import AddresseeRow, DeliveryRow, FreezeRow, MessageRow
from undersigned.writing.render import Templates


@dataclass(frozen=True, kw_only=True)
class Finding:
    """One thing that was made again and compared."""

    what: str
    is_same: bool
    #: What it should be and what it came to, where they differ.
    why: str = ""


# Taking it out.


def export(service: Service, name: str, *, number: int | None = None) -> dict[str, Any]:
    """Give a manifest with its digest and the letters that were sent by it, as JSON values.

    `number` names an older freeze; else the present one. Raises `Refused` where there is none.
    """
    with service.store.reading() as session:
        campaign = campaigns.get(session, name)
        row = freezes.current(session, campaign.id)
        if number is not None:
            row = session.scalar(
                select(FreezeRow).where(
                    FreezeRow.campaign_id == campaign.id, FreezeRow.number == number
                )
            )
        if row is None:
            raise Refused(f"{name} is not frozen: there is no manifest yet.")
        return {
            "manifest": row.manifest,
            "digest": row.digest,
            "frozen": {"at": row.frozen_at.isoformat(), "by": row.frozen_by},
            "approved": row.approved_at
            and {"at": row.approved_at.isoformat(), "by": row.approved_by},
            "sent": list(_sent(session, row)),
        }


def _sent(session: Session, row: FreezeRow) -> Iterator[dict[str, Any]]:
    """Give what each sent letter has beyond its manifest, and the SHA-256 of its bytes."""
    rows = session.execute(
        select(MessageRow, AddresseeRow)
        .join(AddresseeRow, AddresseeRow.id == MessageRow.addressee_id)
        .where(MessageRow.freeze_id == row.id, MessageRow.purpose == Purpose.LETTER)
        .order_by(MessageRow.id)
        .options(undefer(MessageRow.raw))
    )
    for message, addressee in rows:
        deliveries = session.scalars(
            select(DeliveryRow).where(DeliveryRow.message_id == message.id).order_by(DeliveryRow.id)
        ).all()
        if message.raw is not None:
            yield {
                "code": message.facts["code"],
                "to": [one.address for one in deliveries if one.header == "to"],
                "cc": [one.address for one in deliveries if one.header == "cc"],
                "to_name": addressee.mission,
                "token": message.token,
                "message_id": message.message_id,
                "date": message.created_at.isoformat(),
                "answers": message.facts.get("answers"),
                "sha256": manifest.sha256(message.raw),
            }


# Making it again.


def verify(service: Service, source: str) -> list[Finding]:
    """Make every letter of an exported manifest again and compare it, byte for byte.

    What it is made with comes from the manifest, its templates too; fonts and the setting of type
    are this installation's. Raises `Refused` where the file is no manifest.
    """
    exported = _parse(source)
    made: Manifest = exported["manifest"]
    digest = manifest.digest(made)
    findings = [_compare("the manifest", exported["digest"], digest)]
    with tempfile.TemporaryDirectory(prefix="undersigned-") as name:
        folder = Path(name)
        kept_templates.unpack(made["templates"], folder)
        shop = Shop(
            templates=Templates([folder]),
            typst_template=folder / "letter" / "letter.typ",
            font_folders=[service.settings.fonts] if service.settings.fonts else [],
        )
        findings += _templates(made)
        findings += _letters(made, shop, exported["sent"])
    return findings


def _parse(source: str) -> dict[str, Any]:
    try:
        exported = json.loads(source)
        made = exported["manifest"]
        needed = (exported["digest"], exported["sent"], made["templates"], made["addressees"])
        if all(one is not None for one in needed):
            return dict(exported)
    except (ValueError, TypeError, KeyError, AttributeError) as exc:
        raise Refused("This is no manifest: `undersigned letter manifest` writes one.") from exc
    raise Refused("This manifest lacks a part: export it again.")


def _templates(made: Manifest) -> Iterator[Finding]:
    for path, kept in sorted(made["templates"].items()):
        yield _compare(
            f"the template {path}", kept["sha256"], manifest.sha256(kept_templates.raw(kept))
        )


def _letters(made: Manifest, shop: Shop, sent: list[dict[str, Any]]) -> Iterator[Finding]:
    try:
        pdf = shop.pdf(manifest.printed(made), made["paper"])
        yield _compare("letter.pdf", made["documents"]["letter.pdf"], manifest.sha256(pdf))
        copies = {one["code"]: shop.copy(made, one) for one in made["addressees"]}
        for one in made["addressees"]:
            digests = copies[one["code"]].digests
            for part, expected in sorted(one["sha256"].items()):
                yield _compare(f"{one['code']}, {part}", expected, digests[part])
        for one in sent:
            yield _message(made, copies[one["code"]], one)
    except (UndersignedError, KeyError, TypeError, ValueError) as exc:
        yield Finding(what="the letters", is_same=False, why=f"They cannot be made again: {exc}")


def _message(made: Manifest, copy: Copy, sent: Mapping[str, Any]) -> Finding:
    posting = Posting(
        to=sent["to"],
        cc=sent["cc"],
        to_name=sent["to_name"],
        token=sent["token"],
        message_id=sent["message_id"],
        date=datetime.fromisoformat(sent["date"]),
        answers=sent["answers"],
    )
    raw = manifest.mail(made, copy, posting)
    what = f"{sent['code']}, the mail as it was sent"
    return _compare(what, sent["sha256"], manifest.sha256(raw))


def _compare(what: str, expected: str, found: str) -> Finding:
    is_same = expected == found
    why = "" if is_same else f"The manifest says {expected[:12]}, and it comes to {found[:12]}."
    return Finding(what=what, is_same=is_same, why=why)
