"""What an SPF record comes to, with all that it includes (RFC 7208)."""

import pytest

from undersigned.errors import PermanentFailure
from undersigned.transport import spf

ZONE = {
    ("mx.example", "MX"): ("10 one.mx.example.",),
    ("one.mx.example.", "A"): ("192.0.2.10",),
    ("one.mx.example.", "AAAA"): ("2001:db8::10",),
    ("host.example", "A"): ("198.51.100.7",),
    ("inner.example", "TXT"): ("v=spf1 ip4:203.0.113.0/24 -all",),
    ("loop.example", "TXT"): ("v=spf1 include:loop.example -all",),
}


@pytest.mark.parametrize(
    ("terms", "allowed", "refused"),
    [
        ("ip4:192.0.2.0/28", "192.0.2.15", "192.0.2.16"),
        ("ip6:2001:db8::/32", "2001:db8::1", "2001:db9::1"),
        ("a:host.example", "198.51.100.7", "198.51.100.8"),
        ("a:host.example/24", "198.51.100.8", "198.51.101.7"),
        ("+MX:mx.example", "2001:db8::10", "2001:db8::11"),
        ("include:inner.example", "203.0.113.9", "192.0.2.1"),
        ("redirect=inner.example", "203.0.113.9", "192.0.2.1"),
        ("-ip4:192.0.2.1 ip4:192.0.2.0/30", "192.0.2.2", "192.0.2.9"),
        ("ip4:nonsense a:%{i}.example ip4:192.0.2.1", "192.0.2.1", "192.0.2.2"),
    ],
)
def test_it_knows_whom_a_record_allows(terms: str, allowed: str, refused: str) -> None:
    """Each way to name a server is read as receivers read it."""
    zone = {**ZONE, ("letters.example", "TXT"): ("other", f"v=spf1 {terms} ~all")}

    found = spf.policy("letters.example", lambda name, kind: zone.get((name, kind), ()))

    assert found is not None
    assert (found.allows(allowed), found.allows(refused)) == (True, False)


def test_it_ends_where_records_include_each_other() -> None:
    """A circle is read once."""
    found = spf.policy("loop.example", lambda name, kind: ZONE.get((name, kind), ()))

    assert found is not None
    assert found.lookups <= spf.MOST_LOOKUPS


def test_it_counts_no_record_where_there_are_two() -> None:
    """Receivers take none of two (RFC 7208 §4.5)."""
    with pytest.raises(PermanentFailure, match="none counts"):
        spf.policy("letters.example", lambda _name, _kind: ("v=spf1 -all", "v=spf1 ~all"))
