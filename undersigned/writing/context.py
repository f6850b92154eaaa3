"""What each email says, as values that its templates print without further thought.

One frozen dataclass an email; `template` names its folder. All values are formatted in the
reader's language; the builders in `undersigned.writing.emails` make them from the domain's.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar

from markupsafe import Markup

from undersigned.domain.party import Prospect


@dataclass(frozen=True, kw_only=True)
class ToParty:
    """What every email to a prospect says."""

    #: The campaign's short name.
    campaign: str
    #: The coalition or organization that carries the letter.
    organizer: str
    #: The named person who signs the mail.
    sender: str
    letter_title: str
    #: The date of dispatch in words, which is the date people know the letter by.
    letter_date: str
    #: When the list closes, in the campaign's zone and in UTC.
    cutoff: str
    #: When the letter leaves, in the campaign's zone and in UTC.
    dispatch: str
    #: The person greeted, or None where an organization is written to as such.
    person: str | None
    #: The party's name.
    party: str
    #: Whether the party is an individual, who is "you", and not an organization.
    individual: bool
    #: The party as prospects.csv has it; `prospect.more` holds its further columns.
    prospect: Prospect
    #: The reply token, printed small at the end: it survives where headers are rewritten.
    reference: str


@dataclass(frozen=True, kw_only=True)
class WithLetter(ToParty):
    """What an email says that shows the whole letter below its request."""

    #: How the party will be listed unless it says otherwise.
    listing: str
    letter_day: str
    letter_subject: str
    letter_salutation: str
    #: The body in lines of at most 72 columns.
    letter_text: str
    letter_html: Markup
    #: The language of the letter itself, a BCP 47 tag, and "ltr" or "rtl".
    letter_language: str
    letter_direction: str


@dataclass(frozen=True, kw_only=True)
class Invitation(WithLetter):
    """Asks a party to sign."""

    template: ClassVar[str] = "invitation"


@dataclass(frozen=True, kw_only=True)
class Reminder(WithLetter):
    """Asks again a party that has not answered."""

    template: ClassVar[str] = "reminder"

    #: The day the invitation went out.
    invited_on: str


@dataclass(frozen=True, kw_only=True)
class Renewal(WithLetter):
    """Asks a signer again, since the text changed in substance."""

    template: ClassVar[str] = "renewal"

    #: The printed lines, as they will stand again.
    listings: Sequence[str]


@dataclass(frozen=True, kw_only=True)
class Confirmation(WithLetter):
    """Asks the invited address whether a yes that came in its name is its own."""

    template: ClassVar[str] = "confirmation"

    #: The day the yes came, and the address it came from.
    received_on: str
    answered_from: str
    #: The printed line, as that yes would have it.
    listings: Sequence[str]


@dataclass(frozen=True, kw_only=True)
class ReceiptSigned(ToParty):
    """Tells a signer that the name is on the list, and how."""

    template: ClassVar[str] = "receipt-signed"

    #: The printed lines; one, as a rule.
    listings: Sequence[str]


@dataclass(frozen=True, kw_only=True)
class ReceiptAmended(ToParty):
    """Tells a signer how the changed name is listed now."""

    template: ClassVar[str] = "receipt-amended"

    listings: Sequence[str]


@dataclass(frozen=True, kw_only=True)
class ReceiptDeclined(ToParty):
    """Thanks a party that said no."""

    template: ClassVar[str] = "receipt-declined"


@dataclass(frozen=True, kw_only=True)
class ReceiptWithdrawn(ToParty):
    """Tells a signer that the name was taken off, or that the letter has already left."""

    template: ClassVar[str] = "receipt-withdrawn"

    #: When the letter left, in words, if it did before the withdrawal came; else None.
    left_on: str | None = None


@dataclass(frozen=True, kw_only=True)
class Clarification(ToParty):
    """Asks a party what its answer means: nothing is printed on a doubt."""

    template: ClassVar[str] = "clarification"

    #: The day the answer came.
    received_on: str
    #: How the party would be listed if it says yes.
    listing: str
    #: What the coordinator adds in own words, or None.
    note: str | None = None


@dataclass(frozen=True, kw_only=True)
class LetterToMission:
    """Carries the letter itself: the mail is the letter, under one line that introduces it."""

    template: ClassVar[str] = "letter-to-mission"

    #: "letter", "supplement" or "correction".
    errand: str
    #: Title and date in words of the letter itself, which a supplement or a correction follows.
    first_title: str
    first_day: str
    organizer: str
    sender: str
    letter_title: str
    #: The greeting of this addressee.
    salutation: str
    #: How many individuals and organizations signed, in words, e.g. "5 individuals and 46
    #: organizations".
    signed_by: str
    #: How many they are together.
    names: int
    #: The whole letter with its list, as `letter_text` gives it.
    letter_text: str
    #: The same as `letter_html.as_fragment` gives it.
    letter_html: Markup


@dataclass(frozen=True, kw_only=True)
class MissionAnswer:
    """Brings the coordinators what a mission answered; the original is attached."""

    template: ClassVar[str] = "mission-answer"

    campaign: str
    mission: str
    #: Who wrote, with name and address.
    sender: str
    #: The answer's own subject.
    about: str
    #: When the mailbox received it, in words.
    received: str
    #: The first lines of its text.
    answer: Sequence[str]


@dataclass(frozen=True, kw_only=True)
class SignIn:
    """Lets a person named in the settings into the console."""

    template: ClassVar[str] = "sign-in"

    link: str


@dataclass(frozen=True, kw_only=True)
class LoopBack:
    """Goes from us to the address that answers come to, and shows that they are found there."""

    template: ClassVar[str] = "loop-back"

    #: The campaign's short name.
    campaign: str


@dataclass(frozen=True, kw_only=True)
class CoordinatorDigest:
    """Tells the coordinators what came, what waits for them and what is due."""

    template: ClassVar[str] = "coordinator-digest"

    campaign: str
    #: The instant the digest speaks of, in words.
    as_of: str
    #: What needs a person now, one sentence each.
    alarms: Sequence[str]
    #: The funnel: what is counted, and how many.
    counts: Sequence[tuple[str, str]]
    #: What came since the last digest, one sentence each.
    news: Sequence[str]
    #: Replies that wait for a decision, one line each.
    reviews: Sequence[str]
    #: What is due next: what, and when.
    due: Sequence[tuple[str, str]]
