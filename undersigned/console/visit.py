"""A visit: one request with who makes it, and what a page may answer."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import quote

from starlette.datastructures import FormData, UploadFile
from starlette.responses import RedirectResponse, Response

from undersigned.console.pages import Pages
from undersigned.errors import Refused
from undersigned.flows.sign_in import Role, Visitor
from undersigned.service import Service


@dataclass(frozen=True, kw_only=True)
class Visit:
    """One request, read to its end; pages answer it and wait for the service alone."""

    service: Service
    pages: Pages
    #: None on the pages that anybody may open.
    visitor: Visitor | None
    #: Stands in every form of this visitor; see `guard`.
    csrf: str
    #: Gives a session's token as it stands in the cookie.
    signed: Callable[[str], str]
    path: Mapping[str, Any]
    query: Mapping[str, str]
    form: FormData = field(default_factory=FormData)
    #: The path and query that were asked for, to come back to.
    here: str = "/"
    #: Where the request came from, an internet address.
    client: str = ""
    #: What stands behind "Bearer" in the request, or "".
    bearer: str = ""

    @property
    def by(self) -> str:
        """Who acts, as the journal names them."""
        return self.visitor.address if self.visitor else "console"

    def may(self, least: Role) -> bool:
        """Say whether the visitor may do what needs at least that role."""
        return self.visitor is not None and self.visitor.role.may(least)

    def text(self, name: str, default: str = "") -> str:
        """Give a field of the form as text, without space around it."""
        value = self.form.get(name, default)
        return value.strip().replace("\r\n", "\n") if isinstance(value, str) else default

    def file(self, name: str) -> UploadFile | None:
        """Give a file that was uploaded, or None."""
        value = self.form.get(name)
        return value if isinstance(value, UploadFile) and value.filename else None

    def show(self, page: str, /, *, status: int = 200, **values: Any) -> Response:
        """Answer with a page of templates/console."""
        return self.pages.response(page, self, status=status, values=values)

    def go(self, path: str, note: str = "") -> Response:
        """Answer a change: look there, where a sentence says what was done."""
        return RedirectResponse(f"{path}{_joint(path)}note={quote(note)}" if note else path, 303)

    def typed(self, name: str) -> None:
        """Raise `Refused` unless the campaign's name was typed into the form."""
        if self.text("typed") != name:
            raise Refused(f"Nothing was done: to confirm, type the campaign's name, {name}.")


def _joint(path: str) -> str:
    return "&" if "?" in path else "?"
