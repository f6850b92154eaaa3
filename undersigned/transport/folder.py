"""A folder in place of a server: messages as .eml files, for dry runs and to look at."""

import itertools
import os
import re
import tempfile
from pathlib import Path

from undersigned.errors import PermanentFailure
from undersigned.transport.smtp import Envelope

_UNSAFE = re.compile(r"[^\w.@+-]+")
#: Names stay well below the 255 octets of common file systems.
_NAME_LENGTH = 60


def write(envelope: Envelope, folder: Path) -> Path:
    """Write the message as `00001-recipient.eml`, the next free number, and give the path.

    The file appears whole or not at all, and no two writers share a name. Raises PermanentFailure
    where the folder cannot be written.
    """
    return keep(envelope.message, folder, name=envelope.recipient)


def keep(message: bytes, folder: Path, *, name: str) -> Path:
    """Write any bytes as the next .eml file of the folder; as `write`."""
    safe = _UNSAFE.sub("_", name)[:_NAME_LENGTH]
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with tempfile.NamedTemporaryFile(dir=folder, prefix=".", delete=False) as file:
            file.write(message)
        try:
            return _linked(Path(file.name), folder, safe)
        finally:
            Path(file.name).unlink()
    except OSError as exc:
        raise PermanentFailure(f"The message for {name} cannot be written: {exc}") from exc


def _linked(written: Path, folder: Path, name: str) -> Path:
    """Give the file the next free number; a link fails where a name is taken, a rename does not."""
    for number in itertools.count(_last_number(folder) + 1):
        path = folder / f"{number:05}-{name}.eml"
        if next(folder.glob(f"{number:05}-*.eml"), None) is not None:
            continue
        try:
            os.link(written, path)
        except FileExistsError:
            continue
        return path
    raise AssertionError


def _last_number(folder: Path) -> int:
    numbers = (path.name.partition("-")[0] for path in folder.glob("*.eml"))
    return max((int(number) for number in numbers if number.isdigit()), default=0)
