"""Documents: the letter as files, for people to look at."""

from pathlib import Path

from sqlalchemy.orm import Session

from undersigned.errors import Refused
from undersigned.flows import manifest
from undersigned.service import Service
from undersigned.store import campaigns, freezes
from undersigned.writing import letter_html, letter_text
from undersigned.writing.printed import PrintedLetter


def preview(service: Service, name: str, into: Path) -> list[Path]:
    """Write the letter as it stands now: letter.html, letter.txt, letter.pdf; gives the paths."""
    with service.store.reading() as session:
        campaign = campaigns.get(session, name)
        words = campaigns.words(campaigns.edition(session, campaign.id))
        made = manifest.content(session, campaign, words)
    printed = manifest.printed(made)
    return _write(service, printed, manifest.shop(service).pdf(printed, made["paper"]), into)


def write_frozen(service: Service, session: Session, freeze_id: int, into: Path) -> list[Path]:
    """Write a frozen letter in the same three forms, with the letter's own greeting."""
    row = freezes.with_pdf(session, freeze_id)
    return _write(service, manifest.printed(row.manifest), row.pdf, into)


def _write(service: Service, printed: PrintedLetter, pdf: bytes, into: Path) -> list[Path]:
    contents = {
        "letter.html": letter_html.as_html(printed, service.templates).encode(),
        "letter.txt": letter_text.as_text(printed, service.templates).encode(),
        "letter.pdf": pdf,
    }
    try:
        into.mkdir(parents=True, exist_ok=True)
        for file, content in contents.items():
            (into / file).write_bytes(content)
    except OSError as exc:
        raise Refused(f"{into} cannot be written: {exc.strerror}.") from exc
    return [into / file for file in contents]
