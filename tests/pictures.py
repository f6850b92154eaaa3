"""Pages as small grey pictures: drawn, kept as PNG, and compared with tolerance."""

import struct
import zlib
from dataclasses import dataclass
from pathlib import Path

import pypdfium2

#: Pixels a point: small enough that a hair's breadth does not matter, large enough to see a line.
SCALE = 0.4
_SIGNATURE = b"\x89PNG\r\n\x1a\n"


@dataclass(frozen=True, kw_only=True)
class Picture:
    """A page in shades of grey, a byte a pixel, row by row."""

    width: int
    height: int
    pixels: bytes


def pages(pdf: bytes) -> list[Picture]:
    """Draw every page of a PDF."""
    document = pypdfium2.PdfDocument(pdf)
    try:
        return [_draw(document[number]) for number in range(len(document))]
    finally:
        document.close()


def _draw(page: pypdfium2.PdfPage) -> Picture:
    bitmap = page.render(scale=SCALE, grayscale=True)
    raw = bytes(bitmap.buffer)
    rows = (raw[row * bitmap.stride :][: bitmap.width] for row in range(bitmap.height))
    return Picture(width=bitmap.width, height=bitmap.height, pixels=b"".join(rows))


def difference(one: Picture, other: Picture) -> float:
    """Give the share of pixels that differ by more than a third of the way from black to white."""
    if (one.width, one.height) != (other.width, other.height):
        return 1.0
    pairs = zip(one.pixels, other.pixels, strict=True)
    return sum(abs(left - right) > 85 for left, right in pairs) / len(one.pixels)


def write(picture: Picture, path: Path) -> None:
    """Keep a picture as PNG (RFC 2083), without filters."""
    rows = (
        b"\0" + picture.pixels[row * picture.width :][: picture.width]
        for row in range(picture.height)
    )
    header = struct.pack(">IIBBBBB", picture.width, picture.height, 8, 0, 0, 0, 0)
    chunks = ((b"IHDR", header), (b"IDAT", zlib.compress(b"".join(rows), 9)), (b"IEND", b""))
    path.write_bytes(_SIGNATURE + b"".join(_chunk(kind, data) for kind, data in chunks))


def _chunk(kind: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


def read(path: Path) -> Picture:
    """Give a picture that `write` kept."""
    raw = path.read_bytes()
    width, height = struct.unpack(">II", raw[16:24])
    at = raw.index(b"IDAT")
    (length,) = struct.unpack(">I", raw[at - 4 : at])
    rows = zlib.decompress(raw[at + 4 : at + 4 + length])
    lines = (rows[row * (width + 1) + 1 :][:width] for row in range(height))
    return Picture(width=width, height=height, pixels=b"".join(lines))
