"""Ahead: what every process of the product reads and builds at its start, done once for all.

It is code and tables alone: no file, no connection, no thread and no setting. A child that is
forked after it opens all of its own.
"""

import gc
from importlib import import_module

import typer

#: The modules that the commands import when they run, and Celery by name. Not `worker.celery` and
#: what rests on it: it reads the settings.
MODULES = (
    "billiard.heap",
    "billiard.popen_fork",
    "billiard.sharedctypes",
    "billiard.synchronize",
    "celery.app.amqp",
    "celery.app.control",
    "celery.app.events",
    "celery.app.log",
    "celery.apps.beat",
    "celery.apps.worker",
    "celery.backends.base",
    "celery.beat",
    "celery.bin.celery",
    "celery.concurrency.prefork",
    "celery.concurrency.thread",
    "celery.events",
    "celery.fixups.django",
    "celery.loaders.app",
    "celery.utils.static",
    "celery.worker.autoscale",
    "celery.worker.components",
    "celery.worker.consumer",
    "celery.worker.consumer.delayed_delivery",
    "celery.worker.loops",
    "celery.worker.pidbox",
    "celery.worker.strategy",
    "cffi.cparser",
    "kombu.transport.memory",
    "kombu.transport.redis",
    "multiprocessing.connection",
    "psycopg",
    "rich.console",
    "rich.emoji",
    "rich.table",
    "sqlalchemy.dialects.postgresql.psycopg",
    "sqlalchemy.dialects.sqlite",
    "sqlite3",
    "undersigned.console.application",
    "undersigned.console.serve",
    "undersigned.flows.listen",
    "uvicorn.lifespan.on",
    "uvicorn.loops.asyncio",
    "uvicorn.loops.auto",
    "uvicorn.protocols.http.auto",
    "uvicorn.protocols.websockets.auto",
    "uvicorn.server",
    "worker.schedule",
    "worker.stopping",
    "worker.tasks",
)
#: The commands that the field runs.
COMMANDS = ("up", "worker", "beat", "listen")


def read() -> None:
    """Read the modules, and the commands of the command line."""
    for module in MODULES:
        import_module(module)
    from undersigned import cli  # noqa: PLC0415 - like the others

    group = typer.main.get_command(cli.app)
    assert isinstance(group, cli.Nouns)
    for name in COMMANDS:
        group.get_command(None, name).make_context(name, [])


def build() -> None:
    """Build what is made for the first reply and the first list of a process."""
    from undersigned import reading  # noqa: PLC0415 - read already
    from undersigned.domain.house_style import Countries  # noqa: PLC0415
    from undersigned.domain.signatories import CATALOGUE  # noqa: PLC0415

    words = reading.parse(b"From: nobody@example.org\r\n\r\nYes, please add our name.\r\n")
    countries = Countries.from_table({}, {})
    question = reading.Question(
        prospect=None, signed=False, countries=countries, public_providers=frozenset()
    )
    reading.read(words, question)
    CATALOGUE.key("The Beacon")
    # Celery collects garbage before each fork of its own; all this is none.
    gc.collect()
    gc.freeze()
