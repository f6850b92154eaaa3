"""Missions due: whom a letter of its day goes to, and what of that a coordinator should know."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from zoneinfo import ZoneInfo

from undersigned.domain import council, instants
from undersigned.domain.addressees import Addressee
from undersigned.domain.campaign import Plan
from undersigned.domain.council import Member, Seats
from undersigned.domain.fault import Fault
from undersigned.errors import Refused
from undersigned.service import Service


def day(plan: Plan) -> date:
    """Give the day whose Council is meant: the plan's own, else that of dispatch in New York."""
    return plan.council_on or plan.dispatch_at.astimezone(instants.NEW_YORK).date()


def members(service: Service, plan: Plan) -> tuple[Member, ...]:
    """Give the Council's members that the plan means; raises `Refused` where nobody knows them."""
    return council.addressed(service.council, on=day(plan), seats=plan.seats)


def faults(
    service: Service, plan: Plan, addressees: Sequence[Addressee], *, file: str
) -> list[Fault]:
    """Give what is wrong with the addressees of a plan, and what the coordinator should know."""
    if plan.seats is Seats.NONE or not addressees:
        return []
    try:
        due = {one.country_code: one for one in members(service, plan)}
    except Refused as exc:
        return [_warning(file, str(exc), "Check the list of missions by hand.")]
    present = {one.code: one for one in addressees}
    return [
        *_missing(plan, due, present, file),
        *(_warning(file, told, remedy) for told, remedy in _notes(service, plan)),
    ]


def _missing(
    plan: Plan, due: Mapping[str, Member], present: Mapping[str, Addressee], file: str
) -> Iterator[Fault]:
    on = day(plan)
    for code in sorted(set(due) - set(present)):
        yield Fault(
            file=file,
            line=0,
            problem=f"{due[code].country} sits on the Council on {on} and is not addressed.",
            remedy="Add its mission.",
        )
    for code in sorted(set(present) - set(due)):
        yield _warning(
            file,
            f"{present[code].mission} ({code}) is no member of the Council on {on}.",
            "Take it out if it is not meant.",
        )


def _warning(file: str, problem: str, remedy: str) -> Fault:
    return Fault(file=file, line=0, problem=problem, remedy=remedy, is_warning=True)


def _notes(service: Service, plan: Plan) -> Iterator[tuple[str, str]]:
    """Give what the calendar means for this letter: a turn of the year, members elect."""
    zone = ZoneInfo(plan.zone)
    closes, leaves = (one.astimezone(zone).date() for one in (plan.cutoff_at, plan.dispatch_at))
    if closes.year != leaves.year:
        told = (
            f"The list closes on {closes} and the letter leaves on {leaves}: on 1 January five "
            "members leave the Council and five come."
        )
        yield told, f"It goes to the members of {day(plan)}: set council_on if others are meant."
    if plan.seats is Seats.SITTING and (coming := _incoming(service, day(plan))):
        names = ", ".join(one.country for one in coming)
        told = (
            f"From 1 October the members elected for {day(plan).year + 1} observe the Council: "
            f"{names}."
        )
        yield told, 'Write council = "both" or "incoming" under [addressees] to include them.'


def _incoming(service: Service, on: date) -> tuple[Member, ...]:
    """Give the incoming members; none where next year's are not known yet."""
    try:
        return council.incoming(service.council, on=on)
    except Refused:
        return ()
