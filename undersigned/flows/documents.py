"""Documents: the letter as files, for people to look at."""

from pathlib import Path

from sqlalchemy.orm import Session

from undersigned.domain.campaign import Plan
from undersigned.errors import Refused
from undersigned.flows import freeze, press
from undersigned.service import Service
from undersigned.store import freezes
from undersigned.store.tables import CampaignRow, EditionRow
from undersigned.writing import letter_html, letter_text
from undersigned.writing.printed import PrintedLetter


def preview(service: Service, name: str, into: Path) -> list[Path]:
    """Write the letter as it stands now: letter.html, letter.txt, letter.pdf; gives the paths."""
    found = freeze.preview(service, name)
    return _write(service, found.printed, found.pdf, into)


def write_frozen(service: Service, session: Session, freeze_id: int, into: Path) -> list[Path]:
    """Write a frozen letter in the same three forms, with the letter's own greeting."""
    row = freezes.with_pdf(session, freeze_id)
    plan = Plan.from_table(session.get_one(CampaignRow, row.campaign_id).plan)
    text = press.letter(session.get_one(EditionRow, row.edition_id))
    printed = press.printed_letter(text, row.manifest["list"], plan, salutation=text.salutation)
    return _write(service, printed, row.pdf, into)


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
