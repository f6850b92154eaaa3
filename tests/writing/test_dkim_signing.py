"""Our own DKIM signatures, checked by our own verifier (RFC 6376, RFC 8463)."""

import base64
from datetime import UTC, datetime, timedelta

import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa

from undersigned.domain.verdict import Proof
from undersigned.errors import PermanentFailure
from undersigned.reading import parse
from undersigned.reading.authenticity import proof
from undersigned.writing.dkim_signing import signed, signing_key

NOW = datetime(2026, 5, 26, 14, tzinfo=UTC)
RAW = (
    b"From: Hana Whitfield <hana@letters.example>\r\nTo: rik@archive.example\r\n"
    b"Subject: An Open Letter\r\nDate: Tue, 26 May 2026 14:00:00 +0000\r\n"
    b"Message-ID: <1@letters.example>\r\nList-Unsubscribe: <https://letters.example/u/1>\r\n"
    b"List-Unsubscribe-Post: List-Unsubscribe=One-Click\r\n\r\nPlease sign.\r\n"
)
RSA = rsa.generate_private_key(65537, 2048)
ED25519 = ed25519.Ed25519PrivateKey.generate()


def pem(key: rsa.RSAPrivateKey | ed25519.Ed25519PrivateKey | ec.EllipticCurvePrivateKey) -> bytes:
    """Give a private key as `openssl genpkey` writes it."""
    return key.private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.NoEncryption(),
    )


def record(key: rsa.RSAPrivateKey | ed25519.Ed25519PrivateKey) -> bytes:
    """Give the DNS record of its public half."""
    if isinstance(key, ed25519.Ed25519PrivateKey):
        public = key.public_key().public_bytes_raw()
        return b"v=DKIM1; k=ed25519; p=" + base64.b64encode(public)
    der = key.public_key().public_bytes(
        serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo
    )
    return b"v=DKIM1; k=rsa; p=" + base64.b64encode(der)


KEYS = (signing_key("one", pem(RSA)), signing_key("two", pem(ED25519)))
RECORDS = {
    "one._domainkey.letters.example": record(RSA),
    "two._domainkey.letters.example": record(ED25519),
}


def shown(raw: bytes, selector: str) -> Proof:
    """Give what the signature of one key proves."""
    name = f"{selector}._domainkey.letters.example"
    at = NOW + timedelta(minutes=1)
    records = {name: RECORDS[name]}
    return proof(parse(raw), key_records=records, authserv_ids=frozenset(), now=at)


@pytest.mark.parametrize("selector", ["one", "two"])
def test_it_signs_by_each_key(selector: str) -> None:
    """Who checks RSA alone and who checks Ed25519 find a signature that holds."""
    made = signed(RAW, KEYS, domain="letters.example", at=NOW)

    assert made.endswith(RAW)
    assert shown(made, selector) is Proof.VERIFIED


@pytest.mark.parametrize(
    "change",
    [
        (b"Please sign", b"Please pay"),
        (b"Subject: An Open", b"Subject: No Open"),
        (b"/u/1>", b"/u/2>"),
        (b"One-Click", b"Two-Click"),
        (b"Hana Whitfield", b"Mallory"),
    ],
)
def test_it_covers_what_receivers_show_and_act_on(change: tuple[bytes, bytes]) -> None:
    """A link to unsubscribe that somebody exchanged is not ours (RFC 8058 §4)."""
    made = signed(RAW, KEYS, domain="letters.example", at=NOW).replace(*change)

    assert shown(made, "one") is shown(made, "two") is Proof.FAILED


def test_it_lets_nobody_add_a_sender() -> None:
    """A second From above ours breaks the signature (RFC 6376 §8.15)."""
    made = signed(RAW, KEYS[:1], domain="letters.example", at=NOW)

    assert shown(b"From: m@letters.example\r\n" + made, "one") is not Proof.VERIFIED


def test_the_same_message_is_signed_the_same() -> None:
    """A second attempt sends the same bytes as the first."""
    first = signed(RAW, KEYS, domain="letters.example", at=NOW)

    assert signed(RAW, KEYS, domain="letters.example", at=NOW) == first


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"no key", "no private key in PEM"),
        (pem(ec.generate_private_key(ec.SECP256R1())), "neither RSA of 1024 bits or more nor"),
    ],
)
def test_it_says_what_is_no_key(content: bytes, words: str) -> None:
    """A file that holds something else is named before mail leaves unsigned."""
    with pytest.raises(PermanentFailure, match=words):
        signing_key("one", content)
