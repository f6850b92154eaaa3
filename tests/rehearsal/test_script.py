"""The script of a rehearsal."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from undersigned.domain.decision import Act
from undersigned.domain.listing import Kind
from undersigned.domain.party import Prospect
from undersigned.errors import Refused
from undersigned.rehearsal.script import Occasion, default, parse, span

NEW_YORK = ZoneInfo("America/New_York")


def prospect(name: str = "Open Rivers Forum", language: str | None = "ko") -> Prospect:
    """Give a party."""
    return Prospect(
        kind=Kind.ORGANIZATION, name=name, email=f"{len(name)}@party.example", language=language
    )


def test_it_reads_a_part_with_all_its_answers() -> None:
    """What each says, to which message, when, and by what."""
    script = parse(
        """
        [[signer]]
        party = "Open Rivers Forum"
        name = "Bo"
        [[signer.answer]]
        says = "No"
        [[signer.answer]]
        to = "receipt"
        after = "2d 4h"
        at = 2022-12-03T10:20:00
        by = "thunderbird"
        says = '''
        Yes
        '''
        form = { Name = "ORF" }
        address = "other@party.example"

        [[coordinator]]
        party = "Open Rivers Forum"
        decide = "decline"
        reason = "They would sign another text."
        """,
        [prospect()],
        NEW_YORK,
    )

    (person,) = script.people
    first, second = person.answers
    assert (person.address, person.name, person.language) == ("17@party.example", "Bo", "ko")
    assert (first.to, first.by, first.says) == (Occasion.INVITATION, "gmail", "No")
    assert (second.to, second.says, second.form) == (Occasion.RECEIPT, "Yes", {"Name": "ORF"})
    assert second.after == timedelta(days=2, hours=4)
    assert second.not_before == datetime(2022, 12, 3, 15, 20, tzinfo=UTC)
    assert second.address == "other@party.example"
    assert [ruling.decide for ruling in script.rulings] == [Act.DECLINE]


ANSWER = '[[signer]]\nparty = "Open Rivers Forum"\n[[signer.answer]]\n'


@pytest.mark.parametrize(
    ("source", "sentence"),
    [
        ("=", "is not TOML"),
        ('[[signer]]\nparty = "Nobody"', "'Nobody' is no party"),
        (ANSWER + 'by = "pigeon"', "writes by 'pigeon'. There are: gmail, "),
        (ANSWER + 'to = "letter"', "answers 'letter'. There are: invitation, "),
        (ANSWER + 'after = "soon"', "'soon' is no length of time"),
        (ANSWER + 'afer = "2h"', "has afer: unknown"),
        ('[[coordinator]]\nparty = "Open Rivers Forum"\ndecide = "maybe"', "needs decide"),
    ],
)
def test_it_says_what_is_wrong(source: str, sentence: str) -> None:
    """A slip in the script is told before the rehearsal starts."""
    with pytest.raises(Refused, match=r"rehearsal\.toml") as caught:
        parse(source, [prospect()], NEW_YORK)

    assert sentence in str(caught.value)


@pytest.mark.parametrize(
    ("text", "length"),
    [
        ("12m", timedelta(minutes=12)),
        ("26h", timedelta(hours=26)),
        ("1d2h3m", timedelta(days=1, hours=2, minutes=3)),
    ],
)
def test_it_reads_lengths_of_time(text: str, length: timedelta) -> None:
    """Days, hours and minutes."""
    assert span(text) == length


@pytest.mark.parametrize("text", ["", " ", "5", "h", "2h 1d", "-2h"])
def test_it_refuses_what_is_no_length_of_time(text: str) -> None:
    """A guess would move a whole rehearsal."""
    with pytest.raises(Refused):
        span(text)


def test_it_has_a_mix_for_campaigns_without_a_script() -> None:
    """Any campaign can be rehearsed: most say yes, some say no, some only after the reminder."""
    prospects = [prospect(f"Party {n}", "en" if n % 2 else None) for n in range(16)]

    script = default(prospects, longest=timedelta(days=3))

    says = [answer.says for person in script.people for answer in person.answers]
    assert len(script.people) == 14
    assert says.count("Yes") == 12
    assert all(a.after <= timedelta(days=3) for person in script.people for a in person.answers)
    assert {a.to for person in script.people for a in person.answers} == {
        Occasion.INVITATION,
        Occasion.REMINDER,
    }
