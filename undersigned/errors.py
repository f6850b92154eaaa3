"""What can go wrong, split by what the caller can do about it.

Nothing else crosses a room: `transport` and `store` translate the errors of their libraries into
these, and `except Exception` stands only at the edge of a task.
"""


class UndersignedError(Exception):
    """Something went wrong that a person may have to read about; its text is for them."""


class TemporaryFailure(UndersignedError):
    """It may work later: try again."""


class DatabaseAwayError(TemporaryFailure):
    """The database does not answer; whatever else may be wrong cannot be written down now."""


class TokenDiedError(TemporaryFailure):
    """The server ended the session because its token died: a new one may go on at once."""


class PermanentFailure(UndersignedError):
    """Trying again changes nothing: tell a person."""


class SlowDownError(TemporaryFailure):
    """Somebody asks too often; a little later they are heard again."""


class Refused(UndersignedError):
    """The coordinator asked for what is not allowed as things stand; the text says what to do."""


class LetterFault(Refused):
    """The letter's source has a fault; says where it stands and how to mend it."""

    def __init__(self, *, line: int, problem: str, remedy: str) -> None:
        #: Counted from 1, in the source.
        self.line = line
        #: What is wrong, as a sentence.
        self.problem = problem
        #: What to do about it, as a sentence.
        self.remedy = remedy
        super().__init__(f"line {line}: {problem} {remedy}")
