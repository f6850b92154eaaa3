"""Check a campaign's folder: read every file and report each fault with its place and remedy."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TypeVar

from undersigned.domain import addressees, campaign, letter, roster
from undersigned.domain.addressees import Addressee
from undersigned.domain.campaign import Plan
from undersigned.domain.council import Seats
from undersigned.domain.fault import Fault
from undersigned.domain.letter import Letter
from undersigned.domain.party import Prospect
from undersigned.domain.roster import Pin
from undersigned.errors import LetterFault, Refused
from undersigned.flows import missions_due
from undersigned.service import Service
from undersigned.store import campaigns, prospects, suppressions

Value = TypeVar("Value")

LETTER = "letter.md"
PROSPECTS = "prospects.csv"


@dataclass(kw_only=True)
class Draft:
    """A campaign's folder as it stands: what could be read of it, and its faults."""

    folder: Path
    plan: Plan | None = None
    letter: Letter | None = None
    prospects: list[Prospect] = field(default_factory=list)
    pins: list[Pin] = field(default_factory=list)
    addressees: list[Addressee] = field(default_factory=list)
    faults: list[Fault] = field(default_factory=list)

    @property
    def errors(self) -> list[Fault]:
        """The faults that stop `apply`."""
        return [fault for fault in self.faults if not fault.is_warning]


def check(service: Service, folder: Path) -> Draft:
    """Give what the folder holds and every fault in it; raises `Refused` where it is no folder."""
    if not folder.is_dir():
        raise Refused(f"There is no folder {folder}. Run `undersigned new {folder}` to make one.")
    draft = Draft(folder=folder)
    source = _text(draft, campaign.FILE, remedy="Run `undersigned new` in an empty folder.")
    parsed = campaign.parse(source) if source is not None else None
    if parsed is not None:
        draft.plan = parsed.plan
        draft.faults += parsed.faults
    _check_letter(draft)
    style = draft.plan.countries if draft.plan else {}
    styled = service.countries(style).styled
    fields = _fields(service, draft)
    _check_table(
        draft,
        PROSPECTS,
        lambda text: roster.prospects(text, styled=styled, fields=fields),
        draft.prospects,
    )
    draft.faults += _unwanted(service, draft)
    files = parsed.files if parsed is not None else {}
    if pins := files.get("pins"):
        _check_table(draft, pins, lambda text: roster.pins(text, file=pins), draft.pins)
    if missions := files.get("addressees"):
        by_country = draft.plan is None or draft.plan.seats is not Seats.NONE
        _check_table(
            draft,
            missions,
            lambda text: addressees.parse(text, file=missions, by_country=by_country),
            draft.addressees,
        )
        if draft.plan is not None:
            draft.faults += missions_due.faults(
                service, draft.plan, draft.addressees, file=missions
            )
    return draft


def _text(draft: Draft, name: str, *, remedy: str) -> str | None:
    path = draft.folder / name
    try:
        return path.read_text(encoding="utf-8-sig")
    except FileNotFoundError:
        problem = "The file is missing."
    except UnicodeDecodeError as exc:
        problem, remedy = f"Byte {exc.start} is not UTF-8.", "Save the file as UTF-8."
    except OSError as exc:
        problem, remedy = f"It cannot be read: {exc.strerror}.", "Check the file's permissions."
    draft.faults.append(Fault(file=name, line=0, problem=problem, remedy=remedy))
    return None


def _check_letter(draft: Draft) -> None:
    source = _text(draft, LETTER, remedy="Write the letter there, as Markdown.")
    if source is None:
        return
    try:
        draft.letter = letter.parse(source)
    except LetterFault:
        draft.faults += [
            Fault(file=LETTER, line=one.line, problem=one.problem, remedy=one.remedy)
            for one in letter.faults(source)
        ]


def _check_table(
    draft: Draft,
    name: str,
    parse: Callable[[str], tuple[Sequence[Value], list[Fault]]],
    into: list[Value],
) -> None:
    source = _text(draft, name, remedy="Write the table there, as CSV in UTF-8.")
    if source is None:
        return
    found, faults = parse(source)
    into += found
    draft.faults += faults


#: The mails that may use further columns of prospects.csv.
_TO_PROSPECTS = ("invitation", "reminder", "renewal", "confirmation")


def _fields(service: Service, draft: Draft) -> frozenset[str]:
    """Give the further columns that the mails to prospects use."""
    language = draft.plan.language if draft.plan else "en"
    return frozenset[str]().union(
        *(service.templates.required_fields(name, language) for name in _TO_PROSPECTS)
    )


def _unwanted(service: Service, draft: Draft) -> list[Fault]:
    """Find parties that are new here and asked for no mail any more, or to be erased."""
    with service.store.reading() as session:
        known = campaigns.named(session, draft.plan.name) if draft.plan else None
        here = prospects.addresses(session, known.id) if known else frozenset[str]()
        new = [one.email for one in draft.prospects if one.email not in here]
        unwanted = suppressions.stopped_everywhere(session, new)
    lines = (draft.folder / PROSPECTS).read_text("utf-8-sig").splitlines() if unwanted else []
    return [
        Fault(
            file=PROSPECTS,
            line=next((n for n, line in enumerate(lines, 1) if one in line.casefold()), 0),
            problem=f"{one} asked for no mail from here any more, or to be erased.",
            remedy="Nothing is sent there: take the line out.",
            is_warning=True,  # a letter's folder is often made from the last one's
        )
        for one in sorted(unwanted)
    ]
