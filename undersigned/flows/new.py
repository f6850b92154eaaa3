"""New: write a commented folder for a campaign."""

from collections.abc import Iterable
from datetime import date
from pathlib import Path

from undersigned import resources
from undersigned.domain import campaign, council
from undersigned.domain.addressees import Addressee
from undersigned.domain.council import Member
from undersigned.errors import Refused
from undersigned.flows import missions
from undersigned.service import Service

#: The files of a new folder, as they ship.
FILES = ("campaign.toml", "letter.md", "prospects.csv")
MISSIONS = "missions.csv"


def new(service: Service, folder: Path) -> list[Path]:
    """Write the files of a new campaign, commented; raises `Refused` where any of them exists.

    missions.csv names the Council's members on the planned day; their addresses are for the
    coordinator to fill in: none is guessed.
    """
    present = [name for name in (*FILES, MISSIONS) if (folder / name).exists()]
    if present:
        raise Refused(f"{folder} holds {', '.join(present)} already: choose an empty folder.")
    try:
        folder.mkdir(parents=True, exist_ok=True)
        texts = {name: _text(name, folder) for name in FILES}
        on = _planned_day(texts[campaign.FILE])
        texts[MISSIONS] = _missions(council.members(service.council, on=on))
        return [_write(folder / name, text) for name, text in texts.items()]
    except OSError as exc:
        raise Refused(f"{folder} cannot be written: {exc.strerror}.") from exc


def _text(name: str, folder: Path) -> str:
    text = (resources.root() / "templates" / "campaign" / name).read_text(encoding="utf-8")
    return text.replace("@NAME@", _campaign_name(folder))


def _campaign_name(folder: Path) -> str:
    plain = "".join(
        c if c.isascii() and c.isalnum() else "-" for c in folder.resolve().name.lower()
    )
    return plain.strip("-")[:64] or "my-letter"


def _planned_day(source: str) -> date:
    plan = campaign.parse(source).plan
    assert plan is not None  # noqa: S101 - what ships is sound; a test holds it to that
    return plan.dispatch_at.date()


def _missions(members: Iterable[Member]) -> str:
    return missions.as_csv(
        [
            Addressee(code=one.country_code, country=one.country, mission=one.mission)
            for one in members
        ]
    )


def _write(path: Path, text: str) -> Path:
    path.write_text(text, encoding="utf-8")
    return path
