"""Pages: the console's templates, strict and escaped, with what every page shows."""

import json
from collections.abc import Mapping
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from starlette.responses import HTMLResponse

from undersigned import resources
from undersigned.domain import instants
from undersigned.flows.sign_in import Role

if TYPE_CHECKING:
    from undersigned.console.visit import Visit


class Pages:
    """The templates of templates/console, the operator's own first."""

    def __init__(self, own: Path | None) -> None:
        folders = [*([own / "console"] if own else []), resources.templates("console")]
        self._environment = Environment(
            loader=FileSystemLoader(folders),
            autoescape=True,
            undefined=StrictUndefined,
            trim_blocks=True,
            lstrip_blocks=True,
        )
        self._environment.filters["utc"] = _utc
        self._environment.filters["zoned"] = _zoned
        self._environment.filters["octets"] = _octets
        self._environment.filters["json"] = lambda value: json.dumps(value, ensure_ascii=False)
        self._environment.globals["Role"] = Role

    def response(
        self, page: str, visit: "Visit", *, status: int, values: Mapping[str, Any]
    ) -> HTMLResponse:
        """Give a page as it leaves."""
        template = self._environment.get_template(f"{page}.html")
        text = template.render(visit=visit, note=visit.query.get("note", ""), **values)
        return HTMLResponse(text, status)


def _octets(count: int) -> str:
    """Give a size as people say it."""
    for unit, size in (("MB", 1_000_000), ("kB", 1_000)):
        if count >= size:
            return f"{count / size:.1f} {unit}"
    return f"{count} octets"


def _utc(instant: datetime | None) -> str:
    """Give an instant as people without a zone of their own read it."""
    return f"{instant:%Y-%m-%d %H:%M} UTC" if instant else "never"


def _zoned(instant: datetime, zone: str) -> str:
    """Give an instant in the campaign's zone, New York and UTC."""
    return instants.shown(instant, ZoneInfo(zone))
