"""The dispatch report: what became of every letter, with times and the servers' words."""

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from zoneinfo import ZoneInfo

from undersigned.domain import instants
from undersigned.domain.campaign import Plan
from undersigned.domain.delivery import State
from undersigned.domain.letter import Errand
from undersigned.errors import Refused
from undersigned.flows import board, manifest
from undersigned.flows.board import Mission
from undersigned.service import Service
from undersigned.store import campaigns, freezes
from undersigned.writing import report_pdf


@dataclass(frozen=True, kw_only=True)
class Report:
    """A dispatch, as it can be shown to those whose names it carried."""

    title: str
    organizer: str
    digest: str
    #: What was done, when and by whom, in words.
    steps: list[tuple[str, str]]
    missions: list[Mission]
    made_at: datetime

    @property
    def summary(self) -> str:
        """The sums in one line: "15 of 15 accepted, 13 confirmed delivered, 0 uncertain".

        What was sent after the letter is summed up beside it.
        """
        errands = dict.fromkeys(one.errand for one in self.missions)
        sums = {errand: self._sum(errand) for errand in errands}
        letter = sums.pop(Errand.LETTER.value)
        return "; ".join([letter, *(f"{errand}: {told}" for errand, told in sums.items())])

    def _sum(self, errand: str) -> str:
        states = [one.state for one in self.missions if one.errand == errand]
        accepted = sum(state in (State.ACCEPTED, State.DELIVERED) for state in states)
        delivered, uncertain = states.count(State.DELIVERED), states.count(State.UNCERTAIN)
        lost = sum(state in (State.BOUNCED, State.REFUSED) for state in states)
        told = (
            f"{accepted} of {len(states)} accepted, {delivered} confirmed delivered, "
            f"{uncertain} uncertain"
        )
        return f"{told}, {lost} not delivered" if lost else told

    def lines(self) -> list[str]:
        """Give it as text."""
        lines = [self.title, self.summary, ""]
        lines += [f"{what}: {when}" for what, when in self.steps]
        for one in self.missions:
            lines += ["", f"{one.mission} ({one.code}), {one.errand}: {one.word}"]
            lines += [f"  {line}" for line in addresses(one)]
        return lines


def addresses(mission: Mission) -> list[str]:
    """Give a line for each address: header, address, state, time, and the server's words."""
    return [
        f"{one.header.title()} {one.address}: {one.state.value}, "
        f"{one.changed_at.astimezone(UTC):%Y-%m-%d %H:%M:%S} UTC"
        f"{f', {one.answer}' if one.answer else ''}"
        for one in mission.addresses
    ]


def report(service: Service, name: str) -> Report:
    """Give the report of a dispatch; raises `Refused` before any letter has left."""
    with service.store.reading() as session:
        campaign = campaigns.get(session, name)
        plan = Plan.from_table(campaign.plan)
        frozen = freezes.left(session, campaign.id)
        if frozen is None:
            raise Refused(f"The letter of {name} has not left: there is nothing to report.")
        steps = [
            ("Frozen", frozen.frozen_at, frozen.frozen_by),
            ("Approved", frozen.approved_at, frozen.approved_by),
            ("Armed", frozen.armed_at, frozen.armed_by),
            ("Left", frozen.started_at, None),
            ("Finished", frozen.finished_at, None),
        ]
    zone = ZoneInfo(plan.zone)
    return Report(
        title=manifest.words(frozen.manifest).title,
        organizer=plan.organizer,
        digest=frozen.digest,
        steps=[
            (what, instants.shown(at, zone) + (f", by {by}" if by else ""))
            for what, at, by in steps
            if at is not None
        ],
        missions=board.missions(service, name),
        made_at=service.now,
    )


def as_table(found: Report) -> dict[str, Any]:
    """Give it as values for programs."""
    return {
        "title": found.title,
        "summary": found.summary,
        "digest": found.digest,
        "steps": [{"what": what, "when": when} for what, when in found.steps],
        "missions": [
            {
                "code": one.code,
                "mission": one.mission,
                "letter": one.errand,
                "state": one.state.value,
                "shown_as": one.word,
                "answers": one.answers,
                "addresses": [
                    {
                        "header": each.header,
                        "address": each.address,
                        "state": each.state.value,
                        "at": each.changed_at,
                        "server_said": each.answer,
                        "message_id": each.message_id,
                    }
                    for each in one.addresses
                ],
            }
            for one in found.missions
        ],
        "made_at": found.made_at,
    }


def as_pdf(service: Service, found: Report) -> bytes:
    """Give it on paper."""
    shop = manifest.shop(service)
    data = {
        "title": found.title,
        "organizer": found.organizer,
        "summary": found.summary,
        "digest": found.digest,
        "steps": [list(one) for one in found.steps],
        "missions": [
            {
                "code": one.code,
                "mission": one.mission,
                "errand": one.errand,
                "state": one.word,
                "addresses": addresses(one),
            }
            for one in found.missions
        ],
    }
    template = shop.typst_template.with_name("report.typ")
    return report_pdf.as_pdf(data, template, made_at=found.made_at, font_folders=shop.font_folders)
