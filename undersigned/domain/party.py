"""Parties: the organizations and individuals who may sign."""

from dataclasses import dataclass, field
from enum import StrEnum

from undersigned.domain.listing import Kind, Listing


@dataclass(frozen=True, kw_only=True)
class Prospect:
    """A party that was or will be invited, as the coordinator's prospects.csv has it."""

    #: Whether an organization or an individual is asked.
    kind: Kind
    #: The party's name as it would be printed, acronym in parentheses included.
    name: str
    #: What an individual is, e.g. "Professor, Hanbit University"; None for organizations, as a
    #: rule.
    title: str | None = None
    #: In house style ("South Korea"), or None where the coordinator names none.
    country: str | None = None
    #: The contact address that is invited.
    email: str
    #: The person addressed at an organization, or None.
    contact: str | None = None
    #: The language the party is written to in, a BCP 47 tag such as "ko"; None falls back to the
    #: campaign's.
    language: str | None = None
    #: Further columns of prospects.csv, for the templates.
    more: dict[str, str] = field(default_factory=dict)

    @property
    def listing(self) -> Listing:
        """How the party is printed if its reply says nothing about it."""
        return Listing(kind=self.kind, name=self.name, title=self.title, country=self.country)


class Standing(StrEnum):
    """Where a party stands, as the fold of its decisions says."""

    #: In prospects.csv, no invitation made yet.
    PROSPECT = "prospect"
    #: An invitation was made and nothing was decided since.
    INVITED = "invited"
    #: On the list.
    SIGNED = "signed"
    #: Said no.
    DECLINED = "declined"
    #: Was on the list and asked to be taken off.
    WITHDRAWN = "withdrawn"
    #: The invitation came back for good.
    BOUNCED = "bounced"
    #: A person found it to be the same party as another one, which has all that was its.
    MERGED = "merged"
