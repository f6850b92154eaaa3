"""The example campaign, brought near to today: real servers stamp mail with the real time.

Its dates are not waited for. As a coordinator may, the calendar moves them: when the rehearsal
comes to an instant of the plan, the whole plan is applied again, shifted so that it is now.
"""

from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path

from undersigned import resources
from undersigned.domain.campaign import Plan
from undersigned.flows import apply, dispatch
from undersigned.rehearsal import stage
from undersigned.rehearsal.clock import JumpingClock
from undersigned.rehearsal.director import COORDINATOR
from undersigned.rehearsal.script import Script
from undersigned.rehearsal.stage import Stage
from undersigned.service import Service, utc_now

EXAMPLE = "security-council-2022"


def example(into: Path) -> Stage:
    """Give the stage of the example, its story moved so that it ends today."""
    told = stage.stage(resources.example(EXAMPLE), into)
    span = utc_now() - told.plan.dispatch_at
    plan = shifted(told.plan, span)
    return replace(
        told,
        plan=plan,
        script=_shifted_script(told.script, span),
        draft=replace(
            told.draft,
            plan=shifted(plan, _until_opening(plan)),
            addressees=[
                replace(one, verified_on=utc_now().date()) for one in told.draft.addressees
            ],
        ),
    )


def _until_opening(plan: Plan) -> timedelta:
    """Give what to add to the plan so that it opens in an hour."""
    return utc_now() + timedelta(hours=1) - plan.opens_at


def shifted(plan: Plan, span: timedelta) -> Plan:
    """Give the plan with all its instants moved by a span."""
    return replace(
        plan,
        opens_at=plan.opens_at + span,
        reminders=tuple(at + span for at in plan.reminders),
        cutoff_at=plan.cutoff_at + span,
        dispatch_at=plan.dispatch_at + span,
        latest_start_at=plan.latest_start_at + span,
    )


def _shifted_script(script: Script, span: timedelta) -> Script:
    return replace(
        script,
        people=tuple(
            replace(
                person,
                answers=tuple(
                    replace(one, not_before=one.not_before and one.not_before + span)
                    for one in person.answers
                ),
            )
            for person in script.people
        ),
    )


class MovedDates:
    """The story's clock; at each instant of the plan, the campaign's dates come to the present."""

    def __init__(self, service: Service, staged: Stage) -> None:
        self._service = service
        self._draft = staged.draft
        self._plan = staged.plan
        self._story = JumpingClock(staged.plan.opens_at - timedelta(hours=1))

    def __call__(self) -> datetime:
        """Give the story's time."""
        return self._story()

    def jump_to(self, instant: datetime) -> datetime:
        """Bring the story to an instant, and the campaign's plan with it."""
        plan = self._plan
        if instant in (plan.opens_at, *plan.reminders, plan.cutoff_at, plan.dispatch_at):
            self._move(shifted(plan, utc_now() - instant))
        if instant == plan.dispatch_at:
            dispatch.schedule(self._service, plan.name, by=COORDINATOR)
        return self._story.jump_to(instant)

    def _move(self, plan: Plan) -> None:
        apply.apply(self._service, replace(self._draft, plan=plan), by=COORDINATOR)
