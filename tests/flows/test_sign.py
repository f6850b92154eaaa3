"""Mail of a relay of one's own, signed by ourselves."""

import json
from dataclasses import replace
from pathlib import Path

import pytest

from tests.campaigns import NAME, RIK, Desk
from tests.writing.test_dkim_signing import ED25519, RECORDS, RSA, pem
from undersigned.domain.verdict import Proof
from undersigned.flows import dispatch, status, verify
from undersigned.reading import parse
from undersigned.reading.authenticity import proof


@pytest.fixture
def signing(desk: Desk, tmp_path: Path) -> Desk:
    """Give a desk whose account signs with two keys."""
    (tmp_path / "one.pem").write_bytes(pem(RSA))
    (tmp_path / "two.pem").write_bytes(pem(ED25519))
    settings = desk.service.settings
    keys = (f"one {tmp_path}/one.pem", f"two {tmp_path}/two.pem")
    account = replace(settings.accounts["default"], dkim_keys=keys)
    desk.service.settings = replace(settings, accounts={"default": account})
    return desk


def shown(desk: Desk, address: str) -> list[Proof]:
    """Give what each key proves of the newest mail to an address."""
    raw = desk.office.received(address)[-1].raw
    return [
        proof(parse(raw), key_records={name: key}, authserv_ids=frozenset(), now=desk.clock.now)
        for name, key in RECORDS.items()
    ]


def test_it_signs_invitations_by_every_key(signing: Desk) -> None:
    """Who gets them finds signatures of the domain in From that hold."""
    signing.invited()

    assert shown(signing, RIK) == [Proof.VERIFIED, Proof.VERIFIED]


def test_it_signs_letters_that_stay_provable(signing: Desk) -> None:
    """A mission's letter is signed, and still made again byte for byte from its manifest."""
    signing.invited().closed().armed().at_dispatch()
    dispatch.dispatch_due(signing.service)
    signing.deliver()

    assert shown(signing, "fr@missions.example") == [Proof.VERIFIED, Proof.VERIFIED]
    exported = json.dumps(verify.export(signing.service, NAME))
    assert all(one.is_same for one in verify.verify(signing.service, exported))


def test_it_sends_nothing_unsigned_where_the_key_is_gone(signing: Desk, tmp_path: Path) -> None:
    """Mail waits for its key, and the status says which file is missing; then it leaves."""
    key = tmp_path / "one.pem"
    content = key.read_bytes()
    key.unlink()

    signing.invited()

    assert signing.office.everything() == ()
    assert any("one.pem cannot be read" in one for one in told(signing))
    key.write_bytes(content)
    assert signing.deliver() == 3
    assert not any("cannot sign" in one for one in told(signing))


def told(desk: Desk) -> list[str]:
    """Give what the status says is wrong."""
    return status.status(desk.service, NAME).troubles
