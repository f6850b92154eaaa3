"""When beat wakes each task. A tick expires after its own interval: the next one does its work."""

from dataclasses import fields
from typing import Any

from undersigned.settings import Ticks


def beat_schedule(ticks: Ticks) -> dict[str, dict[str, Any]]:
    """Give Celery's beat schedule: one entry a task, named like it."""
    return {
        field.name: {
            "task": field.name,
            "schedule": (interval := getattr(ticks, field.name)),
            "options": {"expires": max(1.0, interval.total_seconds())},
        }
        for field in fields(ticks)
    }
