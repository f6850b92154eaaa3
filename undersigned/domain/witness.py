"""The witness: notes outside the database, by which a copy of a database knows that it is one.

Whoever sends leaves a note in the mailbox now and then, and keeps its key. A database that finds a
note whose key it does not know is older than the note, or another one is at work.
"""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum


class Kind(StrEnum):
    """What a note says."""

    #: Mail left from here.
    AT_WORK = "at-work"
    #: A letter's dispatch began. It stands for good.
    DISPATCHED = "dispatched"


@dataclass(frozen=True, kw_only=True)
class Note:
    """One note in the mailbox."""

    #: 80 random bits; the database that wrote it knows it.
    key: str
    #: The database's own mark; a copy has the same.
    instance: str
    #: Raised whenever a person says that another database goes on.
    epoch: int
    kind: Kind
    #: Names of the campaigns that it speaks of.
    campaigns: tuple[str, ...]
    at: datetime


class Doubt(StrEnum):
    """Why a database may not send."""

    #: It lies elsewhere than where it worked last.
    MOVED = "database-moved"
    #: It knows less than what this process has written into it already.
    OLDER = "database-older"
    #: A person let another one go on.
    LATER_EPOCH = "later-epoch"
    #: Another one wrote notes in the same epoch, or this one forgot its own.
    ANOTHER = "another-at-work"
    #: The letter left already, says a note that this database does not know.
    DISPATCHED = "dispatched-already"
    #: The notes cannot be read.
    UNREADABLE = "witness-unreadable"


def judge(
    notes: Iterable[Note], *, known: Collection[str], epoch: int, campaigns: Collection[str]
) -> Doubt | None:
    """Say why a database of an epoch may not send for its campaigns, or None where it may.

    A note of an earlier epoch binds nobody: a person knew of it when they raised the epoch.
    """
    strange = [
        note for note in notes if note.key not in known and set(note.campaigns) & set(campaigns)
    ]
    if any(note.epoch > epoch for note in strange):
        return Doubt.LATER_EPOCH
    if any(note.epoch == epoch for note in strange):
        return Doubt.ANOTHER
    return None


def is_dispatched(notes: Iterable[Note], campaign: str, *, known: Collection[str]) -> bool:
    """Say whether a note that the database does not know tells of the campaign's dispatch."""
    return any(
        note.kind is Kind.DISPATCHED and campaign in note.campaigns and note.key not in known
        for note in notes
    )
