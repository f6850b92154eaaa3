"""Check a campaign's folder: read every file and report each fault with its place and remedy."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TypeVar

from undersigned.domain import campaign, council, letter, roster
from undersigned.domain.campaign import Plan
from undersigned.domain.fault import Fault
from undersigned.domain.letter import Letter
from undersigned.domain.party import Prospect
from undersigned.domain.roster import Addressee, Pin
from undersigned.errors import LetterFault, Refused
from undersigned.service import Service

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
    files = parsed.files if parsed is not None else {}
    if pins := files.get("pins"):
        _check_table(draft, pins, lambda text: roster.pins(text, file=pins), draft.pins)
    if missions := files.get("addressees"):
        _check_table(
            draft,
            missions,
            lambda text: roster.addressees(text, file=missions),
            draft.addressees,
        )
        _check_council(service, draft, missions)
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


def _fields(service: Service, draft: Draft) -> frozenset[str]:
    """Give the further columns that the mails to prospects use."""
    language = draft.plan.language if draft.plan else "en"
    return frozenset[str]().union(
        *(service.templates.required_fields(name, language) for name in ("invitation", "reminder"))
    )


def _check_council(service: Service, draft: Draft, file: str) -> None:
    """Compare the addressees with the Council's members on the day that the plan names."""
    if draft.plan is None or not draft.addressees:
        return
    on = draft.plan.council_on or draft.plan.dispatch_at.date()
    try:
        members = {
            member.country_code: member.country
            for member in council.members(service.council, on=on)
        }
    except Refused as exc:
        draft.faults.append(
            Fault(
                file=file,
                line=0,
                problem=str(exc),
                remedy="Check the list of missions by hand.",
                is_warning=True,
            )
        )
        return
    present = {one.code: one for one in draft.addressees}
    for code in sorted(set(members) - set(present)):
        draft.faults.append(
            Fault(
                file=file,
                line=0,
                problem=f"{members[code]} sits on the Council on {on} and is not addressed.",
                remedy="Add its mission.",
            )
        )
    for code in sorted(set(present) - set(members)):
        draft.faults.append(
            Fault(
                file=file,
                line=0,
                problem=f"{present[code].mission} ({code}) is no member of the Council on {on}.",
                remedy="Take it out if it is not meant.",
                is_warning=True,
            )
        )
