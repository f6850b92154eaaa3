"""A finished rehearsal, looked at in the console."""

import shutil
from pathlib import Path

import pytest
from starlette.testclient import TestClient

from tests.campaigns import Desk
from undersigned.console.application import console
from undersigned.errors import Refused
from undersigned.flows import sign_in
from undersigned.rehearsal import afterwards
from undersigned.service import configured

SETTINGS = configured({})


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_it_stands_as_the_rehearsal_ended(desk: Desk, tmp_path: Path) -> None:
    """The link lets in whoever rehearsed, and the clock stands where the last line was written."""
    desk.invited()
    desk.service.store.close()
    shutil.copy(tmp_path / "undersigned.db", tmp_path / "campaign.db")
    service = afterwards.opened(SETTINGS, tmp_path)
    try:
        page = sign_in.link(service, afterwards.LOOKER).removeprefix(service.settings.console.url)

        assert TestClient(console(service)).get(page).status_code == 200
        assert service.now == desk.clock.now
        assert sign_in.people(service) == {afterwards.LOOKER: sign_in.Role.APPROVER}
    finally:
        service.close()


def test_it_says_that_nothing_was_rehearsed(tmp_path: Path) -> None:
    """Where there is nothing to look at, it says how to make it."""
    with pytest.raises(Refused, match="make demo"):
        afterwards.opened(SETTINGS, tmp_path)
