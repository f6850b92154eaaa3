"""Messages as files, for dry runs."""

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from undersigned.errors import PermanentFailure
from undersigned.transport.folder import write
from undersigned.transport.smtp import Envelope


def envelope(
    recipient: str = "a@party.example", message: bytes = b"Subject: x\r\n\r\n"
) -> Envelope:
    """Give an envelope."""
    return Envelope(sender="sign@letters.example", recipient=recipient, message=message)


def test_it_writes_the_message_byte_for_byte(tmp_path: Path) -> None:
    """What the file holds is what would have been sent."""
    path = write(envelope(message=b"Subject: \xc3\xa9\r\n\r\n\x00"), tmp_path / "new" / "folder")

    assert path.read_bytes() == b"Subject: \xc3\xa9\r\n\r\n\x00"
    assert path.name == "00001-a@party.example.eml"


def test_it_numbers_files_in_order(tmp_path: Path) -> None:
    """They sort as they were written, and none is overwritten."""
    names = [write(envelope(f"{who}@party.example"), tmp_path).name for who in "cab"]

    assert names == sorted(names)
    assert [path.name for path in sorted(tmp_path.iterdir())] == names


def test_it_keeps_writers_apart(tmp_path: Path) -> None:
    """Several threads may write at once, and every message is there."""
    with ThreadPoolExecutor(4) as pool:
        paths = list(pool.map(lambda _: write(envelope(), tmp_path), range(40)))

    assert len(set(paths)) == 40
    assert sorted(tmp_path.iterdir()) == sorted(paths)


def test_it_makes_names_that_a_file_system_takes(tmp_path: Path) -> None:
    """An address may hold what a file name cannot."""
    path = write(envelope('"../../x y"@party.example' + "z" * 300), tmp_path)

    assert path.parent == tmp_path
    assert len(path.name) < 100


def test_it_says_where_it_cannot_write(tmp_path: Path) -> None:
    """The coordinator reads which message and why."""
    (tmp_path / "file").write_text("x")

    with pytest.raises(PermanentFailure, match=r"a@party\.example cannot be written"):
        write(envelope(), tmp_path / "file")
