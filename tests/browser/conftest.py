"""The console's people, for windows of a real browser."""

from tests.console.conftest import peopled

__all__ = ["peopled"]
