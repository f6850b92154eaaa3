"""Files that signers send."""

import email.policy
from email.message import EmailMessage
from pathlib import Path

import pytest

from tests.campaigns import RIK, Desk
from undersigned.errors import Refused
from undersigned.flows import replies

PNG = b"\x89PNG\r\n\x1a\n" + bytes(range(256))


@pytest.fixture
def enclosed(desk: Desk) -> Desk:
    """Give a desk to which a signer sent a logo, and a program that says that it is a form."""
    newest = desk.invited().mail_to(RIK)[-1]
    message = EmailMessage(policy=email.policy.SMTP)
    message["From"], message["To"] = RIK, newest["Reply-To"]
    message["Subject"], message["In-Reply-To"] = "Re: letter", newest["Message-ID"]
    message.set_content("YES")
    message.add_attachment(PNG, "image", "png", filename="../../our logo.exe")
    message.add_attachment(b"MZ\x90\x00", "application", "pdf", filename="form.pdf")
    desk.send(message.as_bytes(), sender=RIK, to=str(newest["Reply-To"]))
    desk.read()
    return desk


def test_it_shows_what_came_by_its_content(enclosed: Desk) -> None:
    """What a sender calls a file proves nothing: the coordinator sees what it is."""
    lines = replies.reply(enclosed.service, 1).lines()

    (logo, form) = [line for line in lines if line.startswith("File ")]
    assert f"image/png, {len(PNG)} octets" in logo
    assert "form.pdf: application/octet-stream, 4 octets" in form


def test_it_writes_them_where_nothing_runs_them(enclosed: Desk, tmp_path: Path) -> None:
    """A file leads out of no folder, has the ending of its content, and replaces nothing."""
    into = tmp_path / "files"

    written = replies.export_files(enclosed.service, 1, into)

    assert all(path.parent == into for path in written)
    assert [path.suffix for path in written] == [".png", ".bin"]
    assert written[0].read_bytes() == PNG
    with pytest.raises(Refused, match="cannot be written"):
        replies.export_files(enclosed.service, 1, into)
