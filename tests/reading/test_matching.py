"""Clues to the message that a reply answers."""

from undersigned.reading import clues, parse
from undersigned.reading.matching import quoted_tags, tags


def test_it_gives_the_surest_clues_first() -> None:
    """The address that was answered, then the thread, then the quote, then the sender."""
    raw = (
        b"From: Rik <Rik@archive.example>\r\nTo: x@y.example\r\n"
        b"Cc: Letter <SIGN+ABCDEFGHIJKLMNOP@letters.example>\r\n"
        b"Delivered-To: sign+abcdefghijklmnop@letters.example\r\n"
        b"X-Original-To: sign+ponmlkjihgfedcba@letters.example\r\n"
        b"In-Reply-To: <2@letters.example>\r\n"
        b"References: <1@letters.example> <2@letters.example>\r\n"
        b"X-Undersigned-ID: abcdefghijklmnop\r\n\r\n"
        b"YES\r\n> From: sign+Qrstuvwxyz234567@letters.example\r\n"
    )
    found = clues(parse(raw))

    assert found.tokens == ("abcdefghijklmnop", "ponmlkjihgfedcba")
    assert found.message_ids == ("<2@letters.example>", "<1@letters.example>")
    assert found.quoted_tokens == ("qrstuvwxyz234567",)
    assert found.sender == "rik@archive.example"
    assert found.own_ids == ("abcdefghijklmnop",)


def test_it_finds_the_token_in_a_link_of_the_html() -> None:
    """Some programs keep the address in the markup alone."""
    raw = (
        b"Content-Type: multipart/alternative; boundary=b\r\n\r\n--b\r\n\r\nYES\r\n--b\r\n"
        b"Content-Type: text/html\r\n\r\nYES "
        b"<a href='mailto:sign+abcdefghijklmnop@letters.example'>"
        b"\r\n--b--"
    )
    assert clues(parse(raw)).quoted_tokens == ("abcdefghijklmnop",)


def test_it_leaves_other_systems_tags_alone() -> None:
    """A newsletter's tag is no token of ours."""
    assert tags(("jo+news@home.example", "jo+news2026!@home.example", "jo@home.example")) == ()
    assert quoted_tags("jo+news@home.example") == ()
