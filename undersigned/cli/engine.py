"""The engine: listen, up, worker, beat."""

import os
import signal
import socket
from collections.abc import Callable
from contextlib import ExitStack
from datetime import timedelta
from enum import StrEnum
from typing import Annotated

import typer

from undersigned import pulse
from undersigned.cli import desk
from undersigned.errors import PermanentFailure, Refused
from undersigned.flows import listen as listening
from undersigned.service import configured


def register(app: typer.Typer) -> None:
    """Add these commands to the command line."""
    for command in (listen, up, worker, beat, health):
        app.command()(command)


def until_stopped(stop: Callable[[], None]) -> None:
    """Stop on SIGTERM or SIGINT: what is in hand is finished, nothing new is taken."""
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stop())


def listen(
    account: Annotated[str, typer.Option(help="The mail account to listen to.")] = "default",
) -> None:
    """Hold an IDLE connection to a mailbox, so that replies are read within seconds.

    Example: undersigned listen
    """
    with desk.service() as service:
        until_stopped(service.stop)
        desk.talk().print(f"Listening to {account}. Stop with Ctrl-C.")
        listening.listen(service, account)


def up() -> None:
    """Run everything in one process: workers, beat and listener. No broker is needed.

    Example: undersigned up
    """
    from undersigned.console.serve import serving  # noqa: PLC0415 - as below
    from worker import embedded  # noqa: PLC0415 - other commands need no Celery

    with desk.service() as service:
        until_stopped(service.stop)
        with embedded.running(service), ExitStack() as stack:
            try:
                stack.enter_context(serving(service))
                where = f"its console is at {service.settings.console.url}"
            except PermanentFailure as exc:  # the mail goes on without it
                where = str(exc).rstrip(".")
            desk.talk().print(f"Undersigned is up; {where}. Stop with Ctrl-C.", soft_wrap=True)
            service.stopping.wait()


def worker(
    concurrency: Annotated[int, typer.Option(help="Worker processes.")] = 2,
) -> None:
    """Run a Celery worker on the broker of the settings.

    Example: undersigned worker --concurrency 2
    """
    _celery(
        "worker",
        "--loglevel=INFO",
        f"--concurrency={concurrency}",
        "--without-mingle",
        "--without-gossip",
    )


def beat() -> None:
    """Run Celery's beat, whose ticks wake the tasks. Two of them do no harm.

    Example: undersigned beat
    """
    _celery("beat", "--loglevel=INFO")


class Role(StrEnum):
    """The processes whose health can be asked for."""

    WORKER = "worker"
    BEAT = "beat"
    LISTENER = "listener"
    POST_OFFICE = "post-office"


#: How old the last sign of life of a healthy process is at most.
AGES = {
    Role.BEAT: timedelta(minutes=1),  # several ticks
    Role.LISTENER: timedelta(minutes=15),  # the connection is renewed every nine
    Role.POST_OFFICE: timedelta(minutes=1),  # one every few seconds
}
#: How long a worker may take to answer, in seconds: it answers while its pool works.
PING_SECONDS = 5


def health(
    role: Annotated[Role, typer.Argument(help="The process that runs here.")],
) -> None:
    """Say whether a process on this machine does its work; exits 1 if not.

    Example: undersigned health worker
    """
    if role is Role.WORKER:
        _ask_worker()
        return
    settings = configured(os.environ)
    if settings.pulse is None:
        raise Refused("The setting [paths] pulse names no folder for signs of life.")
    age = pulse.age(settings.pulse, role)
    if age is None or age > AGES[role]:
        last = "none" if age is None else f"the last {age.total_seconds():.0f} seconds ago"
        raise Refused(f"The {role} gives no sign of life: {last}.")
    desk.say(f"The {role} is well.")


def _ask_worker() -> None:
    from worker.celery import app  # noqa: PLC0415 - other commands need no Celery

    here = socket.gethostname()
    answers = app.control.ping(timeout=PING_SECONDS, destination=[f"celery@{here}"], limit=1)
    if not answers:
        raise Refused(f"The worker on {here} does not answer.")
    desk.say(f"The worker on {here} is well.")


def _celery(*arguments: str) -> None:
    from worker.celery import app  # noqa: PLC0415 - other commands need no Celery

    app.start(argv=list(arguments))
