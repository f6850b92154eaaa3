"""What a rule may look at: the signs in the words, the listing, the state of the party."""

from dataclasses import dataclass

from undersigned.reading.automatic import Mark
from undersigned.reading.denials import WAYS_OFF
from undersigned.reading.listings import Reading
from undersigned.reading.signs import Signs


@dataclass(frozen=True, kw_only=True)
class Facts:
    """What a rule may look at."""

    signs: Signs
    listing: Reading
    #: On the list already.
    signed: bool
    mark: Mark
    #: The sender wrote nothing new.
    empty: bool = False

    def has(self, *kinds: str) -> bool:
        """Say whether the words hold one of the kinds."""
        return self.signs.any(*kinds)

    @property
    def says_yes(self) -> bool:
        """Whether they say yes in words that need no guessing."""
        if self.has("consent", "not_no", "bare_yes"):
            return True
        # "Please list us as …" is a yes, and for those on the list already a correction.
        return not self.signed and (self.has("list_us") or self.names_listing)

    @property
    def drops_a_part(self) -> bool:
        """Whether a part of the entry is to be left out."""
        return self.has("drop_title", "drop_country", "drop_acronym")

    @property
    def gives_listing(self) -> bool:
        """Whether they spell out how to be listed, and nothing in it is doubtful."""
        return self.listing.is_given and self.listing.doubt is None

    @property
    def names_listing(self) -> bool:
        """Whether they say yes to something and spell out how to be listed."""
        asked_for = self.listing.is_given and self.has("amendment", "list_us")
        return asked_for and self.has("unclear_yes")

    @property
    def says_no(self) -> bool:
        """Whether they say no."""
        return self.has("refusal", "bare_no")

    @property
    def decides(self) -> bool:
        """Whether they say anything that a decision could be."""
        return self.says_yes or self.says_no or self.has(*WAYS_OFF)

    @property
    def wants_off(self) -> bool:
        """Whether those on the list want to be taken off it."""
        return self.signed and self.has("withdrawal", "off_list")

    @property
    def wants_another(self) -> bool:
        """Whether they ask that something else be listed: "could you list her instead?"."""
        return self.has("courtesy") and self.has("renamed") and self.has("wants_change")

    @property
    def asks(self) -> bool:
        """Whether something waits for an answer."""
        return self.has("question", "asking")

    @property
    def sounds_automatic(self) -> bool:
        """Whether the words are a machine's."""
        return self.has("away", "machine", "automated")
