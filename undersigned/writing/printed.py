"""The letter as it is printed: its words, its greeting, and the list."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from undersigned.domain.letter import Letter
from undersigned.domain.listing import Kind
from undersigned.domain.signatories import HEADINGS
from undersigned.writing.moments import format_day


@dataclass(frozen=True, kw_only=True)
class PrintedLetter:
    """Everything that stands on the letter to one addressee."""

    letter: Letter
    #: The greeting of this addressee.
    salutation: str
    #: The printed lines of the list, in its order, under their headings.
    groups: Mapping[Kind, Sequence[str]]
    #: Whose letterhead it bears.
    organizer: str
    #: The language of its text, a BCP 47 tag.
    language: str = "en"
    #: The lines that say to whom it goes, above the greeting; none on the copy for all.
    addressee: Sequence[str] = ()
    #: What stands above each group.
    headings: Mapping[Kind, str] = field(default_factory=lambda: HEADINGS)

    @property
    def day(self) -> str:
        """The letter's date in words."""
        return format_day(self.letter.date, self.language)

    @property
    def lists(self) -> tuple[tuple[str, Sequence[str]], ...]:
        """The headings with their lines, in the letter's order; no empty heading."""
        return tuple(self._lists())

    @property
    def counts(self) -> Mapping[Kind, int]:
        """How many lines stand under each heading."""
        return {kind: len(self.groups.get(kind, ())) for kind in self.headings}

    def _lists(self) -> Iterator[tuple[str, Sequence[str]]]:
        for kind, heading in self.headings.items():
            if self.groups.get(kind):
                yield heading, self.groups[kind]
