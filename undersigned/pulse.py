"""Signs of life: a file for each long-running process, as old as the last time it did its work."""

import time
from datetime import timedelta
from pathlib import Path


def leave(folder: Path, role: str) -> None:
    """Leave a sign of life. A folder that cannot be written shows as no sign."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
        _file(folder, role).touch()
    except OSError:
        return


def age(folder: Path, role: str) -> timedelta | None:
    """Give how long ago the last sign of life was, or None where there was none."""
    try:
        changed = _file(folder, role).stat().st_mtime
    except OSError:
        return None
    return timedelta(seconds=max(0.0, time.time() - changed))


def _file(folder: Path, role: str) -> Path:
    return folder / f"undersigned-{role}.alive"
