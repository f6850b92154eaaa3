"""How a signatory is printed."""

from dataclasses import dataclass
from enum import StrEnum


class Kind(StrEnum):
    """The heading a listing stands under."""

    INDIVIDUAL = "individual"
    ORGANIZATION = "organization"


@dataclass(frozen=True, kw_only=True)
class Listing:
    """One printed line of the list.

    >>> kind = Kind.INDIVIDUAL
    >>> Listing(kind=kind, name="Ingrid Aaltonen", title="Professor", country="Finland").line
    'Ingrid Aaltonen, Professor / Finland'
    """

    kind: Kind
    #: Exactly as the signer spells it, acronym in parentheses included.
    name: str
    title: str | None = None
    #: In house style, or None where the signer wants none.
    country: str | None = None

    @property
    def line(self) -> str:
        """The line as the letter prints it: `Name, Title / Country`, less what there is none of."""
        title = f", {self.title}" if self.title else ""
        country = f" / {self.country}" if self.country else ""
        return f"{self.name}{title}{country}"
