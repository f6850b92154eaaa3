"""DKIM signatures that we make ourselves, for a relay of one's own (RFC 6376, RFC 8463).

The signature follows from the message, the key and the instant alone: the same message goes out
with the same bytes at every attempt.
"""

import base64
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey

from undersigned.errors import PermanentFailure

#: What is covered where it is there (RFC 6376 §5.4.1; RFC 8058 §4 asks for both List-Unsubscribe).
COVERED = (
    "from",
    "to",
    "cc",
    "reply-to",
    "subject",
    "date",
    "message-id",
    "in-reply-to",
    "references",
    "mime-version",
    "content-type",
    "content-transfer-encoding",
    "auto-submitted",
    "list-unsubscribe",
    "list-unsubscribe-post",
)
#: Shorter keys are not taken any more (RFC 8301 §3.2).
LEAST_BITS = 1024
_RELAXED = (b"relaxed", b"relaxed")  # relays fold headers anew and trim lines (RFC 6376 §3.4)


@dataclass(frozen=True, kw_only=True)
class SigningKey:
    """A private key, and the selector under which its public half stands in the DNS."""

    selector: str
    #: "rsa-sha256" or "ed25519-sha256".
    algorithm: str
    #: As the library wants it.
    secret: bytes = field(repr=False)


def signing_key(selector: str, pem: bytes) -> SigningKey:
    """Give the key of a PEM file, RSA or Ed25519. Raises PermanentFailure for any other."""
    try:
        key = serialization.load_pem_private_key(pem, password=None)
    except (ValueError, TypeError) as exc:
        raise PermanentFailure(f"The DKIM key {selector} is no private key in PEM: {exc}") from exc
    if isinstance(key, Ed25519PrivateKey):
        seed = base64.b64encode(key.private_bytes_raw())
        return SigningKey(selector=selector, algorithm="ed25519-sha256", secret=seed)
    if isinstance(key, RSAPrivateKey) and key.key_size >= LEAST_BITS:
        secret = key.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.TraditionalOpenSSL,
            serialization.NoEncryption(),
        )
        return SigningKey(selector=selector, algorithm="rsa-sha256", secret=secret)
    raise PermanentFailure(
        f"The DKIM key {selector} is neither RSA of {LEAST_BITS} bits or more nor Ed25519."
    )


def signed(raw: bytes, keys: Sequence[SigningKey], *, domain: str, at: datetime) -> bytes:
    """Give the message with a signature by each key on top."""
    return b"".join(_signature(raw, key, domain, at) for key in keys) + raw


def _signature(raw: bytes, key: SigningKey, domain: str, at: datetime) -> bytes:
    import dkim  # noqa: PLC0415 - slow to load, and few accounts sign by themselves

    class Signer(dkim.DKIM):  # type: ignore[misc]  # the library has no types
        def gen_header(self, fields: list[tuple[bytes, bytes]], *rest: Any) -> bytes:
            """Write the message's own instant: the library would take the machine's."""
            when = str(int(at.timestamp())).encode()
            told = [(name, when if name == b"t" else value) for name, value in fields]
            return bytes(super().gen_header(told, *rest))

    signer = Signer(raw, signature_algorithm=key.algorithm.encode())
    present = {name.lower().decode("ascii", "replace") for name, _ in signer.headers}
    covered = [name.encode() for name in COVERED if name in present]
    made = signer.sign(
        key.selector.encode(),
        domain.encode("idna"),
        key.secret,
        canonicalize=_RELAXED,
        include_headers=[b"from", *covered],  # twice: none can be added (RFC 6376 §8.15)
    )
    return bytes(made)
