"""Sign: put our own DKIM signatures on what an account's relay sends, last of all."""

from datetime import datetime

from undersigned.domain import addresses
from undersigned.errors import PermanentFailure
from undersigned.service import Service


def trouble(service: Service, account: str) -> str | None:
    """Say why an account cannot sign, and what to do; None where it can, or does not."""
    try:
        service.signing_keys(account)
    except PermanentFailure as exc:
        return (
            f"Account {account} cannot sign its mail, so its mail waits. {exc} Correct dkim_keys "
            f"under [accounts.{account}]."
        )
    return None


def sign(service: Service, account: str, raw: bytes, *, sender: str, at: datetime) -> bytes:
    """Give a message with the account's signatures on top; as it is where the account has none.

    The bytes that are kept bear none: they are made again from their manifest, and the signature
    follows from them, the key and the instant at which the message was made.
    """
    keys = service.signing_keys(account)
    if not keys:
        return raw
    from undersigned.writing import dkim_signing  # noqa: PLC0415 - a look at the status needs none

    return dkim_signing.signed(raw, keys, domain=addresses.domain(sender), at=at)
