"""Celery's door: the app, its tasks, its schedule, and the embedded engine."""
