"""A mail of our own through a real relay into a real mailbox, before anybody is invited."""

from pathlib import Path

import pytest

from tests.wire import stage
from undersigned.flows import apply, preflight
from undersigned.service import Service

pytestmark = [pytest.mark.wire, pytest.mark.xdist_group("wire")]


def test_a_mail_goes_round_with_its_token(service: Service, tmp_path: Path) -> None:
    """Postfix takes it, Dovecot files it under the tagged address, and it is found again."""
    staged = stage.example(tmp_path / "written")
    apply.apply(service, staged.draft, by="Alice")

    lines = preflight.preflight(service, staged.plan.name, by="Alice")

    assert [line for line in lines if not line.is_well] == []
    assert "loop-back" in {line.what for line in lines}
