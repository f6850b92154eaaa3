"""Sizes: whether the account's server takes letters as large as these."""

from sqlalchemy.orm import Session

from undersigned.domain.addresses import TOKEN_BITS, token
from undersigned.flows import manifest
from undersigned.flows.manifest import Posting
from undersigned.service import Service
from undersigned.store import freezes
from undersigned.store.tables import FreezeRow


def limit(service: Service, account: str) -> int | None:
    """Give how many octets the account's server takes in a message; None where it says none."""
    if not service.account(account).smtp_host:
        return None
    pool = service.smtp(account)

    async def ask() -> int | None:
        async with pool.connection() as connection:
            return await connection.largest()

    return service.submit(ask()).result()


def too_large(session: Session, frozen: FreezeRow, most: int | None) -> str | None:
    """Give the sentence that says which letter is larger than the server takes, or None."""
    if most is None:
        return None
    by_code = {one["code"]: one for one in frozen.manifest["addressees"]}
    for row in freezes.copies(session, frozen.id):
        octets = len(_mail(frozen, manifest.from_row(row), by_code[row.code]))
        if octets > most:
            return (
                f"The letter to {by_code[row.code]['mission']} has {octets:,} octets, and the "
                f"mail server takes {most:,}: make a logo in templates/letter smaller, or ask "
                "the provider for more."
            )
    return None


def _mail(frozen: FreezeRow, copy: manifest.Copy, addressee: manifest.Manifest) -> bytes:
    """Give the message as it will be, with ids as long as those to come."""
    sample = token(bytes(TOKEN_BITS // 8))
    posting = Posting(
        to=addressee["to"] or ["nobody@example.org"],
        cc=addressee["cc"],
        to_name=addressee["mission"],
        token=sample,
        message_id=f"<{sample}@{frozen.manifest['reply_address'].rpartition('@')[2]}>",
        date=frozen.frozen_at,
    )
    return manifest.mail(frozen.manifest, copy, posting)
