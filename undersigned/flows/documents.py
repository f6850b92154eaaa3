"""Documents: the letter as files, for people to look at."""

from collections.abc import Sequence
from pathlib import Path

from sqlalchemy.orm import Session

from undersigned.domain.campaign import Plan
from undersigned.domain.signatories import Signatory
from undersigned.errors import Refused
from undersigned.flows import manifest
from undersigned.flows.listed import listed
from undersigned.service import Service
from undersigned.store import campaigns, freezes
from undersigned.writing import letter_html, letter_text
from undersigned.writing.printed import PrintedLetter


def preview(service: Service, name: str, into: Path) -> list[Path]:
    """Write the letter as it stands now: letter.html, letter.txt, letter.pdf; gives the paths."""
    made = _now(service, name)
    return _write(service, manifest.printed(made), _pdf(service, made), into)


def preview_of(service: Service, name: str, form: str) -> bytes:
    """Give the letter as it stands now in one form: "html", "txt" or "pdf"."""
    made = _now(service, name)
    if form == "pdf":
        return _pdf(service, made)
    as_form = {"html": letter_html.as_html, "txt": letter_text.as_text}[form]
    return as_form(manifest.printed(made), service.templates).encode()


#: Names under a heading in the letter's opening.
FIRST_NAMES = 50


def opening(service: Service, name: str) -> str:
    """Give the letter as it stands now as text, with the first names under each heading."""
    with service.store.reading() as session:
        campaign = campaigns.get(session, name)
        words = campaigns.words(campaigns.edition(session, campaign.id))
        groups = listed(service, session, campaign).groups
    plan = Plan.from_table(campaign.plan)
    printed = PrintedLetter(
        letter=words,
        salutation=words.salutation,
        groups={kind: _first(group) for kind, group in groups.items()},
        organizer=plan.organizer,
        language=plan.language,
    )
    return letter_text.as_text(printed, service.templates)


def _first(group: Sequence[Signatory]) -> list[str]:
    lines = [one.listing.line for one in group[:FIRST_NAMES]]
    more = len(group) - len(lines)
    return [*lines, f"… and {more} more"] if more else lines


def _now(service: Service, name: str) -> manifest.Manifest:
    with service.store.reading() as session:
        campaign = campaigns.get(session, name)
        words = campaigns.words(campaigns.edition(session, campaign.id))
        return manifest.content(session, campaign, words)


def _pdf(service: Service, made: manifest.Manifest) -> bytes:
    return manifest.shop(service).pdf(manifest.printed(made), made["paper"])


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
