"""The Celery app. `celery -A worker.celery worker` and `… beat` start from here."""

import os
from typing import Any

from celery import Celery
from celery.signals import (
    after_task_publish,
    beat_init,
    task_postrun,
    task_prerun,
    worker_init,
    worker_process_init,
    worker_process_shutdown,
    worker_shutting_down,
)

from undersigned import pulse
from undersigned.service import QUEUE, configured
from undersigned.settings import Settings
from worker import stopping, tasks
from worker.schedule import beat_schedule


def make_app(settings: Settings) -> Celery:
    """Give the app for these settings; Redis or memory carries wake-ups and nothing else."""
    app = Celery("undersigned", broker=settings.broker_url, include=["worker.tasks"])
    app.conf.update(
        beat_schedule=beat_schedule(settings.ticks),
        beat_scheduler="celery.beat:Scheduler",  # keeps no file: a lost tick costs nothing
        broker_connection_retry_on_startup=True,  # Redis may come up after us
        broker_transport_options=_transport_options(settings.broker_url),
        enable_utc=True,
        task_acks_late=False,  # a wake-up that is lost costs one tick; one played twice is noise
        task_default_queue=QUEUE,
        task_ignore_result=True,
        task_store_errors_even_if_ignored=False,
        worker_hijack_root_logger=False,
        worker_prefetch_multiplier=1,  # a claim is made in the database, not by hoarding wake-ups
        worker_send_task_events=False,
    )
    return app


def _transport_options(broker_url: str) -> dict[str, Any]:
    # The in-memory transport looks once a second unless told otherwise.
    return {"polling_interval": 0.02} if broker_url.startswith("memory:") else {}


settings = configured(os.environ)
app = make_app(settings)


@beat_init.connect  # type: ignore[untyped-decorator, unused-ignore]  # Celery has no types
def _beats(**_: object) -> None:
    after_task_publish.connect(_ticked)


def _ticked(**_: object) -> None:
    """Beat lives as long as the broker takes its ticks."""
    if settings.pulse is not None:
        pulse.leave(settings.pulse, "beat")


@worker_init.connect  # type: ignore[untyped-decorator, unused-ignore]  # Celery has no types
def _before_the_fork(**_: object) -> None:
    stopping.prepare()


@worker_process_init.connect  # type: ignore[untyped-decorator, unused-ignore]  # as above
def _after_the_fork(**_: object) -> None:
    stopping.listen(tasks.stop_taking)
    task_prerun.connect(_before_a_task)
    task_postrun.connect(_after_a_task)
    tasks.warm()


def _before_a_task(**_: object) -> None:
    stopping.busy(tasks.stop_taking)


def _after_a_task(**_: object) -> None:
    stopping.idle()


@worker_shutting_down.connect  # type: ignore[untyped-decorator, unused-ignore]  # as above
def _take_no_new_row(**_: object) -> None:
    tasks.stop_taking()
    stopping.tell()


@worker_process_shutdown.connect  # type: ignore[untyped-decorator, unused-ignore]  # as above
def _close(**_: object) -> None:
    tasks.close()
