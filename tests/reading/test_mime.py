"""Messages taken apart, as the standard library does where it is right."""

import email
import email.policy
from email.message import EmailMessage

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.reading.accuracy import CORPUS, rows
from undersigned.reading import mime


def kinds(raw: bytes) -> list[str]:
    """Give the content types of all parts."""
    return [part.content_type for part in mime.parts(raw)[0]]


@pytest.mark.parametrize("row", rows(), ids=lambda row: row["file"][9:12])
def test_it_finds_the_parts_that_the_standard_library_finds(row: dict[str, str]) -> None:
    """On well-formed mail there is one truth."""
    raw = (CORPUS / row["file"]).read_bytes()
    message = email.message_from_bytes(raw, policy=email.policy.compat32)
    expected: list[tuple[str, bytes | None]] = []
    pending = [message]
    while pending:
        part = pending.pop(0)
        if part.get_content_type().startswith("message/"):
            expected.append((part.get_content_type(), None))
            continue
        is_container = part.is_multipart()
        expected.append(
            (
                part.get_content_type(),
                None if is_container else bytes(part.get_payload(decode=True)),
            )
        )
        if is_container:
            pending[:0] = part.get_payload()

    found, fault = mime.parts(raw)

    assert fault is None
    assert [one.content_type for one in found] == [kind for kind, _ in expected]
    for part, (_, content) in zip(found, expected, strict=True):
        if content is not None:
            assert part.octets().strip() == content.strip()


@given(
    texts=st.lists(st.text(alphabet="aé서\n-=> ", max_size=40), min_size=1, max_size=4),
    name=st.text(alphabet="aé서 ;=\"'%*", min_size=1, max_size=30),
    encoding=st.sampled_from(["base64", "quoted-printable", "8bit"]),
)
@settings(max_examples=100)
def test_it_reads_what_the_standard_library_writes(
    texts: list[str], name: str, encoding: str
) -> None:
    """Texts, transfer encodings and file names (RFC 2231) survive."""
    message = EmailMessage()
    message["Subject"] = "x"
    message.make_mixed()
    for text in texts:
        part = EmailMessage()
        part.set_content(text, cte=encoding, charset="utf-8")
        message.attach(part)
    message.add_attachment(b"octets", maintype="application", subtype="pdf", filename=name)

    _, *found, attached = mime.parts(message.as_bytes(policy=email.policy.SMTP))[0]

    written = [one.replace("\r\n", "\n").rstrip("\n") for one in texts]
    assert [one.text().replace("\r\n", "\n").rstrip("\n") for one in found] == written
    assert attached.filename.strip() == name.strip()
    assert attached.octets() == b"octets"


@pytest.mark.parametrize(
    ("raw", "expected"),
    [
        (b"", ["text/plain"]),
        (b"no header at all", ["text/plain"]),
        (b"\r\nbody", ["text/plain"]),
        (b"Content-Type: nonsense\r\n\r\nx", ["nonsense"]),
        (b"Content-Type: a/b/c; x\r\n\r\nx", ["text/plain"]),
        (b"Content-Type: multipart/mixed\r\n\r\nx", ["multipart/mixed"]),
        (b"Content-Type: multipart/mixed; boundary=b\r\n\r\nx", ["multipart/mixed"]),
        (
            b"Content-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\n\r\nx",
            ["multipart/mixed", "text/plain"],
        ),
        (
            b"Content-Type: multipart/mixed; boundary=b\n\n--b\n\nx\n--bc\n--b \n\ny\n--b--\nz",
            ["multipart/mixed", "text/plain", "text/plain"],
        ),
        (
            b"Content-Type: multipart/mixed; boundary=b\r\r--b\r\rx\r--b--\r",
            ["multipart/mixed", "text/plain"],
        ),
        (
            b"Content-Type: multipart/digest; boundary=b\n\n--b\n\nx: y\n--b--",
            ["multipart/digest", "message/rfc822"],
        ),
    ],
)
def test_it_bears_what_programs_break(raw: bytes, expected: list[str]) -> None:
    """Cut-off, mislabelled and bare messages are kept and read as far as they go."""
    assert kinds(raw) == expected


def test_it_takes_the_first_of_two_fields() -> None:
    """A second Content-Type is nobody's."""
    assert kinds(b"Content-Type: text/html\r\nContent-Type: text/plain\r\n\r\nx") == ["text/html"]


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (b"text/plain; charset=utf-8; format=flowed", {"charset": "utf-8", "format": "flowed"}),
        (b'text/plain; name="a\\"b;c"', {"name": 'a"b;c'}),
        (b"text/plain; name*=utf-8''%EC%84%9C.pdf", {"name": "서.pdf"}),
        (b"text/plain; name*0*=euc-kr'ko'%BC%AD; name*1=x; name*2*=%B8%ED", {"name": "서x명"}),
        (b"text/plain; name*1=b; name*0=a", {"name": "ab"}),
        (b"text/plain; name=a; name=b", {"name": "a"}),
        (b"text/plain;;; =; x", {}),
    ],
)
def test_it_reads_parameters(value: bytes, expected: dict[str, str]) -> None:
    """File names in any language, cut in pieces or not (RFC 2231)."""
    assert mime.typed(value, "text/plain")[1] == expected


def nested(depth: int) -> bytes:
    """Give a message nested so deep."""
    body = b"Content-Type: text/plain\r\n\r\nx"
    for level in range(depth):
        mark = b"b%d" % level
        body = b"Content-Type: multipart/mixed; boundary=%b\r\n\r\n--%b\r\n%b\r\n--%b--\r\n" % (
            mark,
            mark,
            body,
            mark,
        )
    return body


@pytest.mark.parametrize(
    ("raw", "fault"),
    [
        (nested(mime.MAX_DEPTH), None),
        (nested(mime.MAX_DEPTH + 1), "too-deep"),
        (
            b"Content-Type: multipart/mixed; boundary=b\r\n\r\n" + b"--b\r\n\r\nx\r\n" * 500,
            "too-many-parts",
        ),
        (b"Subject: x\r\n\r\n" + b"x" * mime.MAX_OCTETS, "too-large"),
        (nested(6).replace(b"\r\n\r\nx", b"\r\n\r\n" + b"x" * 20_000_000), "too-large"),
    ],
    ids=["deep", "deeper", "parts", "octets", "work"],
)
def test_it_stops_at_its_limits_and_says_so(raw: bytes, fault: str | None) -> None:
    """What is beyond goes to a person."""
    assert mime.parts(raw)[1] == fault


@pytest.mark.parametrize(
    ("encoding", "body", "expected"),
    [
        (b"base64", b"WUVT", b"YES"),
        (b"base64", b"WU VT\r\n!", b"YES"),
        (b"base64", b"WUVTWQ", b"YESY"),
        (b"base64", b"WUVTW", b"YES"),
        (b"BASE64;", b"WUVT", b"YES"),
        (b"quoted-printable", b"Y=45S=\r\n!", b"YES!"),
        (b"8bit", b"YES", b"YES"),
        (b"x-nonsense", b"YES", b"YES"),
    ],
)
def test_it_undoes_transfer_encodings(encoding: bytes, body: bytes, expected: bytes) -> None:
    """Spaces, missing padding and odd spellings do not cost the reply."""
    raw = b"Content-Transfer-Encoding: " + encoding + b"\r\n\r\n" + body

    assert mime.parts(raw)[0][0].octets() == expected


@given(raw=st.binary(max_size=300))
@settings(max_examples=200)
def test_it_never_fails(raw: bytes) -> None:
    """Any octets are a message of at least one part."""
    head = b"Content-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\n"

    assert mime.parts(raw)[0]
    assert mime.parts(head + raw)[0]
