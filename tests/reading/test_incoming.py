"""A message as text and headers, whatever sent it."""

import zlib
from datetime import UTC, datetime

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import pkcs7
from cryptography.x509.oid import NameOID

from undersigned.reading import envelopes, parse
from undersigned.reading.flowed import flowed

HTML = "Content-Type: text/html; charset=utf-8\r\n\r\n"
PLAIN = "Content-Type: text/plain; charset=utf-8\r\n\r\n"


def multipart(kind: str, *parts: str) -> str:
    """Give a container of parts."""
    mark = f"b{zlib.crc32(repr((kind, parts)).encode())}"  # the same in every process
    inner = "".join(f"--{mark}\r\n{part}\r\n" for part in parts)
    return f"Content-Type: multipart/{kind}; boundary={mark}\r\n\r\n{inner}--{mark}--\r\n"


def text(message: str) -> str:
    """Give the text of a message."""
    return parse(message.encode()).text.strip()


@pytest.mark.parametrize(
    ("message", "expected"),
    [
        (PLAIN + "YES", "YES"),
        (HTML + "<b>YES</b>", "YES"),
        (multipart("alternative", PLAIN + "YES", HTML + "<b>yes</b>"), "YES"),
        (multipart("alternative", HTML + "<b>yes</b>", PLAIN + "YES"), "YES"),
        (multipart("alternative", PLAIN + " ", HTML + "<b>yes</b>"), "yes"),
        (
            multipart(
                "alternative",
                PLAIN + "Your mail client does not support HTML format.",
                HTML + "<b>yes</b>",
            ),
            "yes",
        ),
        (multipart("alternative", HTML, PLAIN), ""),
        (multipart("alternative"), ""),
        (multipart("related", HTML + "<b>yes</b>", "Content-Type: image/png\r\n\r\nx"), "yes"),
        (
            multipart("mixed", HTML + "<b>yes</b>", PLAIN + "-- \r\nlist footer"),
            "yes\n-- \nlist footer",
        ),
        (multipart("mixed", PLAIN + "YES", "Content-Type: application/ms-tnef\r\n\r\nx"), "YES"),
        (
            multipart(
                "alternative",
                PLAIN + "YES",
                multipart("related", HTML + "<b>no</b>", "Content-Type: image/png\r\n\r\nx"),
            ),
            "YES",
        ),
        (
            multipart(
                "mixed",
                PLAIN + "YES",
                "Content-Disposition: attachment\r\n" + PLAIN + "attached no",
            ),
            "YES",
        ),
        (
            multipart(
                "mixed",
                PLAIN + "YES",
                "Content-Disposition: inline; filename=statute.txt\r\n" + PLAIN + "attached no",
            ),
            "YES",
        ),
        (multipart("mixed", PLAIN + "YES", "Content-Type: message/rfc822\r\n\r\n\r\nno"), "YES"),
        (
            multipart("signed", PLAIN + "YES", "Content-Type: application/pgp-signature\r\n\r\nx"),
            "YES",
        ),
        (multipart("signed", PLAIN + "YES", PLAIN + "no"), "YES"),
    ],
)
def test_it_reads_the_part_that_is_the_reply(message: str, expected: str) -> None:
    """Attachments, other forms of the text and other people's messages are not the answer."""
    assert text(message) == expected


@pytest.mark.parametrize(
    ("message", "fault"),
    [
        (PLAIN + "YES", None),
        ("Content-Type: text/plain; charset=utf-7\r\n\r\nYES", "refused-charset"),
        (
            multipart("alternative", PLAIN + "YES", HTML.replace("utf-8", "utf-7") + "x"),
            "refused-charset",
        ),
        (
            multipart(
                "encrypted",
                "Content-Type: application/pgp-encrypted\r\n\r\nVersion: 1",
                "Content-Type: application/octet-stream\r\n\r\nx",
            ),
            "encrypted",
        ),
        (PLAIN + "\r\n-----BEGIN PGP MESSAGE-----\r\n\r\nx", "encrypted"),
        ("Content-Type: application/pkcs7-mime; smime-type=enveloped-data\r\n\r\nx", "encrypted"),
        ("Content-Type: application/x-pkcs7-mime\r\n\r\nx", "encrypted"),
        ("Content-Type: application/ms-tnef; name=winmail.dat\r\n\r\nx", "sealed-by-outlook"),
        (PLAIN + "x" * 210_000, "too-large"),
        (PLAIN + "x\r\n" * 11_000, "too-large"),
        (PLAIN + "x" * 260_000, "too-large"),
        (HTML + "<i>x</i>" * 30_000, "too-large"),
        ("From: a@b.example\r\nFrom: c@d.example\r\n\r\nYES", "several-senders"),
    ],
)
def test_it_says_what_a_person_must_look_at(message: str, fault: str | None) -> None:
    """What we cannot read is shown, with the reason, and decides nothing."""
    assert parse(message.encode()).fault == fault


def test_it_reads_an_opaque_signed_message() -> None:
    """Outlook can send the words inside the signature; they need no key to be read."""
    key = rsa.generate_private_key(65537, 2048)
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "rik@archive.example")])
    now = datetime(2026, 5, 27, tzinfo=UTC)
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(now)
        .not_valid_after(now.replace(year=2027))
        .sign(key, hashes.SHA256())
    )
    builder = pkcs7.PKCS7SignatureBuilder().set_data(f"{PLAIN}YES, we sign.\r\n".encode())
    der = builder.add_signer(certificate, key, hashes.SHA256()).sign(
        serialization.Encoding.DER, [pkcs7.PKCS7Options.Binary]
    )
    head = b"Content-Type: application/pkcs7-mime; smime-type=signed-data\r\n\r\n"

    found = parse(head + der)

    assert found.text.strip() == "YES, we sign."
    assert found.fault is None
    for length in range(0, len(der), 7):
        assert parse(head + der[:length]).fault in {None, "encrypted"}


@pytest.mark.parametrize(
    ("der", "expected"),
    [
        (b"", None),
        (b"\x30\x80\x06\x01x", None),
        ((b"\x30\x80\x06\x01x\xa0\x80\x30\x80\x02\x01\x01\x31\x00\x30\x80\x06\x01x\xa0\x80"
         b"\x24\x80\x04\x02YE\x04\x01S\x00\x00"), b"YES"),
        ((b"\x30\x80\x06\x01x\xa0\x80\x30\x80\x02\x01\x01\x31\x00\x30\x80\x06\x01x\xa0\x80"
         b"\x24\x05\x04\x03YES"), b"YES"),
        ((b"\x30\x80\x06\x01x\xa0\x80\x30\x80\x02\x01\x01\x31\x00\x30\x80\x06\x01x\xa0\x80"
         b"\x24\x80\x04\x00"), b""),
        ((b"\x30\x80\x06\x01x\xa0\x80\x30\x80\x02\x01\x01\x31\x00\x30\x80\x06\x01x\xa0\x80"
         b"\x05\x00"), None),
        (b"\x30\x80\x06\x80x\x00\x00", None),
        (b"\x30\x82\x00\x00\x06\x81\x01x\xa0", None),
    ],
)  # fmt: skip
def test_it_follows_both_forms_of_length(der: bytes, expected: bytes | None) -> None:
    """Programs that stream write pieces without a length (X.690 §8.1.3.6)."""
    assert envelopes.signed_content(der) == expected


@pytest.mark.parametrize(
    ("source", "delsp", "expected"),
    [
        ("one \ntwo\n", False, "one two\n"),
        ("お \n名前", True, "お名前"),
        ("> quo \n> ted", False, "> quo ted"),
        (">> a \n> b", False, ">> a \n> b"),
        ("a\n-- \nb \nc", False, "a\n-- \nb c"),
        ("a \n-- \nb", False, "a \n-- \nb"),
        (" From here\n >no quote", False, "From here\n>no quote"),
        ("", False, ""),
    ],
)
def test_it_joins_the_lines_of_flowed_text(source: str, expected: str, *, delsp: bool) -> None:
    """A name that a mail program broke in two is one name again (RFC 3676)."""
    assert flowed(source, delsp=delsp) == expected


def test_it_joins_flowed_text_of_a_part_that_says_so() -> None:
    """The part's own parameters decide."""
    head = "Content-Type: text/plain; charset=utf-8; format=Flowed; DelSp=Yes\r\n\r\n"

    assert text(head + "국경 \r\n증언") == "국경증언"
    assert text(PLAIN + "a \r\nb") == "a \nb"


def test_it_gives_the_headers_as_people_see_them() -> None:
    """Names, subject, thread and addresses in every form that programs write."""
    raw = (
        b"From: =?ks_c_5601-1987?B?" + b"sei8rbjt" + b"?= <Kim@Minjun.example>\r\n"
        b'To: "Letter" <sign+abcdefghijklmnop@letters.example>,\r\n other@letters.example\r\n'
        b"Subject: =?utf-8?q?Re:_=EC=B4=88?= =?utf-8?q?=EB=8C=80?=\r\n"
        b"Date: Wed, 27 May 2026 16:02:26 +0200\r\n"
        b"Message-ID: <1@minjun.example>\r\nIn-Reply-To: <i@letters.example>\r\n"
        b"References: <h@letters.example>\r\n\t<i@letters.example>\r\n"
        b"X-Note: one\r\nX-Note: two\r\n\r\nYES\r\n"
    )
    found = parse(raw)

    assert found.sender == "kim@minjun.example"
    assert found.subject == "Re: 초대"
    assert found.recipients == ("sign+abcdefghijklmnop@letters.example", "other@letters.example")
    assert found.date == datetime(2026, 5, 27, 14, 2, 26, tzinfo=UTC)
    assert found.message_id == "<1@minjun.example>"
    assert found.references == ("<h@letters.example>", "<i@letters.example>")
    assert found.header("X-Note") == "one"
    assert found.headers("X-Note") == ("one", "two")
    assert found.header("X-None") is None


def test_it_lists_what_was_attached() -> None:
    """A logo or a signed form is kept for a person to see."""
    message = multipart(
        "mixed",
        PLAIN + "YES",
        "Content-Type: application/pdf; name=a.pdf\r\nContent-Disposition: attachment\r\n\r\nabc",
        "Content-Type: message/rfc822\r\n\r\nSubject: x\r\n\r\ny",
    )
    found = [(one.name, one.content_type, one.size) for one in parse(message.encode()).attachments]

    assert found == [("a.pdf", "application/pdf", 3), ("", "message/rfc822", 15)]


@pytest.mark.parametrize("raw", [b"", b"\r\n", b"\x00", b":", b"From:", b"\xff\xfe", b"a: b"])
def test_it_never_fails(raw: bytes) -> None:
    """An empty or broken message is one that says nothing."""
    assert parse(raw).raw == raw


def test_it_keeps_a_message_that_nobody_foresaw(monkeypatch: pytest.MonkeyPatch) -> None:
    """A fault of ours is a review, never a lost message."""

    def fail(_raw: bytes) -> None:
        raise RecursionError

    monkeypatch.setattr("undersigned.reading.mime.parts", fail)

    assert parse(b"YES").fault == "unreadable"
    assert parse(b"YES").header("From") is None
