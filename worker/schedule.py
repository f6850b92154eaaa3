"""When beat wakes each task. A tick expires after its own interval: the next one does its work."""

import time
from dataclasses import fields
from datetime import UTC, datetime
from typing import Any

from celery.schedules import schedule

from undersigned.settings import Ticks


def steady() -> datetime:
    """Give an instant that only ever goes on, of no calendar.

    A machine's clock that ran ahead and was put right would stop every tick until it has caught up.
    """
    return datetime.fromtimestamp(time.monotonic(), UTC)


def beat_schedule(ticks: Ticks) -> dict[str, dict[str, Any]]:
    """Give Celery's beat schedule: one entry a task, named like it."""
    return {
        field.name: {
            "task": field.name,
            "schedule": schedule(interval := getattr(ticks, field.name), nowfun=steady),
            "options": {"expires": max(1.0, interval.total_seconds())},
        }
        for field in fields(ticks)
    }
