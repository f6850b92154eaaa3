"""Findings: what a preflight looked at, and what was found."""

from collections.abc import Iterable
from dataclasses import dataclass

#: By this name a coordinator says that no preflight is wanted at all.
NEVER = "preflight"


@dataclass(frozen=True, kw_only=True)
class Line:
    """One thing that was looked at."""

    what: str
    is_well: bool
    #: What was found, and where it is not well what to do.
    said: str


def well(what: str, said: str) -> Line:
    """Give the line of something that is as it should be."""
    return Line(what=what, is_well=True, said=said)


def unwell(what: str, said: str) -> Line:
    """Give the line of something that is not; what is said tells what to do."""
    return Line(what=what, is_well=False, said=said)


def standing(failed: Iterable[str], despite: Iterable[str]) -> list[str]:
    """Give what failed and was not named as known; a name counts in whatever case.

    >>> standing(["SPF", "clock"], ["spf"])
    ['clock']
    """
    known = {one.casefold() for one in despite}
    return [one for one in failed if one.casefold() not in known]
