"""Publish: the letter's page for the web, as files that any server can serve."""

import json
from pathlib import Path
from typing import Any

from undersigned.domain.signatories import Signatory
from undersigned.errors import Refused
from undersigned.flows import arrange, gone, manifest
from undersigned.service import Service
from undersigned.store import campaigns, freezes, journal, troubles
from undersigned.writing import letter_html, letter_text
from undersigned.writing.letter_html import Page


def publish(
    service: Service, name: str, into: Path, *, by: str, url: str = "", early: bool = False
) -> list[Path]:
    """Write the page: index.html, letter.pdf, letter.txt, signatories.json; gives the paths.

    The list is the one that stands now: a name that was taken back is not on it. No file holds an
    address. `url` is where the page will stand, for those who share it. Raises `Refused` before
    the letter has left, unless it is meant `early`.
    """
    now, shop = service.now, manifest.shop(service)
    with service.store.reading() as session:
        campaign = campaigns.get(session, name)
        if freezes.left(session, campaign.id) is None and not early:
            raise Refused(
                "The letter has not left: those who receive it would read it here first. Say "
                "--early if that is meant."
            )
        words = campaigns.words(campaigns.edition(session, campaign.id))
        made = manifest.content(session, campaign, words)
        groups = arrange.arranged(session, campaign)
    printed = manifest.printed(made)
    files = {
        "letter.pdf": shop.pdf(printed, made["paper"]),
        "letter.txt": letter_text.as_text(printed, service.templates).encode(),
        "signatories.json": _as_json(made, [one for group in groups.values() for one in group]),
        "index.html": letter_html.as_page(printed, service.templates, Page(url=url)).encode(),
    }
    written = _write(files, into)
    with service.store.writing() as session:
        row = campaigns.lock(session, campaigns.get(session, name).id)
        row.published_at = now
        troubles.mend(session, gone.key(row))
        journal.write(
            session,
            "published",
            f"campaign:{name}",
            actor=by,
            now=now,
            campaign_id=row.id,
            counts=made["counts"],
        )
    return written


def _as_json(made: manifest.Manifest, signatories: list[Signatory]) -> bytes:
    """Give the list for programs: who signs, and nobody's address."""
    table: dict[str, Any] = {
        "title": made["letter"]["title"],
        "date": made["letter"]["date"],
        "organizer": made["organizer"],
        "counts": made["counts"],
        "signatories": [
            {
                "kind": one.listing.kind.value,
                "name": one.listing.name,
                "title": one.listing.title,
                "country": one.listing.country,
            }
            for one in signatories
        ],
    }
    return json.dumps(table, ensure_ascii=False, indent=2).encode() + b"\n"


def _write(files: dict[str, bytes], into: Path) -> list[Path]:
    """Write each file beside its place and move it there: nobody reads half a page."""
    try:
        into.mkdir(parents=True, exist_ok=True)
        for name, content in files.items():
            part = into / f".{name}.part"
            part.write_bytes(content)
            part.replace(into / name)
    except OSError as exc:
        raise Refused(f"{into} cannot be written: {exc.strerror}.") from exc
    return [into / name for name in files]
