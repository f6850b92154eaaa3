"""Publish: the letter's page for the web, as files that any server can serve, kept true."""

import json
from pathlib import Path
from typing import Any

from sqlalchemy import select

from undersigned.domain.signatories import Signatory
from undersigned.errors import Refused
from undersigned.flows import arrange, manifest
from undersigned.service import Service
from undersigned.store import campaigns, decisions, freezes, journal, troubles
from undersigned.store.paper_tables import PageRow
from undersigned.store.tables import CampaignRow
from undersigned.writing import letter_html, letter_text
from undersigned.writing.letter_html import Page

#: The file that readers open.
PAGE = "index.html"


def publish(
    service: Service, name: str, into: Path, *, by: str, url: str = "", early: bool = False
) -> list[Path]:
    """Write the page: index.html, letter.pdf, letter.txt, signatories.json; gives the paths.

    The list is the one that stands now: a name that was taken back is not on it. No file holds an
    address. `url` is where the page will stand, for those who share it. Raises `Refused` before
    the letter has left, unless it is meant `early`.
    """
    shop = manifest.shop(service)
    with service.store.reading() as session:
        campaign = campaigns.get(session, name)
        if freezes.left(session, campaign.id) is None and not early:
            raise Refused(
                "The letter has not left: those who receive it would read it here first. Say "
                "--early if that is meant."
            )
        known = decisions.count(session, campaign.id)
        words = campaigns.words(campaigns.edition(session, campaign.id))
        made = manifest.content(session, campaign, words)
        groups = arrange.arranged(session, campaign)
    printed = manifest.printed(made)
    files = {
        "letter.pdf": shop.pdf(printed, made["paper"]),
        "letter.txt": letter_text.as_text(printed, service.templates).encode(),
        "signatories.json": _as_json(made, [one for group in groups.values() for one in group]),
        PAGE: letter_html.as_page(printed, service.templates, Page(url=url)).encode(),
    }
    written = _write(files, into)
    page = PageRow(
        campaign_id=campaign.id,
        folder=str(into.resolve()),
        url=url,
        decisions=known,
        written_at=service.now,
    )
    with service.store.writing() as session:
        session.merge(page)
        troubles.mend(session, _key(campaign))
        journal.write(
            session,
            "published",
            f"campaign:{name}",
            actor=by,
            now=service.now,
            campaign_id=campaign.id,
            counts=made["counts"],
        )
    return written


def publish_changed(service: Service) -> int:
    """Write every page anew on which something was decided since; gives how many.

    Only where its folder is on this machine; elsewhere `status` asks a person to do it.
    """
    with service.store.reading() as session:
        outdated = [
            (session.get_one(CampaignRow, page.campaign_id), page)
            for page in session.scalars(select(PageRow))
            if decisions.count(session, page.campaign_id) != page.decisions
        ]
    return sum(_again(service, campaign, page) for campaign, page in outdated)


def _again(service: Service, campaign: CampaignRow, page: PageRow) -> bool:
    folder = Path(page.folder)
    why = f"{folder} is not on the worker's machine, or holds no page."
    if (folder / PAGE).is_file():
        try:
            publish(service, campaign.name, folder, by="publish", url=page.url, early=True)
        except Refused as exc:
            why = str(exc)
        else:
            return True
    sentence = f"The letter's page may show who signs no more: run `publish` again. {why}"
    with service.store.writing() as session:
        troubles.tell(session, _key(campaign), sentence, now=service.now, campaign_id=campaign.id)
    return False


def _key(campaign: CampaignRow) -> str:
    """Give the key of the trouble that the page may show what it should not."""
    return f"page:{campaign.id}"


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
