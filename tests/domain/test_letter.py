"""The letter's file."""

from dataclasses import replace
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from undersigned.domain.letter import Letter, differences, digest, faults, parse
from undersigned.errors import LetterFault, Refused

SOURCE = """---
title: "An Open Letter"
date: 2022-12-05
subject: "Re: The matter"
salutation: "Dear Ambassador,"
---

We write to you.

Sincerely,
"""


def test_it_reads_every_part() -> None:
    """A coordinator's file becomes the letter with nothing lost."""
    letter = parse(SOURCE)

    assert letter == Letter(
        title="An Open Letter",
        date=date(2022, 12, 5),
        subject="Re: The matter",
        salutation="Dear Ambassador,",
        text="We write to you.\n\nSincerely,\n",
    )


@pytest.mark.parametrize(
    "same",
    [
        "\ufeff" + SOURCE,  # a Windows editor's byte order mark
        SOURCE.replace("\n", "\r\n"),
        SOURCE.replace("\n", "\r"),
        SOURCE.replace('"An Open Letter"', "An Open Letter"),
        SOURCE.replace("2022-12-05", '"2022-12-05"'),
        SOURCE.replace("---", "---  "),
        SOURCE + "\n\n\n",
    ],
)
def test_it_has_one_digest_however_it_was_typed(same: str) -> None:
    """Line ends, quotes and blank lines at the end do not make a new edition."""
    assert digest(parse(same)) == digest(parse(SOURCE))


@pytest.mark.parametrize(
    "other",
    [
        SOURCE.replace("An Open", "The Open"),
        SOURCE.replace("12-05", "12-06"),
        SOURCE.replace("matter", "Matter"),
        SOURCE.replace("Ambassador,", "Ambassador"),
        SOURCE.replace("to you.", "to you,"),
    ],
)
def test_its_digest_tells_every_comma(other: str) -> None:
    """Any change to the words is seen."""
    assert digest(parse(other)) != digest(parse(SOURCE))


def test_its_digest_does_not_change_with_the_product() -> None:
    """A digest in an old journal still names the same words."""
    assert (
        digest(parse(SOURCE)) == "f3fd4e60e14c99ea76361fd1c743e72f1125326b877df94a1f0af055131cea67"
    )


def test_it_is_in_composed_form() -> None:
    """An accent typed as a separate character is the same letter as one typed at once."""
    decomposed = SOURCE.replace("The matter", "cafe\u0301")

    assert parse(decomposed).subject == "Re: caf\u00e9"


@pytest.mark.parametrize(
    ("source", "line", "problem"),
    [
        ("", 1, "does not begin with a line of three hyphens"),
        ("Dear all,\n", 1, "does not begin with a line of three hyphens"),
        ("---\ntitle: A\n", 3, "has no end"),
        ("---\n---\nText\n", 2, "holds no keys"),
        ("---\n- title\n---\nText\n", 2, "holds no keys"),
        ("---\ntitle: Re: A\n---\nText\n", 2, "cannot be read"),
        ('---\ntitle: "A\n---\nText\n', 2, "cannot be read"),
        ("---\ntitle: \x00\n---\nText\n", 1, "characters that are not allowed"),
        (f"---\ntitle: {'[' * 5000}\n---\nText\n", 1, "characters that are not allowed"),
        (SOURCE.replace("title:", "titel:"), 2, "Nothing is known of “titel”"),
        (SOURCE.replace("title:", "? [a]\n:"), 3, "Nothing is known of “”"),
        (SOURCE.replace("subject:", "title:"), 4, "“title” stands twice"),
        (SOURCE.replace("date: 2022-12-05\n", ""), 5, "“date” is missing"),
        (SOURCE.replace('"Re: The matter"', ""), 4, "“subject” needs one line"),
        (SOURCE.replace('"Re: The matter"', "[Re]"), 4, "“subject” needs one line"),
        (SOURCE.replace('"Re: The matter"', "|\n  Re\n  two"), 4, "“subject” needs one line"),
        (SOURCE.replace("2022-12-05", "5 December 2022"), 3, "“5 December 2022” is not a date"),
        (SOURCE.replace("2022-12-05", "20221205"), 3, "“20221205” is not a date"),
        (SOURCE.replace("2022-12-05", "2022-02-30"), 3, "“2022-02-30” is not a date"),
        (SOURCE.split("We write", maxsplit=1)[0], 8, "The letter has no text"),
        (SOURCE.replace("to you", "to\u0007 you"), 8, "invisible control character (U+0007)"),
    ],
)
def test_it_names_the_line_and_the_remedy(source: str, line: int, problem: str) -> None:
    """A coordinator reads what is wrong, where, and what to do; nothing is guessed."""
    with pytest.raises(LetterFault) as caught:
        parse(source)

    assert problem in caught.value.problem
    assert caught.value.line == line
    assert caught.value.remedy.rstrip()
    assert str(caught.value).startswith(f"line {line}: ")


def test_it_tells_all_faults_at_once() -> None:
    """A coordinator mends a file in one go."""
    source = "---\ntitel: A\ndate: soon\nsubject: B\n---\n\n"

    told = [fault.problem for fault in faults(source)]

    assert told == [
        "Nothing is known of “titel”.",
        "“soon” is not a date.",
        "“title” is missing.",
        "“salutation” is missing.",
        "The letter has no text.",
    ]


PIECES = st.sampled_from(
    [
        *("---\n", "\n", "title: ", "date: ", "subject: ", "salutation: ", "2022-12-05", "Text"),
        *(
            '"',
            "'",
            "[",
            "]",
            "{",
            "}",
            "*a",
            "&a",
            "!!binary",
            "|",
            ">",
            "- ",
            "? ",
            ": ",
            "#",
            "%",
        ),
        *("\ufeff", "\r", "\t", "\x00", "é", "서한", "\ud800"),
    ]
)


@given(st.lists(PIECES | st.text(max_size=5), max_size=40).map("".join))
def test_any_file_is_a_letter_or_a_fault(source: str) -> None:
    """Whatever a coordinator saves, the answer is a letter or a sentence about a line."""
    lines = [fault.line for fault in faults(source)]

    assert all(line >= 1 for line in lines)
    assert lines or parse(source).text.endswith("\n")


def test_it_tells_one_fault_where_the_frame_is_broken() -> None:
    """Without its two lines of hyphens, nothing more can be said about a file."""
    assert [fault.line for fault in faults("Dear all,\n")] == [1]


def test_its_faults_are_refusals() -> None:
    """Whoever catches what a coordinator did wrong catches this too."""
    assert issubclass(LetterFault, Refused)


def test_it_tells_what_changed_between_two_texts() -> None:
    """A coordinator sees line by line what went and what came."""
    old = parse("---\ntitle: A\ndate: 2022-12-05\nsubject: B\nsalutation: C\n---\n\nOne.\n\nTwo.\n")
    new = replace(old, title="D", text="One.\n\nThree.\n")

    assert differences(old, new) == ["- A", "+ D", "- Two.", "+ Three."]
    assert differences(old, old) == []
