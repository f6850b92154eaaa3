"""Mail addresses: their plain form, their domain, and the reply token they may carry."""

import base64
import re
import unicodedata
from functools import cache

from publicsuffixlist import PublicSuffixList

#: Reply tokens are 80 bits in lower-case base32: mail servers fold the case of local parts.
TOKEN_BITS = 80
TOKEN_LENGTH = TOKEN_BITS // 5
#: RFC 5321 §4.5.3.1.1.
LOCAL_PART_OCTETS = 64

#: The header that marks every message of ours with its reply token: providers rewrite Message-ID,
#: and our own mail must be known as own wherever it turns up.
OWN_ID_HEADER = "X-Undersigned-ID"

_TOKEN = re.compile(rf"[a-z2-7]{{{TOKEN_LENGTH}}}")


def normalize(address: str) -> str:
    """Give the form that two spellings of an address share: NFC, trimmed, lower case.

    RFC 5321 lets a local part be case-sensitive; no mailbox that we know of is.
    """
    return unicodedata.normalize("NFC", address).strip().lower()


def is_address(text: str) -> bool:
    """Say whether the text is one mail address and nothing else (RFC 5321 §4.1.2, RFC 6531)."""
    # Looking at a campaign needs no address checked, and the validator takes long to import.
    from email_validator import EmailNotValidError, validate_email  # noqa: PLC0415 - as it says

    try:
        validate_email(text, check_deliverability=False, test_environment=True)
    except EmailNotValidError:
        return False
    return True


def domain(address: str) -> str:
    """Give the domain of an address in lower case, without a final dot; "" for none."""
    return normalize(address).rpartition("@")[2].rstrip(".") if "@" in address else ""


@cache
def _suffixes() -> PublicSuffixList:
    return PublicSuffixList()


def organizational_domain(name: str) -> str:
    """Give the organizational domain of a host name by the public suffix list (RFC 7489 §3.2).

    >>> organizational_domain("mail.kestrelrights.co.uk")
    'kestrelrights.co.uk'
    """
    name = name.lower().rstrip(".")
    return _suffixes().privatesuffix(name) or name


def token(random: bytes) -> str:
    """Give the reply token made of ten random bytes."""
    if len(random) * 8 != TOKEN_BITS:
        raise ValueError(f"a reply token is made of {TOKEN_BITS} bits, not {len(random) * 8}")
    return base64.b32encode(random).decode("ascii").lower()


def is_token(text: str) -> bool:
    """Say whether the text has the form of a reply token, in whatever case a server left it."""
    return _TOKEN.fullmatch(text.lower()) is not None


def tagged(address: str, tag: str) -> str:
    """Give the address with the tag after a plus sign (sub-addressing, RFC 5233).

    >>> tagged("sign@letters.example", "abcdefghijklmnop")
    'sign+abcdefghijklmnop@letters.example'
    """
    local, _, host = address.rpartition("@")
    with_tag = f"{local}+{tag}"
    if len(with_tag.encode()) > LOCAL_PART_OCTETS:
        raise ValueError(
            f"the local part of {address} is too long to carry a reply token (64 octets, RFC 5321)"
        )
    return f"{with_tag}@{host}"


def tag_of(address: str) -> str | None:
    """Give the tag that an address carries after a plus sign, or None."""
    local = normalize(address).rpartition("@")[0]
    _, plus, tag = local.partition("+")
    return tag if plus and tag else None
