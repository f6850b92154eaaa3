"""Missions: who is addressed, taken over from a file that a person supplies, compared, checked."""

import csv
import io
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path

from sqlalchemy.orm import Session

from undersigned.domain import addressees, bluebook, campaign, council
from undersigned.domain.addressees import Addressee, Difference, Post
from undersigned.domain.campaign import Plan
from undersigned.domain.council import Member, Seats
from undersigned.errors import Refused
from undersigned.flows import missions_due
from undersigned.service import Service
from undersigned.store import campaigns
from undersigned.store.tables import AddresseeRow, CampaignRow


def on(service: Service, day: date, seats: Seats) -> tuple[Member, ...]:
    """Give the Council's members on a day, those elected for the next year, or both."""
    return council.addressed(service.council, on=day, seats=seats)


def presidency(service: Service, year: int) -> list[tuple[date, Member]]:
    """Give who presides over the Council in each month of a year."""
    months = [date(year, month, 1) for month in range(1, 13)]
    return [(month, council.president(service.council, on=month)) for month in months]


# A file that a person supplies.


@dataclass(frozen=True, kw_only=True)
class Draft:
    """What a file would make of the addressees of a campaign's folder."""

    #: The addressees' file of the folder.
    path: Path
    old: Sequence[Addressee]
    new: Sequence[Addressee]
    #: What the file lacks or has wrong, one sentence each.
    faults: Sequence[str]

    @property
    def differences(self) -> list[Difference]:
        """What would change."""
        return addressees.differences(self.old, self.new)


def from_bluebook(service: Service, folder: Path, file: Path, *, fetched_on: date) -> Draft:
    """Give what a Blue Book file would make of the folder's addressees: members due alone."""
    plan, path = _folder(folder)
    read = bluebook.parse(
        _text(file),
        code_of=service.countries({}).code_of,
        on=fetched_on,
        origin=f"Blue Book, {file.name}",
    )
    old = _present(path, plan)
    due = [one.country_code for one in missions_due.members(service, plan)]
    faults = [
        f"The Blue Book has no mission of {code}." for code in due if code not in read.addressees
    ]
    if not due:
        raise Refused(
            'The Blue Book holds missions of states, and campaign.toml says council = "none".'
        )
    by_code = {one.code: one for one in old}
    new = [
        _merged(by_code.get(code), read.addressees[code]) for code in due if code in read.addressees
    ]
    kept = [one for code, one in by_code.items() if code not in {each.code for each in new}]
    return Draft(path=path, old=old, new=[*new, *kept], faults=[*faults, *_concerning(read, new)])


def _concerning(read: bluebook.Read, new: Sequence[Addressee]) -> list[str]:
    """Give the faults of the missions that are addressed, not those of all the others."""
    countries = {one.country for one in read.addressees.values()} - {one.country for one in new}
    return [one for one in read.faults if one.partition(":")[0] not in countries]


def _merged(old: Addressee | None, found: Addressee) -> Addressee:
    """Give an addressee with what the Blue Book says of it, and what it cannot know kept.

    Where it has no address, the one there was stays with the day on which it was verified.
    """
    if old is None:
        return found
    merged = replace(found, country=old.country, cc=old.cc, salutation=old.salutation)
    if found.to:
        return merged
    return replace(merged, to=old.to, verified_on=old.verified_on, source=old.source)


def from_csv(folder: Path, file: Path) -> Draft:
    """Give what a CSV file would make of the folder's addressees; raises `Refused` with faults."""
    plan, path = _folder(folder)
    found, faults = addressees.parse(
        _text(file), file=file.name, by_country=plan.seats is not Seats.NONE
    )
    if wrong := [str(one) for one in faults if not one.is_warning]:
        raise Refused("\n".join(wrong))
    old = _present(path, plan)
    by_code = {one.code: one for one in old} | {one.code: one for one in found}
    return Draft(
        path=path, old=old, new=list(by_code.values()), faults=[str(one) for one in faults]
    )


def write(draft: Draft) -> None:
    """Write the folder's addressees; `undersigned apply` takes them over."""
    try:
        draft.path.write_text(as_csv(draft.new), encoding="utf-8")
    except OSError as exc:
        raise Refused(f"{draft.path} cannot be written: {exc.strerror}.") from exc


def as_csv(found: Sequence[Addressee]) -> str:
    """Give the addressees' file."""
    out = io.StringIO(newline="")
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(addressees.COLUMNS)
    writer.writerows(addressees.as_row(one) for one in found)
    return out.getvalue()


def _folder(folder: Path) -> tuple[Plan, Path]:
    """Give the plan of a campaign's folder, and the path of its addressees' file."""
    parsed = campaign.parse(_text(folder / campaign.FILE))
    if parsed.plan is None:
        raise Refused(f"{folder} has faults: `undersigned check {folder}` says which.")
    if "addressees" not in parsed.files:
        raise Refused('campaign.toml names no file: write file = "missions.csv" in [addressees].')
    return parsed.plan, folder / parsed.files["addressees"]


def _present(path: Path, plan: Plan) -> list[Addressee]:
    if not path.exists():
        return []
    found, _ = addressees.parse(
        _text(path), file=path.name, by_country=plan.seats is not Seats.NONE
    )
    return found


def _text(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8-sig")
    except UnicodeDecodeError as exc:
        raise Refused(f"{path}: byte {exc.start} is not UTF-8. Save the file as UTF-8.") from exc
    except OSError as exc:
        raise Refused(f"{path} cannot be read: {exc.strerror}.") from exc


# What the database holds.


@dataclass(frozen=True, kw_only=True)
class Called:
    """An addressee of a campaign, and how the letter calls it."""

    code: str
    country: str
    mission: str
    post: Post
    head: str | None
    title: str | None
    to: Sequence[str]
    cc: Sequence[str]
    salutation: str
    verified_on: date | None
    source: str | None


def of(service: Service, name: str) -> list[Called]:
    """Give a campaign's addressees with the greeting that each will read."""
    with service.store.reading() as session:
        row = campaigns.get(session, name)
        plan = Plan.from_table(row.plan)
        own = campaigns.words(campaigns.edition(session, row.id)).salutation
        found = values(session, row)
    return [
        Called(
            code=one.code,
            country=one.country,
            mission=one.mission,
            post=one.post,
            head=one.head,
            title=one.title,
            to=one.to,
            cc=one.cc,
            salutation=addressees.salutation(one, rule=plan.greeting, own=own),
            verified_on=one.verified_on,
            source=one.source,
        )
        for one in found
    ]


def values(session: Session, row: CampaignRow) -> list[Addressee]:
    """Give a campaign's addressees as the domain's values."""
    return [value(one) for one in campaigns.addressees(session, row.id)]


def value(row: AddresseeRow) -> Addressee:
    """Give a row as the domain's value."""
    return Addressee(
        code=row.code,
        country=row.country,
        mission=row.mission,
        head=row.head,
        title=row.title,
        to=tuple(row.to),
        cc=tuple(row.cc),
        salutation=row.salutation,
        verified_on=row.verified_on,
        source=row.source,
    )


@dataclass(frozen=True, kw_only=True)
class Doubtful:
    """Something about an addressee that a person should look at."""

    code: str
    sentence: str
    #: Whether the letter cannot be armed as long as it is so.
    stops: bool


def check(service: Service, name: str) -> list[Doubtful]:
    """Give what a person should look at before the letter is armed, and what stops the arming."""
    with service.store.reading() as session:
        row = campaigns.get(session, name)
        plan = Plan.from_table(row.plan)
        found = values(session, row)
    today = service.now.date()
    unfit = {one.code: addressees.unfit(one, on=today) for one in found}
    doubts = [
        Doubtful(code=one.code, sentence=sentence, stops=False)
        for one in found
        for sentence in addressees.doubts(one)
    ]
    calendar = missions_due.faults(service, plan, found, file="")
    return [
        *(
            Doubtful(code=code, sentence=sentence, stops=True)
            for code, sentence in unfit.items()
            if sentence
        ),
        *doubts,
        *(Doubtful(code="", sentence=one.problem, stops=False) for one in calendar),
    ]
