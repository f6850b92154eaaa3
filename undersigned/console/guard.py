"""The guard before every page: who asks, whether they may, and whether they mean it."""

import hashlib
import hmac
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass

from itsdangerous import BadSignature, Signer
from starlette.concurrency import run_in_threadpool
from starlette.datastructures import FormData
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from undersigned.console.pages import Pages
from undersigned.console.visit import Visit
from undersigned.errors import Refused, SlowDownError, TemporaryFailure, UndersignedError
from undersigned.flows import sign_in
from undersigned.flows.sign_in import Role, Visitor
from undersigned.service import Service

COOKIE = "undersigned"
#: The largest upload that a page takes: a prospects.csv of a hundred thousand parties.
MAX_UPLOAD_OCTETS = 20_000_000
_FILES = 1
_FIELDS = 2_000

#: A page: it may wait for the database, so it runs in a thread.
Page = Callable[[Visit], Response]


@dataclass(frozen=True, kw_only=True)
class Way:
    """One row of the table of routes."""

    method: str
    path: str
    page: Page
    #: The role that one needs at least; None: anybody may come.
    least: Role | None
    #: Whether what is posted comes from a form of ours and proves it.
    form: bool = True


@dataclass(frozen=True, kw_only=True)
class Door:
    """What stands between the network and the pages."""

    service: Service
    pages: Pages
    #: Signs cookies and forms.
    key: bytes

    def guarded(self, way: Way) -> Callable[[Request], Awaitable[Response]]:
        """Give the endpoint of a page behind the guard."""

        async def endpoint(request: Request) -> Response:
            token = self._token(request)
            visitor = await run_in_threadpool(self._visitor, token)
            if way.least is not None and visitor is None:
                return RedirectResponse("/sign-in", 303)
            form = await self._form(request)
            try:
                visit = self._visit(request, token, visitor, form)
                return await run_in_threadpool(self._answer, way, visit)
            finally:
                await form.close()

        return endpoint

    @staticmethod
    async def _form(request: Request) -> FormData:
        if request.method != "POST":
            return FormData()
        return await request.form(
            max_files=_FILES, max_fields=_FIELDS, max_part_size=MAX_UPLOAD_OCTETS
        )

    def _visit(
        self, request: Request, token: str | None, visitor: Visitor | None, form: FormData
    ) -> Visit:
        query = f"?{request.url.query}" if request.url.query else ""
        return Visit(
            service=self.service,
            pages=self.pages,
            visitor=visitor,
            csrf=self.csrf(token or ""),
            signed=self.signed,
            path=request.path_params,
            query=request.query_params,
            form=form,
            here=f"{request.url.path}{query}",
            client=request.client.host if request.client else "",
            bearer=request.headers.get("authorization", "").removeprefix("Bearer "),
        )

    def csrf(self, token: str) -> str:
        """Give what must stand in the forms of a session: nobody else can know it."""
        return hmac.new(self.key, b"form:" + token.encode(), hashlib.sha256).hexdigest()

    def signed(self, token: str) -> str:
        """Give a session's token as it stands in the cookie."""
        return self._signer.sign(token).decode()

    @property
    def _signer(self) -> Signer:
        return Signer(self.key, salt="session", digest_method=hashlib.sha256)

    def _token(self, request: Request) -> str | None:
        try:
            return self._signer.unsign(request.cookies.get(COOKIE, "")).decode()
        except (BadSignature, UnicodeDecodeError):
            return None

    def _visitor(self, token: str | None) -> Visitor | None:
        return sign_in.visitor(self.service, token) if token else None

    @staticmethod
    def _is_meant(visit: Visit) -> bool:
        return hmac.compare_digest(visit.text("csrf"), visit.csrf)

    def _answer(self, way: Way, visit: Visit) -> Response:
        """Let a page answer; what it refuses is said on a page, with the way back."""
        if way.least is not None and not visit.may(way.least):
            return visit.show("refused", status=403, why=f"This needs the role {way.least}.")
        if way.method == "POST" and way.form and not self._is_meant(visit):
            return visit.show("refused", status=403, why=_STALE)
        try:
            return way.page(visit)
        except UndersignedError as exc:
            status = next(code for kind, code in _STATUSES.items() if isinstance(exc, kind))
            return visit.show("refused", status=status, why=str(exc))


#: What a refusal is in the words of HTTP.
_STATUSES: Mapping[type[UndersignedError], int] = {
    SlowDownError: 429,
    Refused: 409,
    TemporaryFailure: 503,
    UndersignedError: 500,
}
_STALE = (
    "This form is too old, or did not come from here. Go back, load the page again, and repeat."
)
