"""Clues to which message of ours a reply answers; the flow looks them up, surest first."""

import re
from dataclasses import dataclass

from undersigned.domain import addresses
from undersigned.reading.incoming import Incoming

#: Other systems' tags ("+news") are shorter or no base32; ours have sixteen characters.
_TAG = re.compile(r"[a-z2-7]{10,32}")
_TAGGED = re.compile(r"[\w.%-]{1,64}\+([A-Za-z2-7]{10,32})@[\w.-]{1,255}")
#: A quoted message has its addresses in its first lines; more is not searched.
_SEARCHED = 100_000


@dataclass(frozen=True, kw_only=True)
class Clues:
    """What a reply says about the message it answers."""

    #: Tags of the addresses it was sent to.
    tokens: tuple[str, ...] = ()
    #: In-Reply-To first, then References from the newest.
    message_ids: tuple[str, ...] = ()
    #: Tags of addresses in the quoted text.
    quoted_tokens: tuple[str, ...] = ()
    sender: str = ""
    #: What stands in the header that marks our own messages: a reply has none, a bounced
    #: or forwarded message of ours has.
    own_ids: tuple[str, ...] = ()


def clues(incoming: Incoming) -> Clues:
    """Give the clues in a reply."""
    return Clues(
        tokens=tags(incoming.recipients),
        message_ids=tuple(dict.fromkeys([*incoming.in_reply_to, *reversed(incoming.references)])),
        quoted_tokens=quoted_tags(f"{incoming.text[:_SEARCHED]}\n{incoming.html[:_SEARCHED]}"),
        sender=incoming.sender,
        own_ids=incoming.own_ids,
    )


def tags(recipients: tuple[str, ...]) -> tuple[str, ...]:
    """Give the tags in addresses that may be reply tokens, each once.

    >>> tags(("sign+abcdefghijklmnop@letters.example", "jo+news@home.example"))
    ('abcdefghijklmnop',)
    """
    found = (addresses.tag_of(one) for one in recipients)
    return tuple(dict.fromkeys(tag for tag in found if tag and _TAG.fullmatch(tag)))


def quoted_tags(text: str) -> tuple[str, ...]:
    """Give the tags of tagged addresses in a text, each once."""
    return tuple(dict.fromkeys(tag.lower() for tag in _TAGGED.findall(text)))
