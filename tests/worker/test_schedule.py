"""What beat wakes, and when."""

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
        assert entry["options"]["expires"] <= max(1.0, entry["schedule"].total_seconds()), name
        assert hasattr(tasks, name)


def test_it_never_hoards_wake_ups() -> None:
    """A worker takes one wake-up at a time, acknowledges it early and keeps no result.

    T25: celery/celery#4354, #7950, what was prefetched is lost at a shutdown.
    """
    conf = make_app(configured({"UNDERSIGNED_BROKER_URL": "redis://127.0.0.1:1/0"})).conf

    assert conf.worker_prefetch_multiplier == 1
    assert conf.task_acks_late is False
    assert conf.task_ignore_result is True
