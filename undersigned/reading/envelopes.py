"""What stands inside an S/MIME message that is signed but not readable without a key to it.

Only the words are taken out; the signature is not checked and proves nothing here (RFC 5652 §5).
"""

_OCTETS, _OCTETS_IN_PIECES = 0x04, 0x24
#: Where the content stands: ContentInfo, past its OID; [0], SignedData, past version and digests;
#: EncapsulatedContentInfo, past its OID; [0]. The number is how many elements are passed over.
_PATH = (1, 0, 2, 1)


def signed_content(der: bytes) -> bytes | None:
    """Give the message inside CMS SignedData, or None where there is none.

    Outlook sends such messages when "send clear text signed message" is off.
    """
    try:
        place, _ = _entered(der, 0)
        for passed in _PATH:
            for _ in range(passed):
                place = _after(der, place)
            place, _ = _entered(der, place)
        return _string(der, place)
    except (IndexError, ValueError):
        return None


def _entered(der: bytes, place: int) -> tuple[int, int | None]:
    """Give where the content of the element begins, and its length; None for an indefinite one."""
    first = der[place + 1]
    if first < 0x80:  # noqa: PLR2004 - X.690 §8.1.3: the short form
        return place + 2, first
    if first == 0x80:  # noqa: PLR2004 - the indefinite form
        return place + 2, None
    count = first & 0x7F
    return place + 2 + count, int.from_bytes(der[place + 2 : place + 2 + count], "big")


def _after(der: bytes, place: int) -> int:
    start, length = _entered(der, place)
    if length is None:
        raise ValueError("an element before the content has no length")
    return start + length


def _string(der: bytes, place: int) -> bytes | None:
    tag = der[place]
    start, length = _entered(der, place)
    if tag == _OCTETS and length is not None:
        return der[start : start + length]
    if tag != _OCTETS_IN_PIECES:
        return None
    end = len(der) if length is None else start + length
    pieces: list[bytes] = []
    while start < end and der[start] == _OCTETS:
        inner, size = _entered(der, start)
        if not size:
            break
        pieces.append(der[inner : inner + size])
        start = inner + size
    return b"".join(pieces)
