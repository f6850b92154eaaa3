"""The engine: listen, up, worker, beat."""

import signal
from typing import Annotated

import typer

from undersigned.cli import desk
from undersigned.flows import receive
from undersigned.service import Service


def register(app: typer.Typer) -> None:
    """Add these commands to the command line."""
    for command in (listen, up, worker, beat):
        app.command()(command)


def _until_stopped(service: Service) -> None:
    """Stop on SIGTERM or SIGINT: what is in hand is finished, nothing new is taken."""
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: service.stop())


def listen(
    account: Annotated[str, typer.Option(help="The mail account to listen to.")] = "default",
) -> None:
    """Hold an IDLE connection to a mailbox, so that replies are read within seconds.

    Example: undersigned listen
    """
    with desk.service() as service:
        _until_stopped(service)
        desk.talk().print(f"Listening to {account}. Stop with Ctrl-C.")
        receive.listen(service, account)


def up() -> None:
    """Run everything in one process: workers, beat and listener. No broker is needed.

    Example: undersigned up
    """
    from worker import embedded  # noqa: PLC0415 - other commands need no Celery

    with desk.service() as service:
        _until_stopped(service)
        with embedded.running(service):
            desk.talk().print("Undersigned is up. Stop with Ctrl-C.")
            service.stopping.wait()


def worker(
    concurrency: Annotated[int, typer.Option(help="Worker processes.")] = 2,
) -> None:
    """Run a Celery worker on the broker of the settings.

    Example: undersigned worker --concurrency 2
    """
    _celery("worker", "--loglevel=INFO", f"--concurrency={concurrency}", "--without-mingle")


def beat() -> None:
    """Run Celery's beat, whose ticks wake the tasks. Two of them do no harm.

    Example: undersigned beat
    """
    _celery("beat", "--loglevel=INFO")


def _celery(*arguments: str) -> None:
    from worker.celery import app  # noqa: PLC0415 - other commands need no Celery

    app.start(argv=list(arguments))
