"""The console: server-rendered pages; GET shows, POST changes and redirects."""

from undersigned.console.application import application

__all__ = ["application"]
