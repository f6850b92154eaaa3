"""Listed: the list as it stands now, kept between two looks at it for as long as nothing changed.

For the eye alone: what is frozen or sent is always folded anew (`flows.arrange`).
"""

from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import TypeVar, cast

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from undersigned.domain.listing import Kind
from undersigned.domain.proofreading import Remark
from undersigned.domain.signatories import Signatory
from undersigned.flows import arrange, proofread
from undersigned.service import Service
from undersigned.store.machine_tables import InstallationRow, JournalRow
from undersigned.store.tables import CampaignRow

Made = TypeVar("Made")

#: Lines that are proofread within a twentieth of a second.
SOON_READ = 500
#: The database's epoch, and how many lines a campaign's journal has, to which number. Whatever
#: changes the list writes a line in the same transaction; lines may be committed out of the order
#: of their numbers, so they are counted too.
Version = tuple[int | None, int, int | None]


@dataclass(frozen=True, kw_only=True)
class Line:
    """A signatory in its place."""

    #: Names this line among all: a party may be printed more than once.
    key: str
    kind: Kind
    #: Counted from 1 under its heading.
    place: int
    signatory: Signatory


@dataclass(frozen=True, kw_only=True)
class Listed:
    """The list at one state of the campaign."""

    groups: Mapping[Kind, Sequence[Signatory]]
    proofs: proofread.Proofs

    @cached_property
    def lines(self) -> Sequence[Line]:
        """Every line in its order."""
        return list(self._lines())

    @cached_property
    def at(self) -> Mapping[str, int]:
        """Where each line stands among all, by its key."""
        return {line.key: index for index, line in enumerate(self.lines)}

    @property
    def is_proofread(self) -> bool:
        """Whether the remarks are known, or are found in the blink of an eye."""
        return "remarks" in vars(self) or len(self.lines) <= SOON_READ

    @cached_property
    def remarks(self) -> Sequence[Remark]:
        """What to look at before it is printed."""
        return self.proofs.remarks(self.groups)

    def _lines(self) -> Iterator[Line]:
        seen: Counter[int] = Counter()
        for kind, group in self.groups.items():
            for place, one in enumerate(group, start=1):
                seen[one.prospect_id] += 1
                key = f"{one.prospect_id}-{seen[one.prospect_id]}"
                yield Line(key=key, kind=kind, place=place, signatory=one)


def listed(service: Service, session: Session, campaign: CampaignRow) -> Listed:
    """Give the list as it stands now; it is folded anew only where something changed."""

    def made() -> Listed:
        return Listed(
            groups=arrange.arranged(session, campaign), proofs=proofread.proofs(session, campaign)
        )

    return still(service, session, campaign, "list", made)


def still(
    service: Service,
    session: Session,
    campaign: CampaignRow,
    what: str,
    make: Callable[[], Made],
) -> Made:
    """Give what was made of a campaign's decisions before, or make it anew where one changed."""
    version = _version(session, campaign)  # first: what is newer is made once too often
    known, made = service.kept.get((campaign.name, what), (None, None))
    if known == version and made is not None:
        return cast("Made", made)
    fresh = make()
    service.kept[campaign.name, what] = (version, fresh)
    return fresh


def _version(session: Session, campaign: CampaignRow) -> Version:
    epoch = select(func.max(InstallationRow.epoch)).scalar_subquery()
    query = select(epoch, func.count(), func.max(JournalRow.id))
    one = session.execute(query.where(JournalRow.campaign_id == campaign.id)).one()
    return (one[0], one[1], one[2])
