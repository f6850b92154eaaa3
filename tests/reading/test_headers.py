"""Header values, decoded as people see them and no further."""

import email.header
from datetime import UTC, datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from undersigned.reading import headers


@pytest.mark.parametrize(
    ("raw", "expected"),
    [
        (b"plain", "plain"),
        (b"=?utf-8?B?7ISc66qF?=", "서명"),
        (b"=?UTF-8?Q?S=C3=AD,_se=C3=B1ora?=", "Sí, señora"),
        (b"=?utf-8?B?7ISc?=\r\n =?utf-8?B?66qF?=", "서명"),
        (b"=?utf-8?B?7IQ=?= =?utf-8?B?nOuqhQ==?=", "서명"),
        (b"=?utf-8?q?a?= b =?euc-kr?B?vK247Q==?=", "a b 서명"),
        (b"=?utf-8*en?q?a=20b?=", "a b"),
        (b"=?iso-2022-jp?B?GyRCO0s0MRsoQg==?=", "史官"),
        (b"=?utf-8?B?!!!?=", ""),
        (b"=?utf-7?Q?+AFk-?=", "+AFk-"),
        (b"=?utf-8?q?open", "=?utf-8?q?open"),
        ("서명".encode(), "서명"),
        ("서명합니다".encode("cp949"), "서명합니다"),
        (b"a\r\n\tb  c", "a b c"),
    ],
)
def test_it_decodes_what_programs_write(raw: bytes, expected: str) -> None:
    """Subjects and names in any charset, cut in pieces or raw (RFC 2047, RFC 6532)."""
    assert headers.decoded(raw) == expected


@given(text=st.text(alphabet="abc é서명賛同Я", max_size=60))
@settings(max_examples=150)
def test_it_reads_what_the_standard_library_encodes(text: str) -> None:
    """Whatever the length and wherever the words are cut."""
    for charset in ("utf-8", "utf-16"):
        raw = email.header.Header(text, charset).encode().encode()

        assert "".join(headers.decoded(raw).split()) == "".join(text.split())


@pytest.mark.parametrize(
    ("raw", "expected"),
    [
        (b'"Kim, Ji-yeong" <ji@minjun.example>', ("Kim, Ji-yeong", "ji@minjun.example")),
        (b'"a \\" b" <ji@minjun.example>', ('a " b', "ji@minjun.example")),
        (b"ji@minjun.example", ("", "ji@minjun.example")),
        (b"<JI@Minjun.Example>", ("", "ji@minjun.example")),
        (b"Ji <ji@minjun.example> (away)", ("Ji", "ji@minjun.example")),
        (
            b"=?utf-8?q?evil=40b.example?= <ji@minjun.example>",
            ("evil@b.example", "ji@minjun.example"),
        ),
        (b"Ji <not an address>", ("Ji", "")),
        (b"nobody", ("nobody", "")),
    ],
)
def test_it_takes_the_address_from_where_it_stands(raw: bytes, expected: tuple[str, str]) -> None:
    """A display name that looks like an address is a name."""
    assert headers.mailbox(raw) == expected


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("Wed, 27 May 2026 16:02:26 +0200", datetime(2026, 5, 27, 14, 2, 26, tzinfo=UTC)),
        ("27 May 2026 14:02:26 -0000", datetime(2026, 5, 27, 14, 2, 26, tzinfo=UTC)),
        ("yesterday", None),
        ("", None),
        ("Fri, 31 Dec 9999 23:59:59 -2359", None),
        ("Wed, 99 May 2026 16:02:26 +0200", None),
    ],
)
def test_it_reads_dates_or_none(value: str, expected: datetime | None) -> None:
    """A broken clock is no reason to fail."""
    assert headers.date(value) == expected


def test_it_lists_each_address_once() -> None:
    """Trailing dots and quotes of careless programs are no part of it."""
    found = headers.address_list("A <a@b.example>, 'c@d.example', a@B.example.")

    assert found == ("a@b.example", "c@d.example")


def test_it_counts_the_senders() -> None:
    """One mailbox, however it is dressed."""
    assert headers.senders([b"a@b.example <a@b.example>"]) == 1
    assert headers.senders([b'"x@y" <a@b.example> (z@z)']) == 1
    assert headers.senders([b"a@b.example, c@d.example"]) == 2
    assert headers.senders([b"a@b.example", b""]) == 2
    assert headers.senders([]) == 0
