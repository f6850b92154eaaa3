"""Serve: the console on a port of this machine, beside whatever else the process does."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager

import uvicorn

from undersigned.console.application import console
from undersigned.errors import PermanentFailure
from undersigned.service import Service

#: How long a stop waits for open requests, in seconds.
PATIENCE = 5


def _server(service: Service) -> uvicorn.Server:
    """Give a server for the console at the host and port of the settings."""
    here = service.settings.console
    return uvicorn.Server(
        uvicorn.Config(
            console(service),
            host=here.host,
            port=here.port,
            log_level="warning",
            access_log=False,
            server_header=False,
            timeout_graceful_shutdown=PATIENCE,
        )
    )


@contextmanager
def serving(service: Service) -> Iterator[None]:
    """Serve the console in a thread until the block ends.

    Raises `PermanentFailure` where the port is taken.
    """
    here = service.settings.console
    ours = _server(service)
    thread = threading.Thread(target=_run, args=(ours,), name="undersigned-console", daemon=True)
    thread.start()
    while not ours.started and thread.is_alive():
        thread.join(0.02)
    if not ours.started:
        raise PermanentFailure(
            f"The console cannot listen on {here.host}:{here.port}: another program does. "
            "Set [console] port in the settings."
        )
    try:
        yield
    finally:
        ours.should_exit = True
        thread.join(PATIENCE + 1)


def _run(ours: uvicorn.Server) -> None:
    try:
        ours.run()
    except SystemExit:  # uvicorn's way to say that it cannot listen; `serving` says it better
        return
