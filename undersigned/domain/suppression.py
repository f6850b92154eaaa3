"""Suppression: who asked not to be written to, and which mail that stops."""

from enum import StrEnum

from undersigned.domain.delivery import Purpose


class Scope(StrEnum):
    """What an address does not want any more."""

    #: Mail that asks it about this letter.
    LETTER = "letter"
    #: Mail that asks it about any letter.
    INVITATIONS = "invitations"
    #: Everything but receipts: what it says itself is always answered.
    ALL = "all"


_ASKING = frozenset({Purpose.INVITATION, Purpose.REMINDER, Purpose.CONFIRMATION})

#: The mail that each scope stops. A receipt is in none: a signer must learn what became of a word
#: (RFC 8058 is about bulk mail). Nor are letters, which go to addressees, and what coordinators are
#: told. The question about a changed text keeps a signature alive, so only the widest stops it.
STOPPED: dict[Scope, frozenset[Purpose]] = {
    Scope.LETTER: _ASKING,
    Scope.INVITATIONS: _ASKING,
    Scope.ALL: _ASKING | {Purpose.RENEWAL, Purpose.CLARIFICATION},
}


def about(scope: Scope, campaign_id: int) -> str:
    """Give what a suppression is about, in one word.

    >>> about(Scope.LETTER, 3)
    'letter:3'
    """
    return f"{scope}:{campaign_id}" if scope is Scope.LETTER else scope.value


def stopping(purpose: Purpose, campaign_id: int) -> list[str]:
    """Give what would have to be suppressed for a mail not to be sent; nothing for most purposes.

    >>> stopping(Purpose.RENEWAL, 3)
    ['all']
    """
    return [about(scope, campaign_id) for scope, stopped in STOPPED.items() if purpose in stopped]
