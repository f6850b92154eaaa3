"""What went wrong with a mailbox, in the words of this house."""

import contextlib
import re
import ssl
from collections.abc import Iterator

from imapclient.exceptions import IMAPClientAbortError, IMAPClientError, LoginError, ProtocolError

from undersigned import marks
from undersigned.errors import PermanentFailure, TemporaryFailure, TokenDiedError
from undersigned.transport.accounts import ImapAccount

#: Response codes (RFC 5530) that a person must mend; every other refusal may pass.
_LASTING = frozenset(
    {
        "AUTHENTICATIONFAILED",
        "AUTHORIZATIONFAILED",
        "CANNOT",
        "CONTACTADMIN",
        "EXPIRED",
        "NONEXISTENT",
        "NOPERM",
        "OVERQUOTA",
        "PRIVACYREQUIRED",
    }
)
#: Response codes that pass even where a refusal is otherwise taken as lasting.
_PASSING = frozenset({"INUSE", "LIMIT", "SERVERBUG", "UNAVAILABLE"})
_CODE = re.compile(r"\[([A-Z]+)\b")
#: Said in the BYE that ends a session, by Exchange Online ("Session invalidated -
#: AccessTokenExpired") and by Gmail ("Session expired, please login again").
_DEAD_TOKEN = re.compile(r"AccessTokenExpired|session (?:expired|invalidated)", re.IGNORECASE)
_REFUSED_TWICE = (
    "A new token was refused too: see that the account's address is the one that signed in, that "
    "IMAP is allowed for this mailbox, and that the application may read mail (docs/operations.md)."
)
_BYTES = re.compile(r"^b(['\"])(.*)\1$")  # how imaplib shows the server's words


def where(account: ImapAccount) -> str:
    """Name a mailbox to a person."""
    return f"{account.host}:{account.port} (as {account.username})"


@contextlib.contextmanager
def translated(account: ImapAccount, doing: str, *, lasting: bool = False) -> Iterator[None]:
    """Translate what IMAPClient and the socket raise; `lasting` says how a bare NO is meant."""
    marks.passed("imap.asking")
    try:
        yield
        marks.passed("imap.answered")
    except ssl.SSLCertVerificationError as exc:
        raise PermanentFailure(
            f"The certificate of {where(account)} is not to be trusted: {exc.verify_message}. "
            f"Check the host name, or name the authority's certificates."
        ) from exc
    except (IMAPClientAbortError, ProtocolError, OSError) as exc:
        if account.token is not None and _DEAD_TOKEN.search(str(exc)):
            raise TokenDiedError(_sentence(account, doing, exc, "A new token goes on.")) from exc
        raise TemporaryFailure(_sentence(account, doing, exc, "It will be tried again.")) from exc
    except LoginError as exc:
        was_cut = isinstance(exc.__context__, IMAPClientAbortError)  # also a LoginError
        if not was_cut and _is_lasting(exc, otherwise=True):
            hint = _REFUSED_TWICE if account.token is not None else "Check user name and password."
            raise PermanentFailure(_sentence(account, doing, exc, hint)) from exc
        raise TemporaryFailure(_sentence(account, doing, exc, "It will be tried again.")) from exc
    except IMAPClientError as exc:
        if _is_lasting(exc, otherwise=lasting):
            raise PermanentFailure(_sentence(account, doing, exc, "")) from exc
        raise TemporaryFailure(_sentence(account, doing, exc, "It will be tried again.")) from exc


def _is_lasting(exc: Exception, *, otherwise: bool) -> bool:
    """Say by the response code of RFC 5530 whether trying again is of no use."""
    found = _CODE.search(str(exc))
    if found and found[1] in _PASSING | _LASTING:
        return found[1] in _LASTING
    return otherwise


def _sentence(account: ImapAccount, doing: str, exc: Exception, then: str) -> str:
    words = (str(exc) or type(exc).__name__).strip()
    words = _BYTES.sub(r"\2", words).rstrip(".")
    return f"{where(account)}: cannot {doing}: {words}. {then}".rstrip()
