"""The embedded engine: the same tasks in one process, over the in-memory transport."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager

from celery import Celery
from celery.beat import EmbeddedService
from celery.worker import WorkController

from undersigned.flows import listen, read
from undersigned.service import Announce, Service
from worker import tasks
from worker.celery import make_app

#: Tasks at once: sending, fetching, reading, and the short ticks beside them.
THREADS = 4
#: How long a stop waits for the message in hand, in seconds.
PATIENCE = 20


@contextmanager
def running(service: Service) -> Iterator[None]:
    """Run workers, beat and listeners as threads of this process until the block ends.

    Beat runs in a thread: its `-B` form forks, and the ticks of the child are lost. The service's
    wake-ups go to these workers.
    """
    app = make_app(service.settings)
    app.set_default()
    service.announce = _door(app)
    tasks.use(service)
    worker = WorkController(
        app=app,
        pool_cls="threads",
        concurrency=THREADS,
        without_heartbeat=True,
        without_mingle=True,
        without_gossip=True,
        send_events=False,
    )
    beat = EmbeddedService(app, max_interval=1, thread=True, scheduler_cls=app.conf.beat_scheduler)
    threads = [threading.Thread(target=worker.start, name="undersigned-worker", daemon=True)]
    threads += [
        threading.Thread(
            target=listen.listen,
            args=(service, account.name),
            name="undersigned-listener",
            daemon=True,
        )
        for account in service.settings.accounts.values()
        if account.imap_host
    ]
    threads.append(threading.Thread(target=read.warm, args=(service,), name="undersigned-warm"))
    for thread in threads:
        thread.start()
    beat.start()
    try:
        yield
    finally:
        service.stop()
        beat.stop()
        worker.stop()
        for thread in threads:
            thread.join(PATIENCE)


def _door(app: Celery) -> Announce:
    def announce(task: str, *ids: int) -> None:
        app.send_task(task, args=ids, ignore_result=True)

    return announce
