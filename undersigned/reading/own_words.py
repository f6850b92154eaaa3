"""What this sender wrote now: the text less quotes, signatures, disclaimers and footers.

When nothing is left, nothing was said: the caller must not fall back to the whole text.
"""

import re
from dataclasses import dataclass

from undersigned.reading import quotes, signatures
from undersigned.reading import sent as _sent


@dataclass(frozen=True, kw_only=True)
class OwnWords:
    """A reply's text, split by who wrote it."""

    #: The sender's own words, in order, a blank line between pieces that stood apart.
    text: str
    #: The message that was quoted, its marks taken off.
    quoted: str = ""
    #: What was taken for a signature, a disclaimer or a footer: it may name the sender's office.
    signature: str = ""


def own_words(text: str, *, sender_name: str = "", sent: str = "") -> OwnWords:
    r"""Give what the sender wrote.

    `sender_name` is the display name in From, `sent` the text of the message of ours that is
    answered, where it is known: what stands in it is not the sender's word, however it is quoted.

    >>> own_words("YES\\n\\nOn 26 May 2026, Hana wrote:\\n> reply NO\\n").text
    'YES'
    """
    pieces, quoted = quotes.split(text)
    if sent:
        pieces = [_sent.without(piece, sent) for piece in pieces]
    kept: list[str] = []
    endings: list[str] = []
    # From the end: the block that nothing announces ends the last piece that says something.
    for place in reversed(range(len(pieces))):
        body, ending = signatures.split(
            pieces[place], sender_name, last=not any(kept), below_quote=place > 0
        )
        kept.insert(0, body)
        endings.insert(0, ending)
    return OwnWords(
        text=_joined(kept),
        quoted=quoted,
        signature=_joined(endings),
    )


def _joined(pieces: list[str]) -> str:
    stripped = (re.sub(r"\n{3,}", "\n\n", piece).strip("\n ") for piece in pieces)
    return "\n\n".join(piece for piece in stripped if piece)
