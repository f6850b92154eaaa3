"""Certificates of an authority that only the suite trusts."""

from dataclasses import dataclass
from pathlib import Path

import trustme


@dataclass(frozen=True, kw_only=True)
class Certificates:
    """Where a server finds its own certificate, and a client the authority's."""

    certificate: Path
    key: Path
    authority: Path


def issue(folder: Path) -> Certificates:
    """Make an authority and its certificate for this machine's loopback."""
    folder.mkdir(parents=True)
    made = Certificates(
        certificate=folder / "server.pem", key=folder / "key.pem", authority=folder / "ca.pem"
    )
    authority = trustme.CA()
    server = authority.issue_cert("localhost", "127.0.0.1")
    server.private_key_pem.write_to_path(made.key)
    made.certificate.write_bytes(b"".join(blob.bytes() for blob in server.cert_chain_pems))
    authority.cert_pem.write_to_path(made.authority)
    return made
