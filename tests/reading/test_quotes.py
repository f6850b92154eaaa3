"""Where the quoted message begins, in the words of every mail program."""

import pytest

from tests.reading.quoting import BLOCKS, MARKED, OURS, marked
from undersigned.reading import quotes
from undersigned.reading.own_words import own_words

SAID = "Yes, please add us.\n\nRik"


def said(text: str) -> str:
    """Give the own words of a text, white space collapsed."""
    return " ".join(own_words(text, sender_name="Rik Terpstra").text.split())


@pytest.mark.parametrize("program", MARKED)
def test_it_cuts_marked_quotes_of_every_program(program: str) -> None:
    """What we wrote ourselves ("reply YES") is never the signer's word, wherever they answer."""
    quote = marked(MARKED[program])

    for text in (f"{SAID}\n\n{quote}\n", f"{SAID}\n{quote}\n", f"{quote}\n\n{SAID}\n"):
        assert said(text) == "Yes, please add us. Rik"
    assert said(quote) == ""


@pytest.mark.parametrize("program", [one for one, intro in MARKED.items() if intro])
def test_it_cuts_quotes_whose_marks_were_lost(program: str) -> None:
    """Phones and gateways drop the marks and leave the line above."""
    assert said(f"{SAID}\n\n{MARKED[program]}\n{OURS}\n") == "Yes, please add us. Rik"


@pytest.mark.parametrize("program", BLOCKS)
def test_it_cuts_quotes_below_a_header_block(program: str) -> None:
    """Outlook and its kin mark no line; all below the block is ours."""
    quote = f"{BLOCKS[program]}\n\n{OURS}\n"

    assert said(f"{SAID}\n\n{quote}") == "Yes, please add us. Rik"
    assert said(f"{SAID}\n{quote}") == "Yes, please add us. Rik"
    assert said(quote) == ""


@pytest.mark.parametrize(
    "text",
    [
        "We discussed this on 26 May 2026 at 10:00.\nYes, we sign.",
        "Please list us on 19 June 2026 as follows:\nOpen Archive",
        "Write to me at rik@archive.example:\nYes, we sign.",
        "Yes.\nFrom: Netherlands",
        "Yes.\n--- our entry ---\nOpen Archive / Netherlands",
        "Yes.\n____________\nOpen Archive / Netherlands",
        "On behalf of the board, I wrote to you on 1 May.\nWe sign.",
        "Subject: yes\nWe sign.",
    ],
)
def test_it_keeps_lines_that_only_look_like_a_heading(text: str) -> None:
    """Dates, addresses and dashes in a signer's own words announce no quote."""
    assert said(f"{text}\n\n{marked(MARKED['gmail-en'])}") == " ".join(text.split())


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (
            "> Do you sign?\nYes.\n> How should we list you?\nOpen Archive (OAC)\n>\n> Regards\n",
            ["Yes.", "Open Archive (OAC)"],
        ),
        ("> To sign, reply YES.\n\nYES\n\n> Name:\n\nOpen Archive\n", ["YES", "Open Archive"]),
        ("> Name: Open Archive\n> Country: Chile\n", ["Name: Open Archive\nCountry: Chile"]),
        ("> Name:\n> Country:\n", []),
        (
            (
                "Begin forwarded message:\n\nFrom: a@b.example\nDate: 1 May\n\n"
                "Name: Open\nCountry: Chile\nok"
            ),
            ["Name: Open\nCountry: Chile"],
        ),
        (
            (
                "From: a@b.example\nSent: 1 May\nTo: c\nSubject: d\n\n"
                "We ask you to sign.\n[RT] Yes, we do.\nThanks"
            ),
            ["[RT] Yes, we do."],
        ),
        (
            (
                "Yes\n> To sign, reply YES to this message by the nineteenth of June two thousand\n"
                "and six.\n> Bye"
            ),
            ["Yes"],
        ),
        (">From the board: we sign.\n", ["From the board: we sign."]),
        (
            "Noted.\n\n--------------------------------\nHana, May 26, 2026, 14:05\n\nReply YES",
            ["Noted."],
        ),
    ],
)
def test_it_keeps_answers_between_and_inside_the_lines(text: str, expected: list[str]) -> None:
    """People answer below each question, and fill in the form where it stands."""
    pieces, _ = quotes.split(text)

    assert [piece for piece in pieces if piece.strip()] == expected


def test_it_gives_the_quoted_text_without_its_marks() -> None:
    """The quote is looked at for the token of the message it came from."""
    assert quotes.split("YES\n> > one\n> two")[1] == "one\ntwo"


SENT = OURS


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (f"YES\n\n## quoted by no program that we know ##\n{OURS}", "YES"),
        (f"YES\n\n{OURS}", "YES"),
        (OURS, ""),
        ("Open Archive Collective / Netherlands", "Open Archive Collective / Netherlands"),
        (
            "Yes. We will list you as:\nOpen Archive Collective / Netherlands",
            "Yes. We will list you as: Open Archive Collective / Netherlands",
        ),
        (
            OURS.replace("Name:\nCountry:", "Name: Open Archive\nCountry: Chile"),
            "Name: Open Archive Country: Chile",
        ),
    ],
)
def test_it_knows_the_message_that_was_sent_however_it_is_quoted(text: str, expected: str) -> None:
    """What stands in our mail is ours; a listing typed as we wrote it is the signer's."""
    words = own_words(text, sender_name="Rik Terpstra", sent=SENT).text

    assert (
        " ".join(words.replace("## quoted by no program that we know ##", "").split()) == expected
    )


def test_a_receipt_quotes_nothing() -> None:
    """What was read, by whom and when is what the receipt says; a quote begins with From."""
    receipt = (
        "Your message\n\n   To: Percy Holdsworth\n   Subject: Invitation to sign\n"
        "   Sent: Tuesday, May 26, 2026 3:05:00 PM\n\nwas read on Monday, June 1, 2026 8:58 AM."
    )

    assert quotes.split(receipt) == ([receipt], "")
