"""Seals: secrets in the database, readable only with a key that stands outside it."""

from collections.abc import Sequence

from cryptography.fernet import Fernet, InvalidToken, MultiFernet

from undersigned.errors import PermanentFailure

_SET_ONE = (
    "Make a key with `undersigned account key > FILE`, keep the file from others' eyes and away "
    "from the backups, and name it in UNDERSIGNED_SECRETS_KEYS_FILE wherever Undersigned runs."
)


class Seal:
    """Seals with the first key, opens with any (Fernet: AES-128-CBC with HMAC-SHA256)."""

    def __init__(self, keys: Sequence[str]) -> None:
        try:
            self._box = MultiFernet([Fernet(key) for key in keys]) if keys else None
        except ValueError as exc:
            raise PermanentFailure(f"[secrets] keys holds what is no key. {_SET_ONE}") from exc

    def seal(self, secret: str) -> bytes:
        """Give the secret sealed. Raises PermanentFailure where there is no key."""
        if self._box is None:
            raise PermanentFailure(f"There is no key to seal secrets with. {_SET_ONE}")
        return self._box.encrypt(secret.encode())

    def open(self, sealed: bytes) -> str:
        """Give the secret. Raises PermanentFailure where no key fits."""
        if self._box is None:
            raise PermanentFailure(
                f"A secret is sealed, and there is no key to open it. {_SET_ONE}"
            )
        try:
            return self._box.decrypt(sealed).decode()
        except InvalidToken as exc:
            raise PermanentFailure(
                "No key in [secrets] keys opens a secret in the database: it was sealed with "
                "another. Put that one beside the new one, or `undersigned account add` again."
            ) from exc


def new_key() -> str:
    """Give a new key, at random."""
    return Fernet.generate_key().decode()
