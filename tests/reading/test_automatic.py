"""Whether a machine wrote it."""

import pytest

from undersigned.reading import parse
from undersigned.reading.automatic import Mark, mark, reaction


@pytest.mark.parametrize(
    ("head", "expected"),
    [
        ("Auto-Submitted: auto-replied", (Mark.MARKED, "auto-submitted")),
        ("Auto-Submitted: no", (Mark.NONE, "")),
        ("X-Autoreply: yes", (Mark.MARKED, "x-autoreply")),
        ("X-Autoreply: no", (Mark.NONE, "")),
        ("Precedence: auto_reply", (Mark.MARKED, "precedence")),
        ("Precedence: bulk", (Mark.NONE, "")),
        ("Return-Path: <>", (Mark.MARKED, "null-return-path")),
        ("X-Mailer: vacation 1.2", (Mark.MARKED, "x-mailer")),
        ("X-Auto-Response-Suppress: All", (Mark.NONE, "")),
        ("From: no-reply@party.example", (Mark.MARKED, "sender")),
        ("Subject: Automatic reply: Invitation", (Mark.CERTAIN, "subject")),
        ("Subject: Re: Abwesenheitsnotiz", (Mark.CERTAIN, "subject")),
        ("Subject: [\uc790\ub3d9\ud68c\uc2e0] \ubd80\uc7ac\uc911", (Mark.CERTAIN, "subject")),
        ("Subject: \u81ea\u52d5\u8fd4\u4fe1", (Mark.CERTAIN, "subject")),
        ("Subject: Re: Invitation", (Mark.NONE, "")),
        ("Content-Type: multipart/report; boundary=b", (Mark.CERTAIN, "multipart/report")),
    ],
)
def test_it_knows_the_marks_that_machines_leave(head: str, expected: tuple[Mark, str]) -> None:
    """Machines get no answer and decide nothing; people with Exchange are no machines."""
    assert mark(parse(f"{head}\r\n\r\nYES".encode())) == expected


def test_it_knows_a_read_receipt() -> None:
    """A receipt says that a message was shown, not what anybody thinks of it (RFC 8098)."""
    raw = (
        b"Content-Type: multipart/mixed; boundary=b\r\n\r\n"
        b"--b\r\nContent-Type: message/disposition-notification\r\n\r\nx\r\n--b--"
    )
    assert mark(parse(raw)) == (Mark.CERTAIN, "read-receipt")
    assert mark(parse(b"")) == (Mark.NONE, "")


def part(content_type: str, content: str) -> bytes:
    """Give a message of a text and one more part."""
    return (
        "Content-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\n\r\nhello\r\n"
        f"--b\r\nContent-Type: {content_type}\r\n\r\n{content}\r\n--b--"
    ).encode()


@pytest.mark.parametrize(
    ("raw", "expected"),
    [
        (part("text/vnd.google.email-reaction+json", '{"emoji": "x"}'), "reaction"),
        (part("text/calendar; method=REPLY", "BEGIN:VCALENDAR"), "calendar-answer"),
        (part("text/calendar", "BEGIN:VCALENDAR\r\nMETHOD:REPLY"), "calendar-answer"),
        (part("text/calendar; method=REQUEST", "BEGIN:VCALENDAR"), None),
        (part("text/plain", "x"), None),
        (b"Subject: x\r\n\r\nRik reacted to your message:\r\n", "reaction"),
        (b'Subject: x\r\n\r\nLiked "We invite you"\r\n', "reaction"),
        (b"X-MS-Reactions: disallow\r\n\r\nYes, we sign.\r\n", None),
        (b"Subject: x\r\n\r\nMy board reacted to your message: we sign.\r\n", None),
    ],
)
def test_it_takes_no_emoji_and_no_calendar_entry_for_a_word(
    raw: bytes, expected: str | None
) -> None:
    """A thumb is not consent to print a name."""
    assert reaction(parse(raw)) == expected
