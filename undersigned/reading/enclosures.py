r"""Files that came with a reply: logos, signed forms; known by their content, never opened.

What a sender calls a file proves nothing, so its type is read from its first octets.

>>> media_type(b"%PDF-1.7 ...")
'application/pdf'
"""

import re
from dataclasses import dataclass, field

from undersigned.reading import bodies
from undersigned.reading.incoming import Incoming

#: Octets of one file that are given out; a signed form that was scanned has a few million.
LARGEST = 25_000_000

#: First octets, the type they show, and the ending of such a file (WHATWG MIME Sniffing §6).
SIGNS: tuple[tuple[bytes, str, str], ...] = (
    (b"%PDF-", "application/pdf", ".pdf"),
    (b"\x89PNG\r\n\x1a\n", "image/png", ".png"),
    (b"\xff\xd8\xff", "image/jpeg", ".jpg"),
    (b"GIF87a", "image/gif", ".gif"),
    (b"GIF89a", "image/gif", ".gif"),
    (b"II*\x00", "image/tiff", ".tif"),
    (b"MM\x00*", "image/tiff", ".tif"),
    (b"PK\x03\x04", "application/zip", ".zip"),  # word processors' files too
)
UNKNOWN = "application/octet-stream"
_NAME = re.compile(r"[^\w -]+")


@dataclass(frozen=True, kw_only=True)
class Enclosure:
    """One file that came with a reply."""

    #: Counted from 1.
    number: int
    #: What the sender calls it, as it may be shown.
    name: str
    #: By its content, e.g. "image/png"; `UNKNOWN` where that is not one that we know.
    media_type: str
    content: bytes = field(repr=False)
    #: Whether it was larger than `LARGEST`, and is given only to there.
    is_cut: bool

    @property
    def safe_name(self) -> str:
        """A name to write it under: it leads nowhere, and no program takes it for one to run."""
        stem = _NAME.sub("_", self.name.rpartition(".")[0] or self.name).strip(" _")[:60]
        ending = next((end for _, kind, end in SIGNS if kind == self.media_type), ".bin")
        return f"{self.number}-{stem or 'file'}{ending}"


def enclosures(incoming: Incoming) -> tuple[Enclosure, ...]:
    """Give the files of a message in their order."""
    parts = [
        part
        for part in incoming.parts
        if not part.content_type.startswith("multipart/") and not bodies.is_text(part)
    ]
    found: list[Enclosure] = []
    for number, part in enumerate(parts, start=1):
        content = part.octets(LARGEST + 1)
        found.append(
            Enclosure(
                number=number,
                name=part.filename,
                media_type=media_type(content),
                content=content[:LARGEST],
                is_cut=len(content) > LARGEST,
            )
        )
    return tuple(found)


def media_type(content: bytes) -> str:
    """Give the type that the first octets show."""
    return next((kind for sign, kind, _ in SIGNS if content.startswith(sign)), UNKNOWN)
