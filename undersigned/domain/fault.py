"""What is wrong, or may be, in a campaign's folder."""

from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True)
class Fault:
    """One thing to mend, with the place and the remedy."""

    file: str
    #: Counted from 1; 0 where the whole file is meant.
    line: int
    problem: str
    remedy: str
    #: A warning tells what may be meant; anything else stops `apply`.
    is_warning: bool = False

    def __str__(self) -> str:
        place = f"{self.file}:{self.line}" if self.line else self.file
        word = "warning: " if self.is_warning else ""
        return f"{place}: {word}{self.problem} {self.remedy}"
