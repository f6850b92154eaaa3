"""What beat wakes, and when."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from celery.beat import Scheduler
from celery.signals import after_task_publish

from tests import servers
from undersigned.service import configured
from worker import tasks
from worker.celery import make_app
from worker.schedule import beat_schedule


def test_it_wakes_every_task_and_nothing_else() -> None:
    """Every tick names a task that exists, and expires before the next one."""
    settings = configured({})
    app = make_app(settings)
    app.loader.import_default_modules()
    schedule = beat_schedule(settings.ticks)

    ours = {name for name in app.tasks if not name.startswith("celery.")}
    assert {entry["task"] for entry in schedule.values()} == ours
    for name, entry in schedule.items():
        interval = entry["schedule"].run_every.total_seconds()
        assert entry["options"]["expires"] <= max(1.0, interval), name
        assert hasattr(tasks, name)


def test_it_ticks_on_when_the_clock_is_put_back(monkeypatch: pytest.MonkeyPatch) -> None:
    """A machine's clock that was a day ahead and is put right stops no tick."""
    settings = configured({})
    often = replace(settings.ticks, recover=timedelta(milliseconds=10))
    app = make_app(replace(settings, ticks=often))
    beat = Scheduler(app)
    beat.tick()
    ticked: list[str] = []

    def tick(sender: str, **_: object) -> None:
        ticked.append(sender)

    after_task_publish.connect(tick)
    day_before = datetime.now(UTC) - timedelta(days=1)
    monkeypatch.setattr(app, "now", lambda: day_before)

    servers.wait_until(lambda: beat.tick() is not None and "recover" in ticked, "a tick")


def test_it_never_hoards_wake_ups() -> None:
    """A worker takes one wake-up at a time, acknowledges it early and keeps no result.

    T25: celery/celery#4354, #7950, what was prefetched is lost at a shutdown.
    """
    conf = make_app(configured({"UNDERSIGNED_BROKER_URL": "redis://127.0.0.1:1/0"})).conf

    assert conf.worker_prefetch_multiplier == 1
    assert conf.task_acks_late is False
    assert conf.task_ignore_result is True
