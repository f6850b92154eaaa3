"""What SMTP is told for an envelope, the quick way and the thorough way."""

import re

from email_validator import EmailNotValidError, validate_email
from hypothesis import example, given
from hypothesis import strategies as st

from undersigned.transport.envelope import Envelope, Unfit, plan, to_wire

labels = st.text("ab0-", min_size=1, max_size=5) | st.text("a-", min_size=60, max_size=66)
locals_ = st.text("aZ0.+_-'{}!/ \"", min_size=1, max_size=8) | st.text(
    "a.", min_size=62, max_size=67
)
tops = st.sampled_from(
    ["example", "test", "org", "local", "localhost", "invalid", "c0m", "X", "a-"]
)


@given(
    st.builds(
        lambda who, d, t: f"{who}@{'.'.join([*d, t])}", locals_, st.lists(labels, max_size=4), tops
    )
)
@example("a@ab--c.example")
@example("a@xn--bcher-kva.example")
@example("a\n@b.example")
@example("a@b.example\n")
def test_an_address_that_looks_plain_is_taken_as_it_stands(address: str) -> None:
    """Whatever saves time, no address is taken that is none, and none is changed."""
    try:
        valid = validate_email(address, check_deliverability=False, test_environment=True)
        expected = f"{valid.local_part}@{valid.ascii_domain}"
    except EmailNotValidError:
        expected = None

    try:
        said = plan(Envelope(sender="", recipient=address, message=b"A: b\r\n\r\nc\r\n"), bool)
    except Unfit:
        assert expected is None
    else:
        assert said.recipient == expected


@given(
    st.lists(st.sampled_from([b".", b"..", b"\r", b"\n", b"\r\n", b"a", b"From "])).map(b"".join)
)
def test_the_wire_has_the_lines_of_the_message(message: bytes) -> None:
    """A server reads back the very lines that were composed (RFC 5321 §4.5.2)."""
    wire = to_wire(message)

    lines = re.split(rb"\r\n|\r|\n", message)
    expected = lines if lines[-1] else lines[:-1]
    *read, dot, nothing = wire.split(b"\r\n")
    assert (dot, nothing) == (b".", b"")
    assert not any(one == b"." for one in read)
    assert [
        one.removeprefix(b".") if one.startswith(b"..") else one for one in read
    ] == expected or (not message and read == [b""])
