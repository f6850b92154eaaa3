"""What can go wrong, split by what the caller can do about it.

Nothing else crosses a room: `transport` and `store` translate the errors of their libraries into
these, and `except Exception` stands only at the edge of a task.
"""


class UndersignedError(Exception):
    """Something went wrong that a person may have to read about; its text is for them."""


class TemporaryFailure(UndersignedError):
    """It may work later: try again."""


class PermanentFailure(UndersignedError):
    """Trying again changes nothing: tell a person."""


class Refused(UndersignedError):
    """The coordinator asked for what is not allowed as things stand; the text says what to do."""
