"""The application: the table of routes on a service, as ASGI servers take it."""

import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.routing import BaseRoute, Mount, Route
from starlette.staticfiles import StaticFiles

from undersigned import resources
from undersigned.console.guard import MAX_UPLOAD_OCTETS, Door
from undersigned.console.headers import Headers
from undersigned.console.pages import Pages
from undersigned.console.routes import ROUTES
from undersigned.service import Service, configured, open_service
from undersigned.store import visitors


def application() -> Starlette:
    """Give the console on a service of its own, from the settings: `uvicorn --factory` calls it."""
    service = open_service(configured(os.environ))

    @asynccontextmanager
    async def lifespan(_app: Starlette) -> AsyncIterator[None]:
        yield
        service.close()

    return console(service, lifespan=lifespan)


def console(service: Service, *, lifespan: object = None) -> Starlette:
    """Give the console on a service that somebody else opened and closes."""
    with service.store.writing() as session:
        key = visitors.key(session, "console")
    door = Door(service=service, pages=Pages(service.settings.templates), key=key)
    routes: list[BaseRoute] = [
        Route(
            one.path,
            door.guarded(one),
            methods=[one.method],
            name=f"{one.method} {one.path}",
        )
        for one in ROUTES
    ]
    static = resources.templates("console") / "static"
    routes.append(Mount("/static", StaticFiles(directory=static), name="static"))
    app = Starlette(
        routes=routes,
        middleware=[Middleware(Headers)],
        lifespan=lifespan,  # type: ignore[arg-type]
        max_body_size=MAX_UPLOAD_OCTETS,
    )
    app.state.door = door
    return app
