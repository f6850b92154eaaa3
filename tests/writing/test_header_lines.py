"""Header fields."""

import email
from email import policy
from email.header import decode_header, make_header
from email.utils import getaddresses

import pytest
from hypothesis import given
from hypothesis import strategies as st

from undersigned.errors import PermanentFailure
from undersigned.writing.header_lines import clean, display_name, mailboxes, tokens, words


def decoded(line: str) -> str:
    """Give a field's value as a mail program shows it."""
    raw = email.message_from_string(line, policy=policy.compat32)
    return str(make_header(decode_header(raw.values()[0].replace("\r\n", ""))))


NAMES = [
    "Hana Seo",
    "서울인권모임",
    "서울 " * 100 + "끝",
    "x" * 500,
    "word " * 100 + "end",
    "👩‍👩‍👧 Family 🏳️‍🌈",
    "مركز القاهرة لدراسات حقوق الإنسان",
    "O'Neill (NKHR) Jr.",
    "Ünïcödé =?utf-8?q?fake?=",
    "=?utf-8?q?fake?=",
    "",
]


@pytest.mark.parametrize("name", NAMES)
def test_a_subject_reads_back_as_it_was(name: str) -> None:
    """What stands in the subject is what was meant, however long and in whatever script."""
    line = words("Subject", name)

    assert decoded(line) == name
    assert line.isascii()
    assert line.endswith("\r\n")


@pytest.mark.parametrize("name", NAMES)
def test_a_name_reads_back_as_it_was(name: str) -> None:
    """A mission reads the sender's own name beside the address."""
    line = mailboxes("From", [(name, "hana@letters.example")])

    raw = email.message_from_string(line, policy=policy.compat32)["From"]
    [(shown, address)] = getaddresses([raw.replace("\r\n", "")])
    assert str(make_header(decode_header(shown))) == name
    assert address == "hana@letters.example"
    assert max(map(len, line.split("\r\n"))) <= 78


@given(st.text(max_size=300))
def test_no_text_makes_a_second_header(text: str) -> None:
    """Whatever a signer calls himself, the message has the headers that we gave it."""
    lines = words("Subject", text) + mailboxes("To", [(text, "a@b.example")])

    parsed = email.message_from_string(lines + "\r\n", policy=policy.compat32)

    assert parsed.keys() == ["Subject", "To"]
    assert parsed["To"].endswith("a@b.example>") or parsed["To"] == "a@b.example"


@pytest.mark.parametrize(
    ("name", "shown"),
    [
        ("Ana\r\nBcc: all@example.org", "Ana Bcc all example.org"),
        ("Seo, Hana: secretariat", "Seo Hana secretariat"),
        ('<"A\\B">;', "A B"),
        ("\u202egnp.exe\u202c", "gnp.exe"),
        ("a\u2028b\x00c\ud800d", "a b c d"),
        ("  A   B\u3000C ", "A B C"),
    ],
)
def test_a_name_loses_what_looks_like_fraud(name: str, shown: str) -> None:
    """Microsoft's filters see a name, not an address in disguise."""
    assert display_name(name) == shown


def test_what_is_clean_stays() -> None:
    """Joiners that emoji and Persian need are no control characters."""
    text = "می\u200cخواهم 👩\u200d👧"

    assert clean(text) == text


def test_tokens_stay_whole() -> None:
    """A Message-ID of any length still matches."""
    ids = [f"<{'a' * 150}@x.example>", "<b@x.example>", "<c@x.example>"]

    line = tokens("References", ids)

    assert line == f"References: {ids[0]}\r\n <b@x.example> <c@x.example>\r\n"


@pytest.mark.parametrize("bad", ["", "a b", "a\r\nb", "\u00e4", "x" * 901, "a\x7f"])
def test_a_token_is_never_mended(bad: str) -> None:
    """An id that cannot stand in a header is an error, not a guess."""
    with pytest.raises(PermanentFailure, match="cannot stand in a mail header"):
        tokens("Message-ID", [bad])


def test_several_mailboxes_stand_in_one_field() -> None:
    """A mission's second address is copied."""
    line = mailboxes("Cc", [("", "a@m.example"), ("Ana", "b@m.example")])

    assert line == "Cc: a@m.example, Ana <b@m.example>\r\n"


def test_a_domain_in_another_script_is_written_in_ascii() -> None:
    """A mission with a domain in its own letters can be reached."""
    assert mailboxes("To", [("", "info@bücher.example")]) == "To: info@xn--bcher-kva.example\r\n"


@pytest.mark.parametrize(
    "address", ["josé@m.example", "a b@m.example", "a@" + "ü" * 80 + ".example"]
)
def test_an_address_that_servers_do_not_take_is_told(address: str) -> None:
    """The coordinator learns that another address is needed."""
    with pytest.raises(PermanentFailure, match="Ask for another one"):
        mailboxes("To", [("", address)])
