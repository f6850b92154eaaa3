"""The stage: what a rehearsal plays on, read from a campaign's folder."""

import shutil
from dataclasses import dataclass, replace
from pathlib import Path
from zoneinfo import ZoneInfo

from undersigned.domain.addressees import Addressee, unfit
from undersigned.domain.campaign import Plan
from undersigned.errors import Refused
from undersigned.flows import check as checking
from undersigned.flows.check import Draft
from undersigned.rehearsal import script
from undersigned.rehearsal.script import Script
from undersigned.service import configured, open_service, quiet


@dataclass(frozen=True, kw_only=True)
class Stage:
    """What a rehearsal plays on."""

    draft: Draft
    plan: Plan
    script: Script
    #: Where the database, the mail and the documents are written.
    into: Path


def stage(folder: Path, into: Path) -> Stage:
    """Read the campaign and its script, and clear the folder to write into.

    Raises `Refused` where the folder has faults, or `into` holds something else than a rehearsal.
    """
    _clear(into)
    with_database = replace(configured({}), database_url=f"sqlite:///{into}/campaign.db")
    service = open_service(with_database, announce=quiet)
    try:
        draft = checking.check(service, folder)
    finally:
        service.close()
    if draft.errors or draft.plan is None:
        raise Refused("\n".join(str(fault) for fault in draft.errors))
    draft.addressees = [_with_address(one, draft.plan) for one in draft.addressees]
    return Stage(draft=draft, plan=draft.plan, script=_script(draft, draft.plan), into=into)


def _with_address(one: Addressee, plan: Plan) -> Addressee:
    """Give an addressee an address of the rehearsal's own where none is known yet.

    What a person has not verified lately counts as verified: no mail leaves the machine.
    """
    to = one.to or (f"{one.code.lower()}@missions.rehearsal.example",)
    verified = replace(one, to=to, verified_on=plan.cutoff_at.date())
    return one if one.to and unfit(one, on=plan.dispatch_at.date()) is None else verified


def _clear(into: Path) -> None:
    if into.exists() and any(into.iterdir()) and not (into / "campaign.db").exists():
        raise Refused(f"{into} holds something else than a rehearsal: choose another folder.")
    shutil.rmtree(into, ignore_errors=True)
    into.mkdir(parents=True)


def _script(draft: Draft, plan: Plan) -> Script:
    path = draft.folder / script.FILE
    if path.is_file():
        return script.parse(path.read_text(encoding="utf-8"), draft.prospects, ZoneInfo(plan.zone))
    return script.default(draft.prospects, longest=plan.cutoff_at - plan.opens_at)
